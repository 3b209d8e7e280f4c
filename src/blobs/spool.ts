/** Content on its way in: on the disk, because its name is known only when all of it is there. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobName, BlobTooLarge, type ByteRange, type StoredBlob } from './blobs.ts';

/** Bytes that are read at once. */
const PIECE = 256 * 1024;

export interface Spooled extends StoredBlob, AsyncDisposable {
  /** A part of it, as often as it is asked for. */
  part(range: ByteRange): AsyncIterable<Uint8Array>;
}

/**
 * Writes what comes to a file that has no name any more, so that it is gone with the process, however that ends.
 *
 * @param most bytes; more is refused by BlobTooLarge
 */
export async function spool(content: AsyncIterable<Uint8Array>, most: number, folder: string): Promise<Spooled> {
  const file = await nameless(folder);
  try {
    return { ...(await write(content, most, file)), part: (range) => reading(file, range), [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function nameless(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

async function write(content: AsyncIterable<Uint8Array>, most: number, file: FileHandle): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content) {
    if (size + piece.length > most) throw new BlobTooLarge(`longer than ${most} bytes`);
    hash.update(piece);
    await writeAll(file, piece, size);
    size += piece.length;
  }
  return { name: hash.digest('hex'), size };
}

async function writeAll(file: FileHandle, piece: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < piece.length;) done += (await file.write(piece, done, piece.length - done, at + done)).bytesWritten;
}

async function* reading(file: FileHandle, { first, last }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let at = first; at <= last;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(PIECE, last + 1 - at)), { position: at });
    if (bytesRead === 0) throw new Error('a spooled file is shorter than it was');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The SHA-256 of what a stream brings, in lower-case hexadecimal. */
export async function hashOf(content: AsyncIterable<Uint8Array>): Promise<BlobName> {
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}
