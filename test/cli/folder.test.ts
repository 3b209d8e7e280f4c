/** The data folder: who may have it, who may read it, and that nobody loses it. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { databaseIn, FolderError, holdFolder, readServerNote } from '../../src/portal/folder.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import { tidemark } from '../support/command.ts';
import { dropDatabase, ENGINE, freshDatabase, startTestServer } from '../support/server.ts';

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

test.each(['', '{"pid":', '\0'.repeat(40)])('a note that a crash has damaged is none (%j)', async (text) => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'server.json'), text);
  expect(readServerNote(folder)).toBe(undefined);
  expect((await tidemark('call', 'profile', '--data', folder)).stderr).toMatch(/^tidemark: no server runs on [^\n]+\n$/);
});

test.each(['tls', 'tidemark.lock', 'server.json', ...(ENGINE === 'sqlite' ? ['tidemark.db'] : [])])('what cannot be written or read (%s) is said in one line', async (name) => {
  // A folder in the place of a file, and the other way round: refused to root too.
  mkdirSync(folder);
  if (name === 'tls') writeFileSync(join(folder, name), 'x');
  else mkdirSync(join(folder, name));
  const { code, stdout, stderr } = await tidemark('serve', '--port', '0', '--tls-port', '0', '--json', '--empty', ...store);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^tidemark: [^\n]+\n$/) });
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
    await using server = await startTestServer({ data: folder });
    const doctor = () => tidemark('doctor', '--data', folder, ...(server.databaseUrl ? ['--database-url', server.databaseUrl] : []), '--json');
    const key = join(folder, 'tls', 'server-key.pem');
    for (const file of [key, join(folder, 'server.json')]) chmodSync(file, 0o644);
    const { code, stdout } = await doctor();
    const { findings } = JSON.parse(stdout) as { findings: Array<{ what: string; ok: boolean; detail: string }> };
    expect(code).toBe(1);
    expect(findings.filter(({ ok }) => !ok)).toEqual([{ what: 'files', ok: false, detail: expect.stringContaining(key) }]);
    await server.restart();
    expect(open()).toEqual([]);
    expect((await doctor()).code).toBe(0);
  });
});
