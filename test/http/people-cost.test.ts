/** What people, chats of many and lists of ids cost on a portal with twenty thousand users: nobody waits, and limits say what is too much. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Session, WriteSession } from '../../src/db/database.ts';
import { INDEX_VERSION, indexUsers } from '../../src/db/stores/user-index.ts';
import type { NewUser } from '../../src/db/stores/user-store.ts';
import { createChat } from '../../src/messenger/chats/chats.ts';
import { addMembers } from '../../src/messenger/chats/membership.ts';
import { blankUser, viewUsers } from '../../src/messenger/people/users.ts';
import { bestStop, LONGEST_STOP_MS } from '../fuzz/stops.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const USERS = 20_000;
const FIRST = ['Anna', 'Борис', 'Chloé', 'Дарья', 'Émile', 'Fatima', 'Günther', 'Hélène', 'Игорь', 'João'];
const LAST = ['Ёлкина', 'Abel', 'Weiß', 'Смирнов', 'Ørsted', 'Zhang', 'de la Cruz', 'O\'Hara', 'Müller', 'Łukasz'];

let portal: TestServer;
let admin: Client;
let guest: Client;
let ids: number[];

function person(i: number): NewUser {
  return {
    ...blankUser(1_700_000_000_000 + i * 1000), first_name: FIRST[i % 10]!, last_name: `${LAST[(i * 7) % 10]!} ${i}`,
    email: `person${i}@example.org`, work_position: i % 3 === 0 ? 'Captain' : 'Инженер', active: i % 11 === 0 ? 0 : 1, gender: i % 2 === 0 ? 'F' : 'M',
    departments: JSON.stringify([1 + (i % 40)]), phones: JSON.stringify({ work_phone: `+49 ${i}` }),
    profile: JSON.stringify({ PERSONAL_CITY: `City ${i % 300}`, UF_SKILLS: 'knots, charts and tides'.repeat(4), XML_ID: `ext-${i}` }),
  };
}

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  guest = await portal.addUser('Guest', { extranet: 1 });
  ids = [];
  for (let i = 0; i < USERS; i += 500) {
    await portal.server.context.db.write(async (s) => {
      const rows = await s.query((q) => q.insertInto('user').values(Array.from({ length: 500 }, (_, k) => ({ ...person(i + k), index_version: INDEX_VERSION }))).returningAll());
      await indexUsers(s, rows);
      ids.push(...rows.map((row) => row.id));
    });
  }
  await admin.call('im.chat.add', { TITLE: 'With the guest', USERS: [guest.userId, ...ids.slice(0, 900)] });
}, 120_000);
afterAll(() => portal[Symbol.asyncDispose]());

/** The loop's longest stop while the call is answered. The test's own client shares the loop, so large bodies are kept out. */
async function stopOf(who: Client, method: string, params: () => Record<string, unknown>): Promise<number> {
  return bestStop(() => who.raw(method, params()));
}

const PATTERNS = Array.from({ length: 8 }, (_, i) => `%e${i}%a%b%c%d`);
const TWO = { WORK_POSITION: 'ASC', PERSONAL_CITY: 'DESC' };
const EIGHT = Object.fromEntries(['NAME', 'LAST_NAME', 'EMAIL', 'UF_SKILLS'].flatMap((field) => [[`>${field}`, ''], [`<${field}`, 'я']]));
const QUERIES: Array<[string, Record<string, unknown>]> = [
  ['everybody', {}],
  ['the last page', { start: USERS - 50 }],
  ['sorted by a name', { SORT: 'LAST_NAME', ORDER: 'DESC', start: USERS / 2 }],
  ['sorted by two texts, with two ranges', { FILTER: { '>EMAIL': 'a', '<NAME': 'я' }, ORDER: TWO, start: 15_000 }],
  ['sorted by a department', { SORT: 'UF_DEPARTMENT', ORDER: 'ASC' }],
  ['a part of a name', { FILTER: { '%NAME': 'ар' } }],
  ['words anywhere', { FILTER: { NAME_SEARCH: 'cap ан 1 е' } }],
  ['eight patterns', { FILTER: { '=%UF_SKILLS': PATTERNS } }],
  ['eight ranges', { FILTER: EIGHT }],
  ['five hundred names that are not', { FILTER: { '!@LAST_NAME': Array.from({ length: 500 }, (_, i) => `Abel ${i}`) } }],
  ['thirty lists of ids', { FILTER: Object.fromEntries(['', '=', '@', '!', '!@', '!='].flatMap((op) => ['ID', 'UF_DEPARTMENT', 'ACTIVE', 'EXTRANET', 'XML_ID'].map((field) => [op + field, Array.from({ length: 16 }, (_, i) => (field === 'ID' || field === 'UF_DEPARTMENT' || field === 'XML_ID' ? i : 'Y'))]))) }],
  ['dates', { FILTER: { '>=DATE_REGISTER': '2023-11-14T00:00:00Z', '<TIMESTAMP_X': '2033-01-01' }, SORT: 'TIMESTAMP_X', ORDER: 'DESC' }],
];

