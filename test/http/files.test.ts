/** Files of chats: sent, shown, fetched, deleted. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { base64, fetchBytes, postFile, type Sent, sendFile, type WireFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Files', USERS: [boris.userId] });
});
afterAll(() => portal[Symbol.asyncDispose]());

interface History {
  messages: Array<{ id: number; text: string; params: { FILE_ID?: number[] } | [] }>;
  users: Array<{ id: number }>;
  files: WireFile[];
}

const history = (client: Client, dialog: string | number = `chat${chat}`) => client.call<History>('im.dialog.messages.get', { DIALOG_ID: dialog });
const row = async (client: Client, id: string | number = `chat${chat}`) =>
  (await client.call<Array<{ id: string | number; message: { id: number; file: boolean; text: string } }>>('im.recent.get')).find((item) => item.id === id)!;

describe('a file sent in one call', () => {
  const bytes = randomBytes(5000);
  let sent: Sent;
  beforeAll(async () => {
    sent = await sendFile(anna, `chat${chat}`, 'Größe.bin', bytes, 'See [b]this[/b]');
  });

  test('is told of with its message', () => {
    expect(sent).toMatchObject({ chatId: chat, dialogId: `chat${chat}`, file: { chatId: chat, name: 'Größe.bin', extension: 'bin', size: 5000, type: 'file', authorId: anna.userId, authorName: 'Anna', image: false } });
  });

  test('shows in the rows of all members', async () => {
    for (const who of [anna, boris]) expect((await row(who)).message).toMatchObject({ id: sent.messageId, file: true, text: 'See this [File]' });
  });

  test('is among the files of the history and of a search', async () => {
    for (const who of [anna, boris]) {
      const page = await history(who);
      expect(page.messages[0]).toMatchObject({ id: sent.messageId, params: { FILE_ID: [sent.file.id] } });
      expect(page.files).toMatchObject([{ id: sent.file.id, name: 'Größe.bin', authorName: 'Anna' }]);
      const found = await who.call<History>('im.dialog.messages.search', { CHAT_ID: chat, SEARCH_MESSAGE: 'See' });
      expect(found.files.map(({ id }) => id)).toEqual([sent.file.id]);
    }
  });

  test('is fetched as it was, by every address that names it', async () => {
    const [{ urlDownload, urlShow }] = (await history(boris)).files as [WireFile];
    const { downloadUrl } = await boris.call<{ downloadUrl: string }>('im.v2.File.download', { dialogId: `chat${chat}`, fileId: sent.file.id });
    const { DOWNLOAD_URL } = await boris.call<{ DOWNLOAD_URL: string }>('disk.file.get', { id: sent.file.id });
    for (const url of [urlDownload, urlShow, downloadUrl, DOWNLOAD_URL]) expect((await fetchBytes(url)).equals(bytes)).toBe(true);
  });
});

test('the steps of the older methods: folder, upload, commit', async () => {
  const { ID } = await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
  expect(await boris.call('im.disk.folder.get', { DIALOG_ID: `chat${chat}` })).toEqual({ ID });
  const direct = await anna.call<{ ID: number }>('disk.folder.uploadfile', { id: ID, data: { NAME: 'direct.txt' }, fileContent: ['x.txt', base64('direct')] });
  const { field, uploadUrl } = await anna.call<{ field: string; uploadUrl: string }>('disk.folder.uploadFile', { id: ID });
  const posted = await postFile(uploadUrl, 'posted.txt', Buffer.from('posted'), field);
  expect(posted).toMatchObject({ status: 200, body: { result: { NAME: 'posted.txt', SIZE: '6' } } });
  const ids = [direct.ID, posted.body.result!.ID];
  const committed = await anna.call<{ FILES: Record<string, WireFile>; DISK_ID: string[]; MESSAGE_ID: number }>('im.disk.file.commit', { CHAT_ID: chat, UPLOAD_ID: ids, MESSAGE: 'two' });
  expect(committed.DISK_ID).toEqual(ids.map(String));
  expect(Object.keys(committed.FILES)).toEqual(ids.map((id) => `upload${id}`));
  expect((await row(boris)).message).toMatchObject({ id: committed.MESSAGE_ID, file: true, text: 'two [File]' });
  const page = await history(boris);
  expect(page.files.filter(({ id }) => ids.includes(id)).map(({ name }) => name)).toEqual(['direct.txt', 'posted.txt']);
  expect((await fetchBytes(page.files.find(({ id }) => id === ids[1])!.urlDownload)).toString()).toBe('posted');
});

test('what no message shows yet is its uploader\'s alone', async () => {
  const { ID } = await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
  const file = await anna.call<{ ID: number }>('disk.folder.uploadfile', { id: ID, data: { NAME: 'draft.txt' }, fileContent: ['x', base64('draft')] });
  const names = async (who: Client) => (await who.call<Array<{ NAME: string }>>('disk.folder.getchildren', { id: ID })).map(({ NAME }) => NAME);
  expect(await names(anna)).toContain('draft.txt');
  expect(await names(boris)).not.toContain('draft.txt');
  expect(await boris.fails('disk.file.get', { id: file.ID })).toMatchObject({ error: 'ACCESS_DENIED' });
  expect(await boris.fails('im.disk.file.commit', { CHAT_ID: chat, FILE_ID: [file.ID] })).toMatchObject({ error: 'SAVE_ERROR' });
  expect(await boris.fails('im.message.add', { DIALOG_ID: `chat${chat}`, FILE_ID: [file.ID] })).toMatchObject({ error: 'FILE_NOT_FOUND' });
});

test('who is no member reaches nothing, by whatever method, and an address ends with the membership', async () => {
  const guest = await portal.addUser('Leaver');
  await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [guest.userId] });
  const { file } = await sendFile(anna, `chat${chat}`, 'secret.txt', 'secret');
  const { ID } = await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
  const { urlDownload } = (await history(guest)).files.find(({ id }) => id === file.id)!;
  const { uploadUrl } = await guest.call<{ uploadUrl: string }>('disk.folder.uploadFile', { id: ID });
  expect((await fetchBytes(urlDownload)).toString()).toBe('secret');
  await guest.call('im.chat.leave', { CHAT_ID: chat });
  expect((await fetch(urlDownload)).status).toBe(404);
  expect(await postFile(uploadUrl, 'late.txt', Buffer.from('late'))).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
  for (const who of [guest, clara]) {
    expect(await who.fails('im.v2.File.upload', { dialogId: `chat${chat}`, fields: { name: 'a', content: base64('a') } })).toMatchObject({ error: 'ACCESS_DENIED' });
    expect(await who.fails('im.v2.File.download', { dialogId: `chat${chat}`, fileId: file.id })).toMatchObject({ error: 'ACCESS_DENIED' });
    expect(await who.fails('im.disk.folder.get', { CHAT_ID: chat })).toMatchObject({ error: 'ACCESS_ERROR' });
    expect(await who.fails('im.disk.file.commit', { CHAT_ID: chat, FILE_ID: [file.id] })).toMatchObject({ error: 'ACCESS_ERROR' });
    expect(await who.fails('im.disk.file.commit', { DIALOG_ID: who.userId, FILE_ID: [file.id] })).toMatchObject({ error: 'SAVE_ERROR' });
    expect(await who.fails('im.message.add', { DIALOG_ID: who.userId, MESSAGE: 'x', FILE_ID: [file.id] })).toMatchObject({ error: 'FILE_NOT_FOUND' });
    expect(await who.fails('im.disk.file.save', { FILE_ID: file.id })).toMatchObject({ error: 'FILE_SAVE_ERROR' });
    expect(await who.call('im.disk.file.delete', { CHAT_ID: chat, FILE_ID: file.id })).toBe(false);
    for (const method of ['disk.file.get', 'disk.file.delete', 'disk.file.getExternalLink']) expect(await who.fails(method, { id: file.id })).toMatchObject({ error: expect.stringMatching('ACCESS_DENIED|NOT_FOUND') });
    for (const method of ['disk.folder.getchildren', 'disk.folder.uploadfile']) expect(await who.fails(method, { id: ID })).toMatchObject({ error: 'ACCESS_DENIED' });
    expect(await who.fails('disk.folder.addsubfolder', { id: ID, data: { NAME: 'x' } })).toMatchObject({ error: 'ACCESS_DENIED' });
  }
  expect((await fetchBytes((await history(boris)).files.find(({ id }) => id === file.id)!.urlDownload)).toString()).toBe('secret');
});

test('who joins with the history hidden gets only the files that they may see', async () => {
  const group = await anna.call<number>('im.chat.add', { TITLE: 'Hidden' });
  const before = await sendFile(anna, `chat${group}`, 'before.txt', 'before');
  await anna.call('im.chat.user.add', { CHAT_ID: group, USERS: [clara.userId], HIDE_HISTORY: 'Y' });
  const after = await sendFile(anna, `chat${group}`, 'after.txt', 'after');
  const { ID } = await clara.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: group });
  expect((await clara.call<Array<{ NAME: string }>>('disk.folder.getchildren', { id: ID })).map(({ NAME }) => NAME)).toEqual(['after.txt']);
  expect(await clara.fails('disk.file.get', { id: before.file.id })).toMatchObject({ error: 'ACCESS_DENIED' });
  expect(await clara.fails('im.v2.File.download', { dialogId: `chat${group}`, fileId: before.file.id })).toMatchObject({ error: 'FILE_NOT_FOUND' });
  expect((await history(clara, `chat${group}`)).files.map(({ id }) => id)).toEqual([after.file.id]);
});
