/** `tidemark calls`, beside a server that runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLI, tidemarkOn } from '../support/command.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  await tidemarkOn(portal, 'portal', 'set', '--calls');
  await anna.call('im.user.get');
  await anna.fails('im.dialog.get', { DIALOG_ID: 'x', auth_token: 'S3cretS3cret' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const webhooks = async () => (await portal.admin.raw('tidemark.webhooks.list')).body['total'];

test('lines for people and JSON for programs, filtered, without secrets; its own webhook is gone afterwards', async () => {
  const before = await webhooks();
  const text = await tidemarkOn(portal, 'calls', '--errors', '--method', 'im.*');
  expect(text).toMatch(/^[\d:.]{12}\t400\tim\.dialog\.get\tuser \d+ by webhook \d+\t[\d.]+ ms\t\d+ statements\t\{"DIALOG_ID":"x","auth_token":"\*\*\*"\}\n\tDIALOG_ID_EMPTY: Dialog ID can't be empty\n$/);
  const lines = (await tidemarkOn(portal, 'calls', '--of', String(anna.userId), '--json')).trim().split('\n').map((line) => JSON.parse(line) as { method: string });
  expect(lines.map(({ method }) => method)).toEqual(['im.user.get', 'im.dialog.get']);
  expect(await webhooks()).toBe(before);
});

test('only an administrator looks', async () => {
  await expect(tidemarkOn(portal, 'calls', '--user', String(anna.userId))).rejects.toThrow('ACCESS_DENIED');
});

test('followed it goes on, and stopped it leaves nothing behind', async () => {
  const before = await webhooks();
  const store = portal.databaseUrl ? ['--database-url', portal.databaseUrl] : [];
  const args = [CLI, 'calls', '--follow', '--json', '--method', 'im.counters.get', '--data', portal.folder, ...store];
  await anna.call('im.counters.get');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'test' } });
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  const next = once(lines, 'line');
  await anna.call('im.counters.get');
  expect(JSON.parse(((await next) as [string])[0])).toMatchObject({ method: 'im.counters.get', user_id: anna.userId });
  child.kill('SIGTERM');
  await once(child, 'close');
  expect(await webhooks()).toBe(before);
});
