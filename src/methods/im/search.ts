/** Finding people and chats by words. */
import { z } from 'zod';
import { findChats } from '../../messenger/chats/chat-search.ts';
import { forgetOpened, noteOpened, openedLast } from '../../messenger/chats/last-searches.ts';
import { findPeople } from '../../messenger/people/user-find.ts';
import { searchChatShape } from '../../messenger/views/dialog-view.ts';
import { lastSearchShape } from '../../messenger/views/last-search-view.ts';
import { userShape } from '../../messenger/views/user-view.ts';
import { error, Paged } from '../../rest/method.ts';
import { flag, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { dialogId, dialogIdEmpty, nextPage, pageParams, toPage } from '../params.ts';

const SHORTEST = 2;
const findShort = error('FIND_SHORT', 400, 'Too short a search phrase');
const LONGEST = 255;

const isLong = (find: string | undefined): find is string => find !== undefined && [...find.trim()].length >= SHORTEST;

const users = defineMethod({
  name: 'im.search.user.list',
  scope: 'im',
  summary: 'Active people by how the words of their names, positions and departments begin; an empty list for nobody',
  params: {
    FIND: text({ description: 'Beginnings of words, at least two characters', error: 'FIND_SHORT', max: LONGEST }),
    BUSINESS: flag({ description: 'Without effect: all are business users', default: false }),
    ...pageParams,
  },
  example: { FIND: 'an' },
  result: z.union([z.record(z.string(), userShape), z.tuple([])]),
  errors: { FIND_SHORT: findShort },
  async run({ context, caller, params, start, fail }) {
    if (!isLong(params.FIND)) return fail('FIND_SHORT');
    const page = toPage(params, start);
    const { rows, total } = await findPeople(context.messenger, caller, params.FIND, page);
    const found = rows.length === 0 ? ([] as []) : Object.fromEntries(rows.map((user) => [user.id, user]));
    return new Paged(found, nextPage(page, total));
  },
});

const chats = defineMethod({
  name: 'im.search.chat.list',
  scope: 'im',
  summary: 'Group chats that the caller may see by how the words of their titles and members\' names begin, newest first',
  params: {
    FIND: text({ description: 'Beginnings of words, at least two characters', error: 'FIND_SHORT', max: LONGEST }),
    FIND_LINES: text({ description: 'The same among open lines; FIND wins over it', error: 'FIND_SHORT', max: LONGEST }),
    ...pageParams,
  },
  example: { FIND: 'launch' },
  result: z.array(searchChatShape),
  errors: { FIND_SHORT: findShort },
  async run({ context, caller, params, start, fail }) {
    const lines = !params.FIND?.trim();
    const find = lines ? params.FIND_LINES : params.FIND;
    if (!isLong(find)) return fail('FIND_SHORT');
    const page = toPage(params, start);
    const { rows, total } = await findChats(context.messenger, caller, find, lines, page);
    return new Paged(rows, nextPage(page, total));
  },
});

const lastDialog = { DIALOG_ID: dialogId('DIALOG_ID_EMPTY') };

const lastAdd = defineMethod({
  name: 'im.search.last.add',
  scope: 'im',
  summary: 'Notes that the caller has found and opened a dialog; false without access. The latest 50 are kept',
  params: lastDialog,
  example: { DIALOG_ID: 'chat5' },
  result: z.boolean(),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty },
  run: ({ context, caller, params }) => noteOpened(context.messenger, caller, params.DIALOG_ID),
});

const lastDelete = defineMethod({
  name: 'im.search.last.delete',
  scope: 'im',
  summary: 'Forgets that a dialog was opened; false where it was not noted',
  params: lastDialog,
  example: { DIALOG_ID: 'chat5' },
  result: z.boolean(),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty },
  run: ({ context, caller, params }) => forgetOpened(context.messenger, caller, params.DIALOG_ID),
});

const lastGet = defineMethod({
  name: 'im.search.last.get',
  scope: 'im',
  summary: 'The dialogs that the caller has found and opened, the latest first',
  params: {
    SKIP_OPENLINES: flag({ description: 'Y leaves out open lines', default: false }),
    SKIP_CHAT: flag({ description: 'Y leaves out group chats', default: false }),
    SKIP_DIALOG: flag({ description: 'Y leaves out private dialogs', default: false }),
  },
  example: { SKIP_OPENLINES: 'Y' },
  result: z.array(lastSearchShape),
  errors: {},
  run: ({ context, caller, params }) =>
    openedLast(context.messenger, caller, { dialogs: params.SKIP_DIALOG, chats: params.SKIP_CHAT, lines: params.SKIP_OPENLINES }),
});

export const searchMethods = [users, chats, lastAdd, lastDelete, lastGet];
