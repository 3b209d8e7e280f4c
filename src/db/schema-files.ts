/** Tables of files. Their bytes are elsewhere: see src/blobs. See schema.ts. */
import type { Generated } from 'kysely';
import type { Flag } from './flag.ts';

/** A file, a folder, or the root folder of what somebody or a chat has. */
export interface DiskObjectTable {
  id: Generated<number>;
  /** `root`, `folder` or `file`. */
  kind: string;
  /** The root of all that is around it; 0 for a root. */
  storage_id: number;
  /** The folder in which it lies; 0 for a root. */
  parent_id: number;
  /** `user` or `chat`: whose it is, and so who may see it. */
  owner_kind: string;
  owner_id: number;
  name: string;
  /** Name of its bytes; empty for folders. */
  blob: string;
  /** Bytes. */
  size: number;
  /** Media type, as far as it is known. */
  type: string;
  /** Pixels, of pictures; 0 for others. */
  width: number;
  height: number;
  /** Name of the bytes of a small picture of it; empty for what is no picture. */
  preview: string;
  /** Whoever has its public link may have it. */
  shared: Flag;
  created_by: number;
  created_at: number;
  updated_at: number;
}

/** A file that a message shows. */
export interface MessageFileTable {
  message_id: number;
  file_id: number;
  /** Orders the files of a message. */
  place: number;
}

/** How many bytes all the files have that somebody has uploaded. */
export interface DiskUsageTable {
  user_id: number;
  bytes: number;
}
