import { z } from 'zod';
import { toPolicy } from '../../portal/policy.ts';
import { isPrivateHost } from '../../delivery/handlers/addresses.ts';
import { bindHandler, type Binding, boundHandlers, testHandlers, unbindHandlers } from '../../delivery/handlers/bindings.ts';
import { type EventKind, EVENTS, findEvent, JOURNAL_EVENTS } from '../../delivery/handlers/events.ts';
import { error, MethodError } from '../../rest/method.ts';
import { coversScope } from '../../base/caller.ts';
import { flag, int, requiredText, structure, text, toInteger } from '../../rest/params.ts';
import { argumentError, RequestError } from '../../rest/request-error.ts';
import { systemErrors } from '../../rest/system-errors.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';

const LONGEST_URL = 1000;
/** What event.test may pass on, UTF-16 units of JSON. */
const LONGEST_TEST = 16_384;

const WRONG_AUTH_TYPE = systemErrors.wrongAuthType;
const EVENT_NOT_FOUND = error('ERROR_EVENT_NOT_FOUND', 400, 'Event not found');

/** What binding and unbinding name a handler by. */
const handlerParams = {
  EVENT: requiredText({ description: 'Code of the event, such as ONIMV2MESSAGEADD', max: 64 }),
  HANDLER: text({ description: 'Address that the event is posted to; none for offline events', max: LONGEST_URL }),
  AUTH_TYPE: int({ description: 'User whose tokens the handler gets, the caller; an administrator may name others, or 0 for whoever causes an event of a chat or user', min: 0 }),
  EVENT_TYPE: text({ description: 'online, or offline for events that the application fetches with event.offline.get: for administrators', max: 10, error: 'EVENT_TYPE' }),
};
const handlerExample = { EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example/handler' };

const EVENT_TYPE = error('ERROR_ARGUMENT', 400, 'Value must be one of {online|offline}');

/** Undefined for what is neither. */
function isOffline(type: string | undefined): boolean | undefined {
  const word = type?.toLowerCase() || 'online';
  return word === 'offline' ? true : word === 'online' ? false : undefined;
}

/** Where an event goes: through an exchange of the application's, or to an address, which must be given. */
function placeOf(params: { HANDLER: string | undefined }, offline: boolean, connector: string): Binding['handler'] {
  if (offline) return { connector };
  const url = params.HANDLER?.trim() ?? '';
  return url === '' ? refuseEmpty() : { url };
}

function refuseEmpty(): never {
  throw argumentError('HANDLER', 'is null or empty');
}

const LONGEST_PAUSE_S = 86_400;

/** What is asked for with a handler besides: only that of ONOFFLINEEVENT has anything to choose. */
function minTimeoutOf(options: Value | undefined): number | undefined {
  if (options === undefined || options === null || options === '') return undefined;
  if (typeof options !== 'object') throw argumentError('OPTIONS', 'must be a map');
  const given = Object.entries(options).find(([name]) => name.toLowerCase() === 'mintimeout')?.[1];
  if (given === undefined) return undefined;
  const seconds = toInteger(given);
  if (seconds === undefined || seconds < 0 || seconds > LONGEST_PAUSE_S) throw argumentError('OPTIONS', `must have from 0 to ${LONGEST_PAUSE_S} seconds as minTimeout`);
  return seconds;
}

const events = defineMethod({
  name: 'events',
  scope: null,
  summary: 'Codes of the events that an application can bind',
  params: {
    SCOPE: text({ description: 'Only those of one scope; empty for those that need none', max: 100 }),
    FULL: flag({ description: 'Y for all there are', default: false }),
  },
  result: z.array(z.string()),
  errors: { WRONG_AUTH_TYPE },
  async run({ caller, params, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    const wanted = (kind: EventKind) => {
      if (params.FULL) return true;
      return params.SCOPE === undefined ? coversScope(caller, kind.scope) : (kind.scope ?? '') === params.SCOPE;
    };
    return EVENTS.filter(wanted).map(({ code }) => code);
  },
});

const bind = defineMethod({
  name: 'event.bind',
  scope: null,
  summary: 'Has an event posted to an address from now on',
  params: {
    ...handlerParams,
    OPTIONS: structure({ description: 'minTimeout: seconds from one ONOFFLINEEVENT to the next, 1 unless given' }),
  },
  example: handlerExample,
  result: z.literal(true),
  errors: {
    WRONG_AUTH_TYPE,
    ERROR_EVENT_NOT_FOUND: EVENT_NOT_FOUND,
    EVENT_TYPE,
    NEVER_OFFLINE: error('ERROR_ARGUMENT', 400, 'Offline event cannot be registered for this event.'),
    ERROR_UNSUPPORTED_PROTOCOL: error('ERROR_UNSUPPORTED_PROTOCOL', 400, 'Unsupported handler protocol'),
    ERROR_WRONG_HANDLER_URL: error('ERROR_WRONG_HANDLER_URL', 400, 'Wrong handler URL'),
    ALREADY_BOUND: error('ERROR_CORE', 400, 'Unable to set event handler: Handler already binded'),
    ACCESS_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Event binding with AUTH_TYPE requires administrator access rights'),
    OFFLINE_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Offline events binding requires administrator access rights'),
    TOO_MANY_HANDLERS: error('TOO_MANY_HANDLERS', 400, 'The application has bound too many handlers'),
  },
  async run({ context: { messenger: m }, caller, params, connector, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    const kind = findEvent(params.EVENT);
    if (!kind || !coversScope(caller, kind.scope)) return fail('ERROR_EVENT_NOT_FOUND');
    const offline = isOffline(params.EVENT_TYPE) ?? fail('EVENT_TYPE');
    if (offline && !caller.admin) return fail('OFFLINE_DENIED');
    if (offline && !JOURNAL_EVENTS.has(kind.code)) return fail('NEVER_OFFLINE');
    const handler = placeOf(params, offline, connector);
    const problem = 'url' in handler ? urlProblem(handler.url, toPolicy((await m.settings()).values).privateHandlers) : undefined;
    if (problem) return fail(problem);
    const userId = offline ? 0 : ownerOf(caller, params.AUTH_TYPE);
    if (userId === undefined) return fail('ACCESS_DENIED');
    const outcome = await bindHandler(m, caller, caller.application, { event: kind.code, handler, userId, minTimeout: minTimeoutOf(params.OPTIONS) });
    if (outcome === 'bound') return true as const;
    if (outcome === 'signed_out') throw new MethodError(systemErrors.invalidToken);
    return fail(outcome === 'too_many' ? 'TOO_MANY_HANDLERS' : 'ALREADY_BOUND');
  },
});

/** Whose tokens the handler is to get; undefined when that is not for the caller to say. */
function ownerOf(caller: { userId: number; admin: boolean }, wanted: number | undefined): number | undefined {
  if (caller.admin) return wanted ?? 0;
  return wanted === undefined || wanted === caller.userId ? caller.userId : undefined;
}

function urlProblem(url: string, anywhere: boolean): 'ERROR_UNSUPPORTED_PROTOCOL' | 'ERROR_WRONG_HANDLER_URL' | undefined {
  if (!URL.canParse(url)) return 'ERROR_WRONG_HANDLER_URL';
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'ERROR_UNSUPPORTED_PROTOCOL';
  if (anywhere) return undefined;
  return hostname.includes('.') && !isPrivateHost(hostname) ? undefined : 'ERROR_WRONG_HANDLER_URL';
}

const unbind = defineMethod({
  name: 'event.unbind',
  scope: null,
  summary: 'Ends what event.bind has begun, and tells how many handlers that were',
  params: handlerParams,
  example: handlerExample,
  result: z.strictObject({ count: z.int() }),
  errors: {
    WRONG_AUTH_TYPE,
    ERROR_EVENT_NOT_FOUND: EVENT_NOT_FOUND,
    EVENT_TYPE,
    ACCESS_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Event unbinding with AUTH_TYPE requires administrator access rights'),
    OFFLINE_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Offline events unbinding requires administrator access rights'),
  },
  async run({ context: { messenger: m }, caller, params, connector, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    const { id } = caller.application;
    const code = findEvent(params.EVENT)?.code;
    if (code === undefined) return fail('ERROR_EVENT_NOT_FOUND');
    const offline = isOffline(params.EVENT_TYPE) ?? fail('EVENT_TYPE');
    if (offline && !caller.admin) return fail('OFFLINE_DENIED');
    const handler = placeOf(params, offline, connector);
    const userId = offline ? undefined : caller.admin ? params.AUTH_TYPE : ownerOf(caller, params.AUTH_TYPE);
    if (userId === undefined && !caller.admin) return fail('ACCESS_DENIED');
    return { count: await unbindHandlers(m, id, { event: code, handler, userId }) };
  },
});

const get = defineMethod({
  name: 'event.get',
  scope: null,
  summary: 'The application\'s handlers; who is no administrator sees their own',
  params: {},
  result: z.array(z.union([
    z.strictObject({ event: z.string(), handler: z.string(), auth_type: z.string(), offline: z.literal(0) }),
    z.strictObject({ event: z.string(), connector_id: z.string(), offline: z.literal(1) }),
  ])),
  errors: { WRONG_AUTH_TYPE },
  async run({ context: { messenger: m }, caller, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    const { id } = caller.application;
    const rows = await boundHandlers(m, id, caller.admin ? undefined : caller.userId);
    return rows.map(({ event, url, user_id, offline, connector }) => {
      return offline === 1 ? { event, connector_id: connector, offline } : { event, handler: url, auth_type: String(user_id), offline };
    });
  },
});

const test = defineMethod({
  name: 'event.test',
  scope: null,
  summary: 'Sends ONAPPTEST with the given parameters to whoever has bound it',
  params: {},
  result: z.literal(1),
  errors: { WRONG_AUTH_TYPE },
  async run({ context: { messenger: m }, caller, given, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    const { id } = caller.application;
    const query = given();
    // Each of up to some hundred handlers gets a copy.
    if (JSON.stringify(query).length > LONGEST_TEST) throw new RequestError(400, 'ERROR_ARGUMENT', `The parameters are longer than ${LONGEST_TEST} characters as JSON`);
    await testHandlers(m, id, query, m.hops);
    return 1 as const;
  },
});

export const eventMethods = [events, bind, unbind, get, test];
