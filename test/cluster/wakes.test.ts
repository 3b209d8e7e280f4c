/** What one node commits wakes those who wait on another, whichever way the nodes hear each other. */
import { expect, test } from 'vitest';
import pg from 'pg';
import type { Wake } from '../../src/db/wakes/wake.ts';
import { metric, type Node, Nodes } from './nodes.ts';
import { RedisProcess } from './redis-process.ts';

const WAYS = ['NOTIFY', 'Redis'] as const;
type Way = (typeof WAYS)[number];

async function withNodes(way: Way, work: (nodes: Nodes, redis: RedisProcess | undefined) => Promise<void>): Promise<void> {
  const redis = way === 'Redis' ? await RedisProcess.start() : undefined;
  try {
    await using nodes = await Nodes.start(3, { redisUrl: redis?.url ?? '' });
    await connected(...nodes.all);
    await work(nodes, redis);
  } finally {
    await redis?.[Symbol.asyncDispose]();
  }
}

const wakesOf = ({ server }: Node) => server.context.messenger.wakes;
const connected = (...nodes: Node[]) => expect.poll(() => nodes.every((node) => wakesOf(node).connected), { timeout: 20_000 }).toBe(true);

function listen(node: Node): Wake[] {
  const heard: Wake[] = [];
  wakesOf(node).subscribe((wake) => heard.push(wake));
  return heard;
}

const concerns = (heard: readonly Wake[], chatId: number) => heard.some(({ all, chats }) => !all && chats.includes(chatId));

/** Where the administrator has written last. */
async function lastChat(nodes: Nodes): Promise<number> {
  return (await nodes.admin.call<Array<{ chat_id: number }>>('im.recent.get'))[0]!.chat_id;
}

test.each(WAYS)('by %s: a message sent at one node wakes at the others those whom it concerns, and is there when they look', async (way) => {
  await withNodes(way, async (nodes) => {
    const other = await nodes.admin.call<number>('user.add', { NAME: 'Ann', EMAIL: 'ann@example.org' });
    const [first, ...others] = nodes.all as [Node, ...Node[]];
    for (let round = 0; round < 5; round += 1) {
      const heard = others.map(listen);
      const id = await first.of(nodes.admin).call<number>('im.message.add', { DIALOG_ID: other, MESSAGE: `message ${round}` });
      const chat = await lastChat(nodes);
      await expect.poll(() => heard.every((wakes) => concerns(wakes, chat)), { timeout: 5000, interval: 2 }).toBe(true);
      for (const node of others) {
        const rows = await node.of(nodes.admin).call<Array<{ message: { id: number } }>>('im.recent.get');
        expect(rows[0]!.message.id).toBe(id);
      }
    }
    expect(await metric(first, 'tidemark_wakes_sent')).toBeGreaterThan(0);
    expect(await metric(others[0]!, 'tidemark_wakes_heard')).toBeGreaterThan(0);
    expect(await metric(first, 'tidemark_wakes_connected')).toBe(1);
  });
});

test.each(WAYS)('by %s: many messages at once are told in few texts', async (way) => {
  await withNodes(way, async (nodes) => {
    const [first, second] = nodes.all as [Node, Node, Node];
    const before = await metric(first, 'tidemark_wakes_sent');
    const heard = listen(second);
    const sends = Array.from({ length: 200 }, (_, i) => nodes.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: `message ${i}` }));
    const began = performance.now();
    await Promise.all(sends);
    const chat = await lastChat(nodes);
    await expect.poll(() => concerns(heard, chat), { timeout: 20_000 }).toBe(true);
    const gaps = (performance.now() - began) / 15;
    expect((await metric(first, 'tidemark_wakes_sent')) - before).toBeLessThanOrEqual(Math.ceil(gaps) + 1);
  });
});

test('a lost connection to PostgreSQL is made again, and all are woken then', async () => {
  await withNodes('NOTIFY', async (nodes) => {
    const heard = nodes.all.map(listen);
    const client = new pg.Client({ connectionString: nodes.databaseUrl });
    await client.connect();
    const { rowCount } = await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidemark wakes' and datname = current_database()`);
    await client.end();
    expect(rowCount).toBe(3);
    await expect.poll(() => heard.every((wakes) => wakes.some(({ all }) => all)), { timeout: 20_000 }).toBe(true);
    await connected(...nodes.all);
    for (const wakes of heard) wakes.length = 0;
    await nodes.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'again' });
    const chat = await lastChat(nodes);
    await expect.poll(() => heard.every((wakes) => concerns(wakes, chat)), { timeout: 20_000 }).toBe(true);
    expect(nodes.all[0]!.lines.filter(({ msg }) => String(msg).includes('not heard'))).toHaveLength(1);
  });
});

test.each(['killed', 'frozen'] as const)('a Redis that was %s is connected to again, all are woken then', async (how) => {
  await withNodes('Redis', async (nodes, redis) => {
    const heard = nodes.all.map(listen);
    if (how === 'killed') await redis!.kill();
    else redis!.freeze();
    await expect.poll(() => nodes.all.some((node) => wakesOf(node).connected), { timeout: 30_000 }).toBe(false);
    await nodes.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'meanwhile' });
    if (how === 'killed') await redis!.start();
    else redis!.thaw();
    await connected(...nodes.all);
    await expect.poll(() => heard.every((wakes) => wakes.some(({ all }) => all)), { timeout: 20_000 }).toBe(true);
    for (const wakes of heard) wakes.length = 0;
    await nodes.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'again' });
    const chat = await lastChat(nodes);
    await expect.poll(() => heard.every((wakes) => concerns(wakes, chat)), { timeout: 20_000 }).toBe(true);
  });
});

test('what a transaction does that is rolled back wakes nobody', async () => {
  await withNodes('NOTIFY', async (nodes) => {
    const [first, second] = nodes.all as [Node, Node, Node];
    const heard = listen(second);
    const { db } = first.server.context;
    await expect(db.write((s) => {
      s.changes.users.add(4711);
      return Promise.reject(new Error('changed my mind'));
    })).rejects.toThrow('changed my mind');
    await nodes.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x' });
    const chat = await lastChat(nodes);
    await expect.poll(() => concerns(heard, chat), { timeout: 20_000 }).toBe(true);
    expect(heard.some(({ users }) => users.includes(4711))).toBe(false);
  });
});
