/** When checkpoints run, and that the thread in which they do is there only while it is needed. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Mutex } from '../../src/base/mutex.ts';
import { Checkpointer } from '../../src/db/engines/checkpointer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-checkpoints-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const threads = (): number => (process.report.getReport() as { workers: unknown[] }).workers.length;

/** Seconds pass, each in a turn of the event loop, until what is looked for is there. */
async function until(found: () => boolean): Promise<void> {
  while (!found()) {
    vi.advanceTimersByTime(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A database with a log, into which more is written each time. */
function openFile(): { path: string; db: DatabaseSync; write(): void; fileSize(): number } {
  const path = join(folder, 'test.db');
  const db = new DatabaseSync(path);
  db.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table filler (text text)');
  return { path, db, write: () => db.exec('insert into filler values (hex(zeroblob(40000)))'), fileSize: () => statSync(path).size };
}

test('a thread copies what was committed, ends when nothing is for a while, and comes back', async () => {
  const { path, db, write, fileSize } = openFile();
  const checkpointer = new Checkpointer(path, new Mutex(), (fault) => expect.fail(String(fault)));
  expect(threads()).toBe(0);
  for (let round = 0; round < 2; round++) {
    const before = fileSize();
    write();
    checkpointer.committed();
    await until(() => fileSize() > before);
    expect(threads()).toBe(1);
    await until(() => threads() === 0);
  }
  await checkpointer.close();
  db.close();
});

test('a thread that cannot begin is a fault that is told of once, and tried again until it succeeds', async () => {
  const faults: unknown[] = [];
  const path = join(folder, 'later', 'test.db');
  const checkpointer = new Checkpointer(path, new Mutex(), (fault) => faults.push(fault));
  checkpointer.committed();
  await until(() => faults.length > 0);
  mkdirSync(join(folder, 'later'));
  await until(() => existsSync(path));
  expect(faults.map(String)).toEqual([expect.stringContaining('unable to open database file')]);
  await checkpointer.close();
  expect(threads()).toBe(0);
});
