import autocannon from 'autocannon';

export interface Load {
  perSecond: number;
  /** Of one answer with its head, on average. */
  bytes: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

export interface Target {
  url: string;
  method?: 'GET' | 'POST';
  /** Bodies to send in turn. */
  bodies?: readonly string[];
  headers?: Readonly<Record<string, string>>;
  connections: number;
  seconds: number;
}

/** Sends as fast as the connections allow. Throws when an answer is not a success: a fast error is no result. */
export async function load(target: Target): Promise<Load> {
  const { url, method = 'GET', bodies = [], connections, seconds } = target;
  const headers = { 'content-type': 'application/json', ...target.headers };
  const requests = bodies.map((body) => ({ method, headers, body }));
  const result = await autocannon({ url, connections, duration: seconds, method, headers, ...(requests.length > 0 && { requests }) });
  const bad = result['4xx'] + result['5xx'] + result.errors + result.timeouts;
  if (bad > 0) throw new Error(`${bad} of ${result.requests.total} requests to ${new URL(url).pathname.split('/').at(-1)} failed`);
  const bytes = Math.round(result.throughput.total / result.requests.total);
  return { perSecond: result.requests.average, bytes, p50: result.latency.p50, p99: result.latency.p99 };
}

export interface Latency {
  p50: number;
  p99: number;
}

/** Times one call after another, milliseconds; `before` runs untimed before each. */
export async function timeCalls(times: number, call: (index: number) => Promise<void>, before?: (index: number) => Promise<void>): Promise<Latency> {
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
