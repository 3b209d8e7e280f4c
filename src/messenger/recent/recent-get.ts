import type { Zone } from '../../base/dates.ts';
import type { Viewer } from '../access/viewer.ts';
import type { CachedList } from './cached-list.ts';
import type { ListPart, RowChoice, TypeChoice } from './list-part.ts';
import type { RecentCache } from './recent-cache.ts';
import { acceptsKind } from './list-filter.ts';
import { RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';
import { rangeSince } from './sync-range.ts';
import { type RecentAnswer, type RecentStream, unkeptList } from './unkept-list.ts';
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

/**
 * The rows of the recent list that changed within the window, in order (page
 * im.recent.get). Without a date the window is 30 days, or unlimited for open lines only; of two dates the later counts.
 *
 * @param streams whether a list too long to be kept may be read while it is sent
 */
export async function recentGet(
  m: Messenger,
  cache: RecentCache,
  viewer: Viewer,
  query: RecentQuery,
  check: RowCheck,
  streams: boolean,
): Promise<RecentAnswer | RecentStream> {
  const { userId } = viewer;
  const now = m.clock.now();
  const { zone } = await m.settings();
  const dated = query.lastUpdate !== undefined || query.lastSyncDate !== undefined;
  const since = windowStart(m, query, now);
  const choice = chosen(query);
  const oldest = now - RECENT_WINDOW_MS;
  const asked = { userId, since, oldest, dated, choice, check, longest: streams ? cache.limits.longest : Infinity };
  if (query.onlyOpenLines && !dated) return unkeptList(m, { ...asked, lines: true });
  const list = await cache.freshList(viewer, zone, (kept) => dated || kept.reachesBack(since));
  const part = list && (dated ? await changesOf(m, cache, list, since, oldest, choice) : list.answer(since, choice));
  if (list && part) return { pieces: part.pieces, digest: part.digest, seen: list.seen };
  return unkeptList(m, { ...asked, lines: false });
}

/**
 * The changes since a date, undefined where the list that is kept does not have them all. What belongs to them is asked last:
 * whatever has changed before the newest row of the list must be among them.
 */
async function changesOf(m: Messenger, cache: RecentCache, list: CachedList, since: number, oldest: number, choice: RowChoice): Promise<ListPart | undefined> {
  for (;;) {
    const { seen } = list;
    const range = cache.rangeNow(list.userId, since, oldest) ?? (await rangeSince(m.db, list.userId, since, oldest, m.inOrder(since)));
    if (list.seen === seen) return list.covers(range) ? list.changes(range, choice) : undefined;
  }
}

/**
 * Gives the same list as the one before, without a date, where it is known at once; undefined where it has to be asked for. For
 * whoever is let in as before.
 */
export function recentGetAgain(m: Messenger, cache: RecentCache, zone: Zone, query: RecentQuery): (viewer: Viewer, still: boolean) => RecentAnswer | undefined {
  const choice = chosen(query);
  return (viewer, still) => {
    const list = query.onlyOpenLines ? undefined : cache.freshNow(viewer, zone, still);
    const since = m.clock.now() - RECENT_WINDOW_MS;
    if (!list?.reachesBack(since)) return undefined;
    const { pieces, digest } = list.answer(since, choice);
    return { pieces, digest, seen: list.seen };
  };
}

function chosen(query: RecentQuery): TypeChoice {
  const { onlyOpenLines, skipOpenLines, skipChats, skipDialogs } = query;
  const name = [onlyOpenLines, skipOpenLines, skipChats, skipDialogs].map(Number).join('');
  return { name, accepts: ({ type }) => (onlyOpenLines ? type === 'L' : acceptsKind(query, type)) };
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
