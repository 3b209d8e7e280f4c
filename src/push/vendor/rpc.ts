/** What clients may ask on their connection: JSON-RPC 2.0. */
import { readJson } from '../../rest/json.ts';
import type { Value, ValueMap } from '../../rest/values.ts';

/** Calls of one frame. */
const MOST_CALLS = 50;

export const RPC_ERROR = {
  parse: { code: -32_700, message: 'Parse error' },
  invalidRequest: { code: -32_600, message: 'Invalid Request' },
  methodNotFound: { code: -32_601, message: 'Method not found' },
  invalidParams: { code: -32_602, message: 'Invalid params' },
  internal: { code: -32_603, message: 'Internal error' },
  tooMany: { code: -32_000, message: 'Too many requests' },
} as const;

export type RpcErrorName = keyof typeof RPC_ERROR;

/** A call that is answered with an error. */
export class RpcError extends Error {
  readonly error: RpcErrorName;
  constructor(error: RpcErrorName) {
    super(error);
    this.error = error;
  }
}

/** By name; what they throw beside {@link RpcError} is an internal error. */
export type RpcMethods = Readonly<Record<string, (params: ValueMap) => unknown>>;

/** The answer as JSON; undefined where nothing was asked, as by notifications. */
export async function answerRpc(frame: Uint8Array, methods: RpcMethods, failed: (fault: unknown) => void): Promise<string | undefined> {
  const calls = read(frame);
  if (calls === undefined) return failure(null, 'parse');
  if (!Array.isArray(calls)) return answerOne(calls, methods, failed);
  if (calls.length === 0 || calls.length > MOST_CALLS) return failure(null, 'invalidRequest');
  const answers: string[] = [];
  for (const call of calls) {
    const answer = await answerOne(call, methods, failed);
    if (answer !== undefined) answers.push(answer);
  }
  return answers.length > 0 ? `[${answers.join(',')}]` : undefined;
}

function read(frame: Uint8Array): Value | undefined {
  try {
    return readJson(frame);
  } catch {
    // Whatever is wrong with it, limits included.
    return undefined;
  }
}

async function answerOne(call: Value, methods: RpcMethods, failed: (fault: unknown) => void): Promise<string | undefined> {
  const { jsonrpc, method, params = {}, id } = (typeof call === 'object' && call !== null && !Array.isArray(call) ? call : {}) as ValueMap;
  const isAsked = typeof id === 'string' || typeof id === 'number';
  if (jsonrpc !== '2.0' || typeof method !== 'string') return isResponse(call) ? undefined : failure(isAsked ? id : null, 'invalidRequest');
  try {
    const result = await run(methods, method, params);
    return isAsked ? JSON.stringify({ jsonrpc: '2.0', id, result }) : undefined;
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) failed(thrown);
    return isAsked ? failure(id, thrown instanceof RpcError ? thrown.error : 'internal') : undefined;
  }
}

function run(methods: RpcMethods, name: string, params: Value): unknown {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!method) throw new RpcError('methodNotFound');
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw new RpcError('invalidParams');
  return method(params);
}

/** Clients answer what they were told, too. */
function isResponse(call: Value): boolean {
  return typeof call === 'object' && call !== null && !Array.isArray(call) && ('result' in call || 'error' in call);
}

function failure(id: Value, error: RpcErrorName): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: RPC_ERROR[error] });
}

/** Says so to a call that is not made: of which there may be one in the frame. */
export function refusedForNow(frame: Uint8Array): string {
  const call = read(frame);
  const id = typeof call === 'object' && call !== null && !Array.isArray(call) ? call['id'] : undefined;
  return failure(typeof id === 'string' || typeof id === 'number' ? id : null, 'tooMany');
}
