import { z } from 'zod';
import { parseAttach } from '../../messenger/posting/attach.ts';
import { clearsContent } from '../../messenger/posting/content.ts';
import type { DialogRef } from '../../messenger/access/dialogs.ts';
import { parseKeyboard, parseMenu } from '../../messenger/posting/keyboard.ts';
import { editMessage, removeMessage } from '../../messenger/messages/messages.ts';
import { sendMessage } from '../../messenger/messages/sending.ts';
import { error } from '../../rest/method.ts';
import { flag, id, idList, int, structure, text } from '../../rest/params.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';
import { messageIdError, optionalDialogId, optionalId } from '../params.ts';

/** Longer texts are cut when they are stored; the request's own limit is what bounds them here. */
const LONGEST_TEXT = 4_000_000;
const MOST_FILES = 100;

const content = {
  ATTACH: structure({ description: 'Attachment: an object, a list of blocks, or the JSON of either' }),
  KEYBOARD: structure({ description: 'Keyboard: buttons under the message' }),
  MENU: structure({ description: 'Menu: entries in the message\'s context menu' }),
};

const contentErrors = {
  ATTACH_ERROR: error('ATTACH_ERROR', 400, 'Incorrect attach params'),
  ATTACH_OVERSIZE: error('ATTACH_OVERSIZE', 400, 'You have exceeded the maximum allowable size of attach'),
  KEYBOARD_ERROR: error('KEYBOARD_ERROR', 400, 'Incorrect keyboard params'),
  MENU_ERROR: error('MENU_ERROR', 400, 'Incorrect menu params'),
  KEYBOARD_OVERSIZE: error('KEYBOARD_OVERSIZE', 400, 'You have exceeded the maximum allowable size of keyboard'),
  MENU_OVERSIZE: error('MENU_OVERSIZE', 400, 'You have exceeded the maximum allowable size of menu'),
};

type Content = Record<keyof typeof content, Value | undefined>;

/** The structured parts as they are stored; null where a part is to be removed, nothing where it was not given. */
function readContent(given: Content, fail: (name: keyof typeof contentErrors) => never): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const name of ['ATTACH', 'KEYBOARD', 'MENU'] as const) {
    const value = given[name];
    if (value === undefined) continue;
    read[name] = clearsContent(value) ? null : readPart(name, value, fail);
  }
  return read;
}

