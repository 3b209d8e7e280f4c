/** The tables that syncing stands on. */
import type { Generated } from 'kysely';
import type { What } from './changes.ts';
import type { Flag } from './flag.ts';

/** Changes in the order of their transactions' revisions, and within one in the order in which they were made. */
export interface JournalTable {
  rev: number;
  seq: number;
  what: What;
  chat_id: number;
  user_id: number;
  actor_id: number;
  subject_id: number;
  hops: number;
  /** By which exchange of which application: see `viaOf` in base/caller.ts. Empty for none. */
  via: Generated<string>;
  created_at: number;
  /** What the entry needs besides ids: the code of a reaction. Empty for nothing. */
  detail: Generated<string>;
}

/** How far a durable reader of the journal has come: it has read all up to this entry. */
export interface JournalReaderTable {
  name: string;
  rev: number;
  seq: number;
}

/** One row for each start of a server: tokens say in which one they were given. */
export interface GenerationTable {
  id: Generated<number>;
  nonce: string;
  /** Where its own changes begin: what was given out before it started has seen no higher revision. */
  rev: number;
  started_at: number;
}

/**
 * What a node knew when it reserved time: nothing that it gave out before `rev` was read is dated after `at`, and nothing
 * before its next tick is dated after `until`.
 */
export interface TickTable {
  node: string;
  at: number;
  until: number;
  rev: number;
}

/** A page of im.recent.list that has others after it. */
export interface WalkedPageTable {
  id: Generated<number>;
  user_id: number;
  /** The filters of the list, a bit each. */
  filters: number;
  /** The same for the pages that came one after another; 0 for first pages, with which any walk may go on. */
  walk: number;
  /** Rows that were asked for. */
  size: number;
  /** The walk has come to its end. */
  closed: Flag;
  /** What a client may name to get the next page: an offset, or the second of the last row's date; null where it cannot. */
  next_offset: number | null;
  second: number | null;
  /** Where the page ended. */
  pinned: number;
  at: number;
  chat_id: number;
  /** What the page has seen: everything below this revision, and in full as tokens write it. */
  token: number;
  seen: string;
  /** Its chats, comma-separated. */
  chats: string;
  /** Seconds at which this page and those before it ended among the pinned rows, comma-separated. */
  ended: string;
  given_at: number;
}

/** Somebody looks into a chat, or into the comments of a channel, or at all open channels, as whoever is no member of them. */
export interface WatchTable {
  /** 0 for all open channels. */
  chat_id: number;
  kind: 'chat' | 'comments' | 'channels';
  user_id: number;
  expires_at: number;
}

/** One row: every row that is committed and has a lower revision than the token is seen by the query that reads it. */
export interface SnapshotView {
  token: number;
  /** Of the revisions from the token up to this one, those that are not in `open` are seen too; 0 where there are none. */
  top: number;
  /** Transactions under way, comma-separated. */
  open: string;
  /** The newest start of a server that is seen; 0 before the first. */
  generation: number;
}
