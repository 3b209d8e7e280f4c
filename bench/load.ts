/** Load on a server, and single calls. */
import { wrk } from './wrk.ts';

export interface Latency {
  /** Milliseconds. */
  p50: number;
  p99: number;
}

export interface Load extends Latency {
  perSecond: number;
  /** Of one answer with its head, on average. */
  bytes: number;
}

export interface Target {
  /** With more than one, they are called in turn. */
  urls: readonly string[];
  /** Sent in turn, by POST; without any the calls are GET. */
  bodies?: readonly string[];
  headers?: Readonly<Record<string, string>>;
  connections: number;
  seconds: number;
}

const WARM_UP_S = 1;

/** Sends as fast as the connections allow, after a second that does not count. Throws when an answer is not a success: a fast error is no result. */
export async function load(target: Target): Promise<Load> {
  await loadFor(target, WARM_UP_S);
  return loadFor(target, target.seconds);
}

/** The same, without a second before it. */
export async function loadFor({ urls, bodies = [''], headers = {}, connections }: Omit<Target, 'seconds'>, seconds: number): Promise<Load> {
  const requests = urls.flatMap((url) => {
    const { pathname, search } = new URL(url);
    return bodies.map((body) => ({
      method: body === '' ? ('GET' as const) : ('POST' as const), path: pathname + search, body,
      headers: { ...(body !== '' && { 'content-type': 'application/json' }), ...headers },
    }));
  });
  const { requests: answers, duration, bytes, failed, p50, p99 } = await wrk(new URL(urls[0]!).origin, requests, connections, seconds);
  if (failed > 0 || answers === 0) throw new Error(`${failed} of ${answers} requests to ${new URL(urls[0]!).pathname.split('/').at(-1)} failed`);
  return { perSecond: (answers * 1e6) / duration, bytes: Math.round(bytes / answers), p50: p50 / 1000, p99: p99 / 1000 };
}

/** Times one call after another, milliseconds; `before` runs untimed before each. */
export async function timeCalls(times: number, call: (index: number) => Promise<unknown>, before?: (index: number) => Promise<unknown>): Promise<Latency> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    await before?.(i);
    const start = performance.now();
    await call(i);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

export async function post(url: string, params: object): Promise<unknown> {
  // What is timed is the answer, not how it is packed.
  const headers = { 'content-type': 'application/json', 'accept-encoding': 'identity' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(params) });
  const body = (await response.json()) as { result?: unknown; error?: string };
  if (body.error !== undefined) throw new Error(`${url.split('/').at(-1)}: ${body.error}`);
  return body.result;
}
