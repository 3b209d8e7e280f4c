/** What is trimmed, and what never: what a reader has not passed, the last entry, whatever a date or a token still needs. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { comparePositions, entriesAfter, type Position, READERS } from '../../src/db/stores/journal-store.ts';
import { meaningOf } from '../../src/db/stores/tick-store.ts';
import { snapshot } from '../../src/db/stores/generation-store.ts';
import { readFloor } from '../../src/db/stores/trim-store.ts';
import { KEPT_MS, trim } from '../../src/portal/trimming.ts';
import { addCircle } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const NOW = 2_000_000_000_000;
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const ALL = [{ rev: 0, seq: 0 }, Number.MAX_SAFE_INTEGER, 100_000] as const;
/** Above all revisions that the portal itself gives meanwhile. */
const BASE = 1_000_000_000;

let portal: TestServer;
let db: Database;
beforeAll(async () => {
  portal = await startTestServer({}, { indexing: 'never' });
  db = portal.server.context.db;
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(() => db.write((s) => s.query((q) => q.deleteFrom('tick'))));

const entry = { what: 'user.added' as const, chat_id: 0, user_id: 0, actor_id: 0, subject_id: 0, hops: 0 };

async function setJournal(rows: ReadonlyArray<{ rev: number; seq: number; created_at: number }>, handlers: Position, texts = handlers): Promise<void> {
  await db.write(async (s) => {
    await s.query((q) => q.deleteFrom('journal'));
    for (let i = 0; i < rows.length; i += 200) await s.query((q) => q.insertInto('journal').values(rows.slice(i, i + 200).map((row) => ({ ...entry, ...row }))));
    await s.query((q) => q.updateTable('journal_reader').set(handlers).where('name', '=', READERS.handlers));
    await s.query((q) => q.updateTable('journal_reader').set(texts).where('name', '=', READERS.texts));
  });
}

test('of the journal goes what is old, what all its readers have passed, and never the last revision', async () => {
  const ages = fc.array(fc.record({ units: fc.integer({ min: 1, max: 3 }), age: fc.constantFrom(2 * DAY, DAY + 1, DAY, HOUR, 0) }), { minLength: 1, maxLength: 250 });
  await fc.assert(fc.asyncProperty(ages, fc.nat(), fc.nat(), async (revisions, handlers, texts) => {
    const old = revisions.map(({ age }) => age).sort((a, b) => b - a);
    const rows = revisions.flatMap(({ units }, i) => Array.from({ length: units }, (_, seq) => ({ rev: BASE + i, seq, created_at: NOW - old[i]! })));
    const cursors = [handlers, texts].map((at) => rows[at % rows.length]!).map(({ rev, seq }) => ({ rev, seq }));
    await setJournal(rows, cursors[0]!, cursors[1]);
    const cursor = cursors.toSorted(comparePositions)[0]!;
    await trim(db, NOW);
    const left = (await db.read((s) => entriesAfter(s, ...ALL))).filter(({ rev }) => rev >= BASE).map(({ rev, seq }) => `${rev} ${seq}`);
    const passed = (row: Position) => row.rev < cursor.rev || (row.rev === cursor.rev && row.seq <= cursor.seq);
    const last = rows.at(-1)!.rev;
    const expected = rows.filter((row) => row.created_at >= NOW - KEPT_MS.journal || !passed(row) || row.rev === last);
    expect(left).toEqual(expected.map(({ rev, seq }) => `${rev} ${seq}`));
  }), { numRuns: 25 });
});

test('a reader that no longer exists holds nothing back', async () => {
  const rows = [1, 2, 3].map((i) => ({ rev: BASE + i, seq: 0, created_at: 0 }));
  await setJournal(rows, { rev: BASE + 3, seq: 0 });
  await db.write((s) => s.query((q) => q.insertInto('journal_reader').values({ name: 'gone', rev: 0, seq: 0 })));
  await trim(db, NOW);
  const left = await db.read((s) => entriesAfter(s, ...ALL));
  expect(left.filter(({ rev }) => rev >= BASE).map(({ rev }) => rev)).toEqual([BASE + 3]);
});

test('pages of im.recent.list that somebody may still go on after stay for an hour', async () => {
  const who = await portal.addUser('Walker');
  for (const TITLE of ['a', 'b', 'c']) await who.call('im.chat.add', { TITLE });
  const given = portal.clock.now();
  for (const OFFSET of [0, 1]) await who.call('im.recent.list', { LIMIT: 1, OFFSET });
  const left = async () => (await db.read((s) => s.query((q) => q.selectFrom('walked_page').select('id').where('user_id', '=', who.userId)))).length;
  await vi.waitFor(async () => expect(await left()).toBe(2));
  await trim(db, given + KEPT_MS.walks - MINUTE);
  expect(await left()).toBe(2);
  await trim(db, given + KEPT_MS.walks + MINUTE);
  expect(await left()).toBe(0);
});

function mostLost(age: number): number {
  if (age > KEPT_MS.ticksOfMinutes) return HOUR;
  return age > KEPT_MS.allTicks ? MINUTE : 0;
}

test('ticks: a date means what it meant or reaches further back, by no more than what is kept at its age', async () => {
  const gap = fc.oneof(fc.integer({ min: 1000, max: 20_000 }), fc.integer({ min: MINUTE, max: DAY }));
  await fc.assert(fc.asyncProperty(fc.array(gap, { minLength: 2, maxLength: 150 }), fc.array(fc.integer({ min: 0, max: 30 * DAY }), { minLength: 5, maxLength: 20 }), async (gaps, ages) => {
    let at = NOW;
    const ticks = gaps.map((ms, i) => ({ node: 'a', at: (at -= ms), until: at + 10_000, rev: gaps.length - i }));
    await db.write(async (s) => {
      await s.query((q) => q.deleteFrom('tick'));
      await s.query((q) => q.insertInto('tick').values(ticks));
    });
    const meanings = () => db.read(async (s) => {
      const found = [];
      for (const age of ages) found.push(await meaningOf(s, NOW - age));
      return found;
    });
    const before = await meanings();
    await trim(db, NOW);
    const after = await meanings();
    const atOf = (rev: number) => ticks.find((tick) => tick.rev === rev)?.at;
    ages.forEach((_, i) => {
      expect(after[i]!.given).toBe(before[i]!.given);
      expect(after[i]!.rev).toBeLessThanOrEqual(before[i]!.rev);
      const [was, is] = [atOf(before[i]!.rev), atOf(after[i]!.rev)];
      if (was !== undefined && NOW - was < KEPT_MS.ticks - HOUR) expect(was - is!).toBeLessThanOrEqual(mostLost(NOW - was));
    });
    const left = await db.read((s) => s.query((q) => q.selectFrom('tick').select('at').orderBy('at', 'desc')));
    expect(left.map((row) => row.at).filter((found) => found >= NOW - KEPT_MS.allTicks)).toEqual(ticks.map((tick) => tick.at).filter((found) => found >= NOW - KEPT_MS.allTicks));
    if (ticks[0]!.until >= NOW - KEPT_MS.ticks) expect(left[0]?.at).toBe(ticks[0]!.at);
  }), { numRuns: 25 });
});

test('tombstones go after thirty days, with a floor that never sinks; who has rejoined or is a member stays', async () => {
  const rows = async (chat: number) => (await db.read((s) => s.query((q) => q.selectFrom('member').selectAll().where('chat_id', '=', chat)))).map(({ user_id, left_at, rev }) => ({ user_id, gone: left_at > 0, rev }));
  const { owner, member, other, chat } = await addCircle(portal);
  const { token } = await other.call<{ token: string }>('tidemark.recent.changes');
  for (const who of [member, other]) await owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: who.userId });
  await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId] });
  const [tombstone] = (await rows(chat)).filter(({ gone }) => gone);
  // A token that was given while a transaction elsewhere on the same server was open may have to begin anew.
  await vi.waitFor(async () => expect((await db.read(snapshot)).token).toBeGreaterThan(tombstone!.rev), { timeout: 30_000, interval: 20 });
  const { token: later } = await other.call<{ token: string }>('tidemark.recent.changes', { TOKEN: token });
  const now = portal.clock.now();
  await trim(db, now + KEPT_MS.tombstones - MINUTE);
  expect(await rows(chat)).toHaveLength(3);
  await trim(db, now + KEPT_MS.tombstones + MINUTE);
  expect((await rows(chat)).map(({ user_id }) => user_id).sort((a, b) => a - b)).toEqual([owner.userId, member.userId]);
  expect(await db.read(readFloor)).toBe(tombstone!.rev);
  expect(await other.call('tidemark.recent.changes', { TOKEN: token })).toMatchObject({ reset_required: true });
  expect(await other.call('tidemark.recent.changes', { TOKEN: later })).toMatchObject({ reset_required: false });
  await db.write((s) => s.query((q) => q.updateTable('member').set({ left_at: 1, rev: 0 }).where('chat_id', '=', chat).where('user_id', '=', member.userId)));
  await trim(db, now);
  expect(await db.read(readFloor)).toBe(tombstone!.rev);
});

test('a start is forgotten once the next one is too old for anybody to have a token from before it', async () => {
  const nonces = async () => (await db.read((s) => s.query((q) => q.selectFrom('generation').select('nonce').orderBy('id')))).map(({ nonce }) => nonce);
  await db.write(async (s) => {
    await s.query((q) => q.deleteFrom('generation'));
    for (const [nonce, days] of [['a', 90], ['b', 40], ['c', 1]] as const) await s.query((q) => q.insertInto('generation').values({ nonce, rev: 1, started_at: NOW - days * DAY }));
  });
  await trim(db, NOW);
  expect(await nonces()).toEqual(['b', 'c']);
  await trim(db, NOW + 365 * DAY);
  expect(await nonces()).toEqual(['c']);
});
