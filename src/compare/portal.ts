/** One of the two portals: calls of it, within its limits, and what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';

export type Params = Readonly<Record<string, unknown>>;

export interface Outcome {
  status: number;
  /** Media type of the body, without what stands behind it. */
  type: string;
  /** Undefined where it is no JSON. */
  body: unknown;
  /** Of the error; undefined for a call that succeeded. */
  code: string | undefined;
}

/** Nothing can be compared: a portal does not answer, or does not let us in. Says nothing that a portal has said. */
export class ComparisonError extends Error {}

const TIMEOUT_MS = 60_000;
/** An answer says this while we have called too often. */
const TOO_OFTEN = new Set(['QUERY_LIMIT_EXCEEDED', 'OPERATION_TIME_LIMIT']);
const FIRST_WAIT_MS = 250;
/** The waits double: all of them are two minutes, in which any limit on calls has let some through again. */
const TRIES = 10;

export class Portal {
  /** `here` or `there`. */
  readonly side: string;
  readonly #base: string;
  #calls = 0;

  /** @param base address of its webhook, with a slash at the end */
  constructor(side: string, base: string) {
    this.side = side;
    this.#base = base;
  }

  /** How many calls it has answered. */
  get calls(): number {
    return this.#calls;
  }

  /** @throws ComparisonError when there is no answer, or always the one that it is too many */
  async call(method: string, params: Params = {}): Promise<Outcome> {
    for (let tried = 1, wait = FIRST_WAIT_MS; ; tried += 1, wait *= 2) {
      const outcome = await this.#once(method, params);
      if (!TOO_OFTEN.has(outcome.code ?? '')) return outcome;
      if (tried === TRIES) throw new ComparisonError(`the portal ${this.side} goes on refusing calls as too many`);
      await sleep(wait);
    }
  }

  /** Never follows a redirect, which would hand the webhook to somebody else. */
  async #once(method: string, params: Params): Promise<Outcome> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params), redirect: 'manual' as const };
    try {
      const response = await fetch(this.#base + encodeURIComponent(method), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = parse(await response.text());
      this.#calls += 1;
      const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
      return { status: response.status, type, body, code: codeOf(body) };
    } catch (failure) {
      throw new ComparisonError(`the portal ${this.side} does not answer at ${new URL(this.#base).origin}: ${reasonOf(failure)}`);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  const error = typeof body === 'object' && body !== null ? (body as { error?: unknown }).error : undefined;
  return error === undefined ? undefined : String(error);
}

/** What the network calls it, such as ECONNREFUSED. */
function reasonOf(failure: unknown): string {
  const cause = Error.isError(failure) && Error.isError(failure.cause) ? failure.cause : failure;
  const { code, name } = cause as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : name === 'TimeoutError' ? 'nothing came in a minute' : 'the connection failed';
}
