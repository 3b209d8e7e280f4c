import type { Viewer } from '../access/viewer.ts';
import type { RecentCache } from './recent-cache.ts';
import { acceptsKind } from './recent-list.ts';
import { encodeOpenLines, encodeRange, encodeWindow, type EncodedRow, inListOrder, joinGently, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';
import { rangeSince } from './sync-range.ts';
import { snapshot, type Snapshot } from '../../db/stores/generation-store.ts';
import type { Messenger } from '../messenger.ts';

/** How far LAST_SYNC_DATE reaches back. */
const SYNC_WINDOW_MS = 7 * 86_400_000;
const FAR_AHEAD_MS = 86_400_000;

export interface RecentQuery {
  onlyOpenLines: boolean;
  skipOpenLines: boolean;
  skipChats: boolean;
  skipDialogs: boolean;
  /** Milliseconds. */
  lastUpdate?: number | undefined;
  lastSyncDate?: number | undefined;
}

/** A JSON array in one or more pieces, and what is in it for whoever goes on with tidemark.recent.changes. */
export interface RecentAnswer {
  pieces: readonly Uint8Array[];
  seen: Snapshot;
}

/**
 * The rows of the recent list that changed within the window, in order (page
 * im.recent.get). Without a date the window is 30 days, or unlimited for open lines only; of two dates the later counts.
 */
export async function recentGet(
  m: Messenger,
  cache: RecentCache,
  viewer: Viewer,
  query: RecentQuery,
  check: RowCheck,
): Promise<RecentAnswer> {
  const { userId } = viewer;
  const now = m.clock.now();
  const { zone } = await m.settings();
  const dated = query.lastUpdate !== undefined || query.lastSyncDate !== undefined;
  if (query.onlyOpenLines && !dated) return unkept(m, () => encodeOpenLines(m, userId, check));
  const since = windowStart(m, query, now);
  const accepts = (row: EncodedRow) => (query.onlyOpenLines ? row.type === 'L' : acceptsKind(query, row.type));
  const list = await cache.freshList(viewer, zone);
  const oldest = now - RECENT_WINDOW_MS;
  const encode = () => (dated ? encodeRange(m, userId, since, oldest, check) : encodeWindow(m, userId, since, check));
  if (!list) return unkept(m, async () => (await encode()).filter(accepts));
  if (!dated) return { pieces: [list.answer(since, accepts)], seen: list.seen };
  // Asked for first: the list may be renewed meanwhile.
  const { seen } = list;
  const range = await m.db.read((s) => rangeSince(s, userId, since, oldest, m.inOrder(since)));
  return { pieces: [list.changes(range, accepts)], seen };
}

/** What is seen is asked for first: what changes while rows are read may come again. */
function unkept(m: Messenger, encode: () => Promise<EncodedRow[]>): Promise<RecentAnswer> {
  return m.large.run(async () => {
    const seen = await m.db.read(snapshot);
    return { pieces: await joinGently(inOrder(await encode())), seen };
  });
}

function inOrder(rows: readonly EncodedRow[]): EncodedRow[] {
  return rows.filter((row) => row.shown).sort(inListOrder);
}

function windowStart(m: Messenger, query: RecentQuery, now: number): number {
  const starts: number[] = [];
  if (query.lastUpdate !== undefined) starts.push(within(m, RECENT_WINDOW_MS, query.lastUpdate, now));
  if (query.lastSyncDate !== undefined) starts.push(within(m, SYNC_WINDOW_MS, query.lastSyncDate, now));
  return starts.length > 0 ? Math.max(...starts) : now - RECENT_WINDOW_MS;
}

/**
 * The client may have called while the clock was ahead, when the window began so much later and left changes out. So
 * a date from far ahead that was given out once brings the whole window once more.
 */
function within(m: Messenger, windowMs: number, date: number, now: number): number {
  return date - now > FAR_AHEAD_MS && m.gaveOut(date) ? now - windowMs : Math.max(date, now - windowMs);
}
