/** `tidemark seed`: what it prints, what a server then shows, and what it refuses. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientFor } from '../support/client.ts';
import { serve, tidemark } from '../support/command.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

let parent: string;
let databaseUrl: string;
let store: string[];
beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tidemark-seed-'));
  databaseUrl = await freshDatabase();
  store = ['--data', join(parent, 'data'), ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
});
afterEach(async () => {
  rmSync(parent, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

test('fills a portal that a server then shows, once', { timeout: 60_000 }, async () => {
  const made = await tidemark('seed', ...store, '--users', '5', '--chats', '12', '--messages', '80', '--files', '--seed', '3', '--json');
  expect([made.code, made.stderr]).toEqual([0, '']);
  const line = JSON.parse(made.stdout) as Record<string, number>;
  expect(line).toMatchObject({ users: 6, chats: 12, files: 1, seed: 3 });
  await using server = await serve(...store, '--empty');
  const admin = clientFor(server.ready.admin.webhook, 1);
  const { items } = await admin.call<{ items: Array<{ message: { text: string } }> }>('im.recent.list', { LIMIT: 200 });
  expect(items.length).toBeGreaterThan(0);
  expect(readdirSync(join(parent, 'data', 'files')).filter((name) => name.length === 2)).toHaveLength(1);
  const again = await tidemark('seed', ...store);
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toContain('is in use');
  await server.stop();
  expect(await tidemark('seed', ...store)).toMatchObject({ code: 1, stderr: 'tidemark: seed: the portal has people or chats already; begin with an empty one\n' });
});

test.each([
  [['--users', '1'], '--users: must be a whole number from 2 to 1000000'],
  [['--chats', 'many'], '--chats: must be a whole number from 1 to 5000000'],
  [['--messages', '1.5'], '--messages: must be a whole number from 1 to 50000000'],
  [['--chats', '10', '--messages', '9'], '--messages: must be as many as chats at least'],
])('refuses %j', async (flags, problem) => {
  expect(await tidemark('seed', ...store, ...flags)).toEqual({ code: 1, stdout: '', stderr: `tidemark: ${problem}\n` });
});
