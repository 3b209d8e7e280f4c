/**
 * The same call again: while nothing has changed that decides who may call what, and what is asked for can be given at
 * once, it takes the short way. Everything that a call leaves behind (its date, its presence, its figures) it leaves all the same.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Credentials, type Identity, isSameWebhook } from '../base/caller.ts';
import { newTrace } from '../base/call-trace.ts';
import { parseAddress } from './address.ts';
import { notModified, unlessKnown } from './conditional.ts';
import { type RestResponse, successResponse } from './envelope.ts';
import { EncodedJson, type Paged } from './method.ts';
import type { Begun, DispatchOptions, KnownCall, Moment, Standing } from './pipeline.ts';
import type { Answered, RestRequest } from './request.ts';
import { parseBody } from './body.ts';
import { parsePhpQuery } from './php-query.ts';
import { operatingKey, succeed } from './run.ts';

/** What of a request decides anything, where the source of it does not. */
export type Repeatable = Pick<RestRequest, 'path' | 'query' | 'contentType' | 'authorization' | 'ifNoneMatch' | 'body' | 'connection'>;

/** What has been done for requests that the short way was too short for. */
export const begun = new WeakMap<IncomingMessage, Begun>();

/** The name of what was asked last on each connection. */
const lastNames = new WeakMap<object, { path: string; query: string; name: string }>();

/** Calls that are remembered; beyond it all are forgotten. */
const REMEMBERED = 10_000;
/** Bytes of a body worth hashing. */
const SHORT_BODY = 1024;

/** The answer to a call that went well before; undefined where it has to be made anew. */
export function answerAgain<C>(options: DispatchOptions<C>, request: Repeatable): Answered | undefined {
  const known = find(options, request);
  return known && known.standing !== 'asked' ? repeat(options, known, request, options.begin()) : undefined;
}

/**
 * The same where only the store can say whether it stands, and what has changed in the caller's list: both in one look, which
 * others who ask at the moment share. Where the call has to be made, it gives what has been done for it. Undefined where it did not ask.
 */
export function askAgain<C>(options: DispatchOptions<C>, request: Repeatable): Promise<Answered | Begun> | undefined {
  const known = find(options, request);
  const webhook = known?.standing === 'asked' ? parseAddress(request.path)?.webhook : undefined;
  return webhook && confirm(options, request, known!, { kind: 'webhook', ...webhook });
}

async function confirm<C>(options: DispatchOptions<C>, request: Repeatable, known: KnownCall<C>, credentials: Credentials): Promise<Answered | Begun> {
  const start = options.begin();
  const still = known.state !== undefined && (await options.isStill(known.state)) && options.standing() === 'asked';
  const same = still && repeat(options, known, request, start, known.identity, true);
  if (same) return same;
  const entered = await options.enter(credentials, known.method);
  const { portal, identity, state } = entered;
  const stands = portal === known.portal && identity && isSameWebhook(identity, known.identity) && options.standing() === 'asked';
  const repeated = stands && repeat(options, known, request, start, identity);
  known.state = repeated ? state : undefined;
  return repeated || { start, entered };
}

function find<C>(options: DispatchOptions<C>, request: Repeatable): KnownCall<C> | undefined {
  const { calls } = options.repeats;
  if (calls.size === 0 || !isRepeatable(request) || isNew(options, request)) return undefined;
  const known = calls.get(nameOf(request));
  return !known || known.standing !== options.standing() || options.pending() ? undefined : known;
}

/** Whether what was asked last on the connection is the same method, which gives nothing that could be given again. */
function isNew<C>({ repeats }: DispatchOptions<C>, { path, connection }: Repeatable): boolean {
  const last = connection && repeats.callers.get(connection);
  return last !== undefined && last.path === path && !last.repeatable;
}

function repeat<C>(options: DispatchOptions<C>, known: KnownCall<C>, request: Repeatable, start: Moment, caller?: Identity, still = false): Answered | undefined {
  if (options.operating.refresh(known.key, start.precise)) return undefined;
  const began = options.preciseNow();
  const outcome = known.again(caller, still);
  if (!outcome) return undefined;
  const { method, identity } = known;
  options.onCall(identity);
  options.repeats.answered += 1;
  const response = respond(options, known, request, start, began, outcome);
  // Nothing is read from the store but who calls.
  const trace = options.calls.on ? { ...newTrace(), caller: identity, params: paramsOf(request), statements: caller ? 1 : 0 } : undefined;
  return { response, method: method.name, userId: identity.userId, trace };
}

/** What was asked for, once more, for whoever looks at calls; nothing of a form in parts. */
function paramsOf({ query, contentType, body }: Repeatable): object {
  const given = body.length === 0 ? {} : parseBody(contentType, body);
  return { ...parsePhpQuery(Buffer.from(query, 'latin1')), ...(given instanceof Promise ? {} : given) };
}

/** @param standing what stood before anything was looked at for the call */
export function rememberCall<C>(options: DispatchOptions<C>, request: Repeatable, standing: Standing | undefined, call: Omit<KnownCall<C>, 'standing' | 'key'>): void {
  // Tokens and sessions expire by themselves.
  if (standing === undefined || standing !== options.standing() || call.identity.application || call.identity.session || !isRepeatable(request)) return;
  const { calls, callers } = options.repeats;
  const last = request.connection && callers.get(request.connection);
  if (last) last.repeatable = true;
  if (calls.size >= REMEMBERED) calls.clear();
  calls.set(nameOf(request), { ...call, key: operatingKey(call.identity, call.method), standing });
}

function respond<C>(
  options: DispatchOptions<C>, { method, portal, key }: KnownCall<C>, { ifNoneMatch }: Repeatable, start: Moment, began: number, outcome: EncodedJson | Paged<EncodedJson>,
): RestResponse {
  // Whoever has the result already is not told the time.
  const short = method.conditional && outcome instanceof EncodedJson ? notModified(outcome, ifNoneMatch) : undefined;
  if (short) return short;
  const success = succeed(options, portal, key, start, began, outcome);
  return method.conditional ? unlessKnown(success, undefined) : successResponse(success);
}

function isRepeatable({ authorization, body }: Repeatable): boolean {
  return authorization === undefined && body.length <= SHORT_BODY;
}

function nameOf({ path, query, contentType, body, connection }: Repeatable): string {
  if (body.length === 0) return nameOfTarget(path, query, connection);
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  return hash('sha256', `${path}?${query}\n${contentType}\n${text}`, 'base64');
}

/** Whoever polls asks the same again on the same connection, which keeps its last request anyway. */
function nameOfTarget(path: string, query: string, connection: object | undefined): string {
  const last = connection && lastNames.get(connection);
  if (last && last.path === path && last.query === query) return last.name;
  const name = hash('sha256', `${path}?${query}`, 'base64');
  if (connection) lastNames.set(connection, { path, query, name });
  return name;
}
