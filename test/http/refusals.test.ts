/**
 * Whoever is refused has changed nothing. Strangers, guests and members try everything on every kind of chat with right and
 * wrong ids; an answer that is an error leaves the store as it was.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { dump } from '../support/dump.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let callers: Client[];
/** Ids of chats, messages and users, those that exist and some that do not. */
let chats: number[];
let messages: number[];
let users: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { folding: 'never' });
  const [owner, member, stranger] = [await portal.addUser('Owner'), await portal.addUser('Member'), await portal.addUser('Stranger')];
  const [guest, gone] = [await portal.addUser('Guest', { extranet: 1 }), await portal.addUser('Gone', { active: 0 })];
  callers = [member, stranger, stranger, guest, guest, portal.admin];
  const add = (params: object) => owner.call<number>('im.chat.add', { TITLE: 'Chat', USERS: [member.userId], ...params });
  chats = [
    await add({}), await add({ TYPE: 'OPEN' }), await add({ TYPE: 'CHANNEL' }), await add({ TYPE: 'OPEN_CHANNEL' }),
    await add({ ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '1' }), await add({ USERS: [guest.userId] }),
  ];
  messages = [];
  for (const chat of chats) messages.push(await owner.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' }));
  messages.push(await owner.call<number>('im.message.add', { DIALOG_ID: member.userId, MESSAGE: 'Hello' }), 987_654);
  users = [owner.userId, member.userId, stranger.userId, guest.userId, gone.userId, 987_654];
  chats.push(987_654);
});
afterAll(() => portal[Symbol.asyncDispose]());

const CALLS: Readonly<Record<string, readonly string[]>> = {
  'im.message.add': ['DIALOG_ID', 'MESSAGE', 'REPLY_ID', 'TEMPLATE_ID', 'SYSTEM', 'ATTACH', 'KEYBOARD'],
  'im.message.update': ['MESSAGE_ID', 'MESSAGE', 'ATTACH'],
  'im.message.delete': ['MESSAGE_ID'],
  'im.chat.add': ['USERS', 'TYPE', 'ENTITY_TYPE', 'ENTITY_ID', 'MESSAGE'],
  'im.chat.user.add': ['CHAT_ID', 'USERS', 'HIDE_HISTORY'],
  'im.chat.user.delete': ['CHAT_ID', 'USER_ID'],
  'im.chat.leave': ['CHAT_ID'],
  'im.chat.updateTitle': ['CHAT_ID', 'TITLE'],
  'im.chat.mute': ['DIALOG_ID', 'MUTE'],
  'im.dialog.read': ['DIALOG_ID', 'MESSAGE_ID'],
  'im.dialog.unread': ['DIALOG_ID', 'MESSAGE_ID'],
  'im.recent.pin': ['DIALOG_ID', 'PIN'],
  'im.recent.hide': ['DIALOG_ID'],
  'im.recent.unread': ['DIALOG_ID', 'ACTION'],
  'tidemark.reminder.add': ['MESSAGE_ID', 'DATE'],
  'user.add': ['EMAIL', 'NAME', 'EXTRANET'],
  'user.update': ['ID', 'EMAIL', 'ACTIVE'],
};

const maybe = <T>(choices: () => readonly T[]) => fc.nat(1000).map((n) => choices()[n % choices().length]);

const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  DIALOG_ID: maybe(() => [...chats.map((id) => `chat${id}`), ...users, 'sg1', 'x']),
  CHAT_ID: maybe(() => chats),
  MESSAGE_ID: maybe(() => messages),
  REPLY_ID: maybe(() => [undefined, ...messages]),
  USER_ID: maybe(() => users),
  ID: maybe(() => users),
  USERS: fc.array(maybe(() => users), { maxLength: 3 }),
  MESSAGE: fc.constantFrom('Hello', '', ' '),
  TEMPLATE_ID: fc.constantFrom(undefined, randomUUID()),
  SYSTEM: fc.constantFrom('Y', 'N'),
  ATTACH: fc.constantFrom(undefined, undefined, 'no JSON', { MESSAGE: 'x' }, []),
  KEYBOARD: fc.constantFrom(undefined, undefined, 'no JSON', [{ TEXT: 'x', LINK: 'https://example.org' }]),
  TYPE: fc.constantFrom('CHAT', 'OPEN', 'CHANNEL', 'OPEN_CHANNEL', 'NOPE'),
  ENTITY_TYPE: fc.constantFrom('', 'TASKS_TASK', 'SONET_GROUP', 'CALL', 'LINES'),
  ENTITY_ID: fc.constantFrom('', '1', '2'),
  HIDE_HISTORY: fc.constantFrom('Y', 'N'),
  TITLE: fc.constantFrom('', 'New'),
  MUTE: fc.constantFrom('Y', 'N'),
  PIN: fc.constantFrom('Y', 'N'),
  ACTION: fc.constantFrom('Y', 'N'),
  DATE: fc.constantFrom('2026-02-25T18:30:00+01:00', 'never'),
  EMAIL: fc.constantFrom('', 'x', 'new@example.org'),
  NAME: fc.constantFrom('New'),
  EXTRANET: fc.constantFrom('Y', 'N'),
  ACTIVE: fc.constantFrom('Y', 'N'),
};

const someCall = fc
  .tuple(fc.constantFrom(...Object.keys(CALLS)), fc.nat(1000))
  .chain(([method, who]) => fc.tuple(fc.constant(method), fc.constant(who), fc.record(Object.fromEntries(CALLS[method]!.map((name) => [name, VALUES[name]!])))));

test('an answer that is an error has changed nothing', async () => {
  const refused = new Set<string>();
  await fc.assert(
    fc.asyncProperty(someCall, async ([method, who, params]) => {
      const caller = callers[who % callers.length]!;
      const before = await dump(portal.server.context.db);
      const { body } = await caller.raw(method, params);
      if (body.error === undefined) return;
      refused.add(method);
      expect(await dump(portal.server.context.db), `${method} by ${caller.userId}: ${body.error}`).toEqual(before);
    }),
    { numRuns: 600, endOnFailure: true },
  );
  // Otherwise nothing was tested.
  expect(refused.size).toBeGreaterThan(Object.keys(CALLS).length / 2);
});
