/** Long values are taken out of a body wherever it is cut into pieces; what is left is what it was. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseBody } from '../../src/rest/body.ts';
import { BrokenBase64, contentOf } from '../../src/rest/spool/content.ts';
import { LONG_VALUE } from '../../src/rest/spool/held-value.ts';
import { release, sift } from '../../src/rest/spool/sifting.ts';
import { Spools } from '../../src/rest/spool/spool.ts';
import { runs } from '../support/runs.ts';

let folder: string;
let spools: Spools;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-spool-'));
  spools = new Spools(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* cut(text: string, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** The body with its long values put back, and how many were taken out. */
async function sifted(type: string, text: string, sizes: readonly number[]): Promise<{ value: unknown; taken: number }> {
  const result = await sift(type, cut(text, sizes), spools, 2 ** 21);
  try {
    const whole = new Map<string, string>();
    for (const [word, spool] of result.spools) {
      const pieces: Uint8Array[] = [];
      for await (const piece of spool.read()) pieces.push(piece);
      whole.set(word, Buffer.concat(pieces).toString('latin1'));
    }
    const value = JSON.parse(JSON.stringify(result.params ?? (await parseBody(type, result.body))), (_key, item: unknown) => (typeof item === 'string' ? (whole.get(item) ?? item) : item)) as unknown;
    return { value, taken: whole.size };
  } finally {
    await release(result.spools);
  }
}

const LONG = 'x/+y="\\\n'.repeat(LONG_VALUE / 8 + 1);
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 100_000 })), { minLength: 1, maxLength: 5 }).map((list) => [...list, 65_536]);
const short = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('"', '\\', '\\"', '\u0000', 'a\\\\"b', ''));

test('JSON, however its strings are escaped', async () => {
  const value = fc.record({ a: short, b: fc.oneof(short, fc.constant(LONG)), c: fc.array(fc.oneof(short, fc.constant(LONG)), { maxLength: 2 }), d: fc.jsonValue({ maxDepth: 2 }) });
  await fc.assert(
    fc.asyncProperty(value, sizes, fc.boolean(), async (sent, pieces, php) => {
      const text = php ? JSON.stringify(sent).replaceAll('/', '\\/').replaceAll('y', '\\u0079') : JSON.stringify(sent);
      expect(await sifted('application/json', text, pieces)).toEqual({ value: JSON.parse(JSON.stringify(sent)), taken: [sent.b, ...sent.c].filter((item) => item === LONG).length });
    }),
    { numRuns: runs(60) },
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a form', async () => {
  const pairs = fc.record({ a: short.map((text) => text.replaceAll('\u0000', '')), b: fc.oneof(fc.constant('b'), fc.constant(LONG)), c: fc.constantFrom('', '%', '%4', 'ü&=+ ') });
  await fc.assert(
    fc.asyncProperty(pairs, sizes, async (sent, pieces) => {
      const text = `&&x&${new URLSearchParams(sent)}&e`;
      expect(await sifted('application/x-www-form-urlencoded', text, pieces)).toEqual({ value: { x: '', ...sent, e: '' }, taken: Number(sent.b === LONG) });
    }),
    { numRuns: runs(60) },
  );
});

test('what is left over may not be long either, however many bits it comes in', async () => {
  const many = `[${'"a",'.repeat(600_000)}1]`;
  await expect(sift('application/json', cut(many, [65_536]), spools, 2 ** 21)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  await expect(sift('application/json', cut(`${JSON.stringify(LONG).slice(0, -1)}${'1'.repeat(3_000_000)}`, [65_536]), spools, 2 ** 21).then((result) => release(result.spools))).resolves.toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

async function decoded(text: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of contentOf(text, undefined)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('base64 is read as Node reads what is right, and refused where it is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('', '\n', '\r\n'), fc.boolean(), async (bytes, lines, filled) => {
      const text = Buffer.from(bytes).toString('base64').replaceAll(/.{20}/g, `$&${lines}`);
      expect((await decoded(filled ? text : text.replace(/=+$/, ''))).equals(bytes)).toBe(true);
    }),
    { numRuns: runs(100) },
  );
  for (const wrong of ['a', 'abcde', 'ab=', 'a===', '=', 'ab==ab==', 'a b=', 'ab-_', 'ü', 'a\u0000b=', `${'a'.repeat(65_536)}=a`]) await expect(decoded(wrong)).rejects.toThrow(BrokenBase64);
});
