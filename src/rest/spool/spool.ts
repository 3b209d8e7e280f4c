/** Long values of a request, kept beside it on the disk while it is answered. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that are read at once. */
const PIECE = 64 * 1024;
/** Values that may be kept at once, of all requests: whoever sends them is often not known before all has come. */
const MOST_OPEN = 64;

/** Where long values go. One for a process, which has the folder for itself. */
export class Spools {
  readonly #folder: string;
  #open = 0;

  /** @param folder emptied of what a process that was killed may have left */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Undefined while too many are open. @param raw see {@link Spool.raw} */
  async open(raw: boolean): Promise<Spool | undefined> {
    if (this.#open >= MOST_OPEN) return undefined;
    this.#open += 1;
    try {
      const path = join(this.#folder, randomBytes(12).toString('hex'));
      const handle = await open(path, 'wx+', 0o600);
      // From here on it has no name: it ends with whoever holds it.
      await unlink(path);
      return new Spool(handle, raw, () => (this.#open -= 1));
    } catch (error) {
      this.#open -= 1;
      throw error;
    }
  }
}

/** One value, as bytes. */
export class Spool implements AsyncDisposable {
  /** Whether these are the bytes of a file, not a text that stands for them. */
  readonly raw: boolean;
  readonly #handle: FileHandle;
  readonly #closed: () => void;
  #size = 0;

  constructor(handle: FileHandle, raw: boolean, closed: () => void) {
    this.raw = raw;
    this.#handle = handle;
    this.#closed = closed;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#size);
      at += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** All that was written, in pieces. */
  async *read(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.#size; ) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed();
    await this.#handle.close();
  }
}
