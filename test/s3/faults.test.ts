/** A store that is slow, busy, or cut off: what may be repeated is, and what fails leaves nothing. */
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parseS3Address } from '../../src/blobs/s3-address.ts';
import { S3Blobs } from '../../src/blobs/s3-blobs.ts';
import { S3Error } from '../../src/blobs/s3-client.ts';
import { contentOf, inPieces, namesIn, nameOf } from '../support/blobs-contract.ts';
import { runs } from '../support/runs.ts';
import { BadConnection, type Fault } from './bad-connection.ts';
import { LEAST_PART, MotoProcess } from './moto-process.ts';

const CONTENT = Buffer.from('0123456789'.repeat(30_000));
const TRIES = 4;

let moto: MotoProcess;
let connection: BadConnection;
let folder: string;
let sound: S3Blobs;
let blobs: S3Blobs;

beforeAll(async () => {
  moto = await MotoProcess.start();
  folder = await mkdtemp(join(tmpdir(), 'tidemark-spool-'));
  connection = await BadConnection.open(moto.endpoint);
  const bucket = `b${randomUUID()}`;
  sound = new S3Blobs(parseS3Address(await moto.bucket(bucket)), moto.credentials, folder);
  const sizes = { whole: 100_000, part: Math.max(60_000, LEAST_PART) };
  const address = { ...parseS3Address(`s3://${bucket}/some/folder`), endpoint: connection.endpoint };
  blobs = new S3Blobs(address, moto.credentials, folder, { patience: { idleMs: 500, tries: TRIES, pauseMs: 1 }, sizes });
});
afterEach(async () => {
  Object.assign(connection, { faults: [], always: undefined });
  for (const name of await namesIn(sound)) await sound.remove(name);
  expect(await readdir(folder)).toEqual([]);
});
afterAll(async () => {
  for (const open of [blobs, sound, connection, moto]) await open[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Never so many in a row that patience ends. */
const faults = fc.array(fc.constantFrom<Fault>('none', 'busy', 'lost', 'cut'), { maxLength: 25 })
  .filter((list) => !list.some((_, i) => list.slice(i, i + TRIES - 1).length === TRIES - 1 && list.slice(i, i + TRIES - 1).every((fault) => fault !== 'none')));

test('what goes wrong now and then is not noticed, in one request or in parts', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(50_000, CONTENT.length), faults, async (size, list) => {
    const content = CONTENT.subarray(0, size);
    connection.faults = [...list];
    // Parts go at once: of each, three may fail.
    const kept = await blobs.put(inPieces(content, 10_000), size);
    expect(await contentOf(await blobs.read(kept.name))).toEqual(content);
    expect(await contentOf(await blobs.read(kept.name, { first: 5, last: 40_000 }))).toEqual(content.subarray(5, 40_001));
    connection.faults = [];
    expect(await namesIn(blobs)).toEqual([kept.name]);
    await blobs.remove(kept.name);
    expect(await sound.size(kept.name)).toBe(undefined);
  }), { numRuns: runs(25) });
});

test.each<Fault>(['busy', 'lost', 'silent'])('%s for good: it says so in the end, and names no secret', async (fault) => {
  const name = nameOf(CONTENT);
  connection.always = fault;
  const calls = [
    () => blobs.size(name), () => blobs.read(name), () => blobs.remove(name), () => blobs.examine(), () => blobs.put(inPieces(CONTENT), CONTENT.length), () => namesIn(blobs),
  ];
  for (const call of calls) {
    const error = await call().then(() => undefined, (raised: unknown) => raised as Error);
    expect(error).toBeInstanceOf(S3Error);
    expect(error!.message).toMatch({ busy: /: 503( SlowDown later)?$/, lost: /ECONNRESET/, silent: /silent for 500 ms/, none: /x/, cut: /x/ }[fault]);
    expect(error!.message + String(error!.stack)).not.toContain(moto.credentials.secret);
  }
  expect(await namesIn(sound)).toEqual([]);
});

test('an upload in parts that fails in the middle leaves no parts', async () => {
  // Size, beginning, first part; then whatever comes fails, but giving up.
  connection.faults = ['none', 'none', 'none', ...Array.from({ length: TRIES * 3 }, (): Fault => 'busy')];
  await expect(blobs.put(inPieces(CONTENT), CONTENT.length)).rejects.toThrow(/SlowDown/);
  connection.faults = [];
  expect(connection.seen.some((line) => line.startsWith('DELETE ') && line.includes('uploadId='))).toBe(true);
  expect(await namesIn(sound)).toEqual([]);
});

test('what is removed while it is read ends with an error, never early', async () => {
  const { name } = await sound.put(inPieces(CONTENT), CONTENT.length);
  connection.faults = ['cut'];
  const pieces = (await blobs.read(name))!;
  await sound.remove(name);
  await expect(contentOf(pieces)).rejects.toThrow(/removed while it was read/);
});

test('an upload is stopped by whoever claims it late: nothing reaches the store', async () => {
  const before = connection.seen.length;
  await expect(blobs.put(inPieces(CONTENT), CONTENT.length, () => Promise.reject(new Error('being removed')))).rejects.toThrow('being removed');
  expect(connection.seen.length).toBe(before);
});
