/** Syncs of the log: off the loop where several wait or the disk is slow, at once for who is alone on a quick one. The durability of both is proved by test/crash. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { GroupSync } from '../../src/db/engines/group-sync.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-sync-'));
afterAll(() => rmSync(folder, { recursive: true }));

function logFile(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, 'log');
  return path;
}

/** Whether it is over before anybody else gets a turn. */
async function isOverAtOnce(work: Promise<void>): Promise<boolean> {
  let over = false;
  void work.then(() => (over = true));
  await Promise.resolve().then(() => {});
  const atOnce = over;
  await work;
  return atOnce;
}

test('who is alone is synced at once where the disk is quick, nobody else is', async () => {
  const quick = new GroupSync(logFile('quick'), () => {}, Infinity);
  const slow = new GroupSync(logFile('slow'), () => {}, 0);
  expect([await isOverAtOnce(quick.flushed(true)), await isOverAtOnce(quick.flushed()), await isOverAtOnce(slow.flushed(true))]).toEqual([true, false, false]);
  quick.close();
  slow.close();
});

test('who comes while a sync runs waits for the next one, alone or not', async () => {
  const sync = new GroupSync(logFile('shared'), () => {}, Infinity);
  const running = sync.flushed();
  expect(await isOverAtOnce(sync.flushed(true))).toBe(false);
  await running;
  sync.close();
});

test.each([true, false])('a log that was deleted, or that cannot be synced, is a failure and no promise is kept (alone: %s)', async (alone) => {
  for (const spoil of [(path: string) => rmSync(path), (_path: string, sync: GroupSync) => sync.close()]) {
    const failed = vi.fn();
    const path = logFile('lost');
    const sync = new GroupSync(path, failed, Infinity);
    spoil(path, sync);
    const resolved = vi.fn();
    void sync.flushed(alone).then(resolved);
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
    await turn();
    expect(resolved).not.toHaveBeenCalled();
  }
});
