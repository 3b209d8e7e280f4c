/** A disk that is full, and has room again: a real file system of a few megabytes, on which the server's folder lies. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Client, clientFor } from '../support/client.ts';
import { ENGINE } from '../support/server.ts';
import { startProcess } from '../crash/server-process.ts';

const MEGABYTES = 16;
const TEXT = 'x'.repeat(15_000);

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'tidemark-full-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', disk], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`this test needs to be root, to mount a small file system: ${stderr}`);
});
afterEach(() => {
  spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

const ballast = () => join(disk, 'ballast');

/** Leaves so many bytes. */
function fill(rest: number): void {
  rmSync(ballast(), { force: true });
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(ballast(), Buffer.alloc(Math.max(0, bavail * bsize - rest)));
  } catch (error) {
    // The server has written meanwhile: there is less left.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const say = (who: Client) => who.raw('im.message.add', { DIALOG_ID: 1, MESSAGE: TEXT });

/** Sends until one is refused, and gives the ids of those that were not. */
async function sayUntilFull(who: Client, hands: number): Promise<number[]> {
  const ids: number[] = [];
  const one = async () => {
    for (;;) {
      const { status, body } = await say(who);
      if (status !== 200) {
        expect({ status, error: body.error }).toEqual({ status: 503, error: 'STORAGE_FULL' });
        return;
      }
      ids.push(body.result as number);
    }
  };
  await Promise.all(Array.from({ length: hands }, one));
  return ids;
}

async function idsOf(who: Client): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const { messages } = await who.call<{ messages: Array<{ id: number }> }>('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 50, ...(ids.length > 0 && { LAST_ID: ids.at(-1) }) });
    if (messages.length === 0) return ids;
    ids.push(...messages.map(({ id }) => id));
  }
}

if (ENGINE === 'sqlite') test.each([0, 40_000, 300_000, 2_000_000])('%i bytes are left: writes are refused, reads go on, and with room all is well', async (rest) => {
  const home = { folder: join(disk, 'data'), databaseUrl: '' };
  const server = startProcess(home);
  const { admin } = await server.ready;
  const client = clientFor(admin.webhook, 1);
  const acknowledged: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    fill(rest);
    acknowledged.push(...(await sayUntilFull(client, 4)));
    fill(0);
    // Checkpoints are tried every second, and fail; the server is asked for longer than that.
    for (const until = Date.now() + 1500; Date.now() < until; ) {
      expect((await client.raw('im.recent.get')).status).toBe(200);
      expect([200, 503]).toContain((await say(client).then(({ status, body }) => (status === 200 && acknowledged.push(body.result as number), status))));
    }
    expect(server.child.exitCode).toBe(null);
    rmSync(ballast());
    const { status, body } = await say(client);
    expect(status).toBe(200);
    acknowledged.push(body.result as number);
  }
  expect((await idsOf(client)).sort((a, b) => a - b)).toEqual(acknowledged.sort((a, b) => a - b));
  fill(0);
  server.child.kill('SIGTERM');
  expect(await once(server.child, 'exit')).toEqual([0, null]);
  rmSync(ballast());
  const again = startProcess(home);
  const { admin: later } = await again.ready;
  expect(await idsOf(clientFor(later.webhook, 1))).toHaveLength(acknowledged.length);
  again.child.kill('SIGTERM');
  expect(await once(again.child, 'exit')).toEqual([0, null]);
});

if (ENGINE === 'sqlite') test('a start without room says so in one line', async () => {
  fill(0);
  const server = startProcess({ folder: join(disk, 'data'), databaseUrl: '' });
  await expect(server.ready).rejects.toThrow(/^the server ended with 1: tidemark: [^\n]+\n$/);
});

if (ENGINE === 'sqlite') test('the folder is deleted while it runs: nothing that goes there is acknowledged, and the server ends', async () => {
  const folder = join(disk, 'data');
  const server = startProcess({ folder, databaseUrl: '' });
  const { admin } = await server.ready;
  const ended = once(server.child, 'exit');
  expect((await say(clientFor(admin.webhook, 1))).status).toBe(200);
  rmSync(folder, { recursive: true });
  const answer = await say(clientFor(admin.webhook, 1)).then(({ status }) => status, () => 'none');
  expect(answer).not.toBe(200);
  expect(await ended).toEqual([1, null]);
});
