/**
 * PostgreSQL fails over to a standby that has lost commits. The nodes go on without a restart, and whoever has seen what is lost
 * begins anew: the numbers of what was lost are given again. Two real servers, and a connection of the nodes that leads to either.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { PostgresProcess } from '../support/postgres-process.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

interface Changes {
  items: Array<{ chat_id: number; message: { text: string } }>;
  token: string;
  reset_required: boolean;
}

/** Whom the nodes reach. */
let target: number;
const sockets = new Set<Socket>();
const proxy = createServer((near) => {
  const far = connect(target, '127.0.0.1');
  for (const socket of [near, far]) sockets.add(socket.on('error', () => {}).on('close', () => (near.destroy(), far.destroy())));
  near.pipe(far).pipe(near);
});
let primary: PostgresProcess;
let standby: PostgresProcess;
let nodes: TestServer[];
let anna: Client;
let boris: Client;

beforeAll(async () => {
  primary = await PostgresProcess.start();
  target = primary.port;
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const databaseUrl = `postgres://tidemark@127.0.0.1:${(proxy.address() as AddressInfo).port}/postgres`;
  nodes = [await startTestServer({ databaseUrl }), await startTestServer({ databaseUrl })];
  [anna, boris] = [await nodes[0]!.addUser('Anna'), await nodes[0]!.addUser('Boris')];
});
afterAll(async () => {
  for (const node of nodes ?? []) await node[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await standby?.[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});

async function ask<T>(server: PostgresProcess, text: string): Promise<T> {
  const client = new pg.Client(server.url());
  await client.connect();
  try {
    return (await client.query(text)).rows[0] as T;
  } finally {
    await client.end();
  }
}

const changes = (node: TestServer, TOKEN?: string) => movedTo(node, anna).call<Changes>('tidemark.recent.changes', TOKEN === undefined ? {} : { TOKEN });
const text = ({ items }: Changes) => items.map((item) => item.message.text);

test('whoever has seen what is lost begins anew, whoever has not goes on, on every node and without a restart', async () => {
  await say(boris, anna.userId, { MESSAGE: 'Long ago' });
  const { token: old } = await changes(nodes[0]!);
  await ask(primary, `update journal set created_at = created_at - 600000`);
  await say(boris, anna.userId, { MESSAGE: 'Kept' });
  standby = await primary.standby();
  const before = await changes(nodes[0]!);
  expect(text(before)).toEqual(['Kept']);
  for (let i = 0; i < 5; i += 1) await say(boris, anna.userId, { MESSAGE: 'Lost' });
  const lost = [await changes(nodes[0]!), await changes(nodes[1]!, before.token)];
  expect(lost.map(text)).toEqual([['Lost'], ['Lost']]);
  expect((await movedTo(nodes[1]!, anna).call<Changes['items']>('im.recent.get')).map((row) => row.message.text)).toEqual(['Lost']);

  primary.killAll();
  await standby.start();
  standby.promote();
  target = standby.port;
  await expect.poll(() => ask(standby, 'select pg_is_in_recovery() as standby'), { timeout: 30_000 }).toEqual({ standby: false });
  for (const node of nodes) await expect.poll(async () => (await movedTo(node, anna).raw('im.recent.get')).status, { timeout: 30_000 }).toBe(200);

  // As soon as a node answers, and once the numbers of what was lost have been given again.
  for (const again of [0, 20]) {
    for (let i = 0; i < again; i += 1) await say(movedTo(nodes[1]!, boris), anna.userId, { MESSAGE: `Again ${i}` });
    const expected = again === 0 ? 'Kept' : 'Again 19';
    for (const node of nodes) {
      for (const { token } of lost) expect(await changes(node, token)).toMatchObject({ reset_required: true, items: [] });
      expect(await changes(node, old)).toMatchObject({ reset_required: false, items: [{ message: { text: expected } }] });
      expect((await movedTo(node, anna).call<Changes['items']>('im.recent.get')).map((row) => row.message.text)).toEqual([expected]);
      const fresh = await changes(node);
      expect(text(fresh)).toEqual([expected]);
      expect(await changes(node, fresh.token)).toMatchObject({ reset_required: false, items: [] });
    }
  }
});
