/** Telling users something outside of chats, and what they do with it. */
import { z } from 'zod';
import type { Caller } from '../../base/caller.ts';
import { parseButtons } from '../../messenger/notify/buttons.ts';
import { answer, choose, notify, removeNotice, removeTagged } from '../../messenger/notify/notify.ts';
import { parseAttach } from '../../messenger/posting/attach.ts';
import { clearsContent } from '../../messenger/posting/content.ts';
import { error } from '../../rest/method.ts';
import { id, int, requiredText, structure, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import type { AppContext } from '../app.ts';
import { defineMethod } from '../app.ts';

const LONGEST_TEXT = 4_000_000;
const LONGEST_TAG = 255;

const clientId = text({ description: 'Name of the program whose tags these are, in calls by webhook; in those of an application it is the application', max: 64 });

const noticeParams = {
  USER_ID: id({ description: 'Who is told', error: 'USER_ID_EMPTY' }),
  MESSAGE: requiredText({ description: 'Text with BB codes', error: 'MESSAGE_EMPTY', max: LONGEST_TEXT }),
  MESSAGE_OUT: text({ description: 'Text for mail, which is not sent: without effect', max: LONGEST_TEXT }),
  TAG: text({ description: 'Takes the place of an earlier notification of the same program to the same user with this tag', max: LONGEST_TAG }),
  SUB_TAG: text({ description: 'Second tag, which several may share', max: LONGEST_TAG }),
  ATTACH: structure({ description: 'Attachment: an object, a list of blocks, or the JSON of either' }),
  CLIENT_ID: clientId,
  BUTTONS: structure({ description: 'Ours: what can be answered, one to ten maps with TITLE and VALUE' }),
};

const noticeErrors = {
  WRONG_AUTH_TYPE: error('WRONG_AUTH_TYPE', 403, 'Access for this method not allowed by session authorization'),
  USER_ID_EMPTY: error('USER_ID_EMPTY', 400, "User ID can't be empty"),
  MESSAGE_EMPTY: error('MESSAGE_EMPTY', 400, "Message can't be empty"),
  ATTACH_OVERSIZE: error('ATTACH_OVERSIZE', 400, 'You have exceeded the maximum allowable size of attach'),
  ATTACH_ERROR: error('ATTACH_ERROR', 400, 'Incorrect attach params'),
};

const noticeResult = z.union([z.int().positive().describe('Number of the notification'), z.literal(false).describe('Nobody was told')]);

interface NoticeCall {
  context: AppContext;
  caller: Caller;
  params: {
    USER_ID: number;
    MESSAGE: string;
    TAG: string | undefined;
    SUB_TAG: string | undefined;
    ATTACH: Value | undefined;
    CLIENT_ID: string | undefined;
    BUTTONS: Value | undefined;
  };
  fail: (name: 'ATTACH_OVERSIZE' | 'ATTACH_ERROR') => never;
}

async function send({ context, caller, params, fail }: NoticeCall, system: boolean): Promise<number | false> {
  const attach = clearsContent(params.ATTACH) ? undefined : parseAttach(params.ATTACH);
  if (attach === 'oversize') return fail('ATTACH_OVERSIZE');
  if (attach === 'invalid') return fail('ATTACH_ERROR');
  const buttons = clearsContent(params.BUTTONS) ? [] : parseButtons(params.BUTTONS);
  if (buttons === 'invalid') throw argumentError('BUTTONS', 'must be a list of one to ten maps with TITLE and VALUE');
  const sent = await notify(context.messenger, caller, {
    userId: params.USER_ID,
    system,
    text: params.MESSAGE,
    client: clientOf(caller, params.CLIENT_ID),
    tag: params.TAG?.trim() ?? '',
    subTag: params.SUB_TAG?.trim() ?? '',
    params: attach ? { ATTACH: [attach] } : {},
    buttons,
  });
  return sent ?? false;
}

/** Tags belong to the application, or to what a user's webhook calls itself: nobody takes away what others have sent. */
function clientOf({ application, userId }: Caller, given: string | undefined): string {
  return application ? application.clientId : `webhook.${userId}.${given?.trim() ?? ''}`;
}

const anyNotice = defineMethod({
  name: 'im.notify',
  scope: 'im',
  summary: 'Tells a user something, from the caller or from nobody',
  params: { ...noticeParams, TYPE: text({ description: 'USER from the caller, SYSTEM from nobody', max: 20 }) },
  example: { USER_ID: 2, MESSAGE: 'The report is [b]ready[/b]', TAG: 'REPORT_42' },
  result: noticeResult,
  errors: noticeErrors,
  async run(call) {
    const type = (call.params.TYPE || 'USER').toUpperCase();
    if (type !== 'USER' && type !== 'SYSTEM') throw argumentError('TYPE', 'must be USER or SYSTEM');
    return send(call, type === 'SYSTEM');
  },
});

const personalNotice = defineMethod({
  name: 'im.notify.personal.add',
  scope: 'im',
  summary: 'Tells a user something, from the caller',
  params: noticeParams,
  example: { USER_ID: 2, MESSAGE: 'The report is [b]ready[/b]' },
  result: noticeResult,
  errors: noticeErrors,
  run: (call) => send(call, false),
});

const systemNotice = defineMethod({
  name: 'im.notify.system.add',
  scope: 'im',
  summary: 'Tells a user something, from nobody',
  params: noticeParams,
  example: { USER_ID: 2, MESSAGE: 'The nightly backup has failed' },
  result: noticeResult,
  errors: noticeErrors,
  run: (call) => send(call, true),
});

const remove = defineMethod({
  name: 'im.notify.delete',
  scope: 'im',
  summary: 'Takes away one notification by ID, which the caller has got or sent, or all that the program has sent under a tag; whether there was any',
  params: {
    ID: int({ description: 'Notification', min: 1 }),
    TAG: text({ description: 'Tag', max: LONGEST_TAG }),
    SUB_TAG: text({ description: 'Second tag', max: LONGEST_TAG }),
    CLIENT_ID: clientId,
  },
  example: { ID: 5 },
  result: z.boolean(),
  errors: {
    PARAMS_ERROR: error('PARAMS_ERROR', 400, 'Incorrect params'),
    ACCESS_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Client ID not specified'),
  },
  async run({ context, caller, params, fail }) {
    if (params.ID !== undefined) return removeNotice(context.messenger, caller, params.ID);
    const tag = params.TAG?.trim();
    const value = tag || params.SUB_TAG?.trim();
    if (!value) return fail('PARAMS_ERROR');
    if (!caller.application && !params.CLIENT_ID?.trim()) return fail('ACCESS_DENIED');
    return removeTagged(context.messenger, clientOf(caller, params.CLIENT_ID), tag ? 'tag' : 'sub_tag', value);
  },
});

const replied = z.strictObject({ result_message: z.union([z.array(z.string()), z.literal(false)]) });
const noticeId = id({ description: 'Notification', error: 'ID_ERROR' });
const idError = error('ID_ERROR', 400, "Notification ID can't be empty");

const confirm = defineMethod({
  name: 'im.notify.confirm',
  scope: 'im',
  summary: 'Chooses a button of one\'s notification, which is gone then; whoever asked is told',
  params: { NOTIFY_ID: noticeId, NOTIFY_VALUE: requiredText({ description: 'Value of the button, such as Y', error: 'NOTIFY_VALUE_ERROR', max: 255 }) },
  example: { NOTIFY_ID: 5, NOTIFY_VALUE: 'Y' },
  result: replied,
  errors: { ID_ERROR: idError, NOTIFY_VALUE_ERROR: error('NOTIFY_VALUE_ERROR', 400, "Notification Value can't be empty") },
  async run({ context, caller, params }) {
    const title = await choose(context.messenger, caller, params.NOTIFY_ID, params.NOTIFY_VALUE);
    return { result_message: title === undefined ? (false as const) : [title] };
  },
});

const reply = defineMethod({
  name: 'im.notify.answer',
  scope: 'im',
  summary: 'Answers whoever one\'s notification is from, by a notification',
  params: { NOTIFY_ID: noticeId, ANSWER_TEXT: requiredText({ description: 'Answer', error: 'ANSWER_TEXT_ERROR', max: LONGEST_TEXT }) },
  example: { NOTIFY_ID: 5, ANSWER_TEXT: 'On my way' },
  result: replied,
  errors: { ID_ERROR: idError, ANSWER_TEXT_ERROR: error('ANSWER_TEXT_ERROR', 400, "ANSWER_TEXT can't be empty") },
  async run({ context, caller, params }) {
    const sent = await answer(context.messenger, caller, params.NOTIFY_ID, params.ANSWER_TEXT);
    return { result_message: sent ? ['Your answer has been sent'] : (false as const) };
  },
});

export const notifyMethods = [anyNotice, personalNotice, systemNotice, remove, confirm, reply];
