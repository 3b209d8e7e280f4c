/** Runs one method for a caller who has been let in: operating time, parameters, the method itself, its result as JSON. */
import type { CallTrace } from '../base/call-trace.ts';
import { opens } from './auth.ts';
import type { Identity } from '../base/caller.ts';
import type { DispatchOptions, Moment, PortalState } from './pipeline.ts';
import { errorResponse, failureResponse, type Following, timeJson } from './envelope.ts';
import { type Again, EncodedJson, type Method, MethodError, Paged, type Ran, StreamedJson } from './method.ts';
import { encodeGently } from './encode.ts';
import { BadValue, type ParseEnv, toInteger } from './params.ts';
import type { Spool } from './spool/spool.ts';
import { streamed } from './streaming.ts';
import { methodNotFound, systemErrors } from './system-errors.ts';
import { emptyMap, type ValueMap } from './values.ts';

/** What stays the same for all the methods that one request calls. */
export interface Running<C> {
  options: DispatchOptions<C>;
  portal: PortalState;
  identity: Identity;
  origin: string;
  /** Which of its exchanges an application has named (`auth_connector`); empty for none. */
  connector: string;
  /** Whether a long answer may be sent while it is made. */
  streams: boolean;
  /** See Call. */
  spools: ReadonlyMap<string, Spool>;
  /** Who has waited is let in again, as whoever they are by now. @throws MethodError */
  enterAgain(): Promise<Identity>;
  call: {
    /** The error that was put in place of an answer of this request, or `DELAY`. */
    rehearsed?: string;
    trace?: CallTrace | undefined;
  };
}

export type Success = Extract<Ran, { ok: true }> & { again: Again | undefined; following?: Following };

/** Of an answer that is sent while it is made. */
const NOTHING_YET = { ok: true, result: [], next: undefined, total: undefined, time: '', again: undefined } as const;

/**
 * @param start when the call arrived
 * @param inner whether another method makes the call
 * @throws MethodError, RequestError, or whatever goes wrong in a method
 */
export async function run<C>(running: Running<C>, method: Method<C>, params: ValueMap, start: Moment, inner = false): Promise<Success> {
  const { options, portal } = running;
  const key = operatingKey(running.identity, method);
  const others = running.identity.session ? undefined : options.operating.refresh(key, start.precise);
  if (others) await others;
  refuseIfExhausted(running, method, key, start.precise);
  const began = options.preciseNow();
  const idle = { ms: 0 };
  let outcome: unknown;
  try {
    if (portal.rehearsals) await rehearse(running, method, inner);
    outcome = await callMethod(running, method, params, idle, inner);
  } finally {
    if (isCounted(running.identity, method) && !(outcome instanceof StreamedJson)) options.operating.record(key, began, options.preciseNow() - began - idle.ms);
  }
  if (outcome instanceof StreamedJson) return { ...NOTHING_YET, headers: outcome.headers, following: streamed(options, { method: method.name, portal, key, start, began }, outcome.pieces) };
  const encoded = outcome instanceof Paged ? new Paged(await encode(options, method, outcome.result), outcome) : await encode(options, method, outcome);
  return succeed(options, portal, key, start, began, encoded);
}

/** The end of a call: its time, and what stands beside the result. @param began when the method itself did */
export function succeed<C>(
  { operating, preciseNow }: DispatchOptions<C>, portal: PortalState, key: string, start: Moment, began: number, outcome: EncodedJson | Paged<EncodedJson>,
): Success {
  const finish = preciseNow();
  const timing = { start: start.date, duration: finish - start.precise, processing: finish - began };
  const time = timeJson({ ...timing, operating: operating.report(key, finish, start.date + timing.duration) }, portal.atom);
  const page = outcome instanceof Paged ? outcome : undefined;
  const { pieces, digest, again, headers } = outcome instanceof Paged ? outcome.result : outcome;
  return { ok: true, result: pieces, next: page?.next, total: page?.total, time, headers: page?.headers ?? headers, digest, again };
}

/** `batch` neither counts nor is ever blocked: its commands do, each for itself. So are the portal's own pages. */
function isCounted<C>({ session }: Identity, { container }: Method<C>): boolean {
  return !container && !session;
}

function refuseIfExhausted<C>({ options, portal, identity }: Running<C>, method: Method<C>, key: string, now: number): void {
  if (portal.operatingLimit === undefined || !isCounted(identity, method)) return;
  if (options.operating.report(key, now).seconds > portal.operatingLimit) throw new MethodError(systemErrors.operationTime);
}

