/** Files and folders by their ids, and what becomes of messages when their files go. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { base64, fetchBytes, ownFiles, type Sent, sendFile, type WireFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
});
beforeEach(async () => {
  [anna, boris] = [await portal.addUser('Anna', { last_name: 'Weber' }), await portal.addUser('Boris')];
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Files', USERS: [boris.userId] });
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Item {
  ID: string;
  NAME: string;
  TYPE: string;
  PARENT_ID: string;
  STORAGE_ID: string;
  DOWNLOAD_URL: string;
}

const storage = async (who: Client) => (await who.call<Array<{ ID: string; ROOT_OBJECT_ID: string }>>('disk.storage.getList'))[0]!;
const children = (who: Client, id: number | string, params = {}) => who.call<Item[]>('disk.folder.getChildren', { id, ...params });
const history = (who: Client) => who.call<{ messages: Array<{ id: number; text: string; params: { FILE_ID?: number[] } }>; files: WireFile[] }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}` });
const rowOf = async (who: Client) => (await who.call<Array<{ id: unknown; message: object }>>('im.recent.get')).find(({ id }) => id === `chat${chat}`)!.message;
/** Whether some file has its bytes in the content. */
const isKept = async (bytes: string) => {
  const { createHash } = await import('node:crypto');
  const name = createHash('sha256').update(bytes).digest('hex');
  const found = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('blob').select('unused_at').where('name', '=', name)));
  return found[0]?.unused_at === 0;
};

test('everybody has a storage, the same whenever they ask', async () => {
  const [first, again, others] = [await storage(anna), await storage(anna), await storage(boris)];
  expect(again).toEqual(first);
  expect(first).toMatchObject({ NAME: 'Anna Weber', ENTITY_TYPE: 'user', ENTITY_ID: String(anna.userId), MODULE_ID: 'disk' });
  expect(others.ID).not.toBe(first.ID);
  expect(await anna.call('disk.storage.getList', { filter: { ENTITY_TYPE: 'common' } })).toEqual([]);
  expect(await anna.call('disk.storage.getList', { filter: { '=ENTITY_ID': anna.userId } })).toHaveLength(1);
});

describe('a folder', () => {
  test('holds files and folders, in the order that is asked for, fifty at a time', async () => {
    const { ROOT_OBJECT_ID: root } = await storage(anna);
    const folder = await anna.call<{ ID: number; PARENT_ID: string }>('disk.folder.addSubfolder', { id: root, data: { NAME: 'Many' } });
    expect(folder.PARENT_ID).toBe(root);
    const put = (name: string) => anna.call('disk.folder.uploadFile', { id: folder.ID, data: { NAME: name }, fileContent: ['x', base64(name)] });
    for (let at = 0; at < 60; at += 1) await put(`file ${String(at).padStart(2, '0')}.txt`);
    await anna.call('disk.folder.addSubfolder', { id: folder.ID, data: { NAME: 'a folder' } });
    const first = await anna.raw('disk.folder.getChildren', { id: folder.ID, order: { NAME: 'ASC' } });
    expect([first.body['total'], first.body['next']]).toEqual([61, 50]);
    const rest = await anna.raw('disk.folder.getChildren', { id: folder.ID, order: { NAME: 'ASC' }, start: 50 });
    const names = [first, rest].flatMap(({ body }) => body.result as Item[]).map(({ NAME }) => NAME);
    expect(names).toEqual(['a folder', ...Array.from({ length: 60 }, (_, at) => `file ${String(at).padStart(2, '0')}.txt`)]);
    expect((await children(anna, folder.ID, { filter: { TYPE: 'folder' } })).map(({ NAME }) => NAME)).toEqual(['a folder']);
    expect((await children(anna, folder.ID, { filter: { NAME: 'file 07.txt' } })).map(({ NAME }) => NAME)).toEqual(['file 07.txt']);
    expect(await anna.fails('disk.folder.getChildren', { id: folder.ID, filter: { '%NAME': 'file' } })).toMatchObject({ error: 'ERROR_ARGUMENT' });
    expect(await boris.fails('disk.folder.getChildren', { id: folder.ID })).toMatchObject({ error: 'ACCESS_DENIED' });
  });

  test('of a chat may have folders, whose files can be sent too', async () => {
    const { ID } = await boris.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
    const folder = await boris.call<{ ID: number }>('disk.folder.addSubfolder', { id: ID, data: { NAME: 'Reports' } });
    expect((await children(anna, ID)).map(({ NAME }) => NAME)).toEqual(['Reports']);
    const file = await boris.call<{ ID: number }>('disk.folder.uploadFile', { id: folder.ID, data: { NAME: 'a.txt' }, fileContent: ['a.txt', base64('a')] });
    await boris.call('im.disk.file.commit', { CHAT_ID: chat, FILE_ID: file.ID });
    expect((await children(anna, folder.ID)).map(({ ID: id }) => id)).toEqual([String(file.ID)]);
  });

  test('of a chat takes nothing from whoever may not write there', async () => {
    const channel = await anna.call<number>('im.chat.add', { TITLE: 'Channel', TYPE: 'CHANNEL', USERS: [boris.userId] });
    const { ID } = await boris.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: channel });
    for (const params of [{}, { data: { NAME: 'a' }, fileContent: ['a', base64('a')] }]) expect(await boris.fails('disk.folder.uploadFile', { id: ID, ...params })).toMatchObject({ error: 'ACCESS_DENIED' });
    expect(await boris.fails('im.v2.File.upload', { dialogId: `chat${channel}`, fields: { name: 'a', content: 'YQ==' } })).toMatchObject({ error: 'ACCESS_DENIED' });
    await sendFile(anna, `chat${channel}`, 'a.txt', 'a');
  });
});

