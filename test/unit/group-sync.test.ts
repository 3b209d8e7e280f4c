/** Syncs of the log, which never stop the loop. Their durability is proved by test/crash. */
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

test('who comes while a sync runs waits for the next one', async () => {
  const sync = new GroupSync(logFile('shared'), () => {});
  const ended: string[] = [];
  const running = sync.flushed().then(() => ended.push('first'));
  await Promise.all([sync.flushed().then(() => ended.push('second')), running.then(() => ended.push('between'))]);
  expect(ended).toEqual(['first', 'between', 'second']);
  sync.close();
});

test('a log that was deleted, or that cannot be synced, is a failure and no promise is kept', async () => {
  for (const spoil of [(path: string) => rmSync(path), (_path: string, sync: GroupSync) => sync.close()]) {
    const failed = vi.fn();
    const path = logFile('lost');
    const sync = new GroupSync(path, failed);
    spoil(path, sync);
    const resolved = vi.fn();
    void sync.flushed().then(resolved);
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
    await turn();
    expect(resolved).not.toHaveBeenCalled();
  }
});
