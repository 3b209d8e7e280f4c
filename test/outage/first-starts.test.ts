/** Several first starts on one folder, and commands meanwhile: one wins, and nobody loses anything. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ready } from '../../src/server.ts';
import { clientFor } from '../support/client.ts';
import { CLI, type Finished, tidemark } from '../support/command.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';


let parent: string;
let folder: string;
let databaseUrl: string;
let store: string[];
beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tidemark-folder-'));
  folder = join(parent, 'data');
  databaseUrl = await freshDatabase();
  store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
});
afterEach(async () => {
  rmSync(parent, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

interface Started {
  child: ChildProcess;
  /** Its ready line, or what it said when it ended instead. */
  outcome: Promise<Ready | { code: number; stderr: string }>;
}

function startServer(): Started {
  const args = ['serve', '--port', '0', '--tls-port', '0', '--json', '--empty', ...store];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'test' } });
  let stderr = '';
  child.stderr!.on('data', (data: Buffer) => (stderr += String(data)));
  const line = once(createInterface(child.stdout!), 'line').then(([text]) => JSON.parse(text as string) as Ready);
  const end = once(child, 'close').then(([code]) => ({ code: code as number, stderr }));
  return { child, outcome: Promise.race([line, end]) };
}

async function stop({ child }: Started): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
}

describe('races', () => {
  test.each(['a missing folder', 'an empty folder', 'a folder with something in it'])('of several first starts on %s one wins, and loses nothing to the others', async (what) => {
    if (what !== 'a missing folder') mkdirSync(folder);
    if (what === 'a folder with something in it') writeFileSync(join(folder, 'precious.txt'), 'x');
    const starts = Array.from({ length: 4 }, startServer);
    const outcomes = await Promise.all(starts.map(({ outcome }) => outcome));
    const [winner, ...more] = outcomes.filter((outcome) => 'ready' in outcome);
    expect(more).toEqual([]);
    for (const outcome of outcomes) if ('code' in outcome) expect(outcome).toEqual({ code: 1, stderr: expect.stringContaining('in use by another server') });
    const admin = clientFor(winner!.admin.webhook, 1);
    const chat = await admin.call<number>('im.chat.add', { TITLE: 'Kept' });
    for (const started of starts) await stop(started);
    const again = startServer();
    const ready = (await again.outcome) as Ready;
    expect(await clientFor(ready.admin.webhook, 1).call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: 'Kept' });
    await stop(again);
    expect(existsSync(join(folder, 'precious.txt'))).toBe(what === 'a folder with something in it');
  });

  test('commands that come before the first start is over are refused or done, and the administrator is user 1', async () => {
    const started = startServer();
    const commands: Array<Promise<Finished>> = [];
    while (commands.length < 4) {
      const command = tidemark('user', 'add', '--name', `Early ${commands.length}`, ...store, '--json');
      commands.push(command);
      await Promise.race([command, started.outcome]);
    }
    const ready = (await started.outcome) as Ready;
    const admin = clientFor(ready.admin.webhook, 1);
    expect(await admin.call('user.current')).toMatchObject({ ID: '1', NAME: 'Administrator' });
    for (const { code, stdout, stderr } of await Promise.all(commands)) {
      if (code === 0) expect(await admin.call('im.user.get', { ID: (JSON.parse(stdout) as { id: number }).id })).toMatchObject({ name: expect.stringMatching(/^Early/) });
      else expect(stderr).toContain('there is no portal');
    }
    await stop(started);
  });
});
