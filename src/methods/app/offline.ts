/** Events that an application fetches instead of being told of them. */
import { z } from 'zod';
import { clearOffline, failOffline, listOffline, takeOffline, viewOffline } from '../../delivery/handlers/offline-queue.ts';
import { hasExtendedOffline, toPolicy } from '../../portal/policy.ts';
import { error, Paged } from '../../rest/method.ts';
import { flag, idList, int, requiredText, structure, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { systemErrors } from '../../rest/system-errors.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';
import { conditionsOf, LIST_COLUMNS, orderOf, QUEUE_COLUMNS } from './offline-query.ts';

const LIMIT = 50;
const LARGEST_LIMIT = 1000;
const MOST_NAMED = 1000;
const PROCESS_ID_LENGTH = 32;
const MESSAGE_ID = /^[0-9a-f]{32}$/i;

const errors = {
  WRONG_AUTH_TYPE: systemErrors.wrongAuthType,
  ACCESS_DENIED: error('ACCESS_DENIED', 403, 'Access denied!'),
};

const rowShape = z.strictObject({
  ID: z.string(),
  TIMESTAMP_X: z.string(),
  EVENT_NAME: z.string(),
  EVENT_DATA: z.record(z.string(), z.unknown()),
  EVENT_ADDITIONAL: z.union([z.strictObject({ user_id: z.string() }), z.literal(false)]),
  MESSAGE_ID: z.string(),
});

const filter = (fields: string) => structure({ description: `Conditions on ${fields}, with an operator before the name: =, !=, >, >=, <, <=, @` });
const order = (first: string) => structure({ description: `Field to ASC or DESC; ${first} ASC unless given` });
const processId = requiredText({ description: 'What event.offline.get has called its reservation', max: PROCESS_ID_LENGTH });
const messageIds = structure({ description: 'MESSAGE_ID of those that are meant; all of the process unless given' });

/** Undefined where none are named. */
function readMessageIds(raw: Value | undefined): string[] | undefined {
  if (raw === undefined || raw === null || raw === '') return undefined;
  const values = typeof raw === 'object' ? Object.values(raw) : [raw];
  if (values.length > MOST_NAMED) throw argumentError('MESSAGE_ID', `has more than ${MOST_NAMED} values`);
  return values.map((value) => {
    if (typeof value !== 'string' || !MESSAGE_ID.test(value)) throw argumentError('MESSAGE_ID', 'must be a list of values with 32 characters');
    return value.toLowerCase();
  });
}

const get = defineMethod({
  name: 'event.offline.get',
  scope: null,
  summary: 'Takes the first events that the application has bound as offline: forgets them, or reserves them until they are cleared',
  params: {
    FILTER: filter('ID, TIMESTAMP_X, EVENT_NAME and MESSAGE_ID'),
    ORDER: order('TIMESTAMP_X'),
    LIMIT: int({ description: `Events, ${LIMIT} unless given, at most ${LARGEST_LIMIT}`, max: LARGEST_LIMIT, clamp: true, error: 'LIMIT' }),
    CLEAR: flag({ description: '0 reserves the events instead of forgetting them', default: true }),
    PROCESS_ID: text({ description: 'Takes of what is reserved under this name', max: PROCESS_ID_LENGTH }),
    ERROR: flag({ description: '1 takes of what event.offline.error has marked', default: false }),
  },
  example: { LIMIT: 10, CLEAR: 0 },
  result: z.strictObject({ process_id: z.string().nullable(), events: z.array(rowShape) }),
  errors: {
    ...errors,
    LIMIT: error('ERROR_ARGUMENT', 400, 'Value must be positive integer'),
    WRONG_LICENSE: error('WRONG_LICENSE', 403, 'This feature is not enabled for the current license: extended offline events handling'),
  },
  async run({ context: { messenger: m }, caller, params, connector, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    if (!caller.admin) return fail('ACCESS_DENIED');
    const { zone, values } = await m.settings();
    if (!params.CLEAR && !hasExtendedOffline(toPolicy(values))) return fail('WRONG_LICENSE');
    const limit = params.LIMIT ?? LIMIT;
    if (limit <= 0) return fail('LIMIT');
    const taken = await takeOffline(m, {
      queue: { appId: caller.application.id, connector },
      conditions: conditionsOf(params.FILTER, QUEUE_COLUMNS, (date) => zone.parse(date)),
      order: orderOf(params.ORDER, QUEUE_COLUMNS, 'updated_at'),
      limit, clear: params.CLEAR, processId: params.PROCESS_ID || undefined, errors: params.ERROR,
    });
    return { process_id: taken.processId, events: taken.rows.map((row) => viewOffline(row, zone)) };
  },
});

const list = defineMethod({
  name: 'event.offline.list',
  scope: null,
  summary: 'The events that the application has bound as offline and is still to take or to clear, which stay as they are; start turns the page',
  params: { FILTER: filter('ID, TIMESTAMP_X, EVENT_NAME, MESSAGE_ID, PROCESS_ID and ERROR'), ORDER: order('ID') },
  example: { FILTER: { ERROR: 1 } },
  result: z.array(rowShape.extend({ PROCESS_ID: z.string(), ERROR: z.enum(['0', '1']) })),
  errors,
  async run({ context: { messenger: m }, caller, params, connector, start, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    if (!caller.admin) return fail('ACCESS_DENIED');
    const { zone } = await m.settings();
    const offset = Math.max(start, 0);
    const { rows, total } = await listOffline(m, {
      queue: { appId: caller.application.id, connector },
      conditions: conditionsOf(params.FILTER, LIST_COLUMNS, (date) => zone.parse(date)),
      order: orderOf(params.ORDER, LIST_COLUMNS, 'id'),
    }, { offset, limit: LIMIT });
    const shown = rows.map((row) => ({ ...viewOffline(row, zone), PROCESS_ID: row.process_id, ERROR: row.error === 1 ? ('1' as const) : ('0' as const) }));
    return new Paged(shown, { total, next: offset + LIMIT < total ? offset + LIMIT : undefined });
  },
});

const clear = defineMethod({
  name: 'event.offline.clear',
  scope: null,
  summary: 'Forgets what event.offline.get has reserved, once it is processed',
  params: { PROCESS_ID: processId, ID: idList({ description: 'ID of those that are meant, where MESSAGE_ID is not given', max: MOST_NAMED }), MESSAGE_ID: messageIds },
  example: { PROCESS_ID: '0123456789abcdef0123456789abcdef', ID: [2] },
  result: z.literal(true),
  errors,
  async run({ context: { messenger: m }, caller, params, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    if (!caller.admin) return fail('ACCESS_DENIED');
    const named = readMessageIds(params.MESSAGE_ID);
    await clearOffline(m, { appId: caller.application.id, processId: params.PROCESS_ID, ids: params.ID.length > 0 ? params.ID : undefined, messageIds: named });
    return true as const;
  },
});

const fault = defineMethod({
  name: 'event.offline.error',
  scope: null,
  summary: 'Marks what event.offline.get has reserved and could not be processed',
  params: { PROCESS_ID: processId, MESSAGE_ID: messageIds },
  example: { PROCESS_ID: '0123456789abcdef0123456789abcdef', MESSAGE_ID: ['0123456789abcdef0123456789abcdef'] },
  result: z.literal(true),
  errors,
  async run({ context: { messenger: m }, caller, params, fail }) {
    if (!caller.application) return fail('WRONG_AUTH_TYPE');
    if (!caller.admin) return fail('ACCESS_DENIED');
    await failOffline(m, { appId: caller.application.id, processId: params.PROCESS_ID, messageIds: readMessageIds(params.MESSAGE_ID) });
    return true as const;
  },
});

export const offlineMethods = [get, list, clear, fault];
