/** The one pipeline that every call goes through: look up, authenticate, check the scope, parse, run, envelope. */
import { type Address, parseAddress } from './address.ts';
import { type Authenticator, authenticate, coversScope, type Identity } from './auth.ts';
import { mergeParams, parseBody } from './body.ts';
import { errorResponse, requestErrorResponse, type RestResponse, successResponse, timeJson } from './envelope.ts';
import { EncodedJson, type Method, MethodError, Paged, type Registry } from './method.ts';
import { BadValue, type ParseEnv, toInteger } from './params.ts';
import { parsePhpQuery } from './php-query.ts';
import { RequestError } from './request-error.ts';
import { systemErrors } from './system-errors.ts';
import { emptyMap, type ValueMap } from './values.ts';

export interface RestRequest {
  /** Path without the query, as it came. */
  path: string;
  /** Query string without the question mark. */
  query: string;
  contentType: string | undefined;
  authorization: string | undefined;
  /** Empty for methods other than POST. */
  body: Uint8Array;
}

/** What the portal lends to the transport. */
export interface DispatchOptions<C> {
  registry: Registry<C>;
  context: C;
  authenticator: Authenticator;
  /** Milliseconds with a fraction. */
  preciseNow(): number;
  /** Date parsing and formatting in the portal's zone as it is now. */
  dates(): Promise<ParseEnv & { atom(ms: number): string }>;
  /** Whether results are checked against their schemas: everywhere but in production. */
  checkResults: boolean;
  /** Told of every authenticated call. */
  onCall(identity: Identity): void;
  /** Told of failures that are the server's own fault. */
  onFault(method: string, fault: unknown): void;
}

export interface Answered {
  response: RestResponse;
  /** The method's declared name, empty when there is none: safe for logs and metrics. */
  method: string;
  userId: number;
}

/** Answers one REST call. Never throws. */
export async function dispatch<C>(options: DispatchOptions<C>, request: RestRequest): Promise<Answered> {
  const call = { method: '', userId: 0 };
  try {
    return { response: await answer(options, request, call), ...call };
  } catch (thrown) {
    return { response: failure(options, call.method, thrown), ...call };
  }
}

async function answer<C>(
  options: DispatchOptions<C>,
  request: RestRequest,
  call: { method: string; userId: number },
): Promise<RestResponse> {
  const start = options.preciseNow();
  const address = parseAddress(request.path);
  if (!address) throw new MethodError(systemErrors.badAddress);
  const input = await readParams(request);
  const method = options.registry.find(address.method || named(input.params));
  if (!method) throw new MethodError(systemErrors.methodNotFound);
  call.method = method.name;
  if (address.format === 'xml') throw new MethodError(systemErrors.wrongTransport);
  const identity = await identify(options, method, address, input, request.authorization);
  call.userId = identity.userId;
  if (input.problem) throw input.problem;
  return run(options, method, identity, input.params, start);
}

interface Input {
  params: ValueMap;
  /** Why the parameters could not all be read. Said only to callers who may call the method at all. */
  problem: unknown;
}

async function readParams(request: RestRequest): Promise<Input> {
  const params = emptyMap();
  try {
    const query = request.query === '' ? params : parsePhpQuery(Buffer.from(request.query, 'latin1'));
    Object.assign(params, query);
    if (request.body.length === 0) return { params, problem: undefined };
    return { params: mergeParams(query, await parseBody(request.contentType, request.body)), problem: undefined };
  } catch (problem) {
    return { params, problem };
  }
}

/** An address without a method may name it in a parameter. */
function named(params: ValueMap): string {
  return typeof params['method'] === 'string' ? params['method'] : '';
}

async function identify<C>(
  options: DispatchOptions<C>,
  method: Method<C>,
  address: Address,
  input: Input,
  authorization: string | undefined,
): Promise<Identity> {
  const identity = await authenticate(options.authenticator, address, input.params, authorization);
  if (!coversScope(identity, method.scope)) throw new MethodError(systemErrors.insufficientScope);
  options.onCall(identity);
  return identity;
}

async function run<C>(
  options: DispatchOptions<C>,
  method: Method<C>,
  caller: Identity,
  params: ValueMap,
  start: number,
): Promise<RestResponse> {
  const dates = await options.dates();
  const raw = upperCased(params);
  const values = parseParams(method, raw, dates);
  const began = options.preciseNow();
  const fail = (name: string): never => {
    throw new MethodError(method.errors[name]!);
  };
  const outcome = await method.run({ context: options.context, caller, params: values, start: pageStart(params), raw, fail });
  const finish = options.preciseNow();
  const time = timeJson({ start, finish, processing: finish - began }, dates.atom);
  const page = outcome instanceof Paged ? outcome : undefined;
  const result = encode(options.checkResults, method, page ? page.result : outcome);
  return successResponse({ result, next: page?.next, total: page?.total, time });
}

function encode<C>(check: boolean, method: Method<C>, result: unknown): string | readonly Uint8Array[] {
  if (result instanceof EncodedJson) return result.pieces;
  if (check) method.result.parse(result);
  return JSON.stringify(result);
}

/** Names of the first level are case-insensitive; of two spellings the later wins. */
function upperCased(params: ValueMap): ValueMap {
  const upper = emptyMap();
  for (const [name, value] of Object.entries(params)) upper[name.toUpperCase()] = value;
  return upper;
}

function parseParams<C>(method: Method<C>, raw: ValueMap, env: ParseEnv): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(method.params)) {
    try {
      values[name] = param.parse(raw[name], name, env);
    } catch (thrown) {
      throw thrown instanceof BadValue ? new MethodError(method.errors[thrown.error]!) : thrown;
    }
  }
  return values;
}

function pageStart(params: ValueMap): number {
  return toInteger(params['start']) ?? 0;
}

function failure<C>(options: DispatchOptions<C>, method: string, thrown: unknown): RestResponse {
  if (thrown instanceof MethodError) return errorResponse(thrown.declaration);
  if (thrown instanceof RequestError) return requestErrorResponse(thrown);
  options.onFault(method, thrown);
  return errorResponse(systemErrors.internal);
}
