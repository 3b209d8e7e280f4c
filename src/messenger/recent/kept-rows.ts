/** What of a list is read to be kept. */
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { changedSince, FROM_THE_START } from '../../db/stores/change-store.ts';
import { snapshot } from '../../db/stores/generation-store.ts';
import { type RecentPosition, TOP } from '../../db/stores/recent-store.ts';
import { meaningOf } from '../../db/stores/tick-store.ts';
import { recentWindowSize } from '../../db/stores/window-store.ts';
import type { Messenger } from '../messenger.ts';
import type { Coverage } from './list-part.ts';
import { Walk } from './walk.ts';
import { encodeChats, encodeWindow, RECENT_WINDOW_MS, type RowCheck } from './recent-window.ts';

/** How much of a list is kept. */
export interface KeptLimits {
  /** Rows of the longest list of which the whole window is kept: joining more would keep other requests waiting. */
  longest: number;
  /** The first rows of every list are kept, however long it is: for its first pages. */
  head: number;
  /** Of a longer list also what has changed lately, up to so many rows: for those who sync by a date. */
  changes: number;
}

export const KEPT_LIMITS: KeptLimits = { longest: 5000, head: 199, changes: 500 };

/** What of a longer list counts as changed lately. */
const LATELY_MS = 600_000;

/** The window where it is not too long, and the first rows of the list. Others run between its looks: in a process that has just begun each takes long. */
export async function readKept(m: Messenger, s: Session, userId: number, check: RowCheck, limits: KeptLimits) {
  const since = m.clock.now() - RECENT_WINDOW_MS;
  const [seen, { rev }, { ids, end }] = await Promise.all([snapshot(s), meaningOf(s, since), readHead(s, userId, limits.head)]);
  await yieldToOthers();
  const long = (await recentWindowSize(s, userId, { since, rev }, limits.longest + 1)) > limits.longest;
  const lately = long ? await changedLately(m, s, userId, limits.changes) : { ids: [], rev: Infinity };
  await yieldToOthers();
  const window = long ? [] : await encodeWindow(m, s, userId, { since, rev }, check);
  const known = new Set(window.map((row) => row.chatId));
  const others = [...new Set([...ids, ...lately.ids])].filter((chatId) => !known.has(chatId));
  await yieldToOthers();
  const rows = [...window, ...(await encodeChats(m, s, userId, others, check))];
  // What is seen may have revisions from the token on; what comes later has not.
  const coverage: Coverage = { since: long ? Infinity : since, rev: Math.min(lately.rev, Math.max(seen.token, seen.top)), end };
  return { seen, rows, coverage };
}

async function changedLately(m: Messenger, s: Session, userId: number, most: number): Promise<{ ids: number[]; rev: number }> {
  const { rev } = await meaningOf(s, m.clock.now() - LATELY_MS);
  const { rows } = await changedSince(s, userId, rev, FROM_THE_START, most);
  return rows.length < most ? { ids: rows.map(({ chatId }) => chatId), rev } : { ids: [], rev: Infinity };
}

/** The chats of the list's first rows, and the place of the last of them; no place where the list ends before. */
async function readHead(s: Session, userId: number, count: number): Promise<{ ids: number[]; end: RecentPosition | undefined }> {
  const ids: number[] = [];
  for await (const key of new Walk(s, userId, async (keys) => keys, count + 1).from(TOP)) {
    ids.push(key.chat_id);
    if (ids.length > count) return { ids, end: { pinned: key.pinned, at: key.at, chat_id: key.chat_id } };
  }
  return { ids, end: undefined };
}
