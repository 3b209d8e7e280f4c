/** Where the bytes of files lie. What a file is called, who may see it and which chat it belongs to is kept in the database. */

/** Names content by its SHA-256 in lower-case hexadecimal: the same content lies in the store once. */
export type BlobName = string;

export interface StoredBlob {
  name: BlobName;
  /** Bytes. */
  size: number;
}

/** Of the content, both ends included, in bytes. */
export interface ByteRange {
  first: number;
  last: number;
}

/** What was sent is longer than what was allowed; nothing of it is kept. */
export class BlobTooLarge extends Error {}

export interface Blobs extends AsyncDisposable {
  /**
   * Keeps what comes, durably, before it resolves; where the stream breaks off or is too long nothing is left. At no time
   * more than a few pieces of it are in memory.
   * @param most bytes; more is refused by BlobTooLarge
   * @param claim is called once all is there, before any of it is kept: what is claimed first is not collected meanwhile. Where it
   *   throws nothing is kept
   */
  put(content: AsyncIterable<Uint8Array>, most: number, claim?: (blob: StoredBlob) => Promise<void>): Promise<StoredBlob>;
  /**
   * In pieces; nothing where there is no such content. Of a range, what there is of it.
   *
   * @param scratch where it is given, a piece may lie in it, and is good only until the next is asked for: who sends much makes
   *   no garbage
   */
  read(name: BlobName, range?: ByteRange, scratch?: Uint8Array): Promise<AsyncIterable<Uint8Array> | undefined>;
  size(name: BlobName): Promise<number | undefined>;
  remove(name: BlobName): Promise<void>;
  /** Every name with the time it was kept, in no order: for collecting what nothing refers to, and for backups. */
  list(): AsyncIterable<{ name: BlobName; kept: Date }>;
  /** Removes what processes that died have left unfinished before then. */
  tidy(before: Date): Promise<void>;
  /** Where it is, in words, once it has answered. @throws Error that says what is wrong */
  examine(): Promise<string>;
}
