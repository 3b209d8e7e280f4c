/** Tables of the bytes of files: what of them is kept, and what small pictures there are. The bytes are elsewhere: see src/blobs. See schema.ts. */

/** Content that is kept, or was claimed to be. What the database does not know is nobody's to remove. */
export interface BlobTable {
  name: string;
  /** Bytes. */
  size: number;
  /** Since when nothing refers to it; 0 while something may. */
  unused_at: number;
  /** Since when it is being removed; 0 for not. Nothing refers to it any more, and nothing may until it is gone. */
  going_at: number;
}

/** A picture of a person or a chat in one of its sizes, each a WebP. */
export interface PortraitTable {
  /** Random: whoever knows it may see the picture. */
  id: string;
  /** Pixels of the longer side at most. */
  side: number;
  blob: string;
  /** Whose picture it is: `chat:5` or `user:3`. */
  owner: string;
}
