/** Three nodes count as one while Redis answers. While it does not, each counts for itself, and no call fails or waits for it. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { setPassword } from '../../src/identity/logins.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { Browser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { metric, type Node, Nodes } from './nodes.ts';
import { RedisProcess } from './redis-process.ts';

/** Plan standard: a burst of 50, then two a second. */
const BURST = 50;
const PER_SECOND = 2;

let redis: RedisProcess;
let nodes: Nodes;
let admin: Client;

const answering = () =>
  vi.waitFor(async () => expect(await Promise.all(nodes.all.map((node) => metric(node, 'tidemark_redis_up')))).toEqual([1, 1, 1]), { timeout: 30_000, interval: 50 });

beforeAll(async () => {
  redis = await RedisProcess.start();
  nodes = await Nodes.start(3, { redisUrl: redis.url, trustProxy: 'loopback' });
  admin = nodes.admin;
  await set('plan', 'standard');
  await answering();
});
afterAll(async () => {
  await nodes[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});
afterEach(() => answering());

const set = (key: string, value: string) => nodes.all[0]!.server.context.db.write((s) => writeSetting(s, key, value));

let sources = 0;
/** An address that nobody has called from. */
const newSource = () => `198.51.100.${(sources += 1)}`;

async function callFrom(source: string, node: Node): Promise<number> {
  return (await fetch(`${node.of(admin).url}server.time`, { headers: { 'x-forwarded-for': source } })).status;
}

interface Burst {
  allowed: number;
  /** What drained meanwhile. */
  drained: number;
  statuses: Set<number>;
}

/** Calls one after the other, at one node after the other. */
async function burst(source: string, count: number, at: readonly Node[] = nodes.all): Promise<Burst> {
  const began = performance.now();
  const statuses: number[] = [];
  for (let i = 0; i < count; i += 1) statuses.push(await callFrom(source, at[i % at.length]!));
  const drained = Math.ceil(((performance.now() - began) / 1000) * PER_SECOND) + 1;
  return { allowed: statuses.filter((status) => status === 200).length, drained, statuses: new Set(statuses) };
}

function expectBurst({ allowed, drained, statuses }: Burst, threshold = BURST): void {
  expect(allowed).toBeGreaterThanOrEqual(threshold);
  expect(allowed).toBeLessThanOrEqual(threshold + drained);
  expect([...statuses].sort()).toEqual([200, 503]);
}

test('three nodes allow together what one allows', async () => {
  expectBurst(await burst(newSource(), 3 * BURST));
});

test('calls at once, too', async () => {
  const source = newSource();
  const began = performance.now();
  const statuses = await Promise.all(Array.from({ length: 3 * BURST }, (_, i) => callFrom(source, nodes.all[i % 3]!)));
  const allowed = statuses.filter((status) => status === 200).length;
  expect(allowed).toBeGreaterThanOrEqual(BURST);
  expect(allowed).toBeLessThanOrEqual(BURST + Math.ceil(((performance.now() - began) / 1000) * PER_SECOND) + 1);
});

test('what is kept in Redis ends by itself, and is named after the portal', async () => {
  await burst(newSource(), 3);
  const { memberId } = await nodes.all[0]!.server.context.messenger.settings();
  const keys = (await redis.command('KEYS', '*')) as string[];
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(key.startsWith(`tidemark:{${memberId}}:`)).toBe(true);
    const left = Number(await redis.command('PTTL', key));
    expect(left === -2 || (left > 0 && left <= 11 * 60_000)).toBe(true);
  }
});

test('a Redis that has forgotten everything, scripts too, is reminded by each node of what came through it', async () => {
  const source = newSource();
  const [first] = nodes.all as [Node];
  const before = await burst(source, BURST - 5, [first]);
  expect(before.allowed).toBe(BURST - 5);
  await redis.command('FLUSHALL');
  await redis.command('SCRIPT', 'FLUSH');
  const { allowed, drained } = await burst(source, BURST, [first]);
  expect(allowed).toBeLessThanOrEqual(5 + before.drained + drained);
  // Through the first one's reminder the others know as well.
  const others = await burst(source, BURST, nodes.all.slice(1));
  expect(others.allowed).toBeLessThanOrEqual(others.drained);
  expect(await metric(first, 'tidemark_redis_up')).toBe(1);
});

const SICK: Array<[string, () => unknown, () => unknown]> = [
  ['away', () => redis.kill(), () => redis.start()],
  ['frozen', () => redis.freeze(), () => redis.thaw()],
];

describe.each(SICK)('a Redis that is %s', (_, fallSick, recover) => {
  test('each node allows what it allows alone, no call fails, few wait, all are ready, and it is said once', async () => {
    const ready = async (node: Node) => (await fetch(`${node.server.ready.http}/readyz`)).status;
    const missed = () => Promise.all(nodes.all.map((node) => metric(node, 'tidemark_redis_missed')));
    const before = await missed();
    const lines = nodes.all.map((node) => node.lines.length);
    await fallSick();
    try {
      for (const node of nodes.all) {
        expectBurst(await burst(newSource(), BURST + 40, [node]));
        expect(await ready(node)).toBe(200);
        expect(await metric(node, 'tidemark_redis_up')).toBe(0);
      }
      await admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'without Redis' });
      const after = await missed();
      // Ninety calls at each: one finds it out, a few more may have begun before that, and now and then one tries again.
      after.forEach((count, i) => expect(count - before[i]!).toBeLessThan(20));
      nodes.all.forEach((node, i) => {
        const said = node.lines.slice(lines[i]).filter(({ msg }) => String(msg).startsWith('Redis does not answer'));
        expect(said.length).toBeLessThanOrEqual(2);
      });
    } finally {
      await recover();
    }
    await answering();
    expectBurst(await burst(newSource(), 3 * BURST));
  });

  test('a server starts without it, and uses it once it is there', async () => {
    await fallSick();
    try {
      const late = await nodes.add({ node: 'late', redisUrl: redis.url, trustProxy: 'loopback' });
      expect(await callFrom(newSource(), late)).toBe(200);
      await recover();
      await expect.poll(() => metric(late, 'tidemark_redis_up'), { timeout: 30_000 }).toBe(1);
    } finally {
      const late = nodes.all.splice(3);
      for (const { server } of late) await server[Symbol.asyncDispose]();
    }
  });
});

