import type { RecentCache } from './recent-cache.ts';
import { acceptsKind } from './recent-list.ts';
import { encodeOpenLines, encodeWindow, type EncodedRow, inListOrder, joinGently, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';
import type { Messenger } from './messenger.ts';

/** How far LAST_SYNC_DATE reaches back. */
const SYNC_WINDOW_MS = 7 * 86_400_000;

export interface RecentQuery {
  onlyOpenLines: boolean;
  skipOpenLines: boolean;
  skipChats: boolean;
  skipDialogs: boolean;
  /** Milliseconds. */
  lastUpdate?: number | undefined;
  lastSyncDate?: number | undefined;
}

/**
 * The rows of the recent list that changed within the window, in order, as one JSON array in one or more pieces (page
 * im.recent.get). Without a date the window is 30 days, or unlimited for open lines only; of two dates the later counts.
 */
export async function recentGet(
  m: Messenger,
  cache: RecentCache,
  userId: number,
  query: RecentQuery,
  check: RowCheck,
): Promise<readonly Uint8Array[]> {
  const now = m.clock.now();
  const dated = query.lastUpdate !== undefined || query.lastSyncDate !== undefined;
  if (query.onlyOpenLines && !dated) return joinGently(inOrder(await encodeOpenLines(m, userId, check)));
  const since = windowStart(query, now);
  const accepts = (row: EncodedRow) => (query.onlyOpenLines ? row.type === 'L' : acceptsKind(query, row.type));
  const list = m.db.trustsOwnCommits() ? await cache.freshList(userId) : undefined;
  if (!list) {
    const rows = await encodeWindow(m, userId, since, check);
    return joinGently(inOrder(rows.filter(accepts)));
  }
  return [dated ? list.changes(since, accepts) : list.answer(since, accepts)];
}

function inOrder(rows: readonly EncodedRow[]): EncodedRow[] {
  return rows.filter((row) => row.shown).sort(inListOrder);
}

function windowStart(query: RecentQuery, now: number): number {
  const starts: number[] = [];
  if (query.lastUpdate !== undefined) starts.push(Math.max(query.lastUpdate, now - RECENT_WINDOW_MS));
  if (query.lastSyncDate !== undefined) starts.push(Math.max(query.lastSyncDate, now - SYNC_WINDOW_MS));
  return starts.length > 0 ? Math.max(...starts) : now - RECENT_WINDOW_MS;
}