test('what is sent from one\'s own files, or from another chat, is a copy', async () => {
  const [own] = await ownFiles(anna, 1);
  const committed = await anna.call<{ DISK_ID: string[]; FILES: Record<string, WireFile> }>('im.disk.file.commit', { CHAT_ID: chat, FILE_ID: own });
  const [copy] = committed.DISK_ID;
  expect(copy).not.toBe(String(own));
  expect(committed.FILES[`upload${own}`]).toMatchObject({ id: Number(copy), chatId: chat });
  await anna.call('disk.file.delete', { id: own });
  expect((await fetchBytes((await history(boris)).files[0]!.urlDownload)).toString()).toBe('own');
  const other = await boris.call<number>('im.chat.add', { TITLE: 'Other' });
  await boris.call('im.message.add', { DIALOG_ID: `chat${other}`, FILE_ID: [copy] });
  await anna.call('disk.file.delete', { id: copy });
  const page = await boris.call<{ files: WireFile[] }>('im.dialog.messages.get', { DIALOG_ID: `chat${other}` });
  expect(page.files).toMatchObject([{ name: 'own.txt', chatId: other, authorId: boris.userId }]);
});

test('a file that is saved is one\'s own, also after it has gone from the chat', async () => {
  const { file } = await sendFile(anna, `chat${chat}`, 'plan.txt', 'plan');
  for (const name of ['plan.txt', 'plan (1).txt']) {
    const saved = await boris.call<{ folder: { id: number; name: string }; file: { id: number; name: string } }>('im.disk.file.save', { FILE_ID: file.id });
    expect(saved).toMatchObject({ folder: { name: 'Saved Files' }, file: { name } });
    expect((await children(boris, saved.folder.id)).map(({ NAME }) => NAME)).toContain(name);
  }
  await anna.call('im.disk.file.delete', { CHAT_ID: chat, FILE_ID: file.id });
  const [folder] = await children(boris, (await storage(boris)).ID);
  const [saved] = await children(boris, folder!.ID);
  expect((await fetchBytes(saved!.DOWNLOAD_URL)).toString()).toBe('plan');
});

