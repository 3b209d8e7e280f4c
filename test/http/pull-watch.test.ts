/** Looking into open chats and channels that one is no member of, by the vendor's protocol. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MOST_WATCHES, WATCH_MS } from '../../src/messenger/chats/watching.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import type { Client } from '../support/client.ts';
import { type PullMessage, PullSocket } from '../support/pull-socket.ts';
import { byEvents, isEvent } from '../support/push.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let guest: Client;
const sockets: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, guest] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Guest', { extranet: 1 })];
});
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function connect(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
  const socket = await PullSocket.open(who, options);
  sockets.push(socket);
  return socket;
}

const chatOf = (TYPE: string, USERS: number[] = []) => anna.call<number>('im.chat.add', { TITLE: TYPE, TYPE, USERS });
const say = (who: Client, DIALOG_ID: string | number, MESSAGE: string) => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE });
const watch = (who: Client, ...tags: string[]) => who.call<string[]>('pull.watch.extend', { tags });
const threadOf = async (post: number) => (await anna.call<{ dialog_id: string }>('tidemark.comments.open', { MESSAGE_ID: post })).dialog_id;

const textIn = ({ params }: PullMessage) => (params['message'] as { text?: string } | undefined)?.text;

/** The commands that Boris' socket has been told of a chat until a private message that comes after all of them. */
async function heard(socket: PullSocket, chat: number): Promise<string[]> {
  await say(anna, boris.userId, 'end');
  await socket.next('message', (message) => textIn(message) === 'end');
  return socket.messages.filter(({ params }) => params['chatId'] === chat || params['dialogId'] === `chat${chat}`).map(({ command }) => command);
}

test('of an open chat: what is said, edited, liked and deleted there, who comes and goes, how it is called; each with nothing of one\'s own', async () => {
  const chat = await chatOf('OPEN');
  const socket = await connect(boris);
  expect(await watch(boris, `IM_PUBLIC_${chat}`)).toEqual([]);
  const id = await say(anna, `chat${chat}`, 'public');
  const told = await socket.next('messageChat', ({ params }) => params['chatId'] === chat);
  expect(told).toMatchObject({
    module: 'im', extra: { is_shared_event: true, revision_web: 19 },
    params: { chatId: chat, dialogId: `chat${chat}`, counter: 0, notify: false, message: { id, text: 'public', senderId: anna.userId }, users: { [anna.userId]: { name: 'Anna' } }, files: [] },
  });
  await anna.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'edited' });
  await anna.call('im.message.like', { MESSAGE_ID: id });
  await anna.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'Renamed' });
  const member = await portal.addUser('Member');
  await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId] });
  await anna.call('im.message.delete', { MESSAGE_ID: id });
  await member.call('im.dialog.read', { DIALOG_ID: `chat${chat}` });
  await anna.call('im.chat.leave', { CHAT_ID: chat });
  const commands = await heard(socket, chat);
  for (const command of ['messageUpdate', 'messageLike', 'addReaction', 'chatRename', 'chatUserAdd', 'messageDeleteComplete', 'chatUserLeave']) expect(commands).toContain(command);
  expect(commands.filter((command) => /read|pin|show|recent/i.test(command))).toEqual([]);
  for (const { params, extra } of socket.messages.filter(({ params: { chatId } }) => chatId === chat)) expect([extra['is_shared_event'], params['counter'] ?? 0]).toEqual([true, 0]);
});

test('whoever is or becomes a member hears as one, and each thing once', async () => {
  const chat = await chatOf('OPEN');
  const socket = await connect(boris);
  await watch(boris, `IM_PUBLIC_${chat}`);
  await say(boris, `chat${chat}`, 'joins by writing');
  await say(anna, `chat${chat}`, 'to a member');
  const told = await socket.next('messageChat', (message) => textIn(message) === 'to a member');
  expect([told.extra['is_shared_event'], told.params['counter'], told.params['notify']]).toEqual([undefined, 1, true]);
  const commands = await heard(socket, chat);
  const texts = socket.messages.filter(({ command }) => command === 'messageChat').map(textIn);
  expect(texts.filter((text) => text === 'to a member' || text === 'joins by writing')).toEqual(['joins by writing', 'to a member']);
  expect(commands).toContain('messageChat');
});

