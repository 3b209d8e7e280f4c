/** Calls the server as any client would: over HTTP, with a webhook. */

import { send } from './http.ts';

/** Packed as `fetch` has it, which would take a fifth of a test's time more. */
const HEADERS = { 'content-type': 'application/json', 'accept-encoding': 'gzip' };

export interface Answer {
  status: number;
  body: Record<string, unknown> & { result?: unknown; error?: string; error_description?: string; argument?: string };
}

export interface Client {
  /** Address of the webhook, with a trailing slash. */
  url: string;
  userId: number;
  /** The whole answer, whatever it is. */
  raw(method: string, params?: unknown): Promise<Answer>;
  /** The result; throws {@link CallError} on an error. */
  call<T = unknown>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** The error; throws when the call succeeds. */
  fails(method: string, params?: Record<string, unknown>): Promise<{ status: number; error: string; text: string; argument?: string }>;
}

export class CallError extends Error {
  readonly answer: Answer;
  constructor(method: string, answer: Answer) {
    super(`${method}: ${answer.status} ${answer.body.error} ${answer.body.error_description}`);
    this.answer = answer;
  }
}

/** The connection could not be made, or broke before the answer was whole: nobody knows what became of the call. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

export function clientFor(url: string, userId: number): Client {
  async function raw(method: string, params: unknown = {}): Promise<Answer> {
    const sent = send(url + method, { method: 'POST', headers: HEADERS, body: JSON.stringify(params) });
    const { status, body } = await sent.catch((error: unknown) => Promise.reject(new NoAnswer(`${method}: ${(error as Error).message}`, { cause: error })));
    return { status, body: body as Answer['body'] };
  }
  return {
    url,
    userId,
    raw,
    async call<T>(method: string, params?: Record<string, unknown>) {
      const answer = await raw(method, params);
      if (answer.body.error !== undefined) throw new CallError(method, answer);
      return answer.body.result as T;
    },
    async fails(method, params) {
      const { status, body } = await raw(method, params);
      if (body.error === undefined) throw new Error(`${method} succeeded with ${JSON.stringify(body.result).slice(0, 200)}`);
      const { error, error_description: text = '', argument } = body;
      return argument === undefined ? { status, error, text } : { status, error, text, argument };
    },
  };
}
