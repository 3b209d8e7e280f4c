/** The vendor's protocol on a socket: what is told, to whom, and how a client goes on after it was away. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;
const open: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function connect(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
  const socket = await PullSocket.open(who, options);
  open.push(socket);
  return socket;
}

const say = (who: Client, DIALOG_ID: string | number, MESSAGE: string) => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE });
const group = (...members: Client[]) => anna.call<number>('im.chat.add', { TITLE: 'Group', USERS: members.map(({ userId }) => userId) });

describe('messages', () => {
  test('of a private dialog come to both, each from where they stand', async () => {
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    const id = await anna.call<number>('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Hi [b]B[/b]', TEMPLATE_ID: 'temp-1' });
    const [own, others] = [await annas.next('message'), await boriss.next('message')];
    expect(own).toMatchObject({ module: 'im', params: { dialogId: boris.userId, counter: 0, message: { id, recipientId: boris.userId, senderId: anna.userId, system: 'N' } } });
    expect(others).toMatchObject({
      module: 'im', sender: undefined, extra: { revision_web: 19, server_time_unix: expect.any(Number) },
      params: {
        dialogId: anna.userId, chat: [], counter: 1, counterType: 'chat', notify: true, files: [], userBlockChat: [],
        users: { [anna.userId]: { id: anna.userId, name: 'Anna' } }, message: { id, recipientId: boris.userId, text: 'Hi [b]B[/b]', textLegacy: 'Hi [b]B[/b]', params: [], counter: 0 },
      },
    });
    expect(others.mid).toMatch(/^[\da-f]+$/);
  });

  test('of a chat come to every member with their own counter, and to nobody else', async () => {
    const chat = await group(boris);
    const [annas, boriss, claras] = [await connect(anna), await connect(boris), await connect(clara)];
    await say(anna, `chat${chat}`, 'one');
    const id = await say(anna, `chat${chat}`, 'two');
    expect((await annas.next('messageChat', ({ params }) => (params['message'] as { id: number }).id === id)).params).toMatchObject({ counter: 0 });
    expect((await boriss.next('messageChat', ({ params }) => (params['message'] as { id: number }).id === id)).params).toMatchObject({
      chatId: chat, dialogId: `chat${chat}`, counter: 3, chat: { [chat]: { id: chat, name: 'Group', owner: anna.userId, user_counter: 2, message_type: 'C' } },
      message: { chatId: chat, recipientId: `chat${chat}`, text: 'two' },
    });
    await clara.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'last' });
    await claras.next('message');
    expect(claras.messages.filter(({ params }) => params['chatId'] === chat)).toEqual([]);
  });

  test('edited, liked and deleted', async () => {
    const chat = await group(boris);
    const boriss = await connect(boris);
    const [first, second] = [await say(anna, `chat${chat}`, 'first'), await say(anna, `chat${chat}`, 'second')];
    await anna.call('im.message.update', { MESSAGE_ID: second, MESSAGE: 'edited', ATTACH: [{ MESSAGE: 'more' }] });
    expect((await boriss.next('messageUpdate')).params).toMatchObject({ id: second, type: 'chat', text: 'edited', chatId: chat, dialogId: `chat${chat}`, senderId: anna.userId, params: { ATTACH: [expect.anything()] } });
    await boris.call('im.message.like', { MESSAGE_ID: second, ACTION: 'plus' });
    expect((await boriss.next('messageLike')).params).toEqual({ id: second, dialogId: `chat${chat}`, chatId: chat, senderId: boris.userId, set: true, users: [boris.userId] });
    expect((await boriss.next('addReaction')).params).toMatchObject({ userId: boris.userId, reaction: 'like', actualReactions: { reaction: { messageId: second, reactionCounters: { like: 1 } } } });
    await boris.call('im.message.like', { MESSAGE_ID: second, ACTION: 'minus' });
    expect((await boriss.next('messageLike')).params).toMatchObject({ set: false, users: [] });
    await boris.call('im.dialog.read', { DIALOG_ID: `chat${chat}`, MESSAGE_ID: first });
    await anna.call('im.message.delete', { MESSAGE_ID: first });
    expect((await boriss.next('messageDelete')).params).toMatchObject({ id: first, type: 'chat', chatId: chat, dialogId: `chat${chat}`, muted: false, counterType: 'chat', params: { IS_DELETED: 'Y' } });
  });

  test('one that nobody has read is gone altogether: the one before it is the last', async () => {
    const boriss = await connect(boris);
    const [first, second] = [await say(anna, boris.userId, 'stays'), await say(anna, boris.userId, 'goes')];
    const counter = async () => (await boris.call<{ dialogs?: unknown; TYPE: { DIALOG: number } }>('im.counters.get')).TYPE.DIALOG;
    const before = await counter();
    await anna.call('im.message.delete', { MESSAGE_ID: second });
    const { command, params } = await boriss.next('messageDeleteComplete');
    expect({ command, params }).toMatchObject({
      command: 'messageDeleteComplete', params: { id: second, type: 'private', dialogId: anna.userId, newLastMessage: { id: first, text: 'stays', author_id: anna.userId } },
    });
    expect(await counter()).toBe(before - 1);
  });
});

describe('reading', () => {
  test('in a private dialog: one\'s own other devices, and whoever wrote', async () => {
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    const id = await say(anna, boris.userId, 'read me');
    await boris.call('im.dialog.read', { DIALOG_ID: anna.userId, MESSAGE_ID: id });
    expect((await boriss.next('readMessage')).params).toMatchObject({ dialogId: anna.userId, userId: boris.userId, lastId: id, counter: 0, muted: false, unread: false, viewedMessages: expect.arrayContaining([id]) });
    expect((await annas.next('readMessageOpponent')).params).toMatchObject({ dialogId: boris.userId, userId: boris.userId, userName: 'Boris', lastId: id, chatMessageStatus: 'delivered', viewedMessages: expect.arrayContaining([id]) });
    await boris.call('im.dialog.unread', { DIALOG_ID: anna.userId, MESSAGE_ID: id });
    expect((await boriss.next('unreadMessage')).params).toMatchObject({ dialogId: anna.userId, counter: 1, unreadTo: expect.any(Number) });
    expect((await annas.next('unreadMessageOpponent')).params).toMatchObject({ dialogId: boris.userId, userId: boris.userId });
  });

  test('in a chat, and all at once', async () => {
    const chat = await group(boris);
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    const id = await say(anna, `chat${chat}`, 'read me');
    await boris.call('im.dialog.read', { DIALOG_ID: `chat${chat}` });
    expect((await boriss.next('readMessageChat')).params).toMatchObject({ dialogId: `chat${chat}`, lastId: id, counter: 0, counterType: 'chat', type: 'C', parentChatId: 0 });
    expect((await annas.next('readMessageChatOpponent')).params).toMatchObject({ dialogId: `chat${chat}`, userId: boris.userId, lastId: id });
    await say(anna, `chat${chat}`, 'and me');
    await boris.call('im.dialog.read.all');
    expect((await boriss.next('readMessageChat', ({ params }) => params['chatId'] === chat)).params).toMatchObject({ counter: 0 });
  });
});

test('one\'s own side of a dialog: pinned, marked, muted, hidden, for oneself alone', async () => {
  const chat = await group(boris);
  const [annas, boriss] = [await connect(anna), await connect(boris)];
  const dialog = { DIALOG_ID: `chat${chat}` };
  const both = { dialogId: `chat${chat}`, chatId: chat };
  await boris.call('im.recent.pin', { ...dialog, PIN: 'Y' });
  expect((await boriss.next('chatPin')).params).toEqual({ ...both, active: true });
  await boris.call('im.recent.pin', { ...dialog, PIN: 'N' });
  expect((await boriss.next('chatPin')).params).toEqual({ ...both, active: false });
  await boris.call('im.recent.unread', { ...dialog, ACTION: 'Y' });
  expect((await boriss.next('chatUnread')).params).toMatchObject({ ...both, active: true, muted: false, lines: null, counterType: 'chat' });
  // Taking the mark away reads the dialog.
  await boris.call('im.recent.unread', { ...dialog, ACTION: 'N' });
  expect((await boriss.next('readMessageChat')).params).toMatchObject({ ...both, counter: 0, unread: false });
  await boris.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'Y' });
  expect((await boriss.next('chatMuteNotify')).params).toMatchObject({ ...both, muted: true, mute: true, counter: expect.any(Number) });
  await boris.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'N' });
  expect((await boriss.next('chatMuteNotify')).params).toMatchObject({ ...both, muted: false, mute: false });
  await boris.call('im.recent.hide', dialog);
  expect((await boriss.next('chatHide')).params).toEqual({ ...both, lines: false });
  await say(anna, `chat${chat}`, 'back');
  await annas.next('messageChat');
  expect(new Set(annas.messages.map(({ command }) => command))).toEqual(new Set(['readMessageChatOpponent', 'messageChat']));
});

describe('chats', () => {
  test('what changes of them', async () => {
    const chat = await group(boris);
    const boriss = await connect(boris);
    const both = { dialogId: `chat${chat}`, chatId: chat };
    await anna.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'Renamed' });
    expect((await boriss.next('chatRename')).params).toEqual({ chatId: chat, name: 'Renamed' });
    await anna.call('im.chat.updateColor', { CHAT_ID: chat, COLOR: 'MINT' });
    expect((await boriss.next('chatChangeColor')).params).toEqual({ chatId: chat, color: expect.stringMatching(/^#[\da-f]{6}$/i) });
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [clara.userId] });
    expect((await boriss.next('chatUserAdd')).params).toMatchObject({ ...both, newUsers: [clara.userId], users: { [clara.userId]: { name: 'Clara' } }, userCount: 3, chatTitle: 'Renamed', chatOwner: anna.userId });
    await anna.call('im.chat.setOwner', { CHAT_ID: chat, USER_ID: boris.userId });
    expect((await boriss.next('chatOwner')).params).toEqual({ ...both, userId: boris.userId });
  });

  test('whoever is put out hears that, and nothing more of it', async () => {
    const chat = await group(boris, clara);
    const [boriss, claras] = [await connect(boris), await connect(clara)];
    await anna.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: clara.userId });
    await say(anna, `chat${chat}`, 'without Clara');
    await say(anna, clara.userId, 'to Clara');
    await claras.next('message');
    const heard = claras.messages.filter(({ params }) => params['chatId'] === chat);
    expect(heard.map(({ command }) => command)).toEqual(['chatUserLeave']);
    expect(heard[0]!.params).toMatchObject({ dialogId: `chat${chat}`, userId: clara.userId, userCount: 2, message: '' });
    expect((await boriss.next('chatUserLeave')).params).toEqual(heard[0]!.params);
    await boriss.next('messageChat', ({ params }) => (params['message'] as { text: string }).text === 'without Clara');
  });
});
