/** docs/push.md: its example in Node runs as it stands there, also over a restart, and its table has every event. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { movedTo, startTestServer } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'push.md'), 'utf8');

test('the example in Node prints what is said', async () => {
  await using portal = await startTestServer();
  const [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
  const [, code] = /```js\n(.*?)```/s.exec(page)!;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code!], { cwd: ROOT, env: { ...process.env, WEBHOOK: ben.url }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await expect.poll(() => portal.server.context.live.listeners(ben.userId), { timeout: 10_000 }).toBe(1);
    const line = once(createInterface(child.stdout), 'line');
    await movedTo(portal, ann).call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Hello' });
    expect((await line)[0]).toBe(`${ann.userId} Hello`);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

test('every event has its row', async () => {
  const sources = await Promise.all(['dialect', 'stream', 'outlets'].map((name) => readFile(join(ROOT, 'src', 'push', `${name}.ts`), 'utf8')));
  const names = sources.flatMap((source) => [...source.matchAll(/(?:new PushEvent|alike)\('(\w+)'/g)].map(([, name]) => name!));
  expect(new Set([...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name))).toEqual(new Set(names));
});
