/** The one pipeline that every call goes through: rate, portal, look up, authenticate, scope, run, envelope. */
import { parseAddress } from './address.ts';
import { type CallTrace, traced } from '../base/call-trace.ts';
import { admit, findCredentials, proveSession } from './auth.ts';
import type { Credentials, Identity } from '../base/caller.ts';
import { mergeParams, parseBody } from './body.ts';
import { unlessKnown } from './conditional.ts';
import { errorResponse, failureResponse, type RestResponse, successResponse } from './envelope.ts';
import { type Method, MethodError } from './method.ts';
import { parsePhpQuery } from './php-query.ts';
import { networkOf, type Rate } from '../base/rate-limit.ts';
import type { AdmittedCaller, DispatchOptions, KnownCaller, Moment, PortalState, Standing } from './pipeline.ts';
import { knownCaller, namesCaller, rememberCaller } from './known-callers.ts';
import { rememberCall } from './repeats.ts';
import type { Answered, RestRequest } from './request.ts';
import { argumentError } from './request-error.ts';
import { run } from './run.ts';
import type { Spool } from './spool/spool.ts';
import { methodNotFound, systemErrors } from './system-errors.ts';
import { emptyMap, type ValueMap } from './values.ts';
import { toXml } from './xml.ts';
import { yieldToOthers } from '../base/turns.ts';

const NO_SPOOLS = new Map<string, Spool>();

/** What is known of a call while it is under way. */
interface Progress {
  method: string;
  userId: number;
  xml: boolean;
  rehearsed?: string;
  trace?: CallTrace | undefined;
}

/** Answers one REST call. Never throws. */
export function dispatch<C>(options: DispatchOptions<C>, request: RestRequest): Promise<Answered> {
  const trace = options.calls.begin();
  if (!trace) return answerCall(options, request, { method: '', userId: 0, xml: false });
  return traced(trace, () => answerCall(options, request, { method: '', userId: 0, xml: false, trace }));
}

async function answerCall<C>(options: DispatchOptions<C>, request: RestRequest, call: Progress): Promise<Answered> {
  let response: RestResponse;
  try {
    response = await answer(options, request, call);
  } catch (thrown) {
    response = failureResponse(thrown) ?? faultResponse(options, call.method, thrown);
  }
  if (call.xml) response = await toXml(response);
  if (call.rehearsed !== undefined) response.rehearsed = call.rehearsed;
  return { response, method: call.method, userId: call.userId, trace: call.trace };
}

async function answer<C>(options: DispatchOptions<C>, request: RestRequest, call: Progress): Promise<RestResponse> {
  const standing = options.standing();
  const known = knownCaller(options, request, standing);
  return (known && (await answerKnown(options, request, call, known))) ?? answerAnew(options, request, call, standing);
}

/** Whoever has just been let in by the same address; undefined where the parameters say who calls. */
async function answerKnown<C>(options: DispatchOptions<C>, request: RestRequest, call: Progress, known: KnownCaller<C>): Promise<RestResponse | undefined> {
  const { method, identity, standing } = known;
  const start = options.begin();
  const reading = readParams(request);
  const input = reading instanceof Promise ? await reading : reading;
  if (namesCaller(input.params)) return undefined;
  Object.assign(call, { method: method.name, userId: identity.userId });
  options.onCall(identity);
  options.repeats.admitted += 1;
  return runFor(options, request, call, known, input, start, standing);
}

/** What is decided without the store comes first, but is said in the order of the original. */
async function answerAnew<C>(options: DispatchOptions<C>, request: RestRequest, call: Progress, standing: Standing | undefined): Promise<RestResponse> {
  const start = request.begun?.start ?? options.begin();
  const counted = request.counted ?? (await countCall(options, request, start));
  const address = parseAddress(request.path);
  if (!address) throw new MethodError(systemErrors.badAddress);
  call.xml = address.format === 'xml';
  const input = await readParams(request);
  const wanted = address.method || named(input.params);
  const method = options.registry.find(wanted);
  call.method = method?.name ?? '';
  const pending = options.pending();
  if (pending) await pending;
  const credentials = method && findCredentials(address, input.params, request);
  const entered = request.begun?.entered ?? (await options.enter(credentials, method));
  const { portal } = entered;
  // Looking at the portal may have shown that calls are to be written down from now on.
  call.trace ??= options.calls.begin();
  if (call.trace) Object.assign(call.trace, { wanted, params: input.params });
  if (!counted && portal.rate && !(await isWithin(options, request, portal.rate, start))) throw new MethodError(systemErrors.queryLimit);
  if (!method) throw new MethodError(portal.closed ? systemErrors.portalDeleted : methodNotFound(options.registry.meant(wanted)));
  const identity = letIn(options, portal, method, credentials, entered.identity, request);
  call.userId = identity.userId;
  const caller = { method, identity, portal, credentials };
  if (address.webhook && address.method !== '' && !call.xml) rememberCaller(options, request, standing, caller);
  return runFor(options, request, call, caller, input, start, standing);
}

