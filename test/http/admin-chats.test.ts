/** All chats there are, as administrators look at them, and deleting one with all that is in it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Listed {
  id: number;
  kind: string;
  title: string;
  members: number;
  messages: number;
  file_bytes: number;
}

const list = (params: Record<string, unknown> = {}) => admin.call<Listed[]>('tidemark.chats.list', params);
const say = (who: Client, chat: number, count: number) => Promise.all(Array.from({ length: count }, () => who.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'said' })));

test('chats that the administrator is not in, by title, kind, size and activity', async () => {
  const small = await anna.call<number>('im.chat.add', { TITLE: 'Größe small' });
  const large = await anna.call<number>('im.chat.add', { TITLE: 'Large and loud', USERS: [boris.userId] });
  await say(anna, large, 5);
  await say(anna, small, 1);
  await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'said' });
  await anna.call('im.v2.File.upload', { DIALOGID: `chat${large}`, FIELDS: { name: 'said.txt', content: Buffer.from('x'.repeat(1000)).toString('base64') } });
  for (const FIND of ['grö', 'SMALL größe', String(small)]) expect((await list({ FIND })).map(({ id }) => id), FIND).toContain(small);
  expect(await list({ FIND: 'rge' })).toEqual([]);
  const [most] = await list({ SORT: 'messages' });
  expect(most).toMatchObject({ id: large, kind: 'group', members: 2, owner: { id: anna.userId, name: 'Anna' }, file_bytes: 1000, entity: '' });
  expect((await list({ SORT: 'files' }))[0]!.id).toBe(large);
  expect((await list({ KIND: 'dialog' }))[0]).toMatchObject({ kind: 'dialog', title: 'Anna – Boris', owner: false, members: 2 });
  expect(await admin.call('tidemark.chats.members', { CHAT_ID: large })).toMatchObject([
    { id: anna.userId, name: 'Anna', role: 'owner', active: true }, { id: boris.userId, name: 'Boris', role: 'member' },
  ]);
});

test('a chat is deleted with its members, messages and files; nobody has anything of it any more', async () => {
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Doomed', USERS: [boris.userId, admin.userId] });
  await say(anna, chat, 120);
  await boris.call('im.v2.File.upload', { DIALOGID: `chat${chat}`, FIELDS: { name: 'said.txt', content: 'c2FpZA==' } });
  const before = await boris.call<{ TYPE: { CHAT: number } }>('im.counters.get');
  expect(before.TYPE.CHAT).toBeGreaterThan(0);
  const tokens = new Map<Client, string>();
  for (const who of [anna, boris, admin]) tokens.set(who, (await who.call<{ token: string }>('tidemark.recent.changes')).token);
  expect(await admin.call('tidemark.chats.delete', { CHAT_ID: chat })).toEqual({ left: 0 });
  for (const who of [anna, boris, admin]) {
    expect(JSON.stringify(await who.call('im.recent.get'))).not.toContain('Doomed');
    expect(await who.fails('im.dialog.messages.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ status: 403, error: 'ACCESS_ERROR' });
  }
  for (const who of [anna, boris, admin]) {
    const { items } = await who.call<{ items: Array<{ chat_id: number }> }>('im.recent.list');
    expect([...items, ...(await who.call<Array<{ chat_id: number }>>('im.recent.get'))].map((item) => item.chat_id)).not.toContain(chat);
    const changes = await who.call<{ removed: string[]; items: Array<{ id: string }> }>('tidemark.recent.changes', { TOKEN: tokens.get(who)! });
    expect(changes.removed.map(String)).toContain(`chat${chat}`);
    expect(changes.items.map(({ id }) => String(id))).not.toContain(`chat${chat}`);
  }
  expect(await boris.call('im.search.chat.list', { FIND: 'Doomed' })).toEqual([]);
  expect(await list({ FIND: 'Doomed' })).toEqual([]);
  expect((await list()).map(({ id }) => id)).not.toContain(chat);
  const { db } = portal.server.context;
  const rows = await db.read(async (s) => [
    await s.query((q) => q.selectFrom('message').select('id').where('chat_id', '=', chat)), await s.query((q) => q.selectFrom('disk_object').select('id').where('owner_kind', '=', 'chat').where('owner_id', '=', chat).where('kind', '=', 'file')),
  ]);
  expect(rows).toEqual([[], []]);
  expect(await admin.call('tidemark.chats.delete', { CHAT_ID: chat })).toEqual({ left: 0 });
});
