/** A user's own notifications. */
import { z } from 'zod';
import { listNotices, readNotices, searchNotices } from '../../messenger/notify/notices.ts';
import { NOTIFICATION_EVENT, NOTIFICATION_MODULE, noticePageShape, readTag } from '../../messenger/views/notification-view.ts';
import { error } from '../../rest/method.ts';
import { date, flag, idList, int, structure, text, toInteger } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';

const PAGE = 50;
const MOST_IDS = 1000;
const DAY_MS = 86_400_000;

const limit = int({ description: 'Notifications on a page, 50 unless given, which is the most', min: 1, max: PAGE, clamp: true });
const convertText = text({ description: 'Y gives the texts without BB codes', max: 20 });
const lastIdString = error('LAST_ID_STRING', 400, "Last notification ID can't be string");
const lastId = int({ description: 'Last notification of the page before', error: 'LAST_ID_STRING', min: 0 });

const isYes = (word: string | undefined) => word?.toUpperCase() === 'Y';

/** What LAST_TYPE says when the page before ended among what asks for an answer. */
const AMONG_QUESTIONS = 1;

const get = defineMethod({
  name: 'im.notify.get',
  scope: 'im',
  summary: 'The caller\'s notifications: what asks for an answer first, then all others, newest first',
  params: {
    LAST_ID: lastId,
    LAST_TYPE: int({ description: 'Where LAST_ID is: 1 among what asks for an answer, anything else among the others' }),
    LIMIT: limit,
    CONVERT_TEXT: convertText,
  },
  example: { LIMIT: 20 },
  result: noticePageShape,
  errors: {
    LAST_ID_AND_LAST_TYPE: error('LAST_ID_AND_LAST_TYPE', 400, 'Parameters LAST_ID and LAST_TYPE should be used together'),
    LAST_ID_STRING: lastIdString,
  },
  async run({ context, caller, params, fail }) {
    const { LAST_ID: after, LAST_TYPE: type } = params;
    if ((after === undefined) !== (type === undefined)) return fail('LAST_ID_AND_LAST_TYPE');
    return listNotices(context.messenger, caller, {
      after: after === undefined ? undefined : { id: after, among: type === AMONG_QUESTIONS ? 'questions' : 'others' },
      limit: params.LIMIT ?? PAGE,
      plain: isYes(params.CONVERT_TEXT),
    });
  },
});

const read = defineMethod({
  name: 'im.notify.read',
  scope: 'im',
  summary: 'Reads a notification and all later ones, or makes them unread again',
  params: {
    ID: int({ description: 'Notification; without one nothing happens', min: 0 }),
    ACTION: flag({ description: 'Y reads, N makes unread', default: true }),
    ONLY_CURRENT: text({ description: 'Y concerns this one alone', max: 20 }),
  },
  example: { ID: 5, ONLY_CURRENT: 'Y' },
  result: z.literal(true),
  errors: {},
  async run({ context, caller, params }) {
    if (params.ID === undefined) return true as const;
    await readNotices(context.messenger, caller, isYes(params.ONLY_CURRENT) ? { ids: [params.ID] } : { from: params.ID }, !params.ACTION);
    return true as const;
  },
});

/** The ids up to the first value that is none; undefined where there is no list. */
function leadingIds(raw: Value | undefined): number[] | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const ids: number[] = [];
  for (const value of Object.values(raw)) {
    const number = toInteger(value);
    if (number === undefined || number <= 0) break;
    ids.push(number);
  }
  if (ids.length > MOST_IDS) throw argumentError('IDS', `has more than ${MOST_IDS} ids`);
  return ids;
}

const readList = defineMethod({
  name: 'im.notify.read.list',
  scope: 'im',
  summary: 'Reads several notifications, or makes them unread again',
  params: {
    IDS: structure({ description: 'Notifications; those after a value that is no number of one are passed over' }),
    ACTION: text({ description: 'Y, or left out, reads; anything else makes unread', max: 20 }),
  },
  example: { IDS: [5, 6] },
  result: z.literal(true),
  errors: { PARAMS_ERROR: error('PARAMS_ERROR', 400, 'No IDS param or it is not an array') },
  async run({ context, caller, params, fail }) {
    const ids = leadingIds(params.IDS) ?? fail('PARAMS_ERROR');
    await readNotices(context.messenger, caller, { ids }, params.ACTION !== undefined && !isYes(params.ACTION));
    return true as const;
  },
});