test('the time that methods may run is counted together', async () => {
  await tidemarkOn(nodes, 'portal', 'set', '--rehearsals', '--operating-limit', '1', '--plan', 'self-hosted');
  try {
    await tidemarkOn(nodes, 'rehearse', '--webhook', admin.url, '--method', 'user.current', '--delay', '400ms', '--next', '4');
    const at = (i: number) => nodes.all[i % 2]!.of(admin).raw('user.current');
    const operating = ({ body }: Awaited<ReturnType<typeof at>>) => (body['time'] as { operating: number }).operating;
    const told: number[] = [];
    for (let i = 0; i < 3; i += 1) told.push(operating(await at(i)));
    expect(told.every((seconds, i) => i === 0 || seconds > told[i - 1]!)).toBe(true);
    expect(told[2]).toBeGreaterThanOrEqual(1.2);
    // The third node has never seen it.
    expect(await nodes.all[2]!.of(admin).fails('user.current')).toMatchObject({ status: 429, error: 'OPERATION_TIME_LIMIT' });
    expect((await nodes.all[2]!.of(admin).raw('server.time')).status).toBe(200);
  } finally {
    await tidemarkOn(nodes, 'rehearse', '--webhook', admin.url, '--stop');
    await tidemarkOn(nodes, 'portal', 'set', '--plan', 'standard', '--operating-limit', '0');
  }
});

async function tryPassword(node: Node, source: string, userId: number, password: string): Promise<number> {
  const browser = new Browser(node.server.ready.http, undefined, { 'x-forwarded-for': source });
  return (await browser.submit(await browser.get('/sign-in/'), '/sign-in/', { login: String(userId), password })).status;
}

test('wrong passwords are counted together, right ones are given back', async () => {
  const userId = await admin.call<number>('user.add', { NAME: 'Ann', EMAIL: 'ann@example.org' });
  await setPassword(nodes.all[0]!.server.context, userId, 'the right one');
  const source = newSource();
  for (let i = 0; i < 15; i += 1) expect(await tryPassword(nodes.all[i % 3]!, source, userId, 'the right one')).toBe(303);
  const wrong: number[] = [];
  for (let i = 0; i < 15; i += 1) wrong.push(await tryPassword(nodes.all[i % 3]!, source, userId, 'a wrong one'));
  const tried = wrong.filter((status) => status === 403).length;
  expect([tried, wrong.filter((status) => status === 429).length + tried]).toEqual([tried, 15]);
  // Ten at once, one more in half a minute.
  expect(tried === 10 || tried === 11).toBe(true);
  expect(await tryPassword(nodes.all[1]!, source, userId, 'the right one')).toBe(429);
  expect(await tryPassword(nodes.all[1]!, newSource(), userId, 'the right one')).toBe(303);
});

test('who was written down as active by one node is not written down again by another within the minute', async () => {
  const [first, second] = nodes.all as [Node, Node];
  const userId = await admin.call<number>('user.add', { NAME: 'Bob', EMAIL: 'bob@example.org' });
  const secret = JSON.parse(await tidemarkOn(nodes, 'webhook', 'add', '--user', String(userId), '--scope', 'im', '--json')) as { url: string };
  const bob: Client = { ...admin, url: secret.url, userId };
  const active = async () => (await second.of(admin).call<{ last_activity_date: string | false }>('im.user.get', { ID: userId })).last_activity_date;
  await first.of(bob).call('im.recent.get');
  await expect.poll(active, { timeout: 20_000, interval: 1000 }).not.toBe(false);
  const stamped = await active();
  const written = async () => Number(await redis.command('EXISTS', `tidemark:{${(await first.server.context.messenger.settings()).memberId}}:active:user ${userId}`));
  await expect.poll(written, { timeout: 10_000 }).toBe(1);
  // What the second writes down would be dated later. Another user's stamp shows that it has been at it.
  second.clock.advance(30_000);
  await second.of(bob).call('im.recent.get');
  const other = await admin.call<number>('user.add', { NAME: 'Cid', EMAIL: 'cid@example.org' });
  const cid = JSON.parse(await tidemarkOn(nodes, 'webhook', 'add', '--user', String(other), '--scope', 'im', '--json')) as { url: string };
  await second.of({ ...admin, url: cid.url, userId: other }).call('im.recent.get');
  await expect.poll(async () => (await admin.call<{ last_activity_date: string | false }>('im.user.get', { ID: other })).last_activity_date, { timeout: 20_000, interval: 1000 }).not.toBe(false);
  expect(await active()).toBe(stamped);
});
