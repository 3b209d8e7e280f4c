/** Files of chats in one call each. */
import { z } from 'zod';
import { LINK_MS, addressOf, pageLinks } from '../../messenger/file-links.ts';
import { findChatFile, sendFile } from '../../messenger/files/chat-files.ts';
import { toFileName } from '../../messenger/files/storing.ts';
import { parseDialogId } from '../../messenger/access/dialogs.ts';
import { fileShape, viewFile } from '../../messenger/views/file-view.ts';
import { fullName } from '../../messenger/views/user-view.ts';
import { error } from '../../rest/method.ts';
import { id, requiredText, structure } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { BrokenBase64, contentOf } from '../../rest/spool/content.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';

/** Bytes of a file that is sent as text. */
const LARGEST = 100 * 2 ** 20;
/** Bytes of a request with such a file: a third more, and in a form a little more again. */
const LONGEST_BODY = 150 * 2 ** 20;

const dialogId = requiredText({ description: 'Dialog: a user id, or chatN', error: 'CHAT_NOT_FOUND', max: 50 });
const accessDenied = error('ACCESS_DENIED', 403, 'Access denied');
const chatNotFound = error('CHAT_NOT_FOUND', 400, 'CHAT_NOT_FOUND');

const upload = defineMethod({
  name: 'im.v2.File.upload',
  scope: 'im',
  summary: 'Sends a file into a chat, with a text if wanted',
  params: {
    DIALOGID: dialogId,
    FIELDS: structure({ description: 'A map: name of the file with its extension, content in base64 without a prefix (up to 100 MB), and message, the text beside it' }),
  },
  example: { DIALOGID: 'chat5', FIELDS: { name: 'report.txt', content: 'SGVsbG8=', message: 'See' } },
  longBody: LONGEST_BODY,
  result: z.strictObject({
    file: fileShape,
    messageId: z.int().describe('Number of the message'),
    chatId: z.int().describe('Number of the chat'),
    dialogId: z.string().describe('The dialog as the caller names it'),
  }),
  errors: {
    CHAT_NOT_FOUND: chatNotFound,
    FILE_EMPTY: error('FILE_EMPTY', 400, 'File name and content are required'),
    FILE_INVALID_CONTENT: error('FILE_INVALID_CONTENT', 400, 'Invalid base64 content'),
    FILE_TOO_LARGE: error('FILE_TOO_LARGE', 400, 'File is too large'),
    UPLOAD_FAILED: error('UPLOAD_FAILED', 400, 'There is no room for the file: the limit of the portal or of the user has been reached'),
    ACCESS_DENIED: accessDenied,
  },
  async run({ context: { messenger, blobs }, caller, params, fail, origin, spools }) {
    const fields = readFields(params.FIELDS);
    if (!fields.name || fields.content === '') return fail('FILE_EMPTY');
    if (fields.message !== '' && spools.has(fields.message)) throw argumentError('FIELDS', 'has a message that is too long');
    const dialog = parseDialogId(params.DIALOGID) ?? fail('CHAT_NOT_FOUND');
    const incoming = { name: fields.name, bytes: contentOf(fields.content, spools), most: LARGEST };
    const outcome = await sendFile(messenger, blobs, caller, dialog, incoming, fields.message).catch((thrown: unknown) => {
      if (thrown instanceof BrokenBase64) return fail('FILE_INVALID_CONTENT');
      throw thrown;
    });
    if (!outcome.ok) return fail(REASONS[outcome.reason]);
    const { zone, linkSecret } = await messenger.settings();
    const { chatId, messageId, files: [sent], sender } = outcome.value;
    const links = pageLinks(origin, linkSecret, caller.userId, messenger.clock.now());
    return { file: viewFile(sent!.file, zone, fullName(sender), links), messageId, chatId, dialogId: params.DIALOGID };
  },
});

const REASONS = {
  unknown_user: 'CHAT_NOT_FOUND', no_chat: 'CHAT_NOT_FOUND', not_allowed: 'ACCESS_DENIED', too_large: 'FILE_TOO_LARGE', no_room: 'UPLOAD_FAILED',
} as const;

/** Of a file that came as a part of its own, name and content stand together. */
function readFields(given: Value | undefined): { name: string | undefined; content: string; message: string } {
  const fields = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  const content = Array.isArray(fields['content']) ? fields['content'][1] : fields['content'];
  return { name: toFileName(textOf(fields['name'])), content: textOf(content), message: textOf(fields['message']) };
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const download = defineMethod({
  name: 'im.v2.File.download',
  scope: 'im',
  summary: 'An address at which a file of a chat can be fetched for ten minutes',
  params: { DIALOGID: dialogId, FILEID: id({ description: 'Number of the file', error: 'FILE_NOT_FOUND' }) },
  example: { DIALOGID: 'chat5', FILEID: 12 },
  result: z.strictObject({ downloadUrl: z.string().describe('The address; whoever has it may fetch the file while the caller may') }),
  errors: { CHAT_NOT_FOUND: chatNotFound, FILE_NOT_FOUND: error('FILE_NOT_FOUND', 400, 'File not found'), ACCESS_DENIED: accessDenied },
  async run({ context: { messenger }, caller, params, fail, origin }) {
    const dialog = parseDialogId(params.DIALOGID) ?? fail('CHAT_NOT_FOUND');
    const file = await findChatFile(messenger, caller, dialog, params.FILEID);
    if (!file.ok) return fail(file.reason === 'no_file' ? 'FILE_NOT_FOUND' : 'ACCESS_DENIED');
    const { linkSecret } = await messenger.settings();
    const until = messenger.clock.now() + LINK_MS.fetch;
    return { downloadUrl: addressOf(origin, linkSecret, { purpose: 'download', id: params.FILEID, userId: caller.userId, until }) };
  },
});

export const v2FileMethods = [upload, download];