/** Runs what a caller who has been let in asks for. */
async function runFor<C>(
  options: DispatchOptions<C>, request: RestRequest, call: Progress, { method, identity, portal, credentials }: AdmittedCaller<C>, { params, problem }: Input,
  start: Moment, standing: Standing | undefined,
): Promise<RestResponse> {
  if (call.trace) Object.assign(call.trace, { caller: identity, params });
  if (problem) throw problem;
  const enterAgain = async () => {
    const now = await options.enter(credentials, undefined);
    return letIn(options, now.portal, method, credentials, now.identity, request);
  };
  const streams = request.streams === true && !call.xml;
  const origin = portal.url || request.origin;
  const spools = request.sifted?.spools ?? NO_SPOOLS;
  const success = await run({ options, portal, identity, enterAgain, origin, connector: connectorOf(identity, params), streams, spools, call }, method, params, start);
  if (success.again && !call.xml) rememberCall(options, request, standing, { method, identity, portal, again: success.again });
  return method.conditional && success.digest !== undefined ? unlessKnown(success, request.ifNoneMatch) : successResponse(success);
}

/**
 * Counts the call by the rate as it was last known; where that refuses it, by the rate as it is.
 *
 * @returns false when no rate was known
 * @throws MethodError for one call too many
 */
async function countCall<C>(options: DispatchOptions<C>, request: RestRequest, start: Moment): Promise<boolean> {
  const known = options.knownPortal();
  if (known && !known.rate) return false;
  if (known?.rate && (await isWithin(options, request, known.rate, start))) return true;
  const { rate } = await options.portal();
  if (rate && !(await isWithin(options, request, rate, start))) throw new MethodError(systemErrors.queryLimit);
  return true;
}

/** Counts the call unless it is one too many. Not a promise where this node knows by itself. */
function isWithin<C>({ limits }: DispatchOptions<C>, { source }: RestRequest, rate: Rate, start: Moment): boolean | Promise<boolean> {
  return limits.take([{ key: networkOf(source), rate }], start.precise);
}

/** UTF-16 units of what an application may call an exchange. */
const LONGEST_CONNECTOR = 255;

/** @throws RequestError */
function connectorOf({ application }: Identity, { auth_connector: raw }: ValueMap): string {
  if (!application || (typeof raw !== 'string' && typeof raw !== 'number')) return '';
  const connector = String(raw);
  if (connector.length > LONGEST_CONNECTOR) throw argumentError('auth_connector', `is longer than ${LONGEST_CONNECTOR} characters`);
  if (connector.includes('\0')) throw argumentError('auth_connector', 'contains a NUL character');
  return connector;
}

interface Input {
  params: ValueMap;
  /** Why the parameters could not all be read. Said only to callers who may call the method at all. */
  problem: unknown;
}

/** Bytes from which on reading a body takes milliseconds. */
const LARGE_BODY = 128 * 1024;

/** Not a promise where there is nothing to wait for. */
function readParams(request: RestRequest): Input | Promise<Input> {
  // Many large ones may have arrived in the same turn of the event loop.
  if (request.body.length > LARGE_BODY) return yieldToOthers().then(() => readAll(request));
  return readAll(request);
}

function readAll(request: RestRequest): Input | Promise<Input> {
  const params = emptyMap();
  try {
    const query = request.query === '' ? params : parsePhpQuery(Buffer.from(request.query, 'latin1'));
    Object.assign(params, query);
    if (request.sifted?.params) return { params: mergeParams(query, request.sifted.params), problem: undefined };
    if (request.body.length === 0) return { params, problem: undefined };
    const body = parseBody(request.contentType, request.body);
    if (!(body instanceof Promise)) return { params: mergeParams(query, body), problem: undefined };
    return body.then((parsed) => ({ params: mergeParams(query, parsed), problem: undefined }), (problem: unknown) => ({ params, problem }));
  } catch (problem) {
    return { params, problem };
  }
}

/** An address without a method may name it in a parameter. */
function named(params: ValueMap): string {
  return typeof params['method'] === 'string' ? params['method'] : '';
}

function letIn<C>(
  options: DispatchOptions<C>,
  portal: PortalState,
  method: Method<C>,
  credentials: Credentials | undefined,
  identity: Identity | undefined,
  { origin }: RestRequest,
): Identity {
  if (portal.closed) throw new MethodError(systemErrors.portalDeleted);
  if (!credentials) throw new MethodError(systemErrors.noAuth);
  if (portal.httpsRequired && !origin.startsWith('https:')) throw new MethodError(systemErrors.httpsRequired);
  if (credentials.kind === 'session') proveSession(credentials, identity);
  if (!identity) throw new MethodError(credentials.kind === 'token' ? systemErrors.invalidToken : systemErrors.invalidCredentials);
  admit(identity, method, portal.commercial);
  options.onCall(identity);
  return identity;
}

function faultResponse<C>(options: DispatchOptions<C>, method: string, thrown: unknown): RestResponse {
  return errorResponse(options.onFault(method, thrown));
}
