/** docs/push.md: its example in Node runs as it stands there, also over a restart, and its table has every event. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { deleteWebhook } from '../../src/db/stores/portal-store.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'push.md'), 'utf8');

test('the example in Node prints what is said, each once over a restart of the server, and ends without its webhook', async () => {
  // It comes back to the address that it knows.
  await using portal = await startTestServer({ port: await freePort() });
  const [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
  const [, code] = /```js\n(.*?)```/s.exec(page)!;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code!], { cwd: ROOT, env: { ...process.env, WEBHOOK: ben.url }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const say = (MESSAGE: string) => ann.call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE });
  try {
    await expect.poll(() => portal.server.context.live.listeners(ben.userId), { timeout: 10_000 }).toBe(1);
    await say('One');
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual([`${ann.userId} One`]);
    await portal.restart();
    await say('Two');
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual([`${ann.userId} One`, `${ann.userId} Two`]);
    const { db } = portal.server.context;
    const hooks = await db.read((s) => s.query((q) => q.selectFrom('webhook').select('id').where('user_id', '=', ben.userId)));
    for (const { id } of hooks) await db.write((s) => deleteWebhook(s, id));
    expect(await ended).toEqual([1, null]);
  } finally {
    child.kill();
    await ended;
  }
});

test('every event has its row', async () => {
  const sources = await Promise.all(['dialect', 'stream', 'outlets'].map((name) => readFile(join(ROOT, 'src', 'push', `${name}.ts`), 'utf8')));
  const names = sources.flatMap((source) => [...source.matchAll(/(?:new PushEvent|alike)\('(\w+)'/g)].map(([, name]) => name!));
  const [, table] = /\n## Events\n(.*?)\n## /s.exec(page)!;
  expect(new Set([...table!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name))).toEqual(new Set(names));
});