/** By whom and by what the operating time is counted. */
export function operatingKey<C>({ webhookId, application, session, userId }: Identity, method: Method<C>): string {
  if (session) return `session ${userId} ${method.name}`;
  return application ? `application ${application.id} ${method.name}` : `webhook ${webhookId} ${method.name}`;
}

/** Waits or fails where the administrator has asked for it. */
async function rehearse<C>({ options, portal, identity, call }: Running<C>, method: Method<C>, inner: boolean): Promise<void> {
  const rehearsal = await options.rehearse(identity, method.name, inner, portal);
  if (rehearsal) call.rehearsed = rehearsal.error?.code ?? 'DELAY';
  if (rehearsal?.error) throw new MethodError(rehearsal.error);
}

function callMethod<C>(running: Running<C>, method: Method<C>, params: ValueMap, idle: { ms: number }, inner: boolean): Promise<unknown> {
  const { options, portal, identity, origin, spools } = running;
  const raw = upperCased(params);
  const values = parseParams(method, raw, portal);
  const fail = (name: string): never => {
    throw new MethodError(method.errors[name]!);
  };
  return method.run({
    context: options.contextOf(identity, portal, running.connector),
    connector: running.connector,
    caller: identity,
    params: values,
    start: toInteger(params['start']) ?? 0,
    raw,
    given: () => withoutReserved(params),
    fail,
    origin,
    spools,
    inner,
    streams: running.streams && !inner,
    async idle(wait) {
      const since = options.preciseNow();
      try {
        await wait;
      } finally {
        idle.ms += options.preciseNow() - since;
      }
      return running.enterAgain();
    },
    invoke: (name, given) => invoke(running, name, given),
  });
}

/** Names that belong to the transport, spelled exactly so: credentials, the page, what clients add for statistics. */
const RESERVED = new Set([
  'auth', 'access_token', 'auth_connector', 'aplogin', 'ap', 'sessid', 'state', 'start', 'method', 'bx24_request_id', 'bx24_sdk_ver',
  'bx24_sdk_type', 'logTag',
]);

/** Names of the first level are case-insensitive; of two spellings the later wins. */
function upperCased(params: ValueMap): ValueMap {
  const upper = emptyMap();
  for (const [name, value] of Object.entries(params)) if (!RESERVED.has(name)) upper[name.toUpperCase()] = value;
  return upper;
}

function withoutReserved(params: ValueMap): ValueMap {
  const own = emptyMap();
  for (const [name, value] of Object.entries(params)) if (!RESERVED.has(name)) own[name] = value;
  return own;
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

/** What is not as declared is not sent: it would break clients in ways that nobody could explain. */
async function encode<C>(options: DispatchOptions<C>, method: Method<C>, result: unknown): Promise<EncodedJson> {
  if (result instanceof EncodedJson) return result;
  try {
    if (options.checkResults) method.result.parse(result);
    if (result === undefined) throw new TypeError('the method gave no result');
    return new EncodedJson(await encodeGently(result));
  } catch (fault) {
    options.onFault(method.name, fault);
    throw new MethodError(systemErrors.unexpectedAnswer);
  }
}

async function invoke<C>(running: Running<C>, name: string, params: ValueMap): Promise<Ran> {
  const { options, identity, call: { trace } } = running;
  if (!trace) return invokeOne(running, name, params);
  const [began, before] = [options.preciseNow(), trace.statements];
  const ran = await invokeOne(running, name, params);
  const method = options.registry.find(name)?.name ?? name;
  options.calls.inner({ caller: identity, method, params, error: ran.ok ? undefined : ran.error, ms: options.preciseNow() - began, statements: trace.statements - before });
  return ran;
}

async function invokeOne<C>(running: Running<C>, name: string, params: ValueMap): Promise<Ran> {
  const { options, identity } = running;
  const start = options.begin();
  try {
    const method = options.registry.find(name);
    if (!method) throw new MethodError(methodNotFound(options.registry.meant(name)));
    // Within a batch this error has always been without a text.
    if (!opens(identity, method)) throw new MethodError({ ...systemErrors.insufficientScope, text: '' });
    return await run(running, method, params, start, true);
  } catch (thrown) {
    return failed(options, name, thrown);
  }
}

function failed<C>(options: DispatchOptions<C>, name: string, thrown: unknown): Ran {
  const response = failureResponse(thrown) ?? errorResponse(options.onFault(name, thrown));
  return { ok: false, error: response.body.join('') };
}
