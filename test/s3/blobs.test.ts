/** Files in an S3-compatible store: what every store must do, in one request and in parts. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseS3Address } from '../../src/blobs/s3-address.ts';
import { S3Blobs } from '../../src/blobs/s3-blobs.ts';
import { S3Client } from '../../src/blobs/s3-client.ts';
import { blobsContract, contentOf, inPieces, namesIn, nameOf } from '../support/blobs-contract.ts';
import { LEAST_PART, MotoProcess } from './moto-process.ts';

let moto: MotoProcess;
let folder: string;
beforeAll(async () => {
  moto = await MotoProcess.start();
  folder = await mkdtemp(join(tmpdir(), 'tidemark-spool-'));
});
afterAll(async () => {
  await moto[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function open(sizes?: { whole: number; part: number }): Promise<S3Blobs> {
  const address = parseS3Address(await moto.bucket(`b${randomUUID()}`));
  return new S3Blobs(address, moto.credentials, folder, { patience: { idleMs: 20_000, tries: 3, pauseMs: 10 }, ...(sizes && { sizes }) });
}

describe('whole', () => blobsContract(() => open(), 12));
describe('in parts', () => blobsContract(() => open({ whole: LEAST_PART, part: 50_000 }), 12));

test('parts go together in their order, however many and whatever the last is', async () => {
  await using blobs = await open({ whole: LEAST_PART, part: LEAST_PART });
  for (const size of [1001, 2000, 2001, 12_345]) {
    const content = randomBytes(size);
    await blobs.put(inPieces(content, 700), size);
    expect(await contentOf(await blobs.read(nameOf(content)))).toEqual(content);
  }
});

test('nothing of what came in is left beside the store', async () => {
  await using blobs = await open();
  await blobs.put(inPieces(Buffer.from('something')), 100);
  await expect(blobs.put(inPieces(Buffer.alloc(5000), 1000, 3000), 10_000)).rejects.toThrow('the connection broke');
  expect(await readdir(folder)).toEqual([]);
});

test('more objects than a page has, and others beside them', async () => {
  const address = parseS3Address(await moto.bucket(`b${randomUUID()}`));
  await using blobs = new S3Blobs(address, moto.credentials, folder);
  using client = new S3Client(address, moto.credentials);
  const names = Array.from({ length: 1003 }, (_, i) => nameOf(Buffer.from(String(i))));
  const put = async (key: string) => void (await client.send({ method: 'PUT', key })).resume();
  for (let at = 0; at < names.length; at += 50) await Promise.all(names.slice(at, at + 50).map((name) => put(address.prefix + name)));
  await Promise.all([put(`${address.prefix}README`), put('elsewhere'), put(`other/${names[0]}`)]);
  expect(await namesIn(blobs)).toEqual(names.toSorted());
});

test('uploads that nobody goes on with are given up, others not', async () => {
  const address = parseS3Address(await moto.bucket(`b${randomUUID()}`));
  await using blobs = new S3Blobs(address, moto.credentials, folder);
  using client = new S3Client(address, moto.credentials);
  const key = address.prefix + nameOf(Buffer.from('x'));
  const left = async () => (await client.text({ method: 'GET', key: '', query: { uploads: '' } })).split('<Upload>').length - 1;
  for (let i = 0; i < 3; i += 1) await client.text({ method: 'POST', key, query: { uploads: '' } });
  await blobs.tidy(new Date(0));
  expect(await left()).toBe(3);
  await blobs.tidy(new Date(Date.now() + 3_600_000));
  expect(await left()).toBe(0);
});

test('a wrong secret, a wrong key and a missing bucket are said, and no secret with them', async () => {
  const address = parseS3Address(await moto.bucket(`b${randomUUID()}`));
  const { keyId, secret } = moto.credentials;
  const wrong: Array<[S3Blobs, RegExp]> = [
    [new S3Blobs(address, { keyId, secret: 'wrongwrong' }, folder), /403 SignatureDoesNotMatch/],
    [new S3Blobs(address, { keyId: 'AKIDNOBODY', secret }, folder), /403 InvalidAccessKeyId/],
    [new S3Blobs({ ...address, bucket: 'missing-bucket' }, moto.credentials, folder), /404 NoSuchBucket/],
  ];
  for (const [blobs, code] of wrong) {
    const error = await blobs.put(inPieces(Buffer.from('x')), 1).then(() => 'kept', (fault: unknown) => fault as Error);
    expect(String(error)).not.toContain(secret);
    const examined = await blobs.examine().then(String, (fault: unknown) => String(fault));
    expect(examined).toMatch(code);
    expect(examined + String(error)).not.toMatch(/wrongwrong|Signature=/);
    expect(error).toBeInstanceOf(Error);
    await blobs[Symbol.asyncDispose]();
  }
});
