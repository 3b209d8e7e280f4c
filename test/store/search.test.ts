/** Searching among many messages: with an index that has come so far, among others' chats, by date; and how little is read for it. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database, Session } from '../../src/db/database.ts';
import { fold } from '../../src/db/fold.ts';
import type { TextIndex } from '../../src/db/text-index.ts';
import { type MessageSearch, type Scope } from '../../src/db/stores/found-store.ts';
import { searchMessages } from '../../src/db/stores/search-store.ts';
import { addCircle } from '../support/people.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const START = Date.UTC(2024, 0, 1);
const [OWN, FOREIGN] = [1500, 4500];
const WORDS = ['tide', 'Tidal', 'ebb', 'flow', 'Прилив', 'отлив', '潮汐', '大潮', 'ΠΑΛΊΡΡΟΙΑ', '🌊', 'of', 'we'];

interface Message {
  id: number;
  chat_id: number;
  text: string;
  created_at: number;
}

let portal: TestServer;
let db: Database;
let messages: Message[];
let [own, small, foreign, userId]: number[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { indexing: 'never' });
  db = portal.server.context.db;
  const { owner, chat } = await addCircle(portal);
  [own, userId] = [chat, owner.userId];
  small = await owner.call<number>('im.chat.add', { TITLE: 'Small' });
  foreign = await portal.admin.call<number>('im.chat.add', { TITLE: 'Foreign' });
  // One's own are the last ones of each unit of work of the index; nearly all breakers are others'.
  const chatAt = (i: number) => (i % 4 < 3 ? foreign! : i % 100 === 3 ? small! : own!);
  const random = fc.sample(fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }), OWN + FOREIGN);
  await db.write(async (s) => {
    await s.query((q) => q.deleteFrom('message'));
    const rows = random.map((words, i) => ({
      chat_id: chatAt(i), text: [...words, ...(chatAt(i) === foreign || i % 40 === 3 ? ['breakers'] : [])].join(' '), created_at: START + i * 60_000,
      author_id: userId!, sender_id: userId!, params: '', count_seq: i, counts: 1 as const, system: 0 as const, seen: 0 as const, deleted: 0 as const, uuid: null,
    }));
    for (let i = 0; i < rows.length; i += 500) await s.query((q) => q.insertInto('message').values(rows.slice(i, i + 500)));
    await s.query((q) => q.updateTable('chat').set({ top_message_id: sql`coalesce((select max(e.id) from message as e where e.chat_id = chat.id), 0)`, message_count: sql`(select count(*) from message as e where e.chat_id = chat.id)` }));
    await s.query((q) => q.updateTable('text_index').set({ floor: sql`(select max(id) + 1 from message)` }));
  });
  messages = await db.read((s) => s.query((q) => q.selectFrom('message').select(['id', 'chat_id', 'text', 'created_at']).orderBy('id')));
});
afterAll(() => portal[Symbol.asyncDispose]());

/** How many texts a session gives. */
function counting(s: Session): { session: Session; read(): number } {
  let read = 0;
  const count = <O>(rows: O[]): O[] => {
    read += rows.filter((row) => typeof row === 'object' && row !== null && 'text' in row).length;
    return rows;
  };
  const session: Session = {
    all: async (statement, params) => count(await s.all(statement, params)),
    first: async (statement, params) => count(await s.all(statement, params))[0],
    query: async (build) => count(await s.query(build)),
  };
  return { session, read: () => read };
}

async function search(wanted: Omit<MessageSearch, 'descending' | 'limit'> & Partial<MessageSearch>): Promise<{ ids: number[]; read: number; candidates: number }> {
  return db.read(async (s) => {
    const { session, read } = counting(s);
    let candidates = 0;
    const texts: TextIndex = {
      ...db.texts,
      async find(...look) {
        const ids = await db.texts.find(...look);
        candidates += ids.length;
        return ids;
      },
    };
    const rows = await searchMessages(session, texts, { descending: true, limit: 50, ...wanted });
    return { ids: rows.map(({ id }) => id), read: read(), candidates };
  });
}

function naive({ scope, text, from = 0, to = Infinity, after, descending, limit }: MessageSearch): number[] {
  const chats = 'chatId' in scope ? [scope.chatId] : [own, small];
  const found = messages.filter((message) => {
    if (!chats.includes(message.chat_id) || ('chatId' in scope && message.id < scope.startId)) return false;
    if (after !== undefined && (descending ? message.id >= after : message.id <= after)) return false;
    return message.created_at >= from && message.created_at <= to && fold(message.text).includes(fold(text));
  }).map(({ id }) => id);
  return (descending ? found.toReversed() : found).slice(0, limit);
}

async function check(wanted: MessageSearch): Promise<void> {
  expect({ wanted, ids: (await search(wanted)).ids }).toEqual({ wanted, ids: naive(wanted) });
}

const anywhere = (): Scope => ({ userId: userId!, except: [] });
const place = fc.integer({ min: 0, max: OWN + FOREIGN - 1 });
const date = fc.option(place.map((i) => START + i * 60_000 + (i % 3) - 1), { nil: undefined });
const pieces = fc.array(fc.constantFrom(...WORDS, 'ide', 'да', 'nothing', 'breaker'), { minLength: 1, maxLength: 2 }).map((words) => words.join(' '));
const question = fc.record({
  where: fc.constantFrom('own', 'small', 'foreign', 'anywhere', 'anywhere'), start: place, text: fc.oneof(pieces, fc.constantFrom('', 'breaker')), from: date, to: date,
  after: fc.option(place, { nil: undefined }), descending: fc.boolean(), limit: fc.constantFrom(1, 50, 5000),
});

test('is a naive look at every message at each step of making the index', { timeout: 120_000 }, async () => {
  const { indexing } = portal.server.context;
  for (let more = true; more; ) {
    await fc.assert(fc.asyncProperty(question, async ({ where, start, after, ...rest }) => {
      const idAt = (i: number) => messages[i]!.id;
      const chatId = new Map(Object.entries({ own, small, foreign })).get(where);
      const scope: Scope = chatId === undefined ? anywhere() : { chatId, startId: idAt(start) };
      const wanted: MessageSearch = { ...rest, scope, after: after === undefined ? undefined : idAt(after) };
      await check(wanted);
    }), { numRuns: runs(300) });
    for (const scope of [anywhere(), { chatId: own!, startId: 0 }, { chatId: foreign!, startId: 0 }]) {
      for (const text of ['tid', 'breaker', '潮', 'ΊΡΡΟ']) {
        await check({ scope, text, descending: text !== '潮', limit: 5000 });
      }
    }
    for (let i = 0; i < 10 && more; i++) more = (await indexing.indexSome()) === 'more';
  }
});

test('reads little of a chat for a text that is rare or missing, and none of what others said', async () => {
  const last = messages.findLast((message) => message.chat_id === own)!;
  const scope = { chatId: own!, startId: 0 };
  // The first look reads what was said last, as that is where most is found.
  expect((await search({ scope, text: 'missing' })).read).toBeLessThanOrEqual(500);
  expect((await search({ scope, text: last.text, limit: 1 })).ids).toEqual([last.id]);
  expect((await search({ scope: anywhere(), text: 'missing' })).read).toBe(0);
  // Thousands of others' messages have it, and a few of one's own.
  const wanted = { scope: anywhere(), text: 'breakers', descending: true, limit: 50 };
  for (let limit = 20; limit < 60; limit++) for (const descending of [true, false]) await check({ ...wanted, descending, limit });
  const { read, candidates } = await search(wanted);
  expect(read).toBeLessThan(250);
  expect(candidates).toBeLessThan(1000);
});