/** The parameter named and the text that must be said of it. */
const TOO_MUCH: Array<[string, Record<string, unknown>, string]> = [
  ['a megabyte to search for', { FILTER: { NAME_SEARCH: 'x'.repeat(1_000_000) } }, 'FILTER[NAME_SEARCH]'],
  ['a megabyte of words', { FILTER: { NAME_SEARCH: 'a '.repeat(500_000) } }, 'FILTER[NAME_SEARCH]'],
  ['many words', { FILTER: { NAME_SEARCH: 'a b c d e' } }, 'FILTER[NAME_SEARCH]'],
  ['a megabyte as a part', { '%NAME': 'x'.repeat(1_000_000) }, '%NAME'],
  ['nine thousand ids', { FILTER: { ID: Array.from({ length: 9000 }, (_, i) => i) } }, 'FILTER[ID]'],
  ['nine thousand names that are not', { FILTER: { '!@NAME': Array.from({ length: 9000 }, (_, i) => `n${i}`) } }, 'FILTER[!@NAME]'],
  ['many conditions', { FILTER: Object.fromEntries(['', '=', '@', '!'].flatMap((op) => ['ID', 'NAME', 'EMAIL', 'XML_ID', 'TITLE', 'UF_SKYPE', 'UF_XING', 'UF_DEPARTMENT'].map((field) => [op + field, 'x1'.slice(1)]))) }, 'FILTER['],
  ['many signs', { FILTER: { '=%NAME': '%a%b%c%d%e%f%' } }, 'FILTER[=%NAME]'],
  ['a long operator', { FILTER: { [`${'!'.repeat(900_000)}NAME`]: 'x' } }, 'FILTER[!'],
  ['a long field', { FILTER: { ['N'.repeat(900_000)]: 'x' } }, 'FILTER[N'],
  ['a long sort', { ORDER: { ['N'.repeat(900_000)]: 'ASC' } }, 'SORT'],
  ['three sorted texts', { ORDER: { NAME: 'ASC', LAST_NAME: 'ASC', WORK_POSITION: 'ASC' } }, 'SORT'],
  ['a deep value', { FILTER: { NAME: [[['x']]] } }, 'FILTER[NAME]'],
];

describe('user.get', () => {
  test.each(QUERIES)('%s: nobody waits', async (_name, params) => {
    expect((await admin.raw('user.get', params)).status).toBe(200);
    expect(await stopOf(admin, 'user.get', () => params)).toBeLessThan(LONGEST_STOP_MS);
    expect(await stopOf(guest, 'user.get', () => params)).toBeLessThan(LONGEST_STOP_MS);
  }, 60_000);
});

describe('too much is an error that names the parameter', () => {
  test.each(TOO_MUCH)('%s', async (_name, params, argument) => {
    const failure = await admin.fails('user.get', params);
    expect(failure).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: expect.stringContaining(argument) });
    expect(failure.text.length).toBeLessThan(400);
    expect(failure.argument!.length).toBeLessThanOrEqual(100);
    expect(await stopOf(admin, 'user.get', () => params)).toBeLessThan(LONGEST_STOP_MS);
  }, 60_000);
});

