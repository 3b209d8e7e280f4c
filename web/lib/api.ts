/** Calls of the server's methods in the name of whoever is signed in. */
import { signal } from '@preact/signals';
import { told, userId } from './told.ts';

/** A call that was refused or never arrived. */
export class ApiError extends Error {
  /** As the server names it; `NETWORK` when it could not be reached, `SESSION` when nobody is signed in any more. */
  readonly code: string;
  /** HTTP status, 0 without an answer. */
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type Params = Readonly<Record<string, unknown>>;

/** A result with what stands beside it. */
export interface Full<T> {
  result: T;
  next?: number;
  total?: number;
}

interface Failure {
  error: string;
  error_description?: string;
  sessid?: string;
  extended_error?: string;
}

/** Whether the browser has turned out to be signed in no longer. */
export const sessionLost = signal(false);

export interface CallOptions {
  signal?: AbortSignal;
  /** Sent even while the page is being left. */
  keepalive?: boolean;
}

/** @throws ApiError */
export async function call<T>(method: string, params: Params = {}, options: CallOptions = {}): Promise<T> {
  return (await callFull<T>(method, params, options)).result;
}

/** Waits, in milliseconds, before a call that came too fast is made again. */
const PATIENCE = [500, 1500, 4000];

/** @throws ApiError */
export async function callFull<T>(method: string, params: Params = {}, options: CallOptions = {}): Promise<Full<T>> {
  for (let attempt = 0, fresh = false; ; ) {
    const { status, body } = await post(method, params, options);
    if (!('error' in body)) return body as unknown as Full<T>;
    const { error, error_description: text = error, sessid } = body as unknown as Failure;
    if (error === 'session_failed' && sessid && !fresh && (await isOwn(sessid))) {
      fresh = true;
      known = sessid;
    } else if (error === 'QUERY_LIMIT_EXCEEDED' && attempt < PATIENCE.length) {
      await pause(PATIENCE[attempt]!);
      attempt += 1;
    } else throw refusal(body as unknown as Failure, text, status);
  }
}

function refusal({ error, extended_error: extended }: Failure, text: string, status: number): ApiError {
  if (status !== 401 || (extended !== 'user_not_authorized' && error !== 'session_failed')) return new ApiError(error, text, status);
  sessionLost.value = true;
  return new ApiError('SESSION', text, status);
}

/** Whether the session that the browser has now is of the user whom the page was made for: somebody else may have signed in. */
async function isOwn(fresh: string): Promise<boolean> {
  const { status, body } = await post('profile', {}, {}, fresh);
  if ('error' in body) throw refusal(body as unknown as Failure, String(body['error_description'] ?? body['error']), status);
  return Number((body['result'] as { ID: unknown }).ID) === userId;
}

async function post(method: string, params: Params, options: CallOptions, proof = sessid()): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json', 'x-bitrix-csrf-token': proof };
  let response: Response;
  try {
    response = await fetch(`/rest/${method}`, { method: 'POST', headers, body: JSON.stringify(params), credentials: 'same-origin', ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError('NETWORK', String(error), 0);
  }
  try {
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    // A proxy in between, most likely.
    throw new ApiError('NETWORK', `HTTP ${response.status}`, response.status);
  }
}

/** A call of a batch: a method and its parameters. */
export type Command = readonly [method: string, params?: Params];

export interface BatchResult<Name extends string> {
  results: Partial<Record<Name, unknown>>;
  errors: Partial<Record<Name, { error: string; error_description: string }>>;
}

/** Up to fifty calls in one. @throws ApiError when the batch itself fails */
export async function batch<Name extends string>(commands: Readonly<Record<Name, Command>>, options: CallOptions = {}): Promise<BatchResult<Name>> {
  const cmd = Object.fromEntries(Object.entries<Command>(commands).map(([name, [method, params = {}]]) => [name, `${method}?${query(params)}`]));
  const { result, result_error: errors } = await call<{ result: BatchResult<Name>['results']; result_error: BatchResult<Name>['errors'] }>('batch', { halt: 0, cmd }, options);
  return { results: result, errors };
}

/** As forms write them: nested values by names in brackets. */
function query(params: Params): string {
  const pairs: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object') for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner);
    else pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  };
  for (const [name, value] of Object.entries(params)) add(name, value);
  return pairs.join('&');
}

let known = '';

/** Proves to the server that one of its pages calls. */
export function sessid(): string {
  known ||= told('sessid') || 'none';
  return known;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
