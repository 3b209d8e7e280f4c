/** The data folder: who may have it, who may read it, and that nobody loses it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { databaseIn, FolderError, holdFolder } from '../../src/portal/folder.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import type { Ready } from '../../src/server.ts';
import { clientFor } from '../support/client.ts';
import { type Finished, tidemark } from '../support/command.ts';
import { dropDatabase, ENGINE, freshDatabase, startTestServer } from '../support/server.ts';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

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

describe('holding', () => {
  test('a folder that was made for it goes when it does not become a portal, one that was there stays', () => {
    const made = holdFolder(folder, 'http://x');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    made[Symbol.dispose]();
    expect(readdirSync(parent)).toEqual([]);
    for (const inside of [[], ['precious.txt']]) {
      mkdirSync(folder, { recursive: true });
      for (const name of inside) writeFileSync(join(folder, name), 'x');
      holdFolder(folder, 'http://x')[Symbol.dispose]();
      expect(readdirSync(folder)).toEqual(expect.arrayContaining(inside));
    }
  });

  test('who is refused takes nothing away, and the holder neither once it is a portal', () => {
    const first = holdFolder(folder, 'http://first');
    writeFileSync(first.database, 'all there is');
    for (let attempt = 0; attempt < 3; attempt += 1) expect(() => holdFolder(folder, 'http://second')).toThrow(FolderError);
    expect(existsSync(first.database)).toBe(true);
    first.keep();
    first[Symbol.dispose]();
    expect(existsSync(first.database)).toBe(true);
  });

  test('a start that comes after one that failed has a folder of its own', () => {
    for (let round = 0; round < 20; round += 1) {
      const failed = holdFolder(folder, 'http://x');
      failed[Symbol.dispose]();
      const next = holdFolder(folder, 'http://y');
      expect(() => holdFolder(folder, 'http://z')).toThrow(/in use/);
      next[Symbol.dispose]();
    }
    expect(readdirSync(parent)).toEqual([]);
  });
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
    for (let round = 0; round < 2; round += 1) {
      rmSync(folder, { recursive: true, force: true });
      if (what !== 'a missing folder') mkdirSync(folder);
      if (what === 'a folder with something in it') writeFileSync(join(folder, 'precious.txt'), 'x');
      const starts = Array.from({ length: 3 }, startServer);
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
    }
  });

  test('commands that come before the first start is over are refused or done, and the administrator is user 1', async () => {
    for (let round = 0; round < 2; round += 1) {
      rmSync(folder, { recursive: true, force: true });
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
      await dropDatabase(databaseUrl);
      databaseUrl = await freshDatabase();
      store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
    }
  });

  test('a store that was made but not yet set up takes no command', async () => {
    mkdirSync(folder);
    const config = loadConfig({ data: folder, databaseUrl }, {});
    await (await openStore(config, databaseIn(folder), { onFailure: () => {}, onFault: () => {} })).close();
    for (const args of [['user', 'add', '--name', 'X'], ['webhook', 'add', '--user', '1'], ['portal', 'set', '--name', 'X']]) {
      const { code, stderr } = await tidemark(...args, ...store);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('there is no portal') });
    }
  });
});

describe('who may read', () => {
  /** What is in the folder, at any depth, that others may read or write. */
  function open(): string[] {
    const names = readdirSync(folder, { recursive: true }).map(String);
    return names.filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
  }

  test.each([[0o755, 0o022], [0o777, 0], [0o700, 0o002]])('a folder of mode %o under umask %o: nobody but the owner', async (mode, mask) => {
    mkdirSync(folder);
    chmodSync(folder, mode);
    // As when it was copied here, or written by an older release.
    writeFileSync(databaseIn(folder), '', { mode: 0o666 });
    chmodSync(databaseIn(folder), 0o666);
    const before = process.umask(mask);
    try {
      await using server = await startTestServer({ data: folder });
      await server.admin.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'secret' });
      expect(readdirSync(folder)).toEqual(expect.arrayContaining(['server.json', 'tls', ...(ENGINE === 'sqlite' ? ['tidemark.db', 'tidemark.db-wal', 'tidemark.db-shm'] : [])]));
      expect(open()).toEqual([]);
      expect(statSync(folder).mode & 0o777).toBe(mode);
    } finally {
      process.umask(before);
    }
  });

  test('what has been opened to others since is said by doctor and mended at the next start', async () => {
    const first = startServer();
    await first.outcome;
    const key = join(folder, 'tls', 'server-key.pem');
    for (const file of [key, join(folder, 'server.json')]) chmodSync(file, 0o644);
    const { code, stdout } = await tidemark('doctor', ...store, '--json');
    const { findings } = JSON.parse(stdout) as { findings: Array<{ what: string; ok: boolean; detail: string }> };
    expect(code).toBe(1);
    expect(findings.filter(({ ok }) => !ok)).toEqual([{ what: 'files', ok: false, detail: expect.stringContaining(key) }]);
    await stop(first);
    const second = startServer();
    await second.outcome;
    expect(open()).toEqual([]);
    expect((await tidemark('doctor', ...store)).code).toBe(0);
    await stop(second);
  });
});
