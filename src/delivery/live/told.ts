/** What of all that has happened each of those who listen is told of. */
import type { UserRow } from '../../db/stores/user-store.ts';
import type { Happening } from './happening.ts';

/** What one user is told. */
export interface Told {
  news: Happening[];
  /** Chats that it is about. */
  chats: Set<number>;
  /** Those of which the row may look different. */
  rows: Set<number>;
  /** How many notifications are unread, where that may have changed. */
  notices: number | undefined;
  /** People who look different. */
  users: UserRow[];
}

export type Gathered = ReadonlyMap<number, Told>;

/** The chats that one is told of. */
export function chatsIn({ chats, rows }: Told): ReadonlySet<number> {
  for (const chatId of rows) if (!chats.has(chatId)) return new Set([...chats, ...rows]);
  return chats;
}
