/** What every store of files must do, wherever the bytes lie. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type BlobName, type Blobs, BlobTooLarge } from '../../src/blobs/blobs.ts';
import { runs } from './runs.ts';

const MUCH = 10_000_000;

export function nameOf(content: Uint8Array): BlobName {
  return createHash('sha256').update(content).digest('hex');
}

/** Content as it comes from a connection, in pieces of some length. */
export async function* inPieces(content: Uint8Array, length = 1000, breakAt = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += length) {
    if (at >= breakAt) throw new Error('the connection broke');
    yield content.subarray(at, at + length);
  }
  if (breakAt <= content.length) throw new Error('the connection broke');
}

export async function contentOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<Buffer | undefined> {
  if (!pieces) return undefined;
  const all: Uint8Array[] = [];
  // What lies in a scratch is good only for now.
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

export async function namesIn(blobs: Blobs): Promise<BlobName[]> {
  const names: BlobName[] = [];
  for await (const { name } of blobs.list()) names.push(name);
  return names.sort();
}

/** Few of them, so that the same ones meet: empty, short, and longer than what is read at once. */
const CONTENTS = ['', 'a', 'b', 'ab'.repeat(700), 'long'.repeat(50_000), 'longer'.repeat(100_000)].map((text) => Buffer.from(text));
const content = fc.constantFrom(...CONTENTS);

type Step = (blobs: Blobs, kept: Map<BlobName, Buffer>) => Promise<void>;

const steps = fc.array(fc.oneof(
  fc.tuple(content, fc.constantFrom(1000, 65_536, MUCH)).map(([bytes, length]): Step => async (blobs, kept) => {
    expect(await blobs.put(inPieces(bytes, length), bytes.length)).toEqual({ name: nameOf(bytes), size: bytes.length });
    kept.set(nameOf(bytes), bytes);
  }),
  fc.tuple(content, fc.nat(700_000)).map(([bytes, breakAt]): Step => async (blobs) => {
    await expect(blobs.put(inPieces(bytes, 1000, Math.min(breakAt, bytes.length)), MUCH)).rejects.toThrow('the connection broke');
  }),
  content.filter((bytes) => bytes.length > 0).map((bytes): Step => async (blobs) => {
    await expect(blobs.put(inPieces(bytes), bytes.length - 1)).rejects.toThrow(BlobTooLarge);
  }),
  content.map((bytes): Step => async (blobs, kept) => {
    await blobs.remove(nameOf(bytes));
    kept.delete(nameOf(bytes));
  }),
  fc.tuple(content, fc.nat(600_001), fc.nat(600_001)).map(([bytes, first, length]): Step => async (blobs, kept) => {
    for (const scratch of [undefined, Buffer.alloc(1000)]) {
      const read = await contentOf(await blobs.read(nameOf(bytes), { first, last: first + length }, scratch));
      expect(read).toEqual(kept.get(nameOf(bytes))?.subarray(first, first + length + 1));
    }
  }),
), { maxLength: 12 });

/**
 * @param open gives a store that is used by nothing else
 * @param tries of the property
 */
export function blobsContract(open: () => Promise<Blobs>, tries: number): void {
  test('it keeps what it was given, and nothing else', async () => {
    await fc.assert(fc.asyncProperty(steps, async (taken) => {
      await using blobs = await open();
      const kept = new Map<BlobName, Buffer>();
      for (const step of taken) await step(blobs, kept);
      expect(await namesIn(blobs)).toEqual([...kept.keys()].sort());
      for (const bytes of CONTENTS) {
        for (const scratch of [undefined, Buffer.alloc(1000)]) expect(await contentOf(await blobs.read(nameOf(bytes), undefined, scratch))).toEqual(kept.get(nameOf(bytes)));
        expect(await blobs.size(nameOf(bytes))).toBe(kept.get(nameOf(bytes))?.length);
      }
    }), { numRuns: runs(tries) });
  });

  test('the same content from many at once lies there once', async () => {
    await using blobs = await open();
    const puts = Array.from({ length: 8 }, (_, i) => blobs.put(inPieces(CONTENTS[5]!, 50_000 + i), MUCH));
    expect(new Set((await Promise.all(puts)).map(({ name }) => name))).toEqual(new Set([nameOf(CONTENTS[5]!)]));
    expect(await namesIn(blobs)).toEqual([nameOf(CONTENTS[5]!)]);
    expect(await contentOf(await blobs.read(nameOf(CONTENTS[5]!)))).toEqual(CONTENTS[5]);
  });

  test('it is claimed once all is there and before any of it is kept', async () => {
    await using blobs = await open();
    const bytes = CONTENTS[4]!;
    const seen: unknown[] = [];
    await blobs.put(inPieces(bytes), MUCH, async (blob) => {
      seen.push(blob, await blobs.size(blob.name));
    });
    expect(seen).toEqual([{ name: nameOf(bytes), size: bytes.length }, undefined]);
    expect(await blobs.size(nameOf(bytes))).toBe(bytes.length);
  });

  test('whoever may not claim it has left nothing', async () => {
    await using blobs = await open();
    const refuse = () => Promise.reject(new Error('not now'));
    await expect(blobs.put(inPieces(CONTENTS[3]!), MUCH, refuse)).rejects.toThrow('not now');
    await expect(blobs.put(inPieces(CONTENTS[3]!), 1, () => expect.unreachable('it is too long'))).rejects.toThrow(BlobTooLarge);
    expect(await namesIn(blobs)).toEqual([]);
  });

  test('a stream that is too long is not read on', async () => {
    await using blobs = await open();
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        ended = true;
      }
    }
    await expect(blobs.put(endless(), 5000)).rejects.toThrow(BlobTooLarge);
    expect(ended).toBe(true);
  });

  test('a name that is none is never something else', async () => {
    await using blobs = await open();
    for (const wrong of ['', '..', '../x', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
      await expect(blobs.read(wrong)).rejects.toThrow(RangeError);
      await expect(blobs.remove(wrong)).rejects.toThrow(RangeError);
    }
  });

  test('whoever reads may stop', async () => {
    await using blobs = await open();
    const { name } = await blobs.put(inPieces(CONTENTS[5]!), MUCH);
    for (let i = 0; i < 40; i += 1) {
      for await (const piece of (await blobs.read(name))!) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
    }
    expect((await contentOf(await blobs.read(name)))?.length).toBe(CONTENTS[5]!.length);
  });

  test('it says when something was kept', async () => {
    await using blobs = await open();
    const before = Date.now();
    await blobs.put(inPieces(CONTENTS[1]!), MUCH);
    for await (const { kept } of blobs.list()) {
      // Stores give whole seconds, and have clocks of their own.
      expect(kept.getTime()).toBeGreaterThan(before - 60_000);
      expect(kept.getTime()).toBeLessThan(Date.now() + 60_000);
    }
  });

  test('it says where it is', async () => {
    await using blobs = await open();
    expect(await blobs.examine()).toMatch(/\w/);
    await blobs.tidy(new Date());
    expect(await namesIn(blobs)).toEqual([]);
  });
}