const readAll = defineMethod({
  name: 'im.notify.read.all',
  scope: 'im',
  summary: 'Reads all notifications of the caller',
  params: {},
  result: z.strictObject({ result: z.literal(true), newCounter: z.int() }),
  errors: {},
  async run({ context, caller }) {
    return { result: true as const, newCounter: await readNotices(context.messenger, caller, { from: 0 }, false) };
  },
});

const SHORTEST_TEXT = 3;

/** The filters of the kinds that there are: all notifications are of one. */
function isKnownType(type: string): boolean {
  return [NOTIFICATION_MODULE, `${NOTIFICATION_MODULE}|${NOTIFICATION_EVENT}`].includes(type.trim().toLowerCase());
}

function typesOf(one: string | undefined, several: Value | undefined): string[] {
  const list = typeof several === 'object' && several !== null ? Object.values(several) : several === undefined || several === null ? [] : [several];
  if (!list.every((type) => typeof type === 'string')) throw argumentError('SEARCH_TYPES', 'must be a list of kinds such as rest|rest_notify');
  return [...(one ? [one] : []), ...list].filter((type) => type.trim() !== '');
}

const search = defineMethod({
  name: 'im.notify.history.search',
  scope: 'im',
  summary: 'Finds among the caller\'s notifications by text, kind, date, author and tag, newest first',
  params: {
    SEARCH_TEXT: text({ description: 'Text that it must hold, in any case, of at least three characters unless something else is asked for', max: 255 }),
    SEARCH_TYPE: text({ description: 'Kind: a module, or a module and an event such as rest|rest_notify', max: 255 }),
    SEARCH_TYPES: structure({ description: 'Several kinds' }),
    SEARCH_DATE: date({ description: 'The 24 hours that begin with this date; wins over the other two' }),
    SEARCH_DATE_FROM: date({ description: 'This date and later' }),
    SEARCH_DATE_TO: date({ description: 'This date and earlier' }),
    SEARCH_AUTHORS: idList({ description: 'Who they are from', max: MOST_IDS }),
    GROUP_TAG: text({ description: 'Tag as it is shown, with its program before it', max: 512 }),
    LAST_ID: lastId,
    LIMIT: limit,
    CONVERT_TEXT: convertText,
  },
  example: { SEARCH_TEXT: 'report', LIMIT: 20 },
  result: noticePageShape,
  errors: {
    SEARCH_TEXT_ERROR: error('SEARCH_TEXT_ERROR', 400, "SEARCH_TEXT can't be less than 3 symbols"),
    LAST_ID_STRING: lastIdString,
  },
  async run({ context, caller, params, fail }) {
    const wanted = params.SEARCH_TEXT?.trim() ?? '';
    const types = typesOf(params.SEARCH_TYPE, params.SEARCH_TYPES);
    const [from, to] = [params.SEARCH_DATE ?? params.SEARCH_DATE_FROM, params.SEARCH_DATE === undefined ? params.SEARCH_DATE_TO : params.SEARCH_DATE + DAY_MS - 1];
    const others = types.length > 0 || from !== undefined || to !== undefined || params.SEARCH_AUTHORS.length > 0 || !!params.GROUP_TAG;
    if ([...wanted].length < SHORTEST_TEXT && !others) return fail('SEARCH_TEXT_ERROR');
    const tag = params.GROUP_TAG ? readTag(params.GROUP_TAG) : undefined;
    const impossible = (params.GROUP_TAG && !tag) || (types.length > 0 && !types.some(isKnownType));
    if (impossible) return { notifications: [], users: [] };
    const page = { below: params.LAST_ID || undefined, limit: params.LIMIT ?? PAGE, plain: isYes(params.CONVERT_TEXT) };
    return searchNotices(context.messenger, caller, { text: wanted, from, to, authors: params.SEARCH_AUTHORS, tag }, page);
  },
});

const schemaGet = defineMethod({
  name: 'im.notify.schema.get',
  scope: 'im',
  summary: 'The kinds of notifications by module',
  params: {},
  result: z.record(z.string(), z.strictObject({ NAME: z.string(), MODULE_ID: z.string(), LIST: z.array(z.strictObject({ ID: z.string(), NAME: z.string() })) })),
  errors: {},
  async run() {
    const list = [{ ID: `${NOTIFICATION_MODULE}|${NOTIFICATION_EVENT}`, NAME: 'Notifications of applications' }];
    return { [NOTIFICATION_MODULE]: { NAME: 'Applications', MODULE_ID: NOTIFICATION_MODULE, LIST: list } };
  },
});

export const noticeMethods = [get, read, readList, readAll, search, schemaGet];
