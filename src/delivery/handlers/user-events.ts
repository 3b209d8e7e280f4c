/** Events that users fetch: im.v2.Event.*. There is one queue for each user, whichever of their programs fetches. */
import type { Session } from '../../db/database.ts';
import {
  confirmUserEvents, type FetchedEvent, fetchState, listUserEvents, recordFetch, subscribe, unsubscribe,
} from '../../db/stores/user-event-store.ts';
import { strangersAmong } from '../../messenger/access/meeting.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Portal } from '../../portal/portal.ts';
import { KEPT_MS } from '../../portal/trimming.ts';

/** When somebody has fetched is noted this often, milliseconds. */
const NOTED_EVERY_MS = 3_600_000;
/** UTF-16 units of data on a page: what comes after them is on the next. */
const LARGEST_PAGE = 4_000_000;

export interface FetchedPage {
  /** `data` is JSON text, as it is stored. */
  events: Array<{ eventId: number; type: string; date: string; data: string }>;
  /** What to fetch from next. */
  nextOffset: number;
  hasMore: boolean;
}

/** Has the events of a user's chats recorded from now on. */
export function subscribeUser({ db, clock }: Portal, userId: number): Promise<void> {
  return db.write((s) => subscribe(s, userId, clock.now()));
}

/** Ends it; what is recorded stays until it is confirmed or too old. */
export function unsubscribeUser({ db }: Portal, userId: number): Promise<void> {
  return db.write((s) => unsubscribe(s, userId));
}

/** @param offset confirms what is below it; 0 confirms nothing */
export async function fetchEvents(portal: Portal, viewer: Viewer, { offset, limit }: { offset: number; limit: number }): Promise<FetchedPage> {
  const { db, clock } = portal;
  const now = clock.now();
  const { zone } = await portal.settings();
  const { page, hasMore, shown, state } = await db.read(async (s) => {
    const found = await listUserEvents(s, viewer.userId, offset, now - KEPT_MS.userEvents, limit + 1);
    const page = withinPage(found.slice(0, limit));
    return { page, hasMore: page.length < found.length, shown: await stillSeen(s, viewer, page), state: await fetchState(s, viewer.userId) };
  });
  await note(portal, viewer.userId, offset, state);
  const last = page.at(-1);
  return {
    events: shown.map(({ id, type, created_at, data }) => ({ eventId: id, type, date: zone.atom(created_at), data })),
    nextOffset: last ? last.id + 1 : offset,
    hasMore,
  };
}

/** The first of them, one at least, that do not fill more than a page. */
function withinPage(rows: readonly FetchedEvent[]): FetchedEvent[] {
  let size = 0;
  const end = rows.findIndex(({ data }) => (size += data.length) > LARGEST_PAGE);
  return rows.slice(0, end < 0 ? rows.length : Math.max(end, 1));
}

/** Writes only where there is something to write: most who fetch find nothing. */
async function note({ db, clock }: Portal, userId: number, offset: number, { fetchedAt, lowest }: Awaited<ReturnType<typeof fetchState>>): Promise<void> {
  const confirms = lowest !== undefined && lowest < offset;
  const stale = fetchedAt !== undefined && fetchedAt < clock.now() - NOTED_EVERY_MS;
  if (!confirms && !stale) return;
  await db.write(async (s) => {
    if (confirms) await confirmUserEvents(s, userId, offset);
    if (stale) await recordFetch(s, userId, clock.now());
  });
}

/** Without what is about chats that the viewer has left, or may no longer look into. */
async function stillSeen(s: Session, viewer: Viewer, rows: readonly FetchedEvent[]): Promise<FetchedEvent[]> {
  const peers = new Map(rows.flatMap(({ side_type, peer_id: id, peer_extranet: extranet }) => (side_type === 'P' && id !== null && extranet !== null ? [[id, { id, extranet }]] : [])));
  const strangers = await strangersAmong(s, viewer, [...peers.values()]);
  return rows.filter(({ side_type, peer_id, start_id, message_id }) => {
    if (side_type === null || (message_id > 0 && message_id < start_id!)) return false;
    return side_type !== 'P' || (peer_id !== null && !strangers.has(peer_id));
  });
}
