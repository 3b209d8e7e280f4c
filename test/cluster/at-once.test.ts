/** What is closed, revoked or handed over takes effect on all nodes with the next call; what a dead node was at, another one takes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { findAppByClientId } from '../../src/db/stores/app-store.ts';
import { addApplication } from '../../src/identity/applications.ts';
import { issueTokens, lifeNow } from '../../src/identity/tokens.ts';
import { SCOPES } from '../../src/identity/webhooks.ts';
import { MAX_HOPS } from '../../src/base/caller.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { onPortal } from '../../src/portal/open-portal.ts';
import { type Client, clientFor } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { Cluster } from './cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

const command = (...args: string[]) => tidemarkOn(cluster.home(), ...args);
const everywhere = (client: Client) => cluster.addresses.map((address) => clientFor(client.url.replace(/^https?:\/\/[^/]+/, address), client.userId));

async function answers(client: Client): Promise<Array<string | number>> {
  const all = await Promise.all(everywhere(client).map((each) => each.raw('im.recent.get')));
  return all.map(({ status, body }) => body.error ?? status);
}

const times = <T>(value: T) => cluster.addresses.map(() => value);

test('a webhook that was held back or revoked opens nothing on any node', async () => {
  const userId = await cluster.admin().call<number>('user.add', { NAME: 'Ann', EMAIL: 'ann@example.org' });
  const { url } = JSON.parse(await command('webhook', 'add', '--user', String(userId), '--scope', 'im', '--json')) as { url: string };
  const ann = clientFor(url, userId);
  expect(await answers(ann)).toEqual(times(200));
  await command('webhook', 'hold', url);
  expect(await answers(ann)).toEqual(times('OVERLOAD_LIMIT'));
  await command('webhook', 'release', url);
  expect(await answers(ann)).toEqual(times(200));
  await command('webhook', 'remove', url);
  expect(await answers(ann)).toEqual(times('INVALID_CREDENTIALS'));
});

test('a person who was dismissed is out on all nodes, whichever has dismissed them', async () => {
  const userId = await cluster.admin().call<number>('user.add', { NAME: 'Bob', EMAIL: 'bob@example.org' });
  const { url } = JSON.parse(await command('webhook', 'add', '--user', String(userId), '--scope', 'im', '--json')) as { url: string };
  const bob = clientFor(url, userId);
  expect(await answers(bob)).toEqual(times(200));
  for (const admin of everywhere(cluster.admin())) {
    await admin.call('user.update', { ID: userId, ACTIVE: 'N' });
    expect(await answers(bob)).toEqual(times('authorization_error'));
    await admin.call('user.update', { ID: userId, ACTIVE: 'Y' });
    expect(await answers(bob)).toEqual(times(200));
  }
});

test('a closed portal is closed on all nodes', async () => {
  await command('portal', 'set', '--closed');
  try {
    expect(await answers(cluster.admin())).toEqual(times('PORTAL_DELETED'));
  } finally {
    await command('portal', 'set', '--no-closed');
  }
  expect(await answers(cluster.admin())).toEqual(times(200));
});

test('behind the proxy nobody passes for somebody else, and whoever calls through it is counted by their own address', async () => {
  await command('portal', 'set', '--plan', 'standard');
  try {
    const statuses: number[] = [];
    const url = `${cluster.admin(cluster.proxy).url}server.time`;
    for (let i = 0; i < 150; i += 1) statuses.push((await fetch(url, { headers: { 'x-forwarded-for': `198.51.100.${i}`, 'x-forwarded-host': 'elsewhere.example' } })).status);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(10);
  } finally {
    await command('portal', 'set', '--plan', 'self-hosted');
  }
});

test('a call that waits for more than half a minute is not cut off by the proxy', async () => {
  await command('portal', 'set', '--rehearsals');
  const admin = cluster.admin(cluster.proxy);
  await command('rehearse', '--webhook', admin.url, '--method', 'im.counters.get', '--delay', '32s', '--next', '1');
  const began = performance.now();
  expect((await admin.raw('im.counters.get')).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThan(31_000);
});

/** Kills one node after the other until that shows; those whose death did not are started again. */
async function killUntil(shows: () => boolean): Promise<void> {
  for (let node = 0; node < cluster.nodes.length; node += 1) {
    await cluster.killNode(node);
    for (let i = 0; i < 20 && !shows(); i += 1) await sleep(20);
    if (shows()) return;
    await cluster.startNode(node);
  }
  throw new Error('no node had to do with it');
}

