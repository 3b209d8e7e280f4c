/**
 * Whatever stands in a text column, by whomever it was written: lists answer, and with all that does not show it as
 * before. What cannot be shown at all is left out, and the log says so.
 */
import fc from 'fast-check';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/db/database.ts';
import type { Client } from '../support/client.ts';
import { type Message, type Row, stable } from '../support/people.ts';
import { ownFiles } from '../support/files.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const TABLES = ['user', 'chat', 'message', 'member'] as const;

interface Column {
  table: (typeof TABLES)[number];
  column: string;
}

let portal: TestServer;
let viewer: Client;
let people: Client[];
let chats: number[];
/** The last message of each chat. */
let lastOf: Map<number, number>;
let columns: Column[];
const logged: Array<{ row?: number; msg: string }> = [];

beforeAll(async () => {
  const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line) as (typeof logged)[number]) });
  portal = await startTestServer({}, { log });
  viewer = await portal.addUser('Viewer', { color: 'RED', phones: '{"work_phone":"+1"}', birthday: '05-11' });
  people = [await portal.addUser('First', { departments: '[1,2]', profile: '{"TITLE":"Dr"}' }), await portal.addUser('Second')];
  chats = await addChats();
  lastOf = new Map((await viewer.call<Row[]>('im.recent.get')).map((row) => [row.chat_id, row.message.id]));
  columns = (await portal.server.context.db.read((s) => Promise.all(TABLES.map((table) => textColumns(s, table))))).flat();
  expect(columns.length).toBeGreaterThan(25);
});
afterAll(() => portal[Symbol.asyncDispose]());

/** A chat of each kind, the last message of each by somebody else and with all that a message may carry. */
async function addChats(): Promise<number[]> {
  const USERS = [viewer.userId, people[1]!.userId];
  const kinds = [{}, { TYPE: 'OPEN' }, { TYPE: 'CHANNEL' }, { ENTITY_TYPE: 'LINES', ENTITY_DATA_1: 'Y|LEAD|1|N|N|7|1700000000' }, { ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '5' }];
  const owner = people[0]!;
  const ids: number[] = [];
  for (const kind of kinds) ids.push(await owner.call<number>('im.chat.add', { USERS, ...kind }));
  const content = { MESSAGE: 'Hello [b]there[/b]', ATTACH: [{ MESSAGE: 'x' }], STICKER_ID: 2 };
  const withFile = async (one: Client) => ({ ...content, FILE_ID: await ownFiles(one, 1) });
  for (const id of ids) await owner.call('im.message.add', { DIALOG_ID: `chat${id}`, ...(await withFile(owner)) });
  for (const one of people) await one.call('im.message.add', { DIALOG_ID: viewer.userId, ...(await withFile(one)) });
  for (const { userId } of people) ids.push((await viewer.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID: userId })).chat_id);
  return ids;
}

async function textColumns(s: Session, table: Column['table']): Promise<Column[]> {
  const query =
    ENGINE === 'sqlite'
      ? sql<{ name: string }>`select name from pragma_table_info(${table}) where lower(type) = 'text' or lower(type) like 'varchar%'`
      : sql<{ name: string }>`select column_name as name from information_schema.columns where table_name = ${table} and data_type in ('text', 'character varying')`;
  const rows = await s.query((q) => ({ compile: () => query.compile(q) }));
  return rows.map(({ name }) => ({ table, column: name }));
}

/** Writes a text into one row's column, says what was there, and has everything read again. */
async function put({ table, column }: Column, { key, id }: { key: string; id: number }, value: unknown): Promise<unknown> {
  return portal.server.context.db.write(async (s) => {
    s.changes.everything = true;
    const [row] = await s.query((q) => ({ compile: () => sql<Record<string, unknown>>`select * from ${sql.table(table)} where ${sql.ref(key)} = ${id}`.compile(q) }));
    await s.query((q) => ({ compile: () => sql`update ${sql.table(table)} set ${sql.ref(column)} = ${value} where ${sql.ref(key)} = ${id}`.compile(q) }));
    return row![column];
  });
}

/** As {@link stable} does for the fields of user.get. */
function withoutActivity<T>(answer: T): T {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (['LAST_ACTIVITY_DATE', 'LAST_LOGIN', 'IS_ONLINE'].includes(key) ? '' : value))) as T;
}

