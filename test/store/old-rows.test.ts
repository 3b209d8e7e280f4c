/** Rows that nothing has changed since the upgrade that brought revisions: found by their date, and not all looked through. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/db/database.ts';
import { recentWindow } from '../../src/db/stores/recent-store.ts';
import { recentWindowSize, touchedKeys } from '../../src/db/stores/window-store.ts';
import { seederOn } from '../../bench/seed.ts';
import { HeldStore } from '../support/held-store.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
/** Chats by how many days ago they changed last, of both kinds: more than a chunk of each. */
const CHATS = 700;
const daysAgo = (index: number) => 1 + (index % 40);

const store = new HeldStore();
let portal: TestServer;
let userId: number;
let chats: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap, folding: 'never' });
  const { db } = portal.server.context;
  const seeder = seederOn(db, portal.clock);
  userId = (await seeder.users(1))[0]!;
  chats = await seeder.chats('old', Array.from({ length: CHATS }, (_, index) => ({ members: [userId], daysAgo: daysAgo(index) })));
  // Every second one is as it was before the upgrade, some as a restored dump leaves them.
  await db.write((s) => s.query((q) => q.updateTable('member').set({ rev: sql<number>`case when chat_id % 4 = 0 then -5 when chat_id % 2 = 0 then 0 else 7 end` }).where('user_id', '=', userId)));
});
afterAll(() => portal[Symbol.asyncDispose]());

async function gathered<T>(chunks: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

const ids = (rows: Array<{ chat_id: number }>) => rows.map((row) => row.chat_id).sort((a, b) => a - b);

test.each([2.5, 12.5, 30.5, 100])('a window of %d days has the rows of both kinds, each once', async (days) => {
  const since = Date.now() - days * DAY_MS;
  const wanted = chats.filter((_id, index) => daysAgo(index) < days);
  const window = { since, rev: Number.MIN_SAFE_INTEGER };
  const { db } = portal.server.context;
  await db.read(async (s) => {
    expect(ids(await gathered(recentWindow(s, userId, window)))).toEqual(wanted);
    expect(await recentWindowSize(s, userId, window, 10_000)).toBe(wanted.length);
    const touched = await gathered(touchedKeys(s, userId, window));
    expect(ids(touched.filter((key) => key.updated_at >= since))).toEqual(wanted);
  });
});

test('what is above all old revisions has none of them', async () => {
  const rows = await portal.server.context.db.read((s) => gathered(recentWindow(s, userId, { since: 0, rev: 1 })));
  expect(ids(rows)).toEqual(chats.filter((id) => id % 2 === 1));
});

test('they are entered by their date', async () => {
  const { db } = portal.server.context;
  const from = store.sent.length;
  await db.read((s) => gathered(recentWindow(s, userId, { since: Date.now() - DAY_MS, rev: 0 })));
  const asked = store.sent.slice(from).find((text) => text.includes('"m"."rev" <= 0'))!;
  expect(await planOf(asked)).toMatch(ENGINE === 'sqlite' ? /INDEX member_old \(user_id=\? AND \(updated_at,chat_id\)>\(\?,\?\)\)/ : /member_old/);
});

/** As a server would plan it that has seen so many rows. */
async function planOf(text: string): Promise<string> {
  const { db } = portal.server.context;
  const run = (s: Session, query: string) => s.query((q) => ({ compile: () => sql.raw<Record<string, unknown>>(query).compile(q) }));
  if (ENGINE === 'postgres') await db.write((s) => run(s, 'analyze member'));
  const literal = [userId, Date.now() - DAY_MS, 0, 200].values();
  const query = text.replace(/\?/g, () => String(literal.next().value));
  const rows = await db.read((s) => run(s, ENGINE === 'sqlite' ? `explain query plan ${query}` : `explain ${query}`));
  return rows.map((row) => Object.values(row).join(' ')).join('\n');
}
