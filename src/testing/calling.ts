/** Calls over HTTP, as any client makes them. */
import type { Answer, Caller, Given, Methods } from './api.ts';

/** A call that was answered with an error. */
export class CallError extends Error {
  override name = 'CallError';
  readonly method: string;
  readonly status: number;
  /** Of the error, such as ACCESS_ERROR. */
  readonly code: string;
  readonly answer: Answer;

  constructor(method: string, answer: Answer) {
    const { error = '', error_description: text = '' } = answer.body;
    super(`${method}: ${answer.status} ${error}: ${text}`);
    this.method = method;
    this.status = answer.status;
    this.code = error;
    this.answer = answer;
  }
}

/** @param address gives that of the webhook, with a slash at its end, or that of a token's calls before the method */
export function callerOf(userId: number, address: () => Promise<string>, known = ''): Caller {
  let url = known;
  async function raw(method: string, params: object = {}): Promise<Answer> {
    url = await address();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) };
    const response = await fetch(url + method, init);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: (await response.json()) as Answer['body'] };
  }
  return {
    userId,
    get url() {
      return url;
    },
    raw,
    async call<M extends keyof Methods>(method: M, ...[params]: Given<M>) {
      const answer = await raw(method, params);
      if (answer.body.error !== undefined) throw new CallError(method, answer);
      return answer.body.result as Methods[M]['result'];
    },
  };
}
