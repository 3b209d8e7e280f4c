/** Tables of what users are told and look for beside their chats. See schema.ts. */
import type { Generated } from 'kysely';
import type { Flag } from './flag.ts';

/** What a user is told outside of chats. */
export interface NotificationTable {
  id: Generated<number>;
  /** Who is told. */
  user_id: number;
  /** Who it is from as the user sees it; 0 for nobody. */
  author_id: number;
  /** Who sent it. */
  creator_id: number;
  /** 1 asks for an answer, 2 is from a user, 4 is from nobody. */
  type: number;
  /** Whose tags these are: an application, or what a user's webhook calls itself. */
  client: string;
  tag: string;
  sub_tag: string;
  text: string;
  /** JSON map of ATTACH; empty when there is none. */
  params: string;
  /** JSON list of what can be answered; empty when there is none. */
  buttons: string;
  unread: Flag;
  created_at: number;
}

/** A dialog that a user has found and opened. */
export interface LastSearchTable {
  user_id: number;
  /** `user` or `chat`. */
  kind: string;
  item_id: number;
  /** Orders them. */
  at: number;
}

/** What messages are found by; see text-index.ts. */
export interface MessageTextTable {
  /** The message. */
  rowid: number;
  /** Written by the engine in its own way. */
  grams: string;
}

/** One row: how far the index of texts goes. */
export interface TextIndexTable {
  name: string;
  /** Messages with lower ids are not in it yet. */
  floor: number;
  /** The node that keeps it, and until when others leave it to that one, milliseconds. */
  holder: string;
  held_until: number;
}
