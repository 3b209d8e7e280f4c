/** Content in a folder: whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Blobs, BlobTooLarge } from '../../src/blobs/blobs.ts';
import { openFolderBlobs } from '../../src/blobs/folder-blobs.ts';
import { runs } from '../support/runs.ts';

let folder: string;
let blobs: Blobs;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-blobs-'));
  blobs = await openFolderBlobs(folder);
});
afterEach(async () => {
  await blobs[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const put = (bytes: Uint8Array, size = 1000, most = Infinity) => blobs.put(inPieces(bytes, size), most);
const nameOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function read(name: string, range?: { first: number; last: number }): Promise<Buffer | undefined> {
  const content = await blobs.read(name, range);
  if (!content) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of blobs.list()) found.push(name);
  return found.sort();
}

test('whatever is put comes back, whole and in any part', async () => {
  const content = fc.uint8Array({ maxLength: 5000 });
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 700 }), fc.nat(), fc.nat(), async (bytes, size, a, b) => {
      const { name, ...stored } = await put(bytes, size);
      expect([name, stored]).toEqual([nameOf(bytes), { size: bytes.length }]);
      expect(await blobs.size(name)).toBe(bytes.length);
      expect((await read(name))!.equals(bytes)).toBe(true);
      if (bytes.length === 0) return;
      const [first, last] = [a % bytes.length, b % bytes.length].sort((x, y) => x - y) as [number, number];
      expect((await read(name, { first, last }))!.equals(bytes.subarray(first, last + 1))).toBe(true);
    }),
    { numRuns: runs(60) },
  );
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});

test('a limit holds to the byte, and what passes it leaves nothing', async () => {
  const bytes = randomBytes(5000);
  await expect(put(bytes, 1000, 4999)).rejects.toThrow(BlobTooLarge);
  expect([await names(), readdirSync(join(folder, 'incoming'))]).toEqual([[], []]);
  expect(await put(bytes, 1000, 5000)).toEqual({ name: nameOf(bytes), size: 5000 });
});

test('content that breaks off leaves nothing, and its fault is what the caller gets', async () => {
  async function* breaking(): AsyncIterable<Uint8Array> {
    yield randomBytes(3000);
    throw new Error('gone');
  }
  await expect(blobs.put(breaking(), Infinity)).rejects.toThrow('gone');
  expect([await names(), readdirSync(join(folder, 'incoming'))]).toEqual([[], []]);
});

test('the same content lies there once, also when many put it at once, and is then as new as the last of them', async () => {
  const bytes = randomBytes(3000);
  const name = nameOf(bytes);
  await put(bytes);
  utimesSync(join(folder, name.slice(0, 2), name), 1, 1);
  const before = Date.now() - 5000;
  await Promise.all(Array.from({ length: 20 }, () => put(bytes)));
  expect(await names()).toEqual([name]);
  for await (const { kept } of blobs.list()) expect(kept.getTime()).toBeGreaterThan(before);
});

test('what is removed is gone; a name that is none is never a path', async () => {
  const { name } = await put(randomBytes(10));
  await blobs.remove(name);
  await blobs.remove(name);
  expect([await blobs.read(name), await blobs.size(name), await names()]).toEqual([undefined, undefined, []]);
  for (const wrong of ['', '..', '../x', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
    await expect(blobs.read(wrong)).rejects.toThrow(RangeError);
    await expect(blobs.remove(wrong)).rejects.toThrow(RangeError);
  }
});

test('what another process left half written is gone after a start; what lies there and is none is no content', async () => {
  const { name } = await put(randomBytes(10));
  writeFileSync(join(folder, 'incoming', 'half'), 'half');
  writeFileSync(join(folder, name.slice(0, 2), 'notes.txt'), 'x');
  const again = await openFolderBlobs(folder);
  expect([readdirSync(join(folder, 'incoming')), await names(), await again.size(name)]).toEqual([[], [name], 10]);
});

test('nobody but its owner reads it', async () => {
  const { name } = await put(randomBytes(10));
  expect(statSync(join(folder, name.slice(0, 2), name)).mode & 0o777).toBe(0o600);
});
