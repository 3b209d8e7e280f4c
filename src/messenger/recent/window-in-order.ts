/** A window of the list in the order in which it is answered, some rows at a time: nobody waits until all of a long one is read. */
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { type ListKey, liveKeys, RECENT_CHUNK, type RecentPosition, type RecentRecord, recentRows, type RecentWindow } from '../../db/stores/recent-store.ts';
import { rowsInOrder, touchedKeys } from '../../db/stores/window-store.ts';
import { comparePositions } from './walked-pages.ts';

/** Rows that are read first: few, so that they come soon. */
const FIRST = 50;

/** First the pinned rows and those with a message of the window's time, then those of which something else has changed since. */
export async function* windowInOrder(s: Session, userId: number, { since, rev }: RecentWindow): AsyncGenerator<RecentRecord[]> {
  const all = await liveKeys(s, userId);
  const live = all.filter((key) => key.shown === 1).sort(comparePositions);
  const inWindow = (rows: readonly RecentRecord[]) => rows.filter((row) => row.date_update >= since);
  for await (const { rows, end } of indexedRows(s, userId, since)) {
    const changed = rows.filter((row) => row.rev >= rev);
    yield inWindow(merged(changed, await takeBefore(s, userId, live, end)));
  }
  const known = new Set(all.map((key) => key.chat_id));
  const touched = [...live, ...(await touchedBelow(s, userId, { since, rev })).filter((key) => !known.has(key.chat_id))].sort(comparePositions);
  for (let i = 0; i < touched.length; i += RECENT_CHUNK) yield inWindow(await rowsOf(s, userId, touched.slice(i, i + RECENT_CHUNK)));
}

type Placed = RecentRecord & { place: RecentPosition };

/** Rows as the index has them, and the place down to which none is missing. */
async function* indexedRows(s: Session, userId: number, since: number): AsyncGenerator<{ rows: Placed[]; end: RecentPosition }> {
  let limit = FIRST;
  for (const [pinned, floor] of [[1, 1], [0, since]] as const) {
    for (let after = { at: Number.MAX_SAFE_INTEGER, chat_id: 0 }; ; limit = RECENT_CHUNK) {
      const found = await rowsInOrder(s, userId, { pinned, floor, ...after }, limit);
      const rows = found.map((row) => ({ ...row, place: { pinned, at: row.sort_at, chat_id: row.chat_id } }));
      const last = rows.at(-1)?.place;
      yield { rows, end: rows.length < limit || !last ? { pinned, at: floor, chat_id: 0 } : last };
      if (rows.length < limit || !last) break;
      after = { at: last.at, chat_id: last.chat_id };
      await yieldToOthers();
    }
  }
}

/** Takes the keys before a place, and reads their rows. */
async function takeBefore(s: Session, userId: number, keys: ListKey[], end: RecentPosition): Promise<Placed[]> {
  const count = keys.findIndex((key) => comparePositions(key, end) > 0);
  const taken = keys.splice(0, count < 0 ? keys.length : count);
  return taken.length === 0 ? [] : rowsOf(s, userId, taken);
}

function merged(rows: Placed[], others: readonly Placed[]): readonly RecentRecord[] {
  return others.length === 0 ? rows : [...rows, ...others].sort((a, b) => comparePositions(a.place, b.place));
}

async function rowsOf(s: Session, userId: number, keys: readonly ListKey[]): Promise<Placed[]> {
  const rows = new Map((await recentRows(s, userId, keys.map((key) => key.chat_id))).map((row) => [row.chat_id, row]));
  return keys.flatMap((place) => {
    const row = rows.get(place.chat_id);
    return row ? { ...row, place } : [];
  });
}

/** Rows that are not pinned and have no message of the window's time, but have changed in it. */
async function touchedBelow(s: Session, userId: number, window: RecentWindow): Promise<ListKey[]> {
  const touched: ListKey[] = [];
  for await (const chunk of touchedKeys(s, userId, window)) {
    touched.push(...chunk.filter((key) => key.pinned === 0 && key.at < window.since && key.updated_at >= window.since));
    await yieldToOthers();
  }
  return touched;
}