/** All lists, each with what names its entries. */
async function everyList(): Promise<Record<string, Array<{ key: number | string; entry: unknown }>>> {
  const call = async <T>(method: string, params: Record<string, unknown> = {}) => withoutActivity(stable(await viewer.call<T>(method, params)));
  const ids = [viewer, ...people].map(({ userId }) => userId);
  const lists: Record<string, Array<{ key: number | string; entry: unknown }>> = {};
  const add = <T>(name: string, entries: readonly T[], keyOf: (entry: T) => number | string) => {
    lists[name] = entries.map((entry) => ({ key: keyOf(entry), entry }));
  };
  add('get', await call<Row[]>('im.recent.get'), (row) => row.chat_id);
  add('lines', await call<Row[]>('im.recent.get', { ONLY_OPENLINES: 'Y' }), (row) => row.chat_id);
  for (const PARSE_TEXT of ['N', 'Y']) add(`list ${PARSE_TEXT}`, (await call<{ items: Row[] }>('im.recent.list', { PARSE_TEXT, LIMIT: 200 })).items, (row) => row.chat_id);
  add('users', await call<Array<{ id: number }>>('im.user.list.get', { ID: ids, RESULT_TYPE: 'array' }), (user) => user.id);
  add('profiles', await call<Array<{ ID: string }>>('user.get', { FILTER: { '@ID': ids } }), (row) => Number(row.ID));
  await Promise.all(chats.flatMap((id) => ['im.dialog.messages.get', 'im.dialog.get', 'im.chat.user.list'].map(async (method) => {
    const { status, body } = await viewer.raw(method, { DIALOG_ID: `chat${id}`, CHAT_ID: id });
    // To a damaged chat access may be gone, but no call may fail as the server's fault.
    expect(`${method} ${status}`, JSON.stringify([body, logged.at(-1)])).toMatch(/ (200|403)$/);
    if (method === 'im.dialog.messages.get' && status === 200) add(`history of ${id}`, (body.result as { messages: Message[] }).messages, (message) => message.id);
  })));
  expect(await call('im.counters.get')).toMatchObject({ TYPE: {} });
  return lists;
}

const nasty = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.json(),
  fc.json({ maxDepth: 1 }).map((json) => `{"work_phone":${json},"FILE_ID":${json},"STICKER_ID":${json},"TITLE":${json},"ATTACH":${json}}`),
  fc.tuple(fc.oneof(fc.double(), fc.string()), fc.oneof(fc.double(), fc.string())).map(([id, start]) => `Y|LEAD|1|N|N|${id}|${start}`),
  fc.constantFrom(
    '', 'null', '[]', '{}', '0', 'constructor', '__proto__', 'toString', 'P', 'L', '[1.5,"x",null]', '{"STICKER_ID":1.5}', '{"__proto__":{"x":1}}',
    '{"ID":"5","ACTIVE":"x"}', '99-99', '2026-02-31', 'Y|LEAD|1|N|N|7|99999999999999', 'Y|LEAD|1|N|N|1.5|-5', 'Y|LEAD|1|N|N|null|1e300', 'a\r\nb\u2028c', '[USER=1][/USER]',
  ),
).map((text) => text.replaceAll('\0', ''));

test('any text in any column takes nothing along but what shows it', { timeout: 300_000 }, async () => {
  const before = await everyList();
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), nasty, async (which, where, text) => {
      const at = columns[which % columns.length]!;
      const chat = chats[where % chats.length]!;
      const user = [viewer, ...people][where % 3]!.userId;
      const row = { user: { key: 'id', id: user }, chat: { key: 'id', id: chat }, message: { key: 'id', id: lastOf.get(chat)! }, member: { key: 'chat_id', id: chat } }[at.table];
      let old: unknown;
      try {
        old = await put(at, row, text);
      } catch {
        return fc.pre(false); // Too long for the column, or a key that is taken.
      }
      try {
        for (const [name, entries] of Object.entries(await everyList())) {
          const damaged = (key: number | string, entry: unknown) => {
            if (at.table === 'user') return JSON.stringify(entry).includes(`"id":${user},`) || key === user || JSON.stringify(entry).includes('"author_id"');
            return key === chat || name === `history of ${chat}`;
          };
          const whole = before[name]!.filter(({ key, entry }) => !damaged(key, entry));
          const kept = new Map(entries.map(({ key, entry }) => [key, entry]));
          for (const { key, entry } of whole) expect(kept.get(key), `${name}, with ${JSON.stringify(text)} in ${at.table}.${at.column}`).toEqual(entry);
        }
      } finally {
        await put(at, row, old);
      }
    }),
    { numRuns: Number(process.env['TIDEMARK_STORED_RUNS'] ?? 150) },
  );
});

test('an open line whose session nobody can read has none, and its row\'s own date', async () => {
  for (const data of ['|||||abc|def', '|||||1.5|99999999999999', '|||||-1|-1', '|||||9007199254740993|1e300', '|||||null|']) {
    const id = await people[0]!.call<number>('im.chat.add', { USERS: [viewer.userId], ENTITY_TYPE: 'LINES', ENTITY_DATA_1: data });
    const row = (await viewer.call<Array<Row & { lines: object }>>('im.recent.get')).find((candidate) => candidate.chat_id === id)!;
    expect(row).toMatchObject({ lines: { id: 0, status: 0, date_create: row.date_update }, chat: { entity_data_1: data } });
  }
});

test('what cannot be shown is left out of both lists and logged, also while the list is kept', async () => {
  const [chat] = chats as [number];
  const shown = async () => ({
    get: (await viewer.call<Row[]>('im.recent.get')).map((row) => row.chat_id),
    list: (await viewer.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 })).items.map((row) => row.chat_id),
  });
  const before = await shown();
  logged.length = 0;
  const old = await put({ table: 'chat', column: 'type' }, { key: 'id', id: chat }, 'Z');
  const without = (ids: number[]) => ids.filter((id) => id !== chat);
  expect(await shown()).toEqual({ get: without(before.get), list: without(before.list) });
  expect(logged.filter(({ row, msg }) => row === chat && /left out/.test(msg)).length).toBeGreaterThan(0);
  await put({ table: 'chat', column: 'type' }, { key: 'id', id: chat }, old);
  expect(await shown()).toEqual(before);
});
