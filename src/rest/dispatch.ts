/** The one pipeline that every call goes through: rate, portal, look up, authenticate, scope, run, envelope. */
import { type Address, parseAddress } from './address.ts';
import { admit, findCredentials, identify } from './auth.ts';
import type { Identity } from '../base/caller.ts';
import { mergeParams, parseBody } from './body.ts';
import { errorResponse, failureResponse, type RestResponse, successResponse } from './envelope.ts';
import { type Method, MethodError } from './method.ts';
import { parsePhpQuery } from './php-query.ts';
import { networkOf } from '../base/rate-limit.ts';
import type { DispatchOptions, PortalState } from './pipeline.ts';
import { run } from './run.ts';
import { systemErrors } from './system-errors.ts';
import { emptyMap, type ValueMap } from './values.ts';
import { toXml } from './xml.ts';
import { yieldToOthers } from '../base/turns.ts';

export interface RestRequest {
  /** Path without the query, as it came. */
  path: string;
  /** Query string without the question mark. */
  query: string;
  contentType: string | undefined;
  authorization: string | undefined;
  /** Empty for methods other than POST. */
  body: Uint8Array;
  /** The address of the caller's machine. */
  source: string;
  /** Its bucket holds this call already. */
  counted?: true;
  /** Scheme, host and port under which the caller reached the portal. */
  origin: string;
}

export interface Answered {
  response: RestResponse;
  /** The method's declared name, empty when there is none: safe for logs and metrics. */
  method: string;
  userId: number;
}

/** What is known of a call while it is under way. */
interface Progress {
  method: string;
  userId: number;
  xml: boolean;
  rehearsed?: string;
}

/** Answers one REST call. Never throws. */
export async function dispatch<C>(options: DispatchOptions<C>, request: RestRequest): Promise<Answered> {
  const call: Progress = { method: '', userId: 0, xml: false };
  let response: RestResponse;
  try {
    response = await answer(options, request, call);
  } catch (thrown) {
    response = failureResponse(thrown) ?? faultResponse(options, call.method, thrown);
  }
  if (call.xml) response = await toXml(response);
  if (call.rehearsed !== undefined) response.rehearsed = call.rehearsed;
  return { response, method: call.method, userId: call.userId };
}

async function answer<C>(options: DispatchOptions<C>, request: RestRequest, call: Progress): Promise<RestResponse> {
  const start = options.begin();
  const portal = await options.portal();
  if (portal.rate && !request.counted && !options.buckets.take(networkOf(request.source), portal.rate, start.precise)) throw new MethodError(systemErrors.queryLimit);
  const address = parseAddress(request.path);
  if (!address) throw new MethodError(systemErrors.badAddress);
  call.xml = address.format === 'xml';
  if (portal.closed) throw new MethodError(systemErrors.portalDeleted);
  const input = await readParams(request);
  const method = options.registry.find(address.method || named(input.params));
  if (!method) throw new MethodError(systemErrors.methodNotFound);
  call.method = method.name;
  const identity = await letIn(options, portal, method, address, input, request);
  call.userId = identity.userId;
  if (input.problem) throw input.problem;
  return successResponse(await run({ options, portal, identity, origin: portal.url || request.origin, call }, method, input.params, start));
}

interface Input {
  params: ValueMap;
  /** Why the parameters could not all be read. Said only to callers who may call the method at all. */
  problem: unknown;
}

/** Bytes from which on reading a body takes milliseconds. */
const LARGE_BODY = 128 * 1024;

async function readParams(request: RestRequest): Promise<Input> {
  const params = emptyMap();
  try {
    const query = request.query === '' ? params : parsePhpQuery(Buffer.from(request.query, 'latin1'));
    Object.assign(params, query);
    if (request.body.length === 0) return { params, problem: undefined };
    // Many of them may have arrived in the same turn of the event loop.
    if (request.body.length > LARGE_BODY) await yieldToOthers();
    return { params: mergeParams(query, await parseBody(request.contentType, request.body)), problem: undefined };
  } catch (problem) {
    return { params, problem };
  }
}

/** An address without a method may name it in a parameter. */
function named(params: ValueMap): string {
  return typeof params['method'] === 'string' ? params['method'] : '';
}

async function letIn<C>(
  options: DispatchOptions<C>,
  portal: PortalState,
  method: Method<C>,
  address: Address,
  { params }: Input,
  request: RestRequest,
): Promise<Identity> {
  const credentials = findCredentials(address, params, request.authorization);
  if (!credentials) throw new MethodError(systemErrors.noAuth);
  if (portal.httpsRequired && !request.origin.startsWith('https:')) throw new MethodError(systemErrors.httpsRequired);
  const identity = await identify(options.authenticator, credentials);
  admit(identity, method, portal.commercial);
  options.onCall(identity);
  return identity;
}

function faultResponse<C>(options: DispatchOptions<C>, method: string, thrown: unknown): RestResponse {
  return errorResponse(options.onFault(method, thrown));
}
