/** Compressed and uncompressed, an answer is the same bytes, in whatever pieces it comes and whatever of it is kept. */
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areKept, keepBytes, madeOnceOf, sizeMadeOf } from '../../src/base/kept-bytes.ts';
import { RESULT_OPENS } from '../../src/rest/envelope.ts';
import type { JsonPieces } from '../../src/rest/method.ts';
import { codecs } from '../../src/rest/net/codings.ts';
import { compress } from '../../src/rest/net/compression.ts';
import { CODINGS, decode } from '../support/decoding.ts';

function joined(pieces: JsonPieces): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}

/** Text of any length up to a megabyte: some of it repeats, some does not. */
const text = fc
  .tuple(fc.array(fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' }), { maxLength: 20, size: 'max' }), fc.constantFrom(1, 5, 50, 500, 5000))
  .map(([parts, times]) => parts.join('').repeat(times).slice(0, 1_000_000));
const piece = fc.oneof(text, text.map((one) => new Uint8Array(Buffer.from(one))), fc.uint8Array({ maxLength: 70_000, size: 'max' }));
const time = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500 });
const pieces: fc.Arbitrary<JsonPieces> = fc.oneof(
  fc.array(piece, { maxLength: 4 }),
  fc.array(fc.string({ maxLength: 90, size: 'max' }), { maxLength: 2000, size: 'max' }),
);

describe.each(CODINGS)('%s', (coding) => {
  test('any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (body) => {
        const plain = joined(body);
        expect(decode(coding, Buffer.concat(await compress(body, plain.length, coding))).equals(plain)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a kept result with any time beside it, for many who ask at once', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(time, { minLength: 1, maxLength: 4 }), async (result, times) => {
        const kept = keepBytes(Buffer.from(result));
        const bodies = times.map((rest) => [RESULT_OPENS, kept, rest]);
        const compressed = await Promise.all(bodies.map(async (body) => compress(body, joined(body).length, coding)));
        for (const [index, body] of bodies.entries()) {
          expect(decode(coding, Buffer.concat(compressed[index]!)).equals(joined(body))).toBe(true);
          expect(compressed[index]![0]).toBe(compressed[0]![0]);
        }
        expect(sizeMadeOf(kept)).toBe(compressed[0]![0]!.length);
      }),
      { numRuns: 40 },
    );
  });

  test.each([1, 2, 255, 256, 65_534, 65_535])('an end of %i bytes', async (size) => {
    const kept = keepBytes(Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, i) => `row ${i}`))));
    const [beginning] = await compress([RESULT_OPENS, kept, '}'], kept.length, coding);
    const body = Buffer.from(`${RESULT_OPENS}${kept.toString()}`);
    const end = codecs[coding].end({ compressed: beginning!, crc: crc32(body), length: body.length }, Buffer.alloc(size, 'ab'));
    expect(decode(coding, Buffer.concat([beginning!, end])).equals(Buffer.concat([body, Buffer.alloc(size, 'ab')]))).toBe(true);
  });

  test('what is kept is compressed only where it is the result itself', async () => {
    const kept = keepBytes(Buffer.from(`["${'x'.repeat(50_000)}"]`));
    for (const body of [[RESULT_OPENS, '[', kept, ']}'], ['{"result":[', kept, ']}'], [RESULT_OPENS, kept, ','.repeat(70_000)], [kept]]) {
      const plain = joined(body);
      expect(decode(coding, Buffer.concat(await compress(body, plain.length, coding))).equals(plain)).toBe(true);
    }
    expect(sizeMadeOf(kept)).toBe(0);
  });
});

describe('what is made of kept bytes', () => {
  const size = ({ length }: string) => length;

  test('is made once, however many ask, and counted', async () => {
    let [made, growths] = [0, 0];
    const bytes = keepBytes(Buffer.from('x'), () => (growths += 1));
    const make = async () => `made ${(made += 1)}`;
    const all = await Promise.all([1, 2, 3].map(() => madeOnceOf(bytes, 'a', make, size)));
    expect(all).toEqual(['made 1', 'made 1', 'made 1']);
    expect(await madeOnceOf(bytes, 'b', make, size)).toBe('made 2');
    expect([sizeMadeOf(bytes), growths]).toEqual([12, 2]);
  });

  test('is made anew when it failed', async () => {
    const bytes = keepBytes(Buffer.from('x'));
    await expect(madeOnceOf(bytes, 'a', () => Promise.reject(new Error('no room')), size)).rejects.toThrow('no room');
    expect(await madeOnceOf(bytes, 'a', async () => 'made', size)).toBe('made');
    expect(sizeMadeOf(bytes)).toBe(4);
  });

  test('is not remembered for bytes that nobody keeps', async () => {
    const [bytes, same] = [Buffer.from('x'), keepBytes(Buffer.from('x'))];
    expect([areKept(bytes), areKept(same), areKept(same.subarray(0))]).toEqual([false, true, false]);
    await madeOnceOf(bytes, 'a', async () => 'made', size);
    expect(sizeMadeOf(bytes)).toBe(0);
  });
});
