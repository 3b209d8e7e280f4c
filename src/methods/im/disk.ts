/** Files of chats in the steps of the older methods: the chat's folder, an upload into it, and the message that shows the file. */
import { z } from 'zod';
import { pageLinks } from '../../messenger/file-links.ts';
import { chatFolder, commitFiles } from '../../messenger/files/chat-files.ts';
import { findFile, saveFile } from '../../messenger/files/disk.ts';
import { deleteFile } from '../../messenger/files/removing.ts';
import { fileModelShape, viewFileModel } from '../../messenger/views/disk-view.ts';
import { fileShape, viewFile } from '../../messenger/views/file-view.ts';
import { fullName } from '../../messenger/views/user-view.ts';
import { error } from '../../rest/method.ts';
import { flag, id, idList, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { chatIdEmpty, chatOrDialog, dialogIdEmpty, noDialogAccess, optionalDialogId, optionalId } from '../params.ts';

const LONGEST_TEXT = 4_000_000;
const MOST_FILES = 100;

const chatParams = {
  CHAT_ID: optionalId({ description: 'Number of the chat; or DIALOG_ID', error: 'CHAT_ID_EMPTY' }),
  DIALOG_ID: optionalDialogId('DIALOG_ID_EMPTY'),
};
const chatErrors = { CHAT_ID_EMPTY: chatIdEmpty, DIALOG_ID_EMPTY: dialogIdEmpty, ACCESS_ERROR: noDialogAccess };

const folderGet = defineMethod({
  name: 'im.disk.folder.get',
  scope: 'im',
  summary: 'The folder in which the files of a chat lie',
  params: chatParams,
  example: { CHAT_ID: 5 },
  result: z.strictObject({ ID: z.int().describe('Number of the folder') }),
  errors: chatErrors,
  async run({ context, caller, params, fail }) {
    const folder = await chatFolder(context.messenger, caller, chatOrDialog(params) ?? fail('CHAT_ID_EMPTY'));
    return folder === undefined ? fail('ACCESS_ERROR') : { ID: folder };
  },
});

const byUpload = <S extends z.ZodType>(shape: S) => z.record(z.string().regex(/^upload\d+$/), shape);

const fileCommit = defineMethod({
  name: 'im.disk.file.commit',
  scope: 'im',
  summary: 'Sends files that have been uploaded into a chat',
  params: {
    ...chatParams,
    FILE_ID: idList({ description: 'Files; of those that lie elsewhere the chat gets a copy', error: 'SAVE_ERROR', max: MOST_FILES }),
    UPLOAD_ID: idList({ description: 'The same, where FILE_ID is not given', error: 'SAVE_ERROR', max: MOST_FILES }),
    MESSAGE: text({ description: 'Text beside the files', max: LONGEST_TEXT }),
    SILENT_MODE: flag({ description: 'Without effect here', default: false }),
    AS_FILE: flag({ description: 'Without effect: pictures are kept as they are', default: false }),
  },
  example: { CHAT_ID: 5, FILE_ID: [12] },
  result: z.strictObject({
    FILES: byUpload(fileShape).describe('The files by `upload` and the number that was given'),
    DISK_ID: z.array(z.string()).describe('Numbers of the files in the chat'),
    FILE_MODELS: byUpload(fileModelShape).describe('The same files as the Drive knows them'),
    MESSAGE_ID: z.int().describe('Number of the message'),
  }),
  errors: {
    ...chatErrors,
    FILES_ERROR: error('FILES_ERROR', 400, 'List of files is not specified'),
    SAVE_ERROR: error('SAVE_ERROR', 400, 'Error during saving file to chat'),
  },
  async run({ context: { messenger }, caller, params, raw, fail, origin }) {
    const dialog = chatOrDialog(params) ?? fail('CHAT_ID_EMPTY');
    if (raw['FILE_ID'] === undefined && raw['UPLOAD_ID'] === undefined) return fail('FILES_ERROR');
    const ids = raw['FILE_ID'] === undefined ? params.UPLOAD_ID : params.FILE_ID;
    if (ids.length === 0) return fail('SAVE_ERROR');
    const outcome = await commitFiles(messenger, caller, dialog, ids, params.MESSAGE ?? '');
    if (!outcome.ok) return fail(outcome.reason === 'no_file' || outcome.reason === 'no_room' ? 'SAVE_ERROR' : 'ACCESS_ERROR');
    const { files, messageId, sender } = outcome.value;
    const { zone, linkSecret } = await messenger.settings();
    const links = pageLinks(origin, linkSecret, caller.userId, messenger.clock.now());
    const each = <V>(view: (brought: (typeof files)[number]) => V) => Object.fromEntries(files.map((brought) => [`upload${brought.given}`, view(brought)]));
    return {
      FILES: each(({ file }) => viewFile(file, zone, file.created_by === sender.id ? fullName(sender) : '', links)),
      DISK_ID: files.map(({ file }) => String(file.id)),
      FILE_MODELS: each(({ file }) => viewFileModel(file, zone, links)),
      MESSAGE_ID: messageId,
    };
  },
});

const named = z.strictObject({ id: z.int(), name: z.string() });
const fileIdEmpty = error('FILE_ID_EMPTY', 400, "File ID can't be empty");

const fileSave = defineMethod({
  name: 'im.disk.file.save',
  scope: 'im',
  summary: 'Copies a file of a chat to the caller\'s own files',
  params: {
    FILE_ID: optionalId({ description: 'Number of the file', error: 'FILE_ID_EMPTY' }),
    DISK_ID: optionalId({ description: 'The same, as it was called before', error: 'FILE_ID_EMPTY' }),
  },
  example: { FILE_ID: 12 },
  result: z.strictObject({ folder: named.describe('The folder of saved files'), file: named.describe('The copy') }),
  errors: { FILE_ID_EMPTY: fileIdEmpty, FILE_SAVE_ERROR: error('FILE_SAVE_ERROR', 400, "File ID can't be saved") },
  async run({ context, caller, params, fail }) {
    const outcome = await saveFile(context.messenger, caller, params.FILE_ID ?? params.DISK_ID ?? fail('FILE_ID_EMPTY'));
    if (!outcome.ok) return fail('FILE_SAVE_ERROR');
    const { folder, file } = outcome.value;
    return { folder: { id: folder.id, name: folder.name }, file: { id: file.id, name: file.name } };
  },
});

const fileDelete = defineMethod({
  name: 'im.disk.file.delete',
  scope: 'im',
  summary: 'Deletes a file that the caller has sent into a chat: true also where another member sent it, and it stays; false without access',
  params: {
    CHAT_ID: id({ description: 'Number of the chat', error: 'CHAT_ID_EMPTY' }),
    FILE_ID: optionalId({ description: 'Number of the file', error: 'FILE_ID_EMPTY' }),
    DISK_ID: optionalId({ description: 'The same, as it was called before', error: 'FILE_ID_EMPTY' }),
  },
  example: { CHAT_ID: 5, FILE_ID: 12 },
  result: z.boolean(),
  errors: { CHAT_ID_EMPTY: chatIdEmpty, FILE_ID_EMPTY: fileIdEmpty },
  async run({ context: { messenger }, caller, params, fail }) {
    const fileId = params.FILE_ID ?? params.DISK_ID ?? fail('FILE_ID_EMPTY');
    const found = await findFile(messenger, caller, fileId);
    if (!found.ok || found.value.owner_kind !== 'chat' || found.value.owner_id !== params.CHAT_ID) return false;
    if (found.value.created_by !== caller.userId) return true;
    return (await deleteFile(messenger, caller, fileId)).ok;
  },
});

export const imDiskMethods = [folderGet, fileCommit, fileSave, fileDelete];
