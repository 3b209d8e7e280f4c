import { z } from 'zod';
import { readNotices } from '../../messenger/notify/notices.ts';
import { countUnread } from '../../messenger/recent/counters.ts';
import { dialogCard } from '../../messenger/chats/dialog-card.ts';
import { dialogShape, readResultShape } from '../../messenger/views/dialog-view.ts';
import { historyPageShape } from '../../messenger/views/message-view.ts';
import { countersShape, viewCounters } from '../../messenger/views/counters-view.ts';
import { readHistory } from '../../messenger/messages/history.ts';
import { readDialog, readEverything, unreadFrom } from '../../messenger/reading/reading.ts';
import { error } from '../../rest/method.ts';
import { id, int } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { dialogId, dialogOrNotices, dialogIdEmpty, noDialogAccess } from '../params.ts';

const get = defineMethod({
  name: 'im.dialog.get',
  scope: 'im',
  summary: 'The card of one dialog',
  params: { DIALOG_ID: dialogId('DIALOG_ID_EMPTY') },
  example: { DIALOG_ID: 'chat5' },
  result: dialogShape,
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty, ACCESS_ERROR: noDialogAccess },
  async run({ context, caller, params, fail }) {
    const outcome = await dialogCard(context.messenger, caller, params.DIALOG_ID);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const messagesGet = defineMethod({
  name: 'im.dialog.messages.get',
  scope: 'im',
  summary: 'A page of a dialog\'s messages, always newest first: without a cursor the newest, with LAST_ID those before it, with FIRST_ID those after it. An empty page is the end',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    LAST_ID: int({ description: 'Older messages than this one, those nearest to it: to go back in the history pass the lowest id received', error: 'LAST_ID_STRING', min: 0 }),
    FIRST_ID: int({ description: 'Newer messages than this one, those nearest to it: to go forward pass the highest id received; 0 begins with the very first. With both cursors, what lies between them', error: 'FIRST_ID_STRING', min: 0 }),
    LIMIT: int({ description: 'Messages on a page, 20 unless given, at most 50', min: 1, max: 50, clamp: true }),
  },
  example: { DIALOG_ID: 'chat5', LIMIT: 20 },
  result: historyPageShape,
  errors: {
    DIALOG_ID_EMPTY: dialogIdEmpty,
    LAST_ID_STRING: error('LAST_ID_STRING', 400, "Last ID can't be string"),
    FIRST_ID_STRING: error('FIRST_ID_STRING', 400, "First ID can't be string"),
    ACCESS_ERROR: noDialogAccess,
  },
  async run({ context, caller, params, fail, origin }) {
    const outcome = await readHistory(context.messenger, caller, params.DIALOG_ID, {
      lastId: params.LAST_ID || undefined,
      firstId: params.FIRST_ID,
      limit: params.LIMIT ?? 20,
    }, origin);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const read = defineMethod({
  name: 'im.dialog.read',
  scope: 'im',
  summary: 'Reads a dialog up to a message, or all of it; false without access. Of the notifications all, and gives true',
  params: {
    DIALOG_ID: dialogOrNotices('DIALOG_ID_EMPTY'),
    MESSAGE_ID: int({ description: 'Last message read; all when left out or not positive' }),
    LAST_ID: int({ description: 'Another name for MESSAGE_ID; wins over it' }),
  },
  example: { DIALOG_ID: 'chat5' },
  result: z.union([readResultShape, z.boolean()]),
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty },
  async run({ context, caller, params }) {
    const messageId = params.LAST_ID ?? params.MESSAGE_ID ?? 0;
    const upTo = messageId > 0 ? messageId : undefined;
    if (params.DIALOG_ID === 'notify') {
      await readNotices(context.messenger, caller, { from: 0 }, false);
      return true;
    }
    const outcome = await readDialog(context.messenger, caller, params.DIALOG_ID, upTo);
    return outcome.ok ? outcome.value : false;
  },
});

const unread = defineMethod({
  name: 'im.dialog.unread',
  scope: 'im',
  summary: 'Makes a message and all later ones unread again; false without access',
  params: {
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    MESSAGE_ID: id({ description: 'First message to become unread', error: 'MESSAGE_ID_ERROR' }),
  },
  example: { DIALOG_ID: 'chat5', MESSAGE_ID: 12 },
  result: z.boolean(),
  errors: {
    DIALOG_ID_EMPTY: dialogIdEmpty,
    MESSAGE_ID_ERROR: error('MESSAGE_ID_ERROR', 400, "First unread message id can't be empty"),
  },
  run: ({ context, caller, params }) => unreadFrom(context.messenger, caller, params.DIALOG_ID, params.MESSAGE_ID),
});

const readAll = defineMethod({
  name: 'im.dialog.read.all',
  scope: 'im',
  summary: 'Reads everything but open lines and takes all marks away',
  params: {},
  result: z.literal(true),
  errors: {},
  async run({ context, caller }) {
    await readEverything(context.messenger, caller.userId);
    return true as const;
  },
});

const countersGet = defineMethod({
  name: 'im.counters.get',
  scope: 'im',
  summary: 'The caller\'s unread numbers, in all and by chat',
  params: {},
  result: countersShape,
  errors: {},
  run: async ({ context, caller }) => viewCounters(await countUnread(context.messenger, caller)),
});

export const dialogMethods = [get, messagesGet, read, unread, readAll, countersGet];
