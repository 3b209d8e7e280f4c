/** What /metrics tells: whatever the alert rules ask for, and the truth. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const rules = await readFile(join(import.meta.dirname, '..', '..', 'deploy', 'alerts.yml'), 'utf8');
/** Only where the database is a file of the server. */
const OF_SQLITE = ['tidemark_database_bytes', 'tidemark_database_log_bytes'];
const OTHER_ENGINE = ENGINE === 'sqlite' ? 'postgres' : 'sqlite';

async function metricsOf({ http }: TestServer): Promise<Map<string, number>> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return new Map([...text.matchAll(/^(tidemark_\S+) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
}

const bare = (name: string) => name.replace(/\{.*/, '');

test('every metric that an alert asks for is told, with the labels it asks for', async () => {
  // Nobody has to answer there: what is told of Redis is told in any case.
  await using portal = await startTestServer({ redisUrl: 'redis://127.0.0.1:1' });
  await portal.admin.call('im.chat.add', { TITLE: 'Something' });
  await portal.admin.call('im.recent.get');
  const metrics = await metricsOf(portal);
  const told = new Set([...metrics.keys()].map(bare));
  // What counts refusals has no line before the first.
  const text = await (await fetch(`${portal.http}/metrics`)).text();
  for (const [, name] of text.matchAll(/^# TYPE (\S+) counter$/gm)) told.add(name!);
  const expressions = [...rules.matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr!);
  const asked = new Set(expressions.flatMap((expr) => [...expr.matchAll(/tidemark_\w+/g)].map(([name]) => name)));
  expect(asked.size).toBeGreaterThan(15);
  const expected = [...asked].filter((name) => ENGINE === 'sqlite' || !OF_SQLITE.includes(name));
  expect(expected.filter((name) => !told.has(name))).toEqual([]);
  for (const [, name, label, value] of expressions.join('\n').matchAll(/(tidemark_\w+)\{(\w+)="(\w+)"\}/g)) {
    if (value === OTHER_ENGINE) continue;
    const lines = [...metrics.keys()].filter((line) => bare(line) === name);
    expect(lines.filter((line) => line.includes(`${label}="${value}"`)), `${name} with ${label}="${value}"`).not.toEqual([]);
  }
  for (const [, block] of rules.matchAll(/- alert: ([^]*?)(?=- alert:|$)/g)) expect(block).toMatch(/^\w+\n +expr: .+\n(?: +for: \d+[mh]\n)? +labels: \{ severity: (?:page|ticket) \}\n +annotations: \{ summary: ".+" \}\n *$/);
});

test('work in the database is counted: a write is one unit, and its statements are', async () => {
  await using portal = await startTestServer();
  const chat = await portal.admin.call<number>('im.chat.add', { TITLE: 'Something' });
  const before = await metricsOf(portal);
  await portal.admin.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
  const after = await metricsOf(portal);
  const more = (name: string) => after.get(name)! - before.get(name)!;
  expect(more('tidemark_store_unit_seconds_count{kind="write"}')).toBeGreaterThanOrEqual(1);
  expect(more('tidemark_store_statements_total{kind="write"}')).toBeGreaterThanOrEqual(ENGINE === 'postgres' ? 1 : 3);
  expect(more('tidemark_store_statements_total{kind="write"}')).toBeLessThan(30);
  expect(after.get(`tidemark_info{version="0.1.0",engine="${ENGINE}"}`)).toBe(1);
  expect(after.get('tidemark_connections')).toBeGreaterThanOrEqual(1);
  expect(after.get('tidemark_certificate_expiry_timestamp_seconds')! * 1000).toBeGreaterThan(Date.now() + 300 * 86_400_000);
  expect(after.get('tidemark_data_free_bytes')).toBeGreaterThan(0);
});

test('a store that does not answer is down, and spoils no other metric', async () => {
  let away = false;
  await using portal = await startTestServer({}, {
    store: (db) => new Proxy(db, {
      get(target, name) {
        if (away && (name === 'ping' || name === 'read')) return () => Promise.reject(new Error('away'));
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
  });
  expect((await metricsOf(portal)).get('tidemark_store_up')).toBe(1);
  away = true;
  const metrics = await metricsOf(portal);
  away = false;
  expect(metrics.get('tidemark_store_up')).toBe(0);
  expect(metrics.get('tidemark_event_delay_seconds')).toBeNaN();
  expect(metrics.get('tidemark_connections')).toBeGreaterThanOrEqual(1);
});

test('an event that nobody has taken is told as late, from the moment it was due', async () => {
  await using portal = await startTestServer();
  const { db } = portal.server.context;
  expect((await metricsOf(portal)).get('tidemark_event_delay_seconds')).toBe(0);
  // Another node is at it, and does not get on.
  const now = portal.clock.now();
  const row = {
    app_id: 1, handler_id: 1, event: 'ONAPPTEST', url: 'https://handler.example', user_id: 1, hops: 1, data: '{}', state: 'waiting' as const, attempts: 0,
    status: 0, problem: '', created_at: now, finished_at: 0, chat_id: 0, lane: 'one', claimed_until: now + 60_000,
  };
  await db.write((s) => s.query((q) => q.insertInto('delivery').values([{ ...row, next_at: now - 120_000 }, { ...row, next_at: now + 60_000 }])));
  const delay = (await metricsOf(portal)).get('tidemark_event_delay_seconds')!;
  expect(delay).toBeGreaterThanOrEqual(120);
  expect(delay).toBeLessThan(180);
});
