/** What a client that syncs by date has not seen. */
import type { Session } from '../../db/database.ts';
import { namesAfter } from '../../db/stores/change-store.ts';
import { type RecentRecord, recentRows, type RecentWindow, recentWindow } from '../../db/stores/recent-store.ts';
import { meaningOf } from '../../db/stores/tick-store.ts';
import { usersChangedSince } from '../../db/stores/user-store.ts';
import { usersNamedIn } from '../views/recent-item.ts';

export interface SyncRange {
  /** Rows dated this or later. Milliseconds. */
  since: number;
  /**
   * Rows of this revision or a higher one, whatever their date: several nodes may have stamped them, each by its own clock,
   * or committed them late. Infinity where one node's order makes the date alone exact.
   */
  rev: number;
  /** What is dated `since` or later has this revision or a higher one. */
  lowest: number;
  /** Rows that name any of these, who look different since. */
  users: ReadonlySet<number>;
  /** Nothing that is dated earlier. Milliseconds. */
  oldest: number;
}

/**
 * @param since the date that the client syncs by, milliseconds
 * @param oldest where the list itself begins, milliseconds
 * @param inOrder whether this node's changes of before that date ended before later ones
 *
 * It needs no snapshot: people who have changed meanwhile may be among them as well.
 */
export async function rangeSince(s: Pick<Session, 'all'>, userId: number, since: number, oldest: number, inOrder: boolean): Promise<SyncRange> {
  const { rev, given, userRev, mark, exact: oneNode } = await meaningOf(s, since, userId);
  if (given && mark >= rev) return wholeRange(s, oldest);
  const exact = oneNode && inOrder;
  // Nobody can have synced at a time that is still to come.
  if (!given) return { since, rev: Infinity, lowest: rev, users: new Set(), oldest };
  const users = userRev < rev ? new Set<number>() : await usersChangedSince(s, rev, exact ? since : 0);
  return { since, rev: exact ? Infinity : rev, lowest: rev, users, oldest };
}

/** All that there is: any row may look different. */
async function wholeRange(s: Pick<Session, 'all'>, oldest: number): Promise<SyncRange> {
  const { rev } = await meaningOf(s, oldest);
  return { since: oldest, rev: Infinity, lowest: rev, users: new Set(), oldest };
}

/** What the range needs to know of a row. */
interface Dated {
  updatedAt: number;
  rev: number;
  /** Of the chat, where it is live. */
  liveRev: number;
  users: readonly number[];
}

export function isInRange(row: Dated, { since, rev, users, oldest }: SyncRange): boolean {
  if (row.updatedAt >= since) return true;
  if (row.updatedAt < oldest) return false;
  return row.rev >= rev || row.liveRev >= rev || (users.size > 0 && row.users.some((id) => users.has(id)));
}

/** The rows of the range, but for those that only name somebody. */
export function windowOf({ since, rev, lowest, oldest }: SyncRange): RecentWindow {
  return rev === Infinity ? { since, rev: lowest } : { since: Math.min(since, oldest), rev };
}

/** The rows of the range as they are stored, in chunks. */
export async function* rowsInRange(s: Session, userId: number, range: SyncRange): AsyncGenerator<RecentRecord[]> {
  const { users, oldest } = range;
  const found = new Set<number>();
  for await (const chunk of recentWindow(s, userId, windowOf(range))) {
    for (const row of chunk) found.add(row.chat_id);
    yield chunk;
  }
  if (users.size === 0) return;
  for await (const chunk of namesAfter(s, userId, 0)) {
    const naming = chunk.filter((row) => !found.has(row.chat_id) && [...usersNamedIn([row])].some((id) => users.has(id)));
    const rows = await recentRows(s, userId, naming.map((row) => row.chat_id));
    yield rows.filter((row) => row.date_update >= oldest);
  }
}