/** Whether the call that is to be slow is under way. */
async function isUnderWay(): Promise<boolean> {
  const client = new pg.Client({ connectionString: cluster.postgres.url() });
  await client.connect();
  const { rows } = await client.query('select 1 from rehearsal where remaining > 0');
  await client.end();
  return rows.length === 0;
}

test.each(['GET', 'POST'] as const)('a %s whose node dies in the middle of it is not sent to another one', async (method) => {
  const admin = cluster.admin(cluster.proxy);
  await command('portal', 'set', '--rehearsals');
  await command('rehearse', '--webhook', admin.url, '--method', 'im.message.add', '--delay', '25s', '--next', '1');
  const text = `once by ${method}`;
  const query = new URLSearchParams({ DIALOG_ID: '1', MESSAGE: text }).toString();
  const form = { method, body: query, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  let answer: Response | undefined;
  const asked = fetch(`${admin.url}im.message.add${method === 'GET' ? `?${query}` : ''}`, method === 'GET' ? {} : form).then((response) => (answer = response));
  await expect.poll(isUnderWay, { timeout: 10_000 }).toBe(true);
  await killUntil(() => answer !== undefined);
  const { status } = await asked;
  expect({ status, body: await answer!.json() }).toMatchObject({ status: 502, body: { error: 'BAD_GATEWAY' } });
  for (let node = 0; node < cluster.nodes.length; node += 1) {
    await cluster.killNode(node);
    await cluster.startNode(node);
  }
  const { messages } = await cluster.admin().call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 50 });
  expect(messages.filter((message) => message.text === text)).toEqual([]);
});

/** What an event's handler was asked; it never answers the first time. */
class SilentHandler {
  readonly asked: IncomingMessage[] = [];
  readonly #server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    if (this.asked.push(request) > 1) response.end();
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** An application's token for the administrator. */
function appToken(): Promise<string> {
  const { folder: data, databaseUrl } = cluster.home();
  return onPortal(loadConfig({ data, databaseUrl }, {}), async (db) => {
    const clock = systemClock();
    const { clientId } = await addApplication(db, clock, { title: 'Test', scopes: SCOPES, redirectUri: '', handlerUrl: '', userIds: [], createdBy: 1 });
    const app = (await db.read((s) => findAppByClientId(s, clientId)))!;
    const life = await lifeNow(createMessenger(db, clock));
    const { accessToken } = await db.write((s) => issueTokens(s, { appId: app.id, userId: 1, scope: app.scope, hops: MAX_HOPS }, life));
    return accessToken;
  });
}

test('an event that a node was telling when it died is told by another one', async () => {
  const handler = new SilentHandler();
  try {
    const url = await handler.start();
    await command('portal', 'set', '--private-handlers');
    const [first] = cluster.nodes as [string, string, string];
    const app = clientFor(`${first}/rest/?auth=${await appToken()}&method=`, 1);
    await app.call('event.bind', { EVENT: 'ONUSERADD', HANDLER: url });
    // Of the three, the one that is called tells it first. It is killed while the handler is thinking.
    await cluster.admin(first).call('user.add', { NAME: 'Cid', EMAIL: 'cid@example.org' });
    await expect.poll(() => handler.asked.length, { timeout: 10_000 }).toBe(1);
    await killUntil(() => handler.asked[0]!.socket.destroyed);
    expect(handler.asked).toHaveLength(1);
    await expect.poll(() => handler.asked.length, { timeout: 120_000 }).toBe(2);
  } finally {
    handler.stop();
  }
});
