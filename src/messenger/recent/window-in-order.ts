/** A window of the list in the order in which it is answered, some rows at a time: nobody waits until all of a long one is read. */
import type { Session } from '../../db/database.ts';
import { type ListKey, RECENT_CHUNK, type RecentPosition, type RecentRecord, recentRows, type RecentWindow, TOP } from '../../db/stores/recent-store.ts';
import { Walk } from './walk.ts';

/** Rows that come first: few, so that they come soon. */
const FIRST = 50;

/** @param accepts which types of chats are asked for */
export async function* windowInOrder(s: Session, userId: number, window: RecentWindow, accepts: (key: ListKey) => boolean): AsyncGenerator<RecentRecord[]> {
  let keys: ListKey[] = [];
  let wanted = FIRST;
  for await (const key of keysInOrder(s, userId, window, accepts)) {
    if (keys.push(key) < wanted) continue;
    yield await rowsOf(s, userId, window, keys);
    [keys, wanted] = [[], RECENT_CHUNK];
  }
  if (keys.length > 0) yield await rowsOf(s, userId, window, keys);
}

/** First the pinned rows and those with a message of the window's time, then those of which something else has changed since. */
async function* keysInOrder(s: Session, userId: number, { since, rev }: RecentWindow, accepts: (key: ListKey) => boolean): AsyncGenerator<ListKey> {
  const walk = new Walk(s, userId, async (keys) => keys.filter(accepts), RECENT_CHUNK);
  const end: RecentPosition = { pinned: 0, at: since, chat_id: 0 };
  for await (const key of walk.from(TOP)) {
    if (key.pinned === 0 && key.at < since) break;
    yield key;
  }
  for (const key of await walk.touchedBelow(end, since, rev)) if (accepts(key)) yield key;
}

async function rowsOf(s: Session, userId: number, { since }: RecentWindow, keys: readonly ListKey[]): Promise<RecentRecord[]> {
  const rows = new Map((await recentRows(s, userId, keys.map((key) => key.chat_id))).map((row) => [row.chat_id, row]));
  return keys.flatMap(({ chat_id: id }) => {
    const row = rows.get(id);
    return row && row.date_update >= since ? row : [];
  });
}
