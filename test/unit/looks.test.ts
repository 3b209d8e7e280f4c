/** What content is: by the content alone, and a picture only where it could be decoded. */
import fc from 'fast-check';
import { supportedMimeTypes } from 'file-type';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { isTold, looksOf, typeOf } from '../../src/blobs/looks.ts';
import { type Picture, Pictures } from '../../src/blobs/pictures.ts';
import { MemoryBlobs } from '../support/memory-blobs.ts';
import { FORMATS, largePng, manyFrames, picture } from '../support/pictures.ts';
import { runs } from '../support/runs.ts';

async function look(content: Buffer | string) {
  const blobs = new MemoryBlobs();
  return looksOf(blobs, blobs.add(Buffer.from(content)));
}

const UNKNOWN = { type: 'application/octet-stream', width: 0, height: 0, preview: new Uint8Array() };
const TEXT = { ...UNKNOWN, type: 'text/plain' };
const SIZE = { longest: 640, crop: false };

test.each(FORMATS)('a picture as %s', async (format) => {
  const { preview, ...looks } = await look(await picture(format, 900, 300));
  expect(looks).toEqual({ type: `image/${format}`, width: 900, height: 300 });
  expect(await sharp(preview).metadata()).toMatchObject({ format: 'webp', width: 640, height: 213 });
});

test('it lies as it is shown, and a small one is not made larger', async () => {
  const { preview, ...looks } = await look(await picture('jpeg', 40, 30, 6));
  expect(looks).toEqual({ type: 'image/jpeg', width: 30, height: 40 });
  const { width, height, exif } = await sharp(preview).metadata();
  expect({ width, height, exif }).toEqual({ width: 30, height: 40, exif: undefined });
});

test('a preview to a square', async () => {
  const bytes = await picture('png', 300, 100);
  const looks = await new Pictures().look(() => Promise.resolve(bytes), { longest: 200, crop: true });
  expect(await sharp((looks as Picture).preview).metadata()).toMatchObject({ width: 200, height: 200 });
});

test.each(FORMATS)('%s that is cut off is no picture', async (format) => {
  const whole = await picture(format, 300, 200);
  for (const share of [0.1, 0.5, 0.9]) expect(await look(whole.subarray(0, Math.floor(whole.length * share)))).toEqual(UNKNOWN);
});

test.each([
  ['dimensions that no memory holds', largePng(60_000, 60_000)],
  ['one very long side', largePng(20_000, 1, 1)],
  ['dimensions that are compressed away', largePng(16_000, 16_000, 16_000)],
  ['thousands of frames', manyFrames(5000, 3000)],
  ['nothing at all in it', largePng(0, 0)],
])('a bomb: %s', async (_what, content) => {
  expect(await look(content)).toEqual(UNKNOWN);
});

test('a moving picture of some frames is one', async () => {
  expect(await look(manyFrames(100, 20))).toMatchObject({ type: 'image/gif', width: 100, height: 100 });
});

test.each([
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
  '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>', '<!doctype html><script>alert(1)</script>', 'just words',
  'слова, 言葉', '{"a":1}', '\ufeffwith a mark', 'From: a\nMIME-Version: 1.0\n\n', 'BEGIN:VCARD\nEND:VCARD', '%!PS-Adobe-3.0\n',
])('%s is text', async (content) => {
  expect(await look(content)).toEqual(TEXT);
});

test('text is told by its beginning, wherever that cuts a character', async () => {
  for (const start of ['', 'a', 'ab']) expect(await look(start + '語'.repeat(60_000))).toEqual(TEXT);
  expect(await look('語'.repeat(1000) + '\0')).toEqual(UNKNOWN);
  expect(await look('')).toEqual(UNKNOWN);
  expect(await look(Buffer.from([0xff, 0xfe, 0x41]))).toEqual(UNKNOWN);
});