describe('when a file goes', () => {
  let sent: Sent;
  beforeEach(async () => {
    sent = await sendFile(anna, `chat${chat}`, 'gone.txt', `gone ${chat}`, '');
  });

  const seen = () => boris.call('im.dialog.read', { DIALOG_ID: `chat${chat}`, MESSAGE_ID: sent.messageId });

  test('a message that nobody has seen goes with it', async () => {
    expect(await anna.call('im.disk.file.delete', { CHAT_ID: chat, FILE_ID: sent.file.id })).toBe(true);
    expect((await history(boris)).messages.some(({ id }) => id === sent.messageId)).toBe(false);
  });

  test('one that was seen says so, and the rows with it', async () => {
    await seen();
    expect(await anna.call('im.disk.file.delete', { CHAT_ID: chat, FILE_ID: sent.file.id })).toBe(true);
    for (const who of [anna, boris]) expect(await rowOf(who)).toMatchObject({ id: sent.messageId, file: false, text: 'This message has been deleted.' });
    const page = await history(boris);
    expect([page.messages[0], page.files]).toMatchObject([{ id: sent.messageId, params: { IS_DELETED: 'Y' } }, []]);
    expect(await isKept(`gone ${chat}`)).toBe(false);
  });

  test('one with a text, or with another file, stays without it', async () => {
    const { ID } = await anna.call<{ ID: number }>('im.disk.folder.get', { CHAT_ID: chat });
    const more = await anna.call<{ ID: number }>('disk.folder.uploadFile', { id: ID, data: { NAME: 'more.txt' }, fileContent: ['x', base64('more')] });
    const { MESSAGE_ID } = await anna.call<{ MESSAGE_ID: number }>('im.disk.file.commit', { CHAT_ID: chat, FILE_ID: [sent.file.id, more.ID], MESSAGE: 'both' });
    await anna.call('disk.file.delete', { id: sent.file.id });
    const page = await history(boris);
    expect(page.messages[0]).toMatchObject({ id: MESSAGE_ID, text: 'both', params: { FILE_ID: [more.ID] } });
    expect(page.files.map(({ id }) => id)).toEqual([more.ID]);
    await anna.call('disk.file.delete', { id: more.ID });
    expect(await rowOf(boris)).toMatchObject({ id: MESSAGE_ID, text: 'both', file: false });
  });

  test('by another member it does not, by a manager it does', async () => {
    expect(await boris.call('im.disk.file.delete', { CHAT_ID: chat, FILE_ID: sent.file.id })).toBe(true);
    expect(await boris.fails('disk.file.delete', { id: sent.file.id })).toMatchObject({ error: 'ACCESS_DENIED' });
    expect((await history(boris)).files).toHaveLength(1);
    const by = await sendFile(boris, `chat${chat}`, 'b.txt', 'b');
    await anna.call('disk.file.delete', { id: by.file.id });
    expect((await history(boris)).files.map(({ id }) => id)).toEqual([sent.file.id]);
  });

  test('it leaves every message that shows it, however many', async () => {
    await seen();
    for (let at = 0; at < 60; at += 1) await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `${at}`, FILE_ID: [sent.file.id] });
    await anna.call('disk.file.delete', { id: sent.file.id });
    const page = await boris.call<{ messages: Array<{ text: string; params: object }>; files: unknown[] }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 50 });
    expect(page.files).toEqual([]);
    expect(page.messages.every(({ params }) => !('FILE_ID' in params))).toBe(true);
    expect(await rowOf(boris)).toMatchObject({ text: '59', file: false });
  });
});

describe('when a message goes', () => {
  test('its file goes with it, and the last who refers to the bytes', async () => {
    const bytes = `message ${chat}`;
    const [first, second] = [await sendFile(anna, `chat${chat}`, 'a.txt', bytes), await sendFile(anna, `chat${chat}`, 'b.txt', bytes)];
    await boris.call('im.dialog.read', { DIALOG_ID: `chat${chat}` });
    await anna.call('im.message.delete', { MESSAGE_ID: first.messageId });
    expect(await isKept(bytes)).toBe(true);
    expect((await history(boris)).files.map(({ id }) => id)).toEqual([second.file.id]);
    expect(await anna.fails('disk.file.get', { id: first.file.id })).toMatchObject({ error: 'ERROR_NOT_FOUND' });
    await anna.call('im.message.delete', { MESSAGE_ID: second.messageId });
    expect(await isKept(bytes)).toBe(false);
  });

  test('a file that another message shows stays', async () => {
    const sent = await sendFile(anna, `chat${chat}`, 'a.txt', 'a');
    const again = await anna.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'again', FILE_ID: [sent.file.id] });
    await anna.call('im.message.delete', { MESSAGE_ID: sent.messageId });
    expect((await history(boris)).files.map(({ id }) => id)).toEqual([sent.file.id]);
    await anna.call('im.message.delete', { MESSAGE_ID: again });
    expect(await anna.fails('disk.file.get', { id: sent.file.id })).toMatchObject({ error: 'ERROR_NOT_FOUND' });
  });
});
