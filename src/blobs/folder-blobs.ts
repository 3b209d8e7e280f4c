/** Blobs in a folder: each a file that is named by its content and whose bytes never change. */
import { createHash, randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { access, type FileHandle, mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobName, type Blobs, BlobTooLarge, type ByteRange, type StoredBlob } from './blobs.ts';

/** What is being written; gone with the process that wrote it. */
export const INCOMING = 'incoming';
const NAME = /^[\da-f]{64}$/;
/** Bytes that are read at once. */
const PIECE = 256 * 1024;
const OWNER_ONLY = { file: 0o600, folder: 0o700 };

/**
 * Opens the store, and makes its folder where it is missing. What a process that ended has left half written is removed: so one
 * process at a time has the folder, as it has the data folder around it.
 */
export async function openFolderBlobs(folder: string): Promise<Blobs> {
  await rm(join(folder, INCOMING), { recursive: true, force: true });
  await mkdir(join(folder, INCOMING), { recursive: true, mode: OWNER_ONLY.folder });
  return new FolderBlobs(folder);
}

/** Without {@link openFolderBlobs} it leaves all that is half written alone: for who looks at the folder of another process. */
export class FolderBlobs implements Blobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(content: AsyncIterable<Uint8Array>, most: number, claim?: (blob: StoredBlob) => Promise<void>): Promise<StoredBlob> {
    const path = join(this.#folder, INCOMING, randomBytes(12).toString('hex'));
    try {
      const blob = await write(path, content, most);
      await claim?.(blob);
      await this.#keep(path, blob.name);
      return blob;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** It may be there already: then it is from now on as old as what takes its place, and so not collected with what nobody needs. */
  async #keep(path: string, name: BlobName): Promise<void> {
    const shard = this.#shard(name);
    const made = await mkdir(shard, { recursive: true, mode: OWNER_ONLY.folder });
    await rename(path, join(shard, name));
    await syncFolder(shard);
    if (made !== undefined) await syncFolder(this.#folder);
  }

  async read(name: BlobName, range?: ByteRange, scratch?: Uint8Array): Promise<AsyncIterable<Uint8Array> | undefined> {
    const size = await this.size(name);
    if (size === undefined) return undefined;
    const { first = 0, last = Infinity } = range ?? {};
    return pieces(this.#path(name), first, Math.min(last + 1, size), scratch);
  }

  async size(name: BlobName): Promise<number | undefined> {
    return (await found(stat(this.#path(name))))?.size;
  }

  async remove(name: BlobName): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async *list(): AsyncIterable<{ name: BlobName; kept: Date }> {
    for (const shard of await readdir(this.#folder)) {
      if (shard === INCOMING) continue;
      for await (const { name } of (await opendir(join(this.#folder, shard))) as AsyncIterable<Dirent>) {
        const file = NAME.test(name) ? await found(stat(this.#path(name))) : undefined;
        if (file) yield { name, kept: file.mtime };
      }
    }
  }

  async tidy(before: Date): Promise<void> {
    for (const name of await readdir(join(this.#folder, INCOMING))) {
      const path = join(this.#folder, INCOMING, name);
      const file = await found(stat(path));
      if (file && file.mtime < before) await rm(path, { force: true });
    }
  }

  async examine(): Promise<string> {
    await access(this.#folder, constants.R_OK | constants.W_OK);
    return `${this.#folder} can be written`;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #shard(name: BlobName): string {
    return join(this.#folder, name.slice(0, 2));
  }

  /** @throws RangeError for what is no name, which might be a path to somewhere else */
  #path(name: BlobName): string {
    if (!NAME.test(name)) throw new RangeError('not the name of a blob');
    return join(this.#shard(name), name);
  }
}

/** Writes a file to the disk. @throws BlobTooLarge, and whatever the content fails with */
async function write(path: string, content: AsyncIterable<Uint8Array>, most: number): Promise<StoredBlob> {
  const handle = await open(path, 'wx', OWNER_ONLY.file);
  try {
    const digest = createHash('sha256');
    let size = 0;
    for await (const piece of content) {
      size += piece.length;
      if (size > most) throw new BlobTooLarge(`more than ${most} bytes`);
      digest.update(piece);
      await writeAll(handle, piece);
    }
    await handle.sync();
    return { name: digest.digest('hex'), size };
  } finally {
    await handle.close();
  }
}

/** What lies before `end`. Nothing is open before somebody reads, and nothing once they stop. */
async function* pieces(path: string, first: number, end: number, scratch: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (let at = first; at < end; ) {
      const into = scratch ?? Buffer.allocUnsafeSlow(Math.min(PIECE, end - at));
      const { bytesRead } = await handle.read(into, 0, Math.min(into.length, end - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield into.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The system may take less than it is given. */
async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
}

/** A file that was renamed survives power loss only once its folder is on the disk too. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function found<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
