/** Content in a folder: what every store must do, and what is left of what was on its way in. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Blobs } from '../../src/blobs/blobs.ts';
import { openFolderBlobs } from '../../src/blobs/folder-blobs.ts';
import { blobsContract, inPieces, namesIn } from '../support/blobs-contract.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Blobs> {
  folders.push(mkdtempSync(join(tmpdir(), 'tidemark-blobs-')));
  return openFolderBlobs(folders.at(-1)!);
}

/** Files in a folder that this process has open. */
function openIn(folder: string): string[] {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return targets.filter((path) => path.startsWith(folder));
}

blobsContract(open, 15);

describe('in its folder', () => {
  let blobs: Blobs;
  let folder: string;
  beforeEach(async () => {
    blobs = await open();
    folder = folders.at(-1)!;
  });

  const put = (bytes: Uint8Array, most = Infinity) => blobs.put(inPieces(bytes), most);
  const incoming = () => readdirSync(join(folder, 'incoming'));

  test('nothing of what came in and was not kept is left', async () => {
    await expect(blobs.put(inPieces(Buffer.alloc(5000), 1000, 3000), 10_000)).rejects.toThrow('the connection broke');
    await expect(put(Buffer.alloc(5000), 4999)).rejects.toThrow();
    expect(incoming()).toEqual([]);
  });

  test('the same content is as new as when it was last put', async () => {
    const { name } = await put(randomBytes(3000).fill(7));
    utimesSync(join(folder, name.slice(0, 2), name), 1, 1);
    await put(randomBytes(3000).fill(7));
    for await (const { kept } of blobs.list()) expect(kept.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test('what another process left half written is gone after a start; what lies there and is none is no content', async () => {
    const { name } = await put(randomBytes(10));
    writeFileSync(join(folder, 'incoming', 'half'), 'half');
    writeFileSync(join(folder, name.slice(0, 2), 'notes.txt'), 'x');
    const again = await openFolderBlobs(folder);
    expect([incoming(), await namesIn(blobs), await again.size(name)]).toEqual([[], [name], 10]);
  });

  test('what nobody goes on with is tidied away, what is coming in is not', async () => {
    for (const name of ['old', 'new']) writeFileSync(join(folder, 'incoming', name), 'half of it');
    utimesSync(join(folder, 'incoming', 'old'), 1000, 1000);
    await blobs.tidy(new Date(Date.now() - 3_600_000));
    expect(incoming()).toEqual(['new']);
  });

  test('who asks for it and never reads, or stops, leaves nothing open', async () => {
    const { name } = await put(randomBytes(1_000_000));
    for (let i = 0; i < 20; i += 1) expect(await blobs.read(name)).toBeDefined();
    for await (const _piece of (await blobs.read(name))!) break;
    await expect.poll(() => openIn(folder)).toEqual([]);
  });

  test('nobody but its owner reads it', async () => {
    const { name } = await put(randomBytes(10));
    expect(statSync(join(folder, name.slice(0, 2), name)).mode & 0o777).toBe(0o600);
  });
});
