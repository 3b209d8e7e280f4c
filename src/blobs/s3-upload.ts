/** The way of a spooled file into an S3-compatible store: one request, or above some size one for each part. */
import type { S3Body, S3Client } from './s3-client.ts';
import { elements, textOf } from './s3-xml.ts';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { hashOf, type Spooled } from './spool.ts';
import type { ByteRange } from './blobs.ts';

/** Bytes. */
export interface PartSizes {
  /** What is longer goes in parts. */
  whole: number;
  /** Of a part; longer where there would be too many. */
  part: number;
}

const SIZES: PartSizes = { whole: 64 * 2 ** 20, part: 16 * 2 ** 20 };
/** No store takes more than 10 000. */
const MOST_PARTS = 9_000;
const AT_ONCE = 3;

/** Resolves once the store has it; a failure leaves nothing there. */
export async function upload(client: S3Client, key: string, file: Spooled, sizes = SIZES): Promise<void> {
  if (file.size > sizes.whole) return uploadInParts(client, key, file, sizes.part);
  const body = { size: file.size, sha256: file.name, open: () => file.part({ first: 0, last: file.size - 1 }) };
  (await client.send({ method: 'PUT', key, body })).resume();
}

async function uploadInParts(client: S3Client, key: string, file: Spooled, least: number): Promise<void> {
  const uploadId = textOf(await client.text({ method: 'POST', key, query: { uploads: '' } }), 'InitiateMultipartUploadResult', 'UploadId') ?? '';
  try {
    const tags = await sendParts(client, key, file, uploadId, Math.max(least, Math.ceil(file.size / MOST_PARTS)));
    await complete(client, key, uploadId, tags);
  } catch (error) {
    await abort(client, key, uploadId).catch(() => {});
    throw error;
  }
}

async function sendParts(client: S3Client, key: string, file: Spooled, uploadId: string, length: number): Promise<string[]> {
  const tags: string[] = [];
  const ranges = Array.from({ length: Math.ceil(file.size / length) }, (_, i): ByteRange => ({ first: i * length, last: Math.min(file.size, (i + 1) * length) - 1 }));
  const left = [...ranges.entries()].reverse();
  const sendSome = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [i, range] = next;
      const body = { size: range.last - range.first + 1, sha256: await hashOf(file.part(range)), open: () => file.part(range) };
      const response = await client.send({ method: 'PUT', key, query: { partNumber: String(i + 1), uploadId }, body });
      tags[i] = response.headers.etag ?? '';
      response.resume();
    }
  };
  const stopOthers = (fault: unknown): never => {
    left.length = 0;
    throw fault;
  };
  // Nobody may still be reading the file when it is closed.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => sendSome().catch(stopOthers)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return tags;
}

/** What is asked for twice was done by the first: the store no longer knows the upload then. */
async function complete(client: S3Client, key: string, uploadId: string, tags: readonly string[]): Promise<void> {
  const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
  const body = textBody(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`);
  const text = await client.text({ method: 'POST', key, query: { uploadId }, body, expected: ['NoSuchUpload'] });
  const [failed] = elements(text, 'Error');
  if (failed) throw new Error(`the store could not put the parts of ${key} together: ${failed.get('Code')} ${failed.get('Message') ?? ''}`);
}

export async function abort(client: S3Client, key: string, uploadId: string): Promise<void> {
  (await client.send({ method: 'DELETE', key, query: { uploadId }, expected: ['NoSuchUpload'] })).resume();
}

function textBody(text: string): S3Body {
  const bytes = Buffer.from(text);
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), open: () => Readable.from([bytes]) };
}