describe('a thousand people at once', () => {
  const thousand = () => ids.slice(1, 1000);

  test('im.chat.add, im.chat.user.add, im.chat.user.list and im.user.list.get let others have their turn', async () => {
    expect(await stopOf(admin, 'im.chat.add', () => ({ USERS: thousand() }))).toBeLessThan(LONGEST_STOP_MS);
    const CHAT_ID = await admin.call<number>('im.chat.add', { TITLE: 'All' });
    for (let i = 1; i < 10_000; i += 1000) await admin.call('im.chat.user.add', { CHAT_ID, USERS: ids.slice(i, i + 1000) });
    expect((await admin.call<number[]>('im.chat.user.list', { CHAT_ID })).length).toBeGreaterThan(9000);
    expect(await stopOf(admin, 'im.chat.user.list', () => ({ CHAT_ID }))).toBeLessThan(LONGEST_STOP_MS);
    let from = 10_000;
    expect(await stopOf(admin, 'im.chat.user.add', () => ({ CHAT_ID, USERS: ids.slice(from, (from += 1000)) }))).toBeLessThan(LONGEST_STOP_MS);
    for (const who of [admin, guest]) expect(await stopOf(who, 'im.user.list.get', () => ({ ID: thousand() }))).toBeLessThan(LONGEST_STOP_MS);
  }, 120_000);

  test('pages of members, and chats found by who is in them', async () => {
    const CHAT_ID = await admin.call<number>('im.chat.add', { TITLE: 'Many' });
    for (let i = 1; i < 10_000; i += 1000) await admin.call('im.chat.user.add', { CHAT_ID, USERS: ids.slice(i, i + 1000) });
    for (let i = 0; i < 200; i += 1) await admin.call('im.chat.add', { TITLE: 'Few', USERS: ids.slice(i * 5, i * 5 + 5) });
    const found = await admin.call<unknown[]>('im.search.chat.list', { FIND: 'captain', LIMIT: 50 });
    expect(found).toHaveLength(50);
    for (const FIND of ['captain', 'captain anna', 'nobody']) expect(await stopOf(admin, 'im.search.chat.list', () => ({ FIND }))).toBeLessThan(LONGEST_STOP_MS);
    expect(await stopOf(admin, 'im.dialog.users.list', () => ({ DIALOG_ID: `chat${CHAT_ID}`, LIMIT: 50 }))).toBeLessThan(LONGEST_STOP_MS);
  }, 120_000);

  test('statements do not grow with the people', async () => {
    const count = async (size: number) => {
      const { db } = portal.server.context;
      let statements = 0;
      const counted = <S extends Session>(s: S): S => new Proxy(s, {
        get(target, name) {
          const value = Reflect.get(target, name, target) as unknown;
          if (typeof value !== 'function') return value;
          if (name === 'query' || name === 'all' || name === 'first') statements += 1;
          return (value as () => unknown).bind(target);
        },
      });
      const watched: Database = Object.assign(Object.create(db) as Database, {
        read: <T>(work: (s: Session) => Promise<T>) => db.read((s) => work(counted(s))),
        write: <T>(work: (s: WriteSession) => Promise<T>) => db.write((s) => work(counted(s))),
      });
      const m = { ...portal.server.context.messenger, db: watched };
      const userIds = ids.slice(1, 1 + size);
      const made = await createChat(m, { ownerId: 1, type: 'C', userIds: userIds.slice(0, size / 2) });
      if (!made.ok) throw new Error(made.reason);
      await addMembers(m, { userId: 1, admin: true, insider: true }, made.value, userIds.slice(size / 2), true);
      await viewUsers(m, { userId: guest.userId, admin: false, insider: false }, userIds);
      return statements;
    };
    // A chunk of two hundred costs one statement: four of them more per half, and three for reading the users.
    expect((await count(1000)) - (await count(200))).toBeLessThan(16);
  });

  test('more is an error that names the parameter', async () => {
    const USERS = Array.from({ length: 1001 }, (_, i) => i + 1);
    expect(await admin.fails('im.chat.add', { USERS })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'USERS' });
    expect(await admin.fails('im.chat.user.add', { CHAT_ID: 1, USERS })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'USERS' });
    expect(await admin.fails('im.user.list.get', { ID: USERS })).toMatchObject({ error: 'INVALID_FORMAT' });
  });
});
