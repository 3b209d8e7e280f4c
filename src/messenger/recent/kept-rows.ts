/** What of a list is read to be kept. */
import type { Zone } from '../../base/dates.ts';
import type { Session } from '../../db/database.ts';
import { changedSince, FROM_THE_START } from '../../db/stores/change-store.ts';
import { snapshot } from '../../db/stores/generation-store.ts';
import { type RecentPosition, recentWindowSize, TOP } from '../../db/stores/recent-store.ts';
import { meaningOf } from '../../db/stores/tick-store.ts';
import type { Messenger } from '../messenger.ts';
import type { Coverage } from './list-part.ts';
import { Walk } from './recent-list.ts';
import { encodeChats, encodeWindowIn, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';

/** Rows of the longest list of which the whole window is kept: joining more would keep other requests waiting. */
export const LONGEST_LIST = 5000;
/** The first rows of every list are kept, however long it is: for its first pages. */
const HEAD = 199;
/** Of a longer list also what has changed lately, up to so many rows: for those who sync by a date. */
const LATELY_MS = 600_000;
export const MANY_CHANGES = 500;

/** The window where it is not too long, and the first rows of the list. */
export async function readKept(m: Messenger, s: Session, userId: number, zone: Zone, check: RowCheck) {
  const since = m.clock.now() - RECENT_WINDOW_MS;
  const seen = await snapshot(s);
  const { rev } = await meaningOf(s, since);
  const long = (await recentWindowSize(s, userId, { since, rev }, LONGEST_LIST + 1)) > LONGEST_LIST;
  const { ids, end } = await readHead(s, userId);
  const lately = long ? await changedLately(m, s, userId) : { ids: [], rev: seen.token };
  const window = long ? [] : await encodeWindowIn(m, s, userId, { since, rev }, zone, check);
  const known = new Set(window.map((row) => row.chatId));
  const others = [...new Set([...ids, ...lately.ids])].filter((chatId) => !known.has(chatId));
  const rows = [...window, ...(await encodeChats(m, s, userId, others, zone, check))];
  const coverage: Coverage = { since: long ? Infinity : since, rev: Math.min(lately.rev, seen.token), end };
  return { seen, rows, coverage };
}

async function changedLately(m: Messenger, s: Session, userId: number): Promise<{ ids: number[]; rev: number }> {
  const { rev } = await meaningOf(s, m.clock.now() - LATELY_MS);
  const { rows } = await changedSince(s, userId, rev, FROM_THE_START, MANY_CHANGES);
  return rows.length < MANY_CHANGES ? { ids: rows.map(({ chatId }) => chatId), rev } : { ids: [], rev: Infinity };
}

/** The chats of the list's first rows, and the place of the last of them; no place where the list ends before. */
async function readHead(s: Session, userId: number): Promise<{ ids: number[]; end: RecentPosition | undefined }> {
  const ids: number[] = [];
  for await (const key of new Walk(s, userId, async (keys) => keys, HEAD + 1).from(TOP)) {
    ids.push(key.chat_id);
    if (ids.length > HEAD) return { ids, end: { pinned: key.pinned, at: key.at, chat_id: key.chat_id } };
  }
  return { ids, end: undefined };
}
