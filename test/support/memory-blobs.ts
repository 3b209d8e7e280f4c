/** Blobs in memory, for tests of what is made of them. */
import { createHash } from 'node:crypto';
import type { BlobName, Blobs, StoredBlob } from '../../src/blobs/blobs.ts';

export class MemoryBlobs implements Blobs {
  readonly kept = new Map<BlobName, Buffer>();

  async put(content: AsyncIterable<Uint8Array>, _most: number, claim?: (blob: StoredBlob) => Promise<void>): Promise<StoredBlob> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    await claim?.(blobOf(bytes));
    return this.add(bytes);
  }

  add(bytes: Buffer): StoredBlob {
    const blob = blobOf(bytes);
    this.kept.set(blob.name, bytes);
    return blob;
  }

  async read(name: BlobName, range = { first: 0, last: Infinity }): Promise<AsyncIterable<Uint8Array> | undefined> {
    const bytes = this.kept.get(name)?.subarray(range.first, range.last + 1);
    return bytes && (async function* () { yield bytes; })();
  }

  async size(name: BlobName): Promise<number | undefined> {
    return this.kept.get(name)?.length;
  }

  async remove(name: BlobName): Promise<void> {
    this.kept.delete(name);
  }

  async *list(): AsyncIterable<{ name: BlobName; kept: Date }> {
    for (const name of this.kept.keys()) yield { name, kept: new Date() };
  }

  async tidy(): Promise<void> {}

  async examine(): Promise<string> {
    return 'memory';
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function blobOf(bytes: Buffer): StoredBlob {
  return { name: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}
