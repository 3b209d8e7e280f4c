/** When checkpoints run, and that the thread in which they do is there only while it is needed. */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
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
async function until(found: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await found())) {
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

/** Pages of a log that is long, and of one row of the filler. */
const LONG = 17_000;
const PAGES_OF_ONE = 20;

/** How often the log has been begun anew. */
function beginnings(path: string): number {
  const head = Buffer.alloc(16);
  const log = openSync(`${path}-wal`, 'r');
  readSync(log, head);
  closeSync(log);
  return head.readUInt32BE(12);
}

test('of a long log a checkpoint that has copied all there was is not believed: more may have come since, so the writers are held', async () => {
  const { path, db, write } = openFile();
  const writers = new Mutex();
  const acquire = vi.spyOn(writers, 'acquire');
  const checkpointer = new Checkpointer(path, writers, (fault) => expect.fail(String(fault)));
  for (let page = 0; page < LONG; page += PAGES_OF_ONE) write();
  checkpointer.committed();
  vi.advanceTimersByTime(1000);
  await vi.waitFor(() => expect(acquire).toHaveBeenCalledOnce(), { timeout: 20_000 });
  await checkpointer.close();
  db.close();
}, 60_000);

test.each([['somebody writes', 0], ['somebody writes and somebody reads', 2]])('a log that has grown long begins anew, though %s all the time', async (_who, readers) => {
  const { path, db, write } = openFile();
  const writers = new Mutex();
  const checkpointer = new Checkpointer(path, writers, (fault) => expect.fail(String(fault)));
  for (let page = 0; page < LONG; page += PAGES_OF_ONE) write();
  const before = beginnings(path);
  let reading = true;
  const read = async (reader: DatabaseSync) => {
    for (const look = reader.prepare('select count(*) from filler'); reading; ) {
      reader.exec('begin');
      look.get();
      await sleep(10);
      reader.exec('commit');
    }
    reader.close();
  };
  // Of two there is always one whose transaction began before the other's ended.
  const all = Array.from({ length: readers }, (_, n) => sleep(5 * n).then(() => read(new DatabaseSync(path))));
  await until(async () => {
    const release = await writers.acquire();
    write();
    release();
    checkpointer.committed();
    return beginnings(path) > before;
  });
  reading = false;
  await Promise.all(all);
  await checkpointer.close();
  db.close();
}, 60_000);