test('of the comments of an open channel, and of all open channels', async () => {
  const channel = await chatOf('OPEN_CHANNEL');
  const post = await say(anna, `chat${channel}`, 'post');
  const thread = await threadOf(post);
  const socket = await connect(boris);
  expect(await watch(boris, `IM_PUBLIC_COMMENT_${channel}`)).toEqual([]);
  await say(anna, thread, 'comment');
  expect(await socket.next('messageChat')).toMatchObject({ extra: { is_shared_event: true }, params: { dialogId: thread, counterType: 'comment', message: { text: 'comment' } } });
  await say(anna, `chat${channel}`, 'not watched');
  expect(await heard(socket, channel)).toEqual([]);
  expect(await watch(boris, 'IM_SHARED_CHANNEL_LIST')).toEqual([]);
  const another = await chatOf('OPEN_CHANNEL');
  await say(anna, `chat${another}`, 'any channel');
  await socket.next('messageChat', (message) => message.params['chatId'] === another && textIn(message) === 'any channel');
});

test('a member of a closed channel watches its comments until they are put out', async () => {
  const channel = await chatOf('CHANNEL', [boris.userId]);
  const thread = await threadOf(await say(anna, `chat${channel}`, 'post'));
  const socket = await connect(boris);
  expect(await watch(boris, `IM_PUBLIC_COMMENT_${channel}`)).toEqual([]);
  await say(anna, thread, 'to members');
  expect(await socket.next('messageChat', ({ params }) => params['dialogId'] === thread)).toMatchObject({ extra: { is_shared_event: true } });
  await anna.call('im.chat.user.delete', { CHAT_ID: channel, USER_ID: boris.userId });
  await say(anna, thread, 'without Boris');
  await heard(socket, channel);
  expect(socket.messages.filter((message) => textIn(message) === 'without Boris')).toEqual([]);
});

