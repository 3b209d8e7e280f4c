/** The JSON around results and errors. */
import type { RequestError } from './request-error.ts';
import type { ErrorDeclaration } from './method.ts';

/** A complete answer: a status and the pieces of its JSON body, in order. */
export interface RestResponse {
  status: number;
  body: ReadonlyArray<string | Uint8Array>;
}

/** When a call started, when its answer was ready, and how long the method itself ran. Milliseconds. */
export interface Timing {
  start: number;
  finish: number;
  processing: number;
}

const OPERATING_WINDOW_S = 600;

/** The `time` object. Seconds with microseconds; `operating_reset_at` is whole, as clients demand. */
export function timeJson(timing: Timing, atom: (ms: number) => string): string {
  const { start, finish, processing } = timing;
  const resetAt = Math.floor(start / 1000) + OPERATING_WINDOW_S;
  return (
    `{"start":${seconds(start)},"finish":${seconds(finish)},"duration":${seconds(finish - start)},` +
    `"processing":${seconds(processing)},"date_start":"${atom(start)}","date_finish":"${atom(finish)}",` +
    `"operating_reset_at":${resetAt},"operating":0}`
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

export interface Success {
  /** JSON of the result, whole or in pieces. */
  result: string | readonly Uint8Array[];
  next?: number | undefined;
  total?: number | undefined;
  /** JSON of the time object. */
  time: string;
}

export function successResponse(success: Success): RestResponse {
  const next = success.next === undefined ? '' : `,"next":${success.next}`;
  const total = success.total === undefined ? '' : `,"total":${success.total}`;
  const tail = `${next}${total},"time":${success.time}}`;
  if (typeof success.result === 'string') return { status: 200, body: [`{"result":${success.result}${tail}`] };
  return { status: 200, body: ['{"result":', ...success.result, tail] };
}

export function errorResponse(declaration: ErrorDeclaration): RestResponse {
  const body = { error: declaration.code, error_description: declaration.text };
  return { status: declaration.status, body: [JSON.stringify(body)] };
}

export function requestErrorResponse(failure: RequestError): RestResponse {
  const body = {
    error: failure.code,
    error_description: failure.message,
    ...(failure.argument !== undefined && { argument: failure.argument }),
  };
  return { status: failure.status, body: [JSON.stringify(body)] };
}