function readPart(name: keyof typeof content, value: Value, fail: (name: keyof typeof contentErrors) => never): unknown {
  const part = { ATTACH: parseAttach, KEYBOARD: parseKeyboard, MENU: parseMenu }[name](value);
  if (part === 'oversize') return fail(`${name}_OVERSIZE`);
  if (part === 'invalid') return fail(`${name}_ERROR`);
  return name === 'ATTACH' ? [part] : part;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const add = defineMethod({
  name: 'im.message.add',
  scope: 'im',
  summary: 'Sends a message and gives its id',
  params: {
    DIALOG_ID: optionalDialogId('USER_ID_EMPTY'),
    CHAT_ID: optionalId({ description: 'Number of the chat, instead of DIALOG_ID', error: 'CHAT_ID' }),
    USER_ID: optionalId({ description: 'Number of the other user, instead of DIALOG_ID', error: 'USER_ID_EMPTY' }),
    MESSAGE: text({ description: 'Text with BB codes; needed unless ATTACH or FORWARD_ID is given', error: 'MESSAGE_EMPTY', max: LONGEST_TEXT }),
    ...content,
    SYSTEM: flag({ description: 'Y sends it as a system message', default: false }),
    URL_PREVIEW: flag({ description: 'N leaves links without a preview; others get one a little later where the portal allows it', default: true }),
    REPLY_ID: optionalId({ description: 'Message of the same chat that this one answers', error: 'REPLY_ACCESS_ERROR' }),
    FORWARD_ID: optionalId({ description: 'Ours: a message of any dialog of the caller\'s that is sent on, in the place of MESSAGE, ATTACH and FILE_ID', error: 'FORWARD_ACCESS_ERROR' }),
    TEMPLATE_ID: text({ description: 'Lower-case UUID v4: sent again, it gives the first message\'s id', max: 255, cut: true }),
    FILE_ID: idList({ description: 'Ours: files that the message shows; of those that lie elsewhere the chat gets a copy', max: MOST_FILES }),
    STICKER_ID: int({ description: 'Ours: id of a sticker', min: 1 }),
  },
  example: { DIALOG_ID: 'chat5', MESSAGE: 'Hello [b]there[/b]' },
  result: z.int().positive(),
  errors: {
    ...contentErrors,
    MESSAGE_EMPTY: error('MESSAGE_EMPTY', 400, "Message can't be empty"),
    USER_ID_EMPTY: error('USER_ID_EMPTY', 400, "User ID can't be empty"),
    USER_NOT_FOUND: error('USER_NOT_FOUND', 400, 'User not found'),
    CHAT_ID: error('CHAT_ID', 400, 'Error creating message'),
    ACCESS_ERROR: error('ACCESS_ERROR', 400, 'Action unavailable'),
    REPLY_ACCESS_ERROR: error('REPLY_ACCESS_ERROR', 400, 'Action unavailable'),
    FORWARD_ACCESS_ERROR: error('FORWARD_ACCESS_ERROR', 400, 'Action unavailable'),
    PARAMS_ERROR: error('PARAMS_ERROR', 400, 'Incorrect params'),
    REPLY_FROM_OTHER_CHAT_ERROR: error('REPLY_FROM_OTHER_CHAT_ERROR', 400, 'You can only reply to a message within the same chat'),
    FILE_NOT_FOUND: error('FILE_NOT_FOUND', 400, 'FILE_ID names a file that does not exist or that you may not see'),
  },
  async run({ context, caller, params, fail }) {
    const messageParams = readContent(params, fail);
    for (const name of Object.keys(messageParams)) if (messageParams[name] === null) delete messageParams[name];
    if (params.STICKER_ID !== undefined) messageParams['STICKER_ID'] = params.STICKER_ID;
    if (params.FORWARD_ID !== undefined && (params.MESSAGE !== undefined || params.FILE_ID.length > 0 || Object.keys(messageParams).length > 0)) return fail('PARAMS_ERROR');
    if (!params.URL_PREVIEW) messageParams['URL_PREVIEW'] = 'N';
    const outcome = await sendMessage(context.messenger, caller, {
      dialog: target(params) ?? fail('USER_ID_EMPTY'),
      text: params.MESSAGE ?? '',
      params: messageParams,
      system: params.SYSTEM,
      replyId: params.REPLY_ID,
      forwardId: params.FORWARD_ID,
      fileIds: params.FILE_ID,
      uuid: params.TEMPLATE_ID && UUID.test(params.TEMPLATE_ID) ? params.TEMPLATE_ID : undefined,
    });
    if (outcome.ok) return outcome.value;
    const errors = {
      empty: 'MESSAGE_EMPTY',
      unknown_user: 'USER_NOT_FOUND',
      no_chat: 'CHAT_ID',
      not_allowed: 'ACCESS_ERROR',
      reply_no_access: 'REPLY_ACCESS_ERROR',
      reply_other_chat: 'REPLY_FROM_OTHER_CHAT_ERROR',
      forward_no_access: 'FORWARD_ACCESS_ERROR',
      no_file: 'FILE_NOT_FOUND',
    } as const;
    return fail(errors[outcome.reason]);
  },
});

function target(params: { DIALOG_ID: DialogRef | undefined; CHAT_ID: number | undefined; USER_ID: number | undefined }) {
  if (params.USER_ID !== undefined) return { kind: 'user', id: params.USER_ID } as const;
  if (params.CHAT_ID !== undefined) return { kind: 'chat', id: params.CHAT_ID } as const;
  return params.DIALOG_ID;
}

const cantEdit = error('CANT_EDIT_MESSAGE', 403, "Time has expired for modification or you don't have access");
const messageId = id({ description: 'Message', error: 'MESSAGE_ID_ERROR' });

const update = defineMethod({
  name: 'im.message.update',
  scope: 'im',
  summary: 'Changes one\'s own message; an empty text deletes it',
  params: {
    MESSAGE_ID: messageId,
    MESSAGE: text({ description: 'New text; left as it is when not given', max: LONGEST_TEXT }),
    ...content,
    URL_PREVIEW: flag({ description: 'N takes the preview of a link away, Y lets there be one again', default: undefined }),
    IS_EDITED: flag({ description: 'Whether the change is shown as an edit', default: true }),
  },
  example: { MESSAGE_ID: 12, MESSAGE: 'Hello again' },
  result: z.literal(true),
  errors: { ...contentErrors, MESSAGE_ID_ERROR: messageIdError, CANT_EDIT_MESSAGE: cantEdit },
  async run({ context, caller, params, fail }) {
    const messageParams = readContent(params, fail);
    if (params.URL_PREVIEW !== undefined) messageParams['URL_PREVIEW'] = params.URL_PREVIEW ? null : 'N';
    const edit = { text: params.MESSAGE, params: messageParams, marked: params.IS_EDITED };
    const outcome = await editMessage(context.messenger, caller, params.MESSAGE_ID, edit);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'CANT_EDIT_MESSAGE');
  },
});

const remove = defineMethod({
  name: 'im.message.delete',
  scope: 'im',
  summary: 'Deletes a message: what nobody else has seen disappears, what was seen leaves a line that says so',
  params: { MESSAGE_ID: messageId },
  example: { MESSAGE_ID: 12 },
  result: z.literal(true),
  errors: { MESSAGE_ID_ERROR: messageIdError, CANT_EDIT_MESSAGE: cantEdit },
  async run({ context, caller, params, fail }) {
    const outcome = await removeMessage(context.messenger, caller, params.MESSAGE_ID);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'CANT_EDIT_MESSAGE');
  },
});

export const messageMethods = [add, update, remove];