describe('nobody watches', () => {
  test('what is not there, is closed, or is no tag: those are named in the answer', async () => {
    const [closed, channel, openChat] = [await chatOf('CHAT'), await chatOf('CHANNEL'), await chatOf('OPEN')];
    const post = await say(anna, `chat${channel}`, 'post');
    const thread = (await threadOf(post)).slice(4);
    const wrong = [
      `IM_PUBLIC_${closed}`, `IM_PUBLIC_${channel}`, `IM_PUBLIC_COMMENT_${channel}`, `IM_PUBLIC_COMMENT_${openChat}`, `IM_PUBLIC_${thread}`, 'IM_PUBLIC_999999', 'IM_PUBLIC_0', 'IM_PUBLIC_-1',
      'IM_PUBLIC_', `im_public_${openChat}`, `IM_PUBLIC_${openChat} `, 'IM_PUBLIC_1e3', 'IM_PUBLIC_99999999999999999999', 'PULL_1', 'x', '',
    ];
    expect(await watch(boris, ...wrong, `IM_PUBLIC_${openChat}`, 'x')).toEqual(wrong);
    const socket = await connect(boris);
    for (const chat of [closed, channel]) {
      await say(anna, `chat${chat}`, 'secret');
      expect(await heard(socket, chat)).toEqual([]);
    }
  });

  test('as a guest; and whoever becomes one hears nothing more', async () => {
    const chat = await chatOf('OPEN');
    const tags = [`IM_PUBLIC_${chat}`, 'IM_SHARED_CHANNEL_LIST'];
    expect(await watch(guest, ...tags)).toEqual(tags);
    const former = await portal.addUser('Former');
    const socket = await connect(former);
    expect(await watch(former, ...tags)).toEqual([]);
    await say(anna, `chat${chat}`, 'first');
    await socket.next('messageChat');
    await portal.server.context.db.write((s) => updateUser(s, former.userId, { extranet: 1 }));
    await say(anna, `chat${chat}`, 'second');
    await socket.closed;
    const again = await connect(former);
    await say(anna, `chat${chat}`, 'third');
    await again.call('ping', {});
    expect([...socket.messages, ...again.messages].filter(({ command }) => command === 'messageChat')).toHaveLength(1);
  });

  test('by our own stream, which is for members', async () => {
    const chat = await chatOf('OPEN');
    await watch(boris, `IM_PUBLIC_${chat}`);
    await using stream = await byEvents(boris);
    const socket = await connect(boris);
    await say(anna, `chat${chat}`, 'public');
    await socket.next('messageChat');
    await say(anna, boris.userId, 'end');
    await stream.take(isEvent('message', ({ message }) => message.text === 'end'));
    expect(JSON.stringify(stream.heard)).not.toContain('public');
  });

  test('more than so many', async () => {
    const many = await portal.addUser('Many');
    const chat = await chatOf('OPEN');
    const { db, clock } = portal.server.context;
    const rows = Array.from({ length: MOST_WATCHES }, (_, index) => ({ chat_id: 10_000 + index, kind: 'chat' as const, user_id: many.userId, expires_at: clock.now() + WATCH_MS }));
    await db.write((s) => s.query((q) => q.insertInto('watch').values(rows)));
    expect(await watch(many, `IM_PUBLIC_${chat}`)).toEqual([`IM_PUBLIC_${chat}`]);
    portal.clock.advance(WATCH_MS + 1000);
    expect(await watch(many, `IM_PUBLIC_${chat}`)).toEqual([]);
  });
});

test('it ends after a while, unless it is renewed', async () => {
  const [chat, other] = [await chatOf('OPEN'), await chatOf('OPEN')];
  const socket = await connect(boris);
  await watch(boris, `IM_PUBLIC_${chat}`, `IM_PUBLIC_${other}`);
  portal.clock.advance(WATCH_MS - 60_000);
  expect(await watch(boris, `IM_PUBLIC_${other}`)).toEqual([]);
  portal.clock.advance(120_000);
  await say(anna, `chat${chat}`, 'nobody looks any more');
  await say(anna, `chat${other}`, 'renewed');
  await socket.next('messageChat', ({ params }) => params['chatId'] === other);
  expect(await heard(socket, chat)).toEqual([]);
});

test('several clients of a user renew the same at once, in any order', async () => {
  const chats: number[] = [];
  while (chats.length < 12) chats.push(await chatOf('OPEN'));
  const tags = chats.map((chat) => `IM_PUBLIC_${chat}`);
  for (let round = 0; round < 3; round += 1) {
    expect(await Promise.all(Array.from({ length: 8 }, (_, index) => watch(boris, ...(index % 2 === 0 ? tags : tags.toReversed()))))).toEqual(Array.from({ length: 8 }, () => []));
    portal.clock.advance(WATCH_MS + 1000);
  }
});

test('it goes on after a restart of the server, and what was missed meanwhile comes', async () => {
  const chat = await chatOf('OPEN');
  const socket = await connect(boris);
  await watch(boris, `IM_PUBLIC_${chat}`);
  await say(anna, `chat${chat}`, 'seen');
  const { mid } = await socket.next('messageChat');
  await portal.restart();
  [anna, boris, guest] = [movedTo(portal, anna), movedTo(portal, boris), movedTo(portal, guest)];
  await say(anna, `chat${chat}`, 'missed');
  const again = await connect(boris, { query: { mid } });
  await say(anna, `chat${chat}`, 'and on');
  await again.next('messageChat', (message) => textIn(message) === 'and on');
  expect(again.messages.filter(({ command }) => command === 'messageChat').map(textIn)).toEqual(['missed', 'and on']);
});
