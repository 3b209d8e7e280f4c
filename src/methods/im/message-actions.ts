/** What is made of messages, and which of them stand out in their dialog. */
import { z } from 'zod';
import { shareAsChat } from '../../messenger/chats/sharing.ts';
import { openThread } from '../../messenger/chats/threads.ts';
import { listPinned, PIN_LIMIT, pinMessage } from '../../messenger/messages/pins.ts';
import { pinnedPageShape } from '../../messenger/views/message-view.ts';
import { error } from '../../rest/method.ts';
import { flag, id, requiredText } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { dialogId, dialogIdEmpty, messageIdError, noDialogAccess, unavailable } from '../params.ts';

const messageId = id({ description: 'Message', error: 'MESSAGE_ID_ERROR' });

/** What there is nothing here to make of. */
const ELSEWHERE: ReadonlySet<string> = new Set(['TASK', 'POST', 'CALEND']);

const share = defineMethod({
  name: 'im.message.share',
  scope: 'im',
  summary: 'Makes a chat of a message: of the caller and whoever wrote it, with the message in it',
  params: {
    MESSAGE_ID: messageId,
    DIALOG_ID: dialogId('DIALOG_ID_EMPTY'),
    TYPE: requiredText({ description: 'CHAT; there are no tasks, posts and calendars here for TASK, POST and CALEND', error: 'PARAMS_ERROR', max: 20 }),
  },
  example: { MESSAGE_ID: 12, DIALOG_ID: 'chat5', TYPE: 'CHAT' },
  result: z.literal(true),
  errors: {
    MESSAGE_ID_ERROR: messageIdError,
    DIALOG_ID_EMPTY: dialogIdEmpty,
    ACCESS_ERROR: noDialogAccess,
    NOT_ALLOWED: error('ACCESS_ERROR', 403, 'You share no chat with whoever wrote the message'),
    PARAMS_ERROR: error('PARAMS_ERROR', 400, 'Incorrect params'),
    NOT_HERE: error('PARAMS_ERROR', 400, 'Incorrect params: there are no tasks, posts and calendars here, a message can only become a CHAT'),
  },
  async run({ context, caller, params, fail }) {
    const type = params.TYPE.toUpperCase();
    if (ELSEWHERE.has(type)) return fail('NOT_HERE');
    if (type !== 'CHAT') return fail('PARAMS_ERROR');
    const outcome = await shareAsChat(context.messenger, caller, params.DIALOG_ID, params.MESSAGE_ID);
    if (outcome.ok) return true as const;
    return fail(({ no_access: 'ACCESS_ERROR', no_message: 'MESSAGE_ID_ERROR', not_allowed: 'NOT_ALLOWED' } as const)[outcome.reason]);
  },
});

const pin = defineMethod({
  name: 'tidemark.message.pin',
  scope: 'im',
  summary: 'Pins a message in its dialog for everybody, or no longer; who may is set by CAN_POST of tidemark.chat.permissions.set',
  params: { MESSAGE_ID: messageId, PIN: flag({ description: 'N takes the pin away', default: true }) },
  example: { MESSAGE_ID: 12 },
  result: z.literal(true),
  errors: {
    MESSAGE_ID_ERROR: messageIdError,
    ACCESS_ERROR: unavailable,
    TOO_MANY_PINS: error('TOO_MANY_PINS', 400, `A dialog has no more than ${PIN_LIMIT} pinned messages`),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await pinMessage(context.messenger, caller, params.MESSAGE_ID, params.PIN);
    if (outcome.ok) return true as const;
    return fail(({ no_message: 'MESSAGE_ID_ERROR', not_allowed: 'ACCESS_ERROR', too_many: 'TOO_MANY_PINS' } as const)[outcome.reason]);
  },
});

const pinned = defineMethod({
  name: 'tidemark.message.pinned.list',
  scope: 'im',
  summary: 'The pinned messages of a dialog that the caller may see, the last pinned first',
  params: { DIALOG_ID: dialogId('DIALOG_ID_EMPTY') },
  example: { DIALOG_ID: 'chat5' },
  result: pinnedPageShape,
  errors: { DIALOG_ID_EMPTY: dialogIdEmpty, ACCESS_ERROR: noDialogAccess },
  async run({ context, caller, params, fail }) {
    const outcome = await listPinned(context.messenger, caller, params.DIALOG_ID);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const comments = defineMethod({
  name: 'tidemark.comments.open',
  scope: 'im',
  summary: 'The thread of comments of a channel\'s post, made when somebody first asks for it: a chat that other methods take as any other, and no list shows',
  params: { MESSAGE_ID: messageId },
  example: { MESSAGE_ID: 12 },
  result: z.strictObject({ chat_id: z.int().describe('Number of the thread'), dialog_id: z.string().describe('The same as a dialog id') }),
  errors: { MESSAGE_ID_ERROR: messageIdError, NO_POST: error('NO_POST', 400, 'Only what people post in channels has comments') },
  async run({ context, caller, params, fail }) {
    const outcome = await openThread(context.messenger, caller, params.MESSAGE_ID);
    if (outcome.ok) return { chat_id: outcome.value, dialog_id: `chat${outcome.value}` };
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'NO_POST');
  },
});

export const messageActionMethods = [share, pin, pinned, comments];
