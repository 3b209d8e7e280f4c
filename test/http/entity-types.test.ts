/** Which chats of other things an ordinary caller may make, and with what effect: the whole table. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTITY_KINDS, entityKind } from '../../src/messenger/chats/entity-types.ts';
import { chatTypeName } from '../../src/messenger/access/rights.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Written out here and not taken from the table. */
const ANYONE = ['', 'LINES', 'LIVECHAT', 'TASKS', 'TASKS_TASK', 'CALENDAR', 'MAIL', 'CRM', 'VIDEOCONF', 'ANNOUNCEMENT', 'AI_ASSISTANT_PRIVATE', 'MY_THING_2'];
const ADMINS = ['SONET_GROUP', 'GENERAL', 'CALL', 'SUPPORT24_QUESTION', 'SUPPORT24_NOTIFIER', 'NETWORK_DIALOG'];
const NOBODY = ['PRIVATE', 'CHAT', 'OPEN', 'CHANNEL', 'OPEN_CHANNEL', 'GENERAL_CHANNEL', 'COLLAB', 'COPILOT', 'COMMENT', 'THREAD', 'NOTIFICATION', 'USER'];
const TYPES = [undefined, 'CHAT', 'OPEN', 'CHANNEL', 'OPEN_CHANNEL'];

let portal: TestServer;
let anna: Client;
let boris: Client;
let ids = 0;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Every spelling that clients would see as the same type. */
const spellings = (type: string) => (type === '' ? [type] : [type, type.toLowerCase(), `${type}_`, type.replace('_', '__')]);
const make = (who: Client, ENTITY_TYPE: string, more: Record<string, unknown> = {}) =>
  who.raw('im.chat.add', { ENTITY_TYPE, ENTITY_ID: `id ${(ids += 1)}`, USERS: [boris.userId], ...more });

test('the table and this test know the same types', () => {
  expect(Object.keys(ENTITY_KINDS).sort()).toEqual([...ANYONE.filter((type) => type !== 'MY_THING_2'), ...ADMINS, ...NOBODY].sort());
});

describe('anybody', () => {
  test.each(ANYONE.flatMap((type) => TYPES.map((TYPE) => [type, TYPE] as const)))('makes %j as %s, and whoever is in it mutes and leaves it', async (type, TYPE) => {
    const { body } = await make(anna, type, TYPE === undefined ? {} : { TYPE });
    const chat = body.result as number;
    expect(chat).toEqual(expect.any(Number));
    expect(await boris.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'Y' })).toBe(true);
    expect(await boris.call('im.chat.leave', { CHAT_ID: chat })).toBe(true);
    const { message_type: letter } = await anna.call<{ message_type: string }>('im.dialog.get', { DIALOG_ID: `chat${chat}` });
    const wanted = { CHAT: 'C', OPEN: 'O', CHANNEL: 'N', OPEN_CHANNEL: 'J' }[TYPE ?? 'CHAT'];
    expect(letter).toBe(type === 'LINES' ? 'L' : type === 'TASKS_TASK' ? 'X' : wanted);
  });
});

describe('only administrators', () => {
  test.each(ADMINS)('make %s', async (type) => {
    for (const spelling of spellings(type)) {
      for (const TYPE of TYPES) {
        expect(await make(anna, spelling, TYPE === undefined ? {} : { TYPE })).toMatchObject({ status: 403, body: { error: 'ACCESS_ERROR' } });
      }
    }
    expect((await make(portal.admin, type)).body.result).toEqual(expect.any(Number));
  });

  test('sgN is never a stranger\'s chat', async () => {
    expect((await anna.raw('im.chat.add', { ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '17', USERS: [boris.userId] })).status).toBe(403);
    const chat = await portal.admin.call('im.chat.add', { ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '17', USERS: [boris.userId] });
    await boris.call('im.message.add', { DIALOG_ID: 'sg17', MESSAGE: 'to the group' });
    expect(await portal.admin.call('im.dialog.get', { DIALOG_ID: 'sg17' })).toMatchObject({ id: chat });
    expect(await anna.fails('im.dialog.get', { DIALOG_ID: 'sg17' })).toMatchObject({ error: 'ACCESS_ERROR' });
  });
});

describe('nobody', () => {
  test.each(NOBODY)('makes %s, which is a kind of chat', async (type) => {
    for (const who of [anna, portal.admin]) {
      for (const spelling of spellings(type)) expect(await make(who, spelling)).toMatchObject({ status: 400, body: { error: 'ERROR_ARGUMENT' } });
    }
  });

  test('no type of one\'s own passes for another', () => {
    const reserved = new Set([...ADMINS, ...NOBODY].map((entity_type) => chatTypeName({ type: 'C', entity_type })));
    for (const type of [...ADMINS, ...NOBODY].flatMap((word) => [word, `${word}_`, `${word}__`, word.replace('_', '___')])) {
      expect({ type, passes: reserved.has(chatTypeName({ type: 'C', entity_type: type })) && entityKind(type).maker === 'anyone' }).toEqual({ type, passes: false });
    }
  });
});

describe('a thing that has its chat already', () => {
  test.each(['SONET_GROUP', 'GENERAL'])('%s: an administrator finds it, also of two at once', async (ENTITY_TYPE) => {
    const asked = { ENTITY_TYPE, ENTITY_ID: '99' };
    const found = await Promise.all(Array.from({ length: 6 }, () => portal.admin.call<number>('im.chat.add', asked)));
    expect(new Set(found).size).toBe(1);
  });

  test.each(['TASKS', 'TASKS_TASK'])('%s: who is in it finds it, a stranger makes and sees another', async (ENTITY_TYPE) => {
    const asked = { ENTITY_TYPE, ENTITY_ID: '8293', MESSAGE: 'private' };
    const own = await Promise.all(Array.from({ length: 6 }, () => anna.call<number>('im.chat.add', asked)));
    expect(new Set(own).size).toBe(1);
    const other = await boris.call<number>('im.chat.add', asked);
    expect(own).not.toContain(other);
    expect(await boris.fails('im.dialog.get', { DIALOG_ID: `chat${own[0]}` })).toMatchObject({ error: 'ACCESS_ERROR' });
    await anna.call('im.chat.leave', { CHAT_ID: own[0] });
    expect(own).not.toContain(await anna.call<number>('im.chat.add', asked));
  });
});
