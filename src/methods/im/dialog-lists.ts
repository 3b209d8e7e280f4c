/** What is in a dialog: who, and what was said; and that somebody is writing. */
import { z } from 'zod';
import { dialogMembers } from '../../messenger/chats/member-list.ts';
import { writable } from '../../messenger/chats/writing.ts';
import { searchChat, searchEverywhere } from '../../messenger/messages/search.ts';
import { foundAnywhereShape, foundShape } from '../../messenger/views/search-view.ts';
import { userShape } from '../../messenger/views/user-view.ts';
import { error, Paged, type ParamValues } from '../../rest/method.ts';
import { date, flag, id, int, structure, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';
import { dialogId, dialogIdEmpty, noDialogAccess, unavailable } from '../params.ts';

const usersList = defineMethod({
  name: 'im.dialog.users.list',
  scope: 'im',
  summary: 'The members of a dialog in the order of their numbers, in pages',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    SKIP_EXTERNAL: flag({ description: 'Y leaves out accounts that are no people of the portal: bots, mail, open lines', default: false }),
    SKIP_EXTERNAL_EXCEPT_TYPES: text({ description: 'Kinds to keep with SKIP_EXTERNAL, with commas, such as bot, email', max: 255 }),
    LIMIT: int({ description: 'Users on a page, 50 unless given, at most 200', min: 1, max: 200, clamp: true }),
    LAST_ID: int({ description: 'Last user of the page before', min: 0 }),
    OFFSET: int({ description: 'Users to pass over', min: 0 }),
  },
  example: { DIALOG_ID: 'chat5', LIMIT: 50 },
  result: z.array(userShape),
  errors: {
    DIALOG_ID_EMPTY: dialogIdEmpty,
    ACCESS_ERROR: noDialogAccess,
    NOT_SHOWN: error('ACCESS_ERROR', 403, "You don't have access to this chat"),
  },
  async run({ context, caller, params, start, fail }) {
    const [limit, offset] = [params.LIMIT ?? 50, Math.max(start, 0) || (params.OFFSET ?? 0)];
    const except = (params.SKIP_EXTERNAL_EXCEPT_TYPES ?? '').split(',').map((kind) => kind.trim().toLowerCase());
    const page = { skipExternal: params.SKIP_EXTERNAL, except, after: params.LAST_ID ?? 0, offset, limit };
    const outcome = await dialogMembers(context.messenger, caller, params.DIALOG_ID, page);
    if (!outcome.ok) return fail(outcome.reason === 'no_access' ? 'ACCESS_ERROR' : 'NOT_SHOWN');
    const { users, total } = outcome.value;
    const more = page.after === 0 && offset + limit < total;
    return new Paged(users, { total, next: more ? offset + limit : undefined });
  },
});

const writing = defineMethod({
  name: 'im.dialog.writing',
  scope: 'im',
  summary: 'Tells the others in a dialog who are connected that the caller is writing; nothing is kept of it',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    ACTION: text({ description: 'Ours: TEXT, or VOICE while something is recorded', max: 5 }),
  },
  example: { DIALOG_ID: 'chat5' },
  result: z.literal(true),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty, ACCESS_ERROR: unavailable },
  async run({ context, caller, params, fail }) {
    const action = (params.ACTION || 'text').toLowerCase();
    if (action !== 'text' && action !== 'voice') throw argumentError('ACTION', 'must be TEXT or VOICE');
    const outcome = await writable(context.messenger, caller, params.DIALOG_ID);
    if (!outcome.ok) return fail('ACCESS_ERROR');
    if (outcome.value > 0) context.live.signals.writing(outcome.value, caller.userId, action);
    return true as const;
  },
});

const DAY_MS = 86_400_000;
/** A shorter text is as good as none. */
const SHORTEST_TEXT = 3;

const searchParams = {
  SEARCH_MESSAGE: text({ description: 'Text that the message must hold, in any case; fewer than three characters are as good as none', max: 255 }),
  DATE_FROM: date({ description: 'Messages of this date and later ones' }),
  DATE_TO: date({ description: 'Messages of this date and earlier ones' }),
  DATE: date({ description: 'Messages of the 24 hours that begin with this date; wins over the other two' }),
  ORDER: structure({ description: 'A map with ID and ASC or DESC, which is the default' }),
  LIMIT: int({ description: 'Messages on a page, 50 unless given, at most 200', min: 1, max: 200, clamp: true }),
  LAST_ID: int({ description: 'Last message of the page before', min: 0 }),
};

/** @param shortest characters of a text that is sought */
function wantedBy(params: ParamValues<typeof searchParams>, shortest: number) {
  const given = params.SEARCH_MESSAGE?.trim() ?? '';
  return {
    text: [...given].length < shortest ? '' : given,
    from: params.DATE ?? params.DATE_FROM,
    to: params.DATE === undefined ? params.DATE_TO : params.DATE + DAY_MS - 1,
    after: params.LAST_ID || undefined,
    descending: isDescending(params.ORDER),
    limit: params.LIMIT ?? 50,
  };
}

const messagesSearch = defineMethod({
  name: 'im.dialog.messages.search',
  scope: 'im',
  summary: 'Messages of a chat by text and date, newest first unless ORDER says otherwise',
  params: { CHAT_ID: id({ description: 'Number of the chat', error: 'CHAT_ID_EMPTY' }), ...searchParams },
  example: { CHAT_ID: 5, SEARCH_MESSAGE: 'launch', LIMIT: 20 },
  result: foundShape,
  errors: {
    CHAT_ID_EMPTY: error('CHAT_ID_EMPTY', 400, "CHAT_ID can't be empty"),
    ACCESS_ERROR: error('ACCESS_ERROR', 403, 'You do not have access to this chat'),
  },
  async run({ context, caller, params, fail, origin }) {
    const outcome = await searchChat(context.messenger, caller, params.CHAT_ID, wantedBy(params, SHORTEST_TEXT), origin);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const searchAll = defineMethod({
  name: 'tidemark.messages.search',
  scope: 'im',
  summary: 'Messages of all the caller\'s chats by text and date, with the chats, newest first unless ORDER says otherwise',
  params: { ...searchParams, SEARCH_MESSAGE: text({ description: 'Text that the message must hold, in any case; any for none', max: 255 }) },
  example: { SEARCH_MESSAGE: 'launch', LIMIT: 20 },
  result: foundAnywhereShape,
  errors: {},
  run: ({ context, caller, params, origin }) => searchEverywhere(context.messenger, caller, wantedBy(params, 1), origin),
});

/** @throws RequestError */
function isDescending(order: Value | undefined): boolean {
  if (order === undefined || order === null || order === '') return true;
  if (typeof order !== 'object') throw argumentError('ORDER', 'must be a map with ID and ASC or DESC');
  const entries = Object.entries(order);
  const [[field, direction] = ['ID', 'DESC'] as [string, Value], ...others] = entries;
  const word = typeof direction === 'string' ? direction.toUpperCase() : '';
  if (field.toUpperCase() !== 'ID' || others.length > 0 || !['ASC', 'DESC'].includes(word)) throw argumentError('ORDER', 'must be a map with ID and ASC or DESC');
  return word === 'DESC';
}

export const dialogListMethods = [usersList, writing, messagesSearch, searchAll];
