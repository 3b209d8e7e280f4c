/** The arithmetic of docs/scaling.md against a real portal: what is the same at every run, rows and bytes, never times. */
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sizeLines, WITHIN } from '../../bench/model/check.ts';
import { ENGINES, readCoefficients } from '../../bench/model/coefficients.ts';
import { fill, type Shape } from '../../bench/model/fill.ts';
import { advise, costOfSend, predict, ROWS_PER_SEND, type Usage } from '../../bench/model/model.ts';
import { report, reportJson, summary } from '../../bench/model/print.ts';
import { PAGE, SCALES, USUAL } from '../../bench/model/scales.ts';
import { sizesOf } from '../../bench/model/sizes.ts';
import { ask, makeHome } from '../../bench/home.ts';
import { openSeeder, seederOn } from '../../bench/seed.ts';
import { findChat } from '../../src/db/stores/chat-store.ts';
import { ENGINE, POSTGRES_URL, startTestServer, type TestServer } from '../support/server.ts';

const coefficients = readCoefficients();
const USAGE: Usage = { ...USUAL, users: 1000 };

test('the bytes of a portal of another size and other chats than the coefficients come from', async () => {
  const shape: Shape = { users: 600, chats: 20, members: 6, messages: 8, text: 60 };
  await using home = await makeHome(POSTGRES_URL);
  const seeder = await openSeeder(home);
  await fill(seeder, shape, async () => void (home.databaseUrl && (await ask(home.databaseUrl, 'vacuum chat, member'))));
  await seeder.close();
  const sizes = await sizesOf(home);
  expect(sizes['member']?.rows).toBe(600 * 20);
  expect(sizes['message']?.rows).toBe(2000 * 8);
  for (const { what, model, measured } of sizeLines(shape, sizes, coefficients.engines[ENGINE])) {
    // Of a table of few pages each half-empty one counts.
    if (measured < 500_000) continue;
    expect(Math.abs(model / measured - 1), `${what}: model ${model}, measured ${measured}`).toBeLessThan(WITHIN);
  }
});

/** Rows that were written, by the engine's own count: on SQLite all since it was opened, on PostgreSQL those of a chat's last change. */
async function rowsWritten({ server, databaseUrl }: TestServer, chat: number): Promise<number> {
  const { db } = server.context;
  if (ENGINE === 'sqlite') return db.write(async (s) => (await s.query((q) => q.selectNoFrom(sql<number>`total_changes()`.as('n'))))[0]!.n);
  const { rev } = await db.read(async (s) => (await findChat(s, chat))!);
  const counts = `query_to_xml(format('select count(*) as n from %I where xmin = %L', table_name, '${rev}'), false, true, '')`;
  const [all] = await ask<{ n: number }>(databaseUrl, `select sum((xpath('/row/n/text()', ${counts}))[1]::text::bigint) as n
    from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'`);
  return all!.n;
}

test('the rows that a send changes, however many members there are', async () => {
  await using portal = await startTestServer({}, { folding: 'never' });
  const seeder = seederOn(portal.server.context.db, portal.clock);
  const author = await portal.addUser('Author');
  const crowd = await seeder.users(9_999);
  const sizes = [2, 10, 100, 101, 110, 10_000];
  const chats = await seeder.chats('of many sizes', sizes.map((members) => ({ members: [author.userId, ...crowd.slice(0, members - 1)], daysAgo: 1 })));
  for (const [index, members] of sizes.entries()) {
    const chat = chats[index]!;
    // Now and then something else is written in between, such as a node's tick.
    const counts: number[] = [];
    while (counts.length < 5) {
      const before = ENGINE === 'sqlite' ? await rowsWritten(portal, chat) : 0;
      await author.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
      counts.push((await rowsWritten(portal, chat)) - before);
    }
    expect(Math.min(...counts), `${members} members`).toBe(ROWS_PER_SEND);
    if (ENGINE === 'postgres') expect(Math.max(...counts), `${members} members`).toBe(ROWS_PER_SEND);
  }
});

test('more of anything never takes less, and days and users count in proportion', () => {
  for (const engine of ENGINES) {
    const base = predict(USAGE, coefficients, engine);
    for (const name of ['users', 'chats', 'messages', 'text', 'days'] as const) {
      const more = predict({ ...USAGE, [name]: USAGE[name] * 2 }, coefficients, engine);
      expect(more.bytes, name).toBeGreaterThan(base.bytes);
      expect(more.cpuSecondsPerDay.server, name).toBeGreaterThanOrEqual(base.cpuSecondsPerDay.server);
    }
    const twice = predict({ ...USAGE, users: 2000 }, coefficients, engine);
    expect(twice.bytes / base.bytes).toBeCloseTo(2);
    expect(twice.growth / base.growth).toBeCloseTo(2);
    expect(twice.sendsPerSecond / base.sendsPerSecond).toBeCloseTo(2);
    expect(base.growth * 365).toBeLessThan(base.bytes);
    const c = coefficients.engines[engine];
    expect(costOfSend(c, 5000)).toEqual(costOfSend(c, 101));
    for (const [members, next] of [[2, 10], [10, 100]] as const) expect(costOfSend(c, next).server).toBeGreaterThanOrEqual(costOfSend(c, members).server);
  }
});

test('the advice goes from one process to many servers as the portal grows, and never back', () => {
  const at = (users: number) => advise(predict({ ...USAGE, users }, coefficients, 'sqlite'), predict({ ...USAGE, users }, coefficients, 'postgres')).join('; ');
  expect(at(1000)).toBe('one process on SQLite');
  expect(at(1_000_000)).toMatch(/PostgreSQL.*message by time/);
  expect(at(100_000_000)).toMatch(/nodes.*message by time.*Citus, or YugabyteDB/);
  const rank = (advice: string) => (advice.includes('Citus') ? 3 : advice.includes('partition') ? 2 : advice.includes('PostgreSQL') ? 1 : 0);
  const ranks = Array.from({ length: 25 }, (_, index) => rank(at(100 * 2 ** index)));
  expect(ranks).toEqual([...ranks].sort());
});

test('the page shows what the coefficients give', async () => {
  expect(await readFile(PAGE, 'utf8')).toContain(summary(SCALES, coefficients));
});

test('what is printed is for people, and with --json the same numbers for programs', () => {
  const text = report([USAGE], coefficients);
  for (const table of ['user', 'chat', 'member', 'message']) expect(text).toContain(`| ${table} |`);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  const { scales } = JSON.parse(reportJson([USAGE], coefficients)) as { scales: Array<{ usage: Usage; sqlite: { bytes: number } }> };
  expect(scales[0]!.usage).toEqual(USAGE);
  expect(scales[0]!.sqlite.bytes).toBe(predict(USAGE, coefficients, 'sqlite').bytes);
});