test.each([
  ['application/pdf', '%PDF-1.7\n'], ['video/webm', '\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm'], ['audio/wav', 'RIFF\0\0\0\0WAVE'], ['audio/mpeg', 'ID3\x03\0\0\0\0\0\x0a' + '\0'.repeat(10) + '\xff\xfb\x90\0'],
  ['video/mp4', '\0\0\0\x18ftypmp42\0\0\0\0mp42isom'], ['application/zip', 'PK\x03\x04'], ['audio/ogg', 'OggS\0\x02' + '\0'.repeat(22) + '\x01vorbis\0'],
])('%s by its first bytes', async (type, head) => {
  expect(await typeOf(Buffer.from(head, 'latin1'))).toMatch(new RegExp(`^${type}`));
});

/** How things begin that are something. */
const BEGINNINGS = [
  '', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', '\xff\xd8\xff\xe0\0\x10JFIF', 'GIF89a', 'RIFF\x10\0\0\0WEBPVP8 ', 'RIFF\x10\0\0\0WEBPVP8L', 'RIFF\x10\0\0\0WEBPVP8X', '\0\0\0\x1cftypavif\0\0\0\0', '\0\0\0\x18ftypheic', '\0\0\0\x18ftypmp42',
  'II*\0', 'MM\0*', 'BM', '8BPS', '\0\0\x01\0', '%PDF-1.4', 'PK\x03\x04', '\x1f\x8b', 'Rar!\x1a\x07', '7z\xbc\xaf\x27\x1c', '\x1a\x45\xdf\xa3', 'OggS', 'fLaC', 'ID3\x04', '\xff\xfb', 'MZ', '\x7fELF', '\xca\xfe\xba\xbe', 'CWS', 'FWS', '<?xml ', '<svg', '<html', '{\\rtf',
  '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'FLV\x01', '\0asm', 'SQLite format 3\0', 'wOFF', 'ustar', '\xff\x4f\xff\x51', '\0\0\0\x0cJXL \r\n\x87\n', 'qoif', 'DICM', 'Cr24', 'glTF',
];
/** Types that a browser may run, or that bring what it may run. */
const RUN = /html|xml|svg|script|flash|shockwave|wasm|mixed|java|text\/(?!plain)/;

test('a thousand random bytes as every file type: told safely, and no picture', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...BEGINNINGS), fc.uint8Array({ minLength: 1000, maxLength: 1000 }), async (beginning, noise) => {
    const looks = await look(Buffer.concat([Buffer.from(beginning, 'latin1'), noise]));
    expect(looks.type).not.toMatch(RUN);
    expect(looks).toMatchObject({ width: 0, height: 0, preview: new Uint8Array() });
    expect(looks.type).not.toMatch(/^image/);
  }), { numRuns: runs(600) });
});

test('whatever can be recognised, nothing that a browser runs is told', () => {
  const told = [...supportedMimeTypes].filter(isTold);
  expect(told.filter((type) => RUN.test(type.replace('openxmlformats', 'office')))).toEqual([]);
  expect(told.length).toBeGreaterThan(50);
});

test('a process that is too slow, or dies, costs one picture', async () => {
  const bytes = await picture('png', 100, 100);
  const impatient = new Pictures(0);
  expect(await impatient.look(() => Promise.resolve(bytes), SIZE)).toBe(undefined);
  const pictures = new Pictures();
  const read = () => Promise.resolve(bytes);
  expect(await pictures.look(read, SIZE)).toMatchObject({ width: 100 });
  process.kill(pictures.pid!, 'SIGKILL');
  const [first, second] = await Promise.all([pictures.look(read, SIZE), pictures.look(read, SIZE)]);
  expect([first, second]).toMatchObject([{ width: 100 }, { width: 100 }]);
});

test('whoever cannot read it hears why, and the next has their turn', async () => {
  const pictures = new Pictures();
  await expect(pictures.look(() => Promise.reject(new Error('gone')), SIZE)).rejects.toThrow('gone');
  const bytes = await picture('png', 10, 10);
  expect(await pictures.look(() => Promise.resolve(bytes), SIZE)).toMatchObject({ width: 10 });
});
