/** The tables of what has been brought over from other portals. */
import type { Generated } from 'kysely';

export interface IntakeSourceTable {
  id: Generated<number>;
  /** SHA-256 of the portal's host and port. */
  address: string;
}

export interface IntakeTable {
  source_id: number;
  /** `user`, `chat`, `message` or `file`; `head`, or `side N` of the user N there: a digest of what was last taken of a chat. */
  kind: string;
  /** The number on the other portal. */
  remote_id: number;
  /** The number here, or the digest. */
  local_id: number;
  /** Of messages the chat here; 0 for others. */
  chat_id: number;
}
