/** Every command of the vendor's messenger that its clients keep their list by: what makes it, and what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { picture } from '../support/pictures.ts';
import { type PullMessage, PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;
let annas: PullSocket;
let boriss: PullSocket;
/** Of Anna and Boris, with a message of each. */
let group: number;
let channel: number;
let first: number;
let second: number;
let post: number;

const open: PullSocket[] = [];
async function connect(who: Client): Promise<PullSocket> {
  const socket = await PullSocket.open(who);
  open.push(socket);
  return socket;
}

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
  group = await anna.call('im.chat.add', { TITLE: 'Group', USERS: [boris.userId] });
  channel = await anna.call('im.chat.add', { TITLE: 'News', TYPE: 'CHANNEL', USERS: [boris.userId] });
  post = await say(anna, inChannel(), 'A post');
  [annas, boriss] = [await connect(anna), await connect(boris)];
});
afterAll(async () => {
  for (const { socket } of open) socket.terminate();
  await portal[Symbol.asyncDispose]();
});

const say = (who: Client, DIALOG_ID: string | number, MESSAGE = 'Hello') => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE });
const inGroup = () => `chat${group}`;
const inChannel = () => `chat${channel}`;
const threadOf = async () => (await boris.call<{ dialog_id: string }>('tidemark.comments.open', { MESSAGE_ID: post })).dialog_id;
const textIn = ({ params }: PullMessage) => (params['message'] as { text: string }).text;

interface Made {
  command: string;
  /** What makes it, by a call of whomever. */
  by: () => Promise<unknown>;
  /** Who hears it: Boris unless it is said. */
  to?: () => PullSocket;
  says: () => object;
}

const both = () => ({ dialogId: inGroup(), chatId: group });

