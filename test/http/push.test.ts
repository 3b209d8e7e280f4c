/** Our stream: whoever is connected is told at once, in absolute values, and misses nothing over a lost connection. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { markEverything } from '../../src/db/stores/mark-store.ts';
import type { Client } from '../support/client.ts';
import { byEvents, bySocket, type Connect, type Connection, isEvent, openSocket } from '../support/push.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let ann: Client;
let ben: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
  chat = await ann.call<number>('im.chat.add', { TITLE: 'Three', USERS: [ben.userId, 1] });
});

const rowOf = async (client: Client, id: unknown) => (await client.call<any>('im.recent.list', { LIMIT: 50 })).items.find((row: any) => row.id === id);
const totalsOf = async (client: Client) => (await client.call<any>('im.counters.get')).TYPE;
const send = (client: Client, dialogId: unknown, text = 'Hello') => client.call<number>('im.message.add', { DIALOG_ID: dialogId, MESSAGE: text });

async function ready(connect: Connect, client: Client, since?: string): Promise<Connection> {
  const heard = await connect(client, since);
  await heard.take(isEvent('ready'));
  return heard;
}

describe.each<[string, Connect]>([['events', byEvents], ['socket', bySocket]])('by %s', (_name, connect) => {
  test('it begins with the counters and a token that the list goes on from', async () => {
    await send(ann, ben.userId);
    await using heard = await connect(ben);
    const first = await heard.take(isEvent('ready'));
    expect(first).toMatchObject({ token: expect.any(String), data: { user_id: ben.userId, reset_required: false, counters: await ben.call('im.counters.get') } });
    expect(await ben.call('tidemark.recent.changes', { TOKEN: first.token })).toMatchObject({ items: [], reset_required: false });
  });

  test('a message comes with its row and the totals', async () => {
    await using heard = await ready(connect, ben);
    const id = await send(ann, ben.userId);
    const message = await heard.take(isEvent('message'));
    const { messages, users } = await ben.call<any>('im.dialog.messages.get', { DIALOG_ID: ann.userId, LIMIT: 1 });
    expect(message.data).toEqual({ dialog_id: ann.userId, chat_id: messages[0].chat_id, action: 'added', message: messages[0], users: [expect.objectContaining({ id: users[0].id, name: 'Ann' })], files: [] });
    expect(message.data['message'].id).toBe(id);
    const list = await heard.take(isEvent('list'));
    const active = { user: expect.objectContaining({ id: ann.userId, name: 'Ann' }) };
    expect(list.data).toEqual({ items: [{ ...(await rowOf(ben, ann.userId)), ...active }], removed: [], users: [], counters: await totalsOf(ben) });
    expect(list.token).toBeDefined();
  });

  test('a file comes with addresses that are the receiver\'s own', async () => {
    await using heard = await ready(connect, ben);
    const { file } = await ann.call<any>('im.v2.File.upload', { dialogId: `chat${chat}`, fields: { name: 'a.txt', content: Buffer.from('text').toString('base64') } });
    const { data } = await heard.take(isEvent('message', ({ files }) => files.length > 0));
    expect(data['files']).toMatchObject([{ id: file.id, name: 'a.txt' }]);
    expect(await (await fetch(data['files'][0].urlDownload)).text()).toBe('text');
  });

  test('edits, deletions and reactions', async () => {
    const [kept, gone] = [await send(ann, `chat${chat}`), await send(ann, `chat${chat}`)];
    await using heard = await ready(connect, ben);
    await ann.call('im.message.update', { MESSAGE_ID: kept, MESSAGE: 'Better' });
    expect((await heard.take(isEvent('message'))).data).toMatchObject({ action: 'updated', message: { id: kept, text: 'Better' } });
    await ann.call('im.message.like', { MESSAGE_ID: kept });
    expect((await heard.take(isEvent('reaction'))).data).toEqual({ dialog_id: `chat${chat}`, chat_id: chat, message_id: kept, reactions: { like: [ann.userId] } });
    await ann.call('im.message.delete', { MESSAGE_ID: gone });
    expect((await heard.take(isEvent('message'))).data).toMatchObject({ action: 'erased', message: { id: gone }, users: [], files: [] });
    await ben.call('im.dialog.read', { DIALOG_ID: `chat${chat}`, MESSAGE_ID: kept });
    await ann.call('im.message.delete', { MESSAGE_ID: kept });
    expect((await heard.take(isEvent('message'))).data).toMatchObject({ action: 'deleted', message: { id: kept, params: { IS_DELETED: 'Y' } } });
  });

  test('who has read how far: the others, and one\'s own other devices', async () => {
    const id = await send(ann, `chat${chat}`);
    await using others = await ready(connect, ann);
    await using own = await ready(connect, ben);
    await ben.call('im.dialog.read', { DIALOG_ID: `chat${chat}`, MESSAGE_ID: id });
    const said = { dialog_id: `chat${chat}`, chat_id: chat, user_id: ben.userId, last_id: id, date: expect.any(String) };
    expect((await others.take(isEvent('read'))).data).toEqual(said);
    expect((await own.take(isEvent('read'))).data).toEqual(said);
    expect((await own.take(isEvent('list'))).data).toMatchObject({ items: [{ id: `chat${chat}`, counter: 0 }], counters: { ALL: 0 } });
  });

  test('what one does to a row comes to one\'s devices alone', async () => {
    await send(ann, `chat${chat}`);
    await using heard = await ready(connect, ben);
    await using other = await ready(connect, ann);
    for (const [method, params, like] of [
      ['im.recent.pin', { DIALOG_ID: `chat${chat}` }, { items: [{ id: `chat${chat}`, pinned: true }] }],
      ['im.recent.unread', { DIALOG_ID: `chat${chat}` }, { items: [{ unread: true }] }],
      ['im.chat.mute', { CHAT_ID: chat }, { items: [{ id: `chat${chat}` }], counters: { ALL: 0 } }],
      ['im.recent.hide', { DIALOG_ID: `chat${chat}` }, { items: [], removed: [`chat${chat}`] }],
    ] as const) {
      await ben.call(method, params);
      expect((await heard.take(isEvent('list'))).data).toMatchObject(like);
    }
    expect(other.heard.filter(isEvent('list'))).toEqual([]);
  });

  test('what becomes of a chat, who comes and who goes', async () => {
    const cleo = await portal.addUser('Cleo');
    await using heard = await ready(connect, ben);
    await ann.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'Other' });
    expect((await heard.take(isEvent('chat'))).data).toEqual({ dialog_id: `chat${chat}`, chat_id: chat, change: 'title', joined: [], left: [], user_count: 3 });
    await ann.call('im.chat.setOwner', { CHAT_ID: chat, USER_ID: ben.userId });
    expect((await heard.take(isEvent('chat'))).data).toMatchObject({ change: 'owner,managers' });
    await ben.call('im.chat.user.add', { CHAT_ID: chat, USERS: [cleo.userId] });
    expect((await heard.take(isEvent('chat'))).data).toMatchObject({ change: 'members', joined: [cleo.userId], left: [], user_count: 4 });
    await cleo.call('im.chat.leave', { CHAT_ID: chat });
    expect((await heard.take(isEvent('chat'))).data).toMatchObject({ change: 'members', joined: [], left: [cleo.userId], user_count: 3 });
    await ben.call('im.chat.leave', { CHAT_ID: chat });
    expect((await heard.take(isEvent('chat'))).data).toMatchObject({ change: 'left', left: [ben.userId] });
    expect((await heard.take(isEvent('list'))).data).toMatchObject({ items: [], removed: [`chat${chat}`] });
  });

  test('notifications, with how many are unread', async () => {
    await using heard = await ready(connect, ben);
    const id = await ann.call<number>('im.notify.personal.add', { USER_ID: ben.userId, MESSAGE: 'Look' });
    const { notifications } = await ben.call<any>('im.notify.get');
    expect((await heard.take(isEvent('notification'))).data).toEqual({ added: notifications, changed: [], deleted: [], counter: 1 });
    expect((await heard.take(isEvent('list'))).data).toMatchObject({ counters: { ALL: 2, NOTIFY: 1 } });
    await ben.call('im.notify.read', { ID: id });
    expect((await heard.take(isEvent('notification'))).data).toMatchObject({ changed: [{ id, notify_read: 'Y' }], counter: 0 });
    await ben.call('im.notify.delete', { ID: id });
    expect((await heard.take(isEvent('notification'))).data).toMatchObject({ deleted: [id], counter: 0 });
  });

  test('who is writing, and who comes and goes', async () => {
    await send(ben, ann.userId);
    await using heard = await ready(connect, ann);
    await ben.call('im.dialog.writing', { DIALOG_ID: `chat${chat}` });
    expect(await heard.take(isEvent('writing'))).toEqual({ event: 'writing', token: undefined, data: { dialog_id: `chat${chat}`, chat_id: chat, user_id: ben.userId, user_name: 'Ben', action: 'text' } });
    await ben.call('im.dialog.writing', { DIALOG_ID: ann.userId, ACTION: 'VOICE' });
    expect((await heard.take(isEvent('writing'))).data).toMatchObject({ dialog_id: ben.userId, action: 'voice' });
    const other = await ready(connect, ben);
    const of = (online: boolean) => isEvent('presence', ({ users }) => users.some((user: any) => user.id === ben.userId && user.online === online));
    expect((await heard.take(of(true))).data['users']).toMatchObject([{ id: ben.userId, status: 'online', online: true }]);
    await other.close();
    await heard.take(of(false));
  });

  test('people who look different come as they are, with the rows that are theirs', async () => {
    await send(ben, ann.userId);
    await using heard = await ready(connect, ann);
    await portal.admin.call('user.update', { ID: ben.userId, NAME: 'Benedict' });
    expect((await heard.take(isEvent('list'))).data).toMatchObject({ users: [{ id: ben.userId, name: 'Benedict' }], items: [{ id: ben.userId, title: 'Benedict' }] });
  });

  test('what was missed comes after the token, once more after one that is older', async () => {
    const before = await ready(connect, ben);
    const token = before.token!;
    await before.close();
    const id = await send(ann, `chat${chat}`, 'Missed');
    for (let time = 0; time < 2; time++) {
      await using heard = await connect(ben, token);
      expect(await heard.take(isEvent('ready'))).toMatchObject({ token: undefined, data: { reset_required: false } });
      expect((await heard.take(isEvent('message'))).data).toMatchObject({ message: { id } });
      expect((await heard.take(isEvent('list'))).data).toMatchObject({ items: [{ id: `chat${chat}`, message: { id } }] });
      expect((await heard.take(isEvent('ping'))).token).toBeDefined();
    }
  });

  test('tokens of im.recent.list and tidemark.recent.changes will do', async () => {
    const { token } = await ben.call<any>('tidemark.recent.changes');
    const id = await send(ann, `chat${chat}`);
    await using heard = await connect(ben, token);
    expect((await heard.take(isEvent('message'))).data).toMatchObject({ message: { id } });
  });

  test.each(['none', 'AAAAAAAA.1', '%00'])('a token that cannot be gone on from has one begin anew: %s', async (token) => {
    await using heard = await connect(ben, token);
    expect(await heard.take(isEvent('ready'))).toMatchObject({ token: expect.any(String), data: { reset_required: true } });
  });

  test('where all rows look different one begins anew', async () => {
    await using heard = await ready(connect, ben);
    await portal.server.context.db.write(async (s) => {
      await markEverything(s);
      s.changes.note({ what: 'settings' });
    });
    expect(await heard.take(isEvent('ready'))).toMatchObject({ token: expect.any(String), data: { reset_required: true } });
  });
});

test('a client that says ping is answered', async () => {
  await using heard = await ready(bySocket, ben);
  const socket = openSocket(ben);
  await new Promise((resolve) => void socket.once('open', resolve));
  const answer = new Promise<string>((resolve) => void socket.on('message', (data: Buffer) => data.toString() === 'pong' && resolve(data.toString())));
  socket.send('ping');
  expect(await answer).toBe('pong');
  socket.terminate();
  expect(heard.token).toBeDefined();
});

test('other protocols that a request would like better are passed over', async () => {
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(portal.http);
    request({ hostname, port, path: '/healthz', headers: { connection: 'upgrade, http2-settings', upgrade: 'h2c' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject).end();
  });
  expect(status).toBe(200);
});

test('streams are in the metrics', async () => {
  await using _heard = await ready(byEvents, ben);
  const text = await (await fetch(`${portal.http}/metrics`)).text();
  expect(text).toMatch(/^tidemark_push_streams 1$/m);
  expect(text).toMatch(/^tidemark_push_users 1$/m);
});

test.each<[string, Connect]>([['events', byEvents], ['socket', bySocket]])('a stop ends it at once, and a token holds over the restart: %s', async (_name, connect) => {
  await using own = await startTestServer();
  const [here, there] = [await own.addUser('Here'), await own.addUser('There')];
  const heard = await ready(connect, here);
  const { token } = heard;
  await own.restart(async () => {
    await heard.over;
  });
  expect((await heard.take(isEvent('end'))).data).toEqual({ reason: 'restart' });
  const id = await movedTo(own, there).call<number>('im.message.add', { DIALOG_ID: here.userId, MESSAGE: 'Since' });
  await using again = await connect(movedTo(own, here), token);
  expect((await again.take(isEvent('ready'))).data).toMatchObject({ reset_required: false });
  expect((await again.take(isEvent('message'))).data).toMatchObject({ message: { id } });
});
