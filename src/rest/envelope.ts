/** The JSON around results and errors. */
import { type JsonPieces, MethodError } from './method.ts';
import type { ErrorDeclaration } from '../base/declared-error.ts';
import type { Operating } from './operating-time.ts';
import { RequestError } from './request-error.ts';

/** The rest of an answer, as it is made. */
export type Following = AsyncIterable<string | Uint8Array>;

/** A complete answer: a status and the pieces of its body, in order. */
export interface RestResponse {
  status: number;
  body: JsonPieces;
  /** What follows the body, as it is made. Should it fail, the answer must not look whole. */
  following?: Following;
  /** JSON unless said otherwise. */
  type?: 'xml';
  /** What the method wants said in the head, names in lower case. */
  headers?: Readonly<Record<string, string>>;
  /** The error that was put in place of the answer, or `DELAY`. */
  rehearsed?: string;
}

/** When a call started, how long it took until its answer was ready, and how long the method itself ran. Milliseconds. */
export interface Timing {
  start: number;
  duration: number;
  processing: number;
  operating: Operating;
}

/** The `time` object. Seconds with microseconds; `operating_reset_at` is whole, as clients demand. */
export function timeJson(timing: Timing, atom: (ms: number) => string): string {
  const { start, duration, processing, operating } = timing;
  const finish = start + duration;
  return (
    `{"start":${seconds(start)},"finish":${seconds(finish)},"duration":${seconds(duration)},` +
    `"processing":${seconds(processing)},"date_start":"${atom(start)}","date_finish":"${atom(finish)}",` +
    `"operating_reset_at":${operating.resetAt},"operating":${operating.seconds === 0 ? 0 : seconds(operating.seconds * 1000)}}`
  );
}

/** As `toFixed(6)` writes it, in half the time: each answer has five of them. */
export function seconds(ms: number): string {
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1e6);
  return `${whole}.${String(1e6 + micros - whole * 1e6).slice(1)}`;
}

/** How the answer of every call that succeeds begins. */
export const RESULT_OPENS = '{"result":';

export interface Success {
  result: JsonPieces;
  next: number | undefined;
  total: number | undefined;
  /** JSON of the time object. */
  time: string;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Stands for the result. */
  digest?: string | undefined;
  /** The whole answer, where it is sent while it is made. */
  following?: Following;
}

export function successResponse(success: Success): RestResponse {
  const headers = success.headers && { headers: success.headers };
  if (success.following) return { status: 200, body: [], following: success.following, ...headers };
  const next = success.next === undefined ? '' : `,"next":${success.next}`;
  const total = success.total === undefined ? '' : `,"total":${success.total}`;
  const tail = `${next}${total},"time":${success.time}}`;
  const [only] = success.result;
  const body = success.result.length === 1 && typeof only === 'string' ? [`${RESULT_OPENS}${only}${tail}`] : [RESULT_OPENS, ...success.result, tail];
  return { status: 200, body, ...headers };
}

export function errorResponse(declaration: ErrorDeclaration): RestResponse {
  return { status: declaration.status, body: [JSON.stringify(errorBody(declaration))] };
}

export function requestErrorResponse(failure: RequestError): RestResponse {
  return { status: failure.status, body: [JSON.stringify(requestErrorBody(failure))] };
}

/** How a failure shows on the wire; undefined for one that nobody declared. */
export function failureResponse(thrown: unknown): RestResponse | undefined {
  if (thrown instanceof MethodError) return errorResponse(thrown.declaration);
  return thrown instanceof RequestError ? requestErrorResponse(thrown) : undefined;
}

function errorBody({ code, text, extra }: ErrorDeclaration): object {
  return { error: code, error_description: text, ...extra };
}

function requestErrorBody({ code, message, argument }: RequestError): object {
  return { error: code, error_description: message, ...(argument !== undefined && { argument }) };
}