const MADE: readonly Made[] = [
  { command: 'message', by: async () => (first = await say(anna, boris.userId)), says: () => ({ dialogId: anna.userId, counter: 1, message: { id: first } }) },
  { command: 'messageChat', by: async () => (second = await say(anna, inGroup())), says: () => ({ ...both(), message: { id: second, senderId: anna.userId } }) },
  { command: 'messageUpdate', by: () => anna.call('im.message.update', { MESSAGE_ID: second, MESSAGE: 'Edited' }), says: () => ({ ...both(), id: second, text: 'Edited' }) },
  { command: 'messageLike', by: () => anna.call('im.message.like', { MESSAGE_ID: second }), says: () => ({ ...both(), id: second, set: true, users: [anna.userId] }) },
  { command: 'addReaction', by: () => anna.call('tidemark.message.react', { MESSAGE_ID: second, REACTION: 'laugh' }), says: () => ({ dialogId: inGroup(), userId: anna.userId, reaction: 'laugh' }) },
  { command: 'deleteReaction', by: () => anna.call('tidemark.message.react', { MESSAGE_ID: second, REACTION: 'laugh', ACTION: 'delete' }), says: () => ({ dialogId: inGroup(), userId: anna.userId, reaction: 'laugh' }) },
  { command: 'readMessageOpponent', to: () => annas, by: () => boris.call('im.dialog.read', { DIALOG_ID: anna.userId, MESSAGE_ID: first }), says: () => ({ dialogId: boris.userId, userId: boris.userId, userName: 'Boris', lastId: first, chatMessageStatus: 'delivered', viewedMessages: [first] }) },
  { command: 'readMessage', by: () => boris.call('im.dialog.read', { DIALOG_ID: anna.userId }), says: () => ({ dialogId: anna.userId, lastId: first, counter: 0 }) },
  { command: 'unreadMessage', by: () => boris.call('im.dialog.unread', { DIALOG_ID: anna.userId, MESSAGE_ID: first }), says: () => ({ dialogId: anna.userId, counter: 1 }) },
  { command: 'unreadMessageOpponent', to: () => annas, by: () => boris.call('im.dialog.unread', { DIALOG_ID: anna.userId, MESSAGE_ID: first }), says: () => ({ dialogId: boris.userId, userId: boris.userId, chatMessageStatus: 'delivered' }) },
  { command: 'readMessageChat', by: () => boris.call('im.dialog.read', { DIALOG_ID: inGroup(), MESSAGE_ID: second }), says: () => ({ ...both(), counter: 0, type: 'C', viewedMessages: expect.arrayContaining([second]) }) },
  { command: 'unreadMessageChat', by: () => boris.call('im.dialog.unread', { DIALOG_ID: inGroup(), MESSAGE_ID: second }), says: () => ({ ...both(), counter: 1, counterType: 'chat', lastMessageViews: [] }) },
  { command: 'unreadMessageChatOpponent', to: () => annas, by: () => boris.call('im.dialog.unread', { DIALOG_ID: inGroup(), MESSAGE_ID: second }), says: () => ({ ...both(), userId: boris.userId, lastMessageViews: [], chatMessageStatus: 'delivered' }) },
  { command: 'readMessageChatOpponent', to: () => annas, by: () => boris.call('im.dialog.read', { DIALOG_ID: inGroup() }), says: () => ({ ...both(), userId: boris.userId, lastId: second, chatMessageStatus: 'delivered' }) },
  { command: 'messageDelete', by: () => anna.call('im.message.delete', { MESSAGE_ID: second }), says: () => ({ ...both(), id: second, params: { IS_DELETED: 'Y' } }) },
  { command: 'messageDeleteComplete', by: async () => anna.call('im.message.delete', { MESSAGE_ID: await say(anna, boris.userId) }), says: () => ({ dialogId: anna.userId, newLastMessage: { id: first } }) },
  { command: 'readAllChats', by: () => boris.call('im.dialog.read.all'), says: () => ({}) },
  { command: 'chatPin', by: () => boris.call('im.recent.pin', { DIALOG_ID: inGroup() }), says: () => ({ ...both(), active: true }) },
  { command: 'chatUnread', by: () => boris.call('im.recent.unread', { DIALOG_ID: inGroup() }), says: () => ({ ...both(), active: true }) },
  { command: 'chatMuteNotify', by: () => boris.call('im.chat.mute', { CHAT_ID: group }), says: () => ({ ...both(), muted: true, mute: true }) },
  { command: 'chatHide', by: () => boris.call('im.recent.hide', { DIALOG_ID: inGroup() }), says: () => ({ ...both(), lines: false }) },
  { command: 'chatRename', by: () => anna.call('im.chat.updateTitle', { CHAT_ID: group, TITLE: 'Renamed' }), says: () => ({ chatId: group, name: 'Renamed' }) },
  { command: 'chatChangeColor', by: () => anna.call('im.chat.updateColor', { CHAT_ID: group, COLOR: 'MINT' }), says: () => ({ chatId: group, color: expect.stringMatching(/^#/) }) },
  { command: 'chatAvatar', by: async () => anna.call('im.chat.updateAvatar', { CHAT_ID: group, AVATAR: (await picture('png', 2, 2)).toString('base64') }), says: () => ({ chatId: group, avatar: expect.stringMatching(/^http/) }) },
  { command: 'chatManagers', by: () => anna.call('im.chat.setManager', { CHAT_ID: group, USER_ID: boris.userId }), says: () => ({ ...both(), list: expect.arrayContaining([boris.userId]) }) },
  { command: 'chatUpdateParams', by: () => anna.call('tidemark.chat.permissions.set', { CHAT_ID: group, CAN_POST: 'manager' }), says: () => ({ ...both(), permissions: { can_post: 'manager' } }) },
  { command: 'startRecordVoice', by: () => anna.call('im.dialog.writing', { DIALOG_ID: inGroup(), ACTION: 'VOICE' }), says: () => ({ dialogId: inGroup(), userId: anna.userId, userName: 'Anna' }) },
  { command: 'chatUserAdd', by: () => anna.call('im.chat.user.add', { CHAT_ID: group, USERS: [clara.userId] }), says: () => ({ ...both(), newUsers: [clara.userId], userCount: 3 }) },
  { command: 'chatUserLeave', by: () => anna.call('im.chat.user.delete', { CHAT_ID: group, USER_ID: clara.userId }), says: () => ({ ...both(), userId: clara.userId, userCount: 2, message: '' }) },
  { command: 'chatOwner', by: () => anna.call('im.chat.setOwner', { CHAT_ID: group, USER_ID: boris.userId }), says: () => ({ ...both(), userId: boris.userId }) },
  { command: 'commentSubscribe', by: async () => say(boris, await threadOf()), says: () => ({ dialogId: inChannel(), subscribe: true, messageId: post }) },
  {
    command: 'recentUpdate', by: async () => say(anna, await threadOf()),
    says: () => ({ ...channelsRow(), chat: { id: channel, name: 'News' }, counterType: 'chat', counter: expect.any(Number), lastActivityDate: expect.any(String), messages: [{ id: post, text: 'A post' }], users: [{ id: anna.userId, name: 'Anna' }] }),
  },
  { command: 'readAllChannelComments', by: () => boris.call('im.dialog.read', { DIALOG_ID: inChannel() }), says: () => ({ chatId: channel }) },
];

const channelsRow = () => ({ dialogId: inChannel(), chatId: channel });

describe('in this order', () => {
  test.each(MADE)('$command', async ({ command, by, to = () => boriss, says }) => {
    const socket = to();
    const before = socket.messages.length;
    await by();
    await socket.next(command, (message) => socket.messages.indexOf(message) >= before);
    expect(socket.messages.slice(before).find((one) => one.command === command)).toMatchObject({ module: 'im', params: says() });
  });
});

test('the page of documentation names these commands, and no others', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'push.md'), 'utf8');
  const [, table] = /\n\| command \|.*\n\|---.*\n((?:\|.*\n)+)/.exec(page)!;
  const named = table!.split('\n').flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  expect(named.sort()).toEqual([...MADE.map(({ command }) => command), 'chatShow'].sort());
});

test('whoever joins a channel is shown its row as the list has it', async () => {
  const claras = await connect(clara);
  await anna.call('im.chat.user.add', { CHAT_ID: channel, USERS: [clara.userId] });
  const shown = await claras.next('chatShow');
  expect([shown.params]).toEqual((await clara.call<Array<{ id: string }>>('im.recent.get')).filter(({ id }) => id === inChannel()));
  await say(anna, boris.userId, 'last');
  await boriss.next('message', (message) => textIn(message) === 'last');
  expect(boriss.messages.filter(({ command }) => command === 'chatShow')).toEqual([]);
});

test('everything is read: what is told after that is newer, whatever comes in meanwhile', async () => {
  const reader = await portal.addUser('Reader');
  const chats: number[] = [];
  for (let i = 0; i < 3; i += 1) chats.push(await anna.call<number>('im.chat.add', { TITLE: `Chat ${i}`, USERS: [reader.userId] }));
  const socket = await connect(reader);
  await Promise.all([reader.call('im.dialog.read.all'), ...chats.map((chat) => say(anna, `chat${chat}`, 'meanwhile'))]);
  await say(anna, reader.userId, 'end');
  await socket.next('message', (message) => textIn(message) === 'end');
  const counters = new Map<unknown, unknown>(chats.map((chat) => [chat, 'as it was']));
  for (const { command, params } of socket.messages) {
    if (command === 'readAllChats') for (const chat of chats) counters.set(chat, 0);
    else if ('counter' in params && counters.has(params['chatId'])) counters.set(params['chatId'], params['counter']);
  }
  const rows = await reader.call<Array<{ chat_id: number; counter: number }>>('im.recent.get');
  expect(Object.fromEntries(counters)).toEqual(Object.fromEntries(rows.filter(({ chat_id }) => chats.includes(chat_id)).map(({ chat_id, counter }) => [chat_id, counter])));
});

test('whoever reads a chat as a whole has seen none of its messages: the list says so, and so does what the author is told', async () => {
  const [writer, reader] = [await portal.addUser('Writer'), await portal.addUser('Reader')];
  const socket = await connect(writer);
  const status = async () => (await writer.call<Array<{ id: number; message: { status: string } }>>('im.recent.get')).find(({ id }) => id === reader.userId)!.message.status;
  const id = await say(writer, reader.userId);
  await reader.call('im.dialog.read', { DIALOG_ID: writer.userId });
  expect([(await socket.next('readMessageOpponent')).params['chatMessageStatus'], await status()]).toEqual(['received', 'received']);
  await reader.call('im.dialog.read', { DIALOG_ID: writer.userId, MESSAGE_ID: id });
  expect([(await socket.next('readMessageOpponent')).params['chatMessageStatus'], await status()]).toEqual(['delivered', 'delivered']);
});

test('a reading names the messages of others that were seen with it, the newest first, and of them each only once; a reading of a whole chat none', async () => {
  const [writer, reader] = [await portal.addUser('Writer'), await portal.addUser('Reader')];
  const chat = await writer.call<number>('im.chat.add', { TITLE: 'Read', USERS: [reader.userId] });
  const dialog = `chat${chat}`;
  const start = await say(writer, dialog, 'start');
  await reader.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: start });
  const [writers, readers] = [await connect(writer), await connect(reader)];
  const read = async (messageId?: number) => {
    await reader.call('im.dialog.read', { DIALOG_ID: dialog, ...(messageId && { MESSAGE_ID: messageId }) });
    const own = (await readers.next('readMessageChat')).params['viewedMessages'];
    expect((await writers.next('readMessageChatOpponent')).params['viewedMessages']).toEqual(own);
    return own;
  };
  const ids: number[] = [];
  for (let i = 0; i < 3; i += 1) ids.push(await say(writer, dialog));
  await say(reader, dialog, 'my own');
  ids.push(await say(writer, dialog));
  expect(await read(ids[1])).toEqual([ids[1], ids[0]]);
  expect(await read(ids[1])).toEqual([]);
  expect(await read(ids[3])).toEqual([ids[3], ids[2]]);
  await reader.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[2] });
  expect(await read(ids[3])).toEqual([]);
  const last = await say(writer, dialog);
  expect(await read()).toEqual([]);
  const many: number[] = [];
  for (let i = 0; i < 120; i += 1) many.push(await say(writer, dialog));
  expect(await read(many.at(-1))).toEqual(many.toReversed().slice(0, 100));
  expect(last).toBeLessThan(many[0]!);
});
