import type { Session } from '../../db/database.ts';
import { snapshot } from '../../db/stores/generation-store.ts';
import { type RecentKey, type RecentPosition, type RecentRecord, recentRows, TOP } from '../../db/stores/recent-store.ts';
import type { WalkedList, WalkedPlace } from '../../db/stores/walk-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { type ListFilter, makeFilter } from './list-filter.ts';
import { surroundings } from './surroundings.ts';
import { Walk } from './walk.ts';
import type { GivenPage, PageEnd, Walked, WalkedPages } from './walked-pages.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { presentRow, type RecentItem, type TextMode } from '../views/recent-item.ts';

export interface ListPage {
  /** Rows of the page; one after a date may hold a few more, so that its own date is like no other. */
  limit: number;
  offset: number;
  /** Date of the last row the client has, milliseconds: the list goes on after it. */
  after?: number | undefined;
  filter: ListFilter;
  text: TextMode;
}

export interface ListResult {
  items: RecentItem[];
  hasMore: boolean;
}

/** A page of the list: pinned first, then the last message's date, then the chat's id, all descending. */
export async function recentPage(m: Messenger, walks: WalkedPages, viewer: Viewer, page: ListPage): Promise<ListResult> {
  const list = walkedList(viewer.userId, page.filter);
  const first = isFirst(page);
  if (!first) await walks.settled();
  let noted: Promise<void> | undefined;
  const result = await m.db.read(async (s) => {
    const filter = await makeFilter(s, viewer, page.filter);
    const walk = new Walk(s, viewer.userId, filter, page.offset + page.limit + 1);
    // Of a further page nearly each has to be noted, which goes on while rows are read.
    const [from, early] = first ? [] : await Promise.all([startOf(s, walks, walk, list, page), snapshot(s)]);
    const direct = from || first ? new Walk(s, viewer.userId, filter, page.limit + 1, showsMost(page.filter)) : walk;
    const { keys, hasMore, waiting } = from ? await afterPage(direct, page, from) : await byOffset(direct, page.limit, page.offset);
    const given: GivenPage = { keys, size: page.limit, from, next: nextOf(page, keys), waiting };
    const isNew = hasMore && walks.isNew(list, given);
    if (isNew && early) noted = walks.given(list, given, early);
    else if (!hasMore && from) walks.ended(from);
    const [rows, seen] = await Promise.all([rowsOf(s, viewer.userId, keys), isNew && !early ? snapshot(s) : undefined]);
    if (seen) noted = walks.given(list, given, seen);
    const around = await surroundings(s, viewer.userId, rows, page.text);
    const byChat = new Map(rows.map((row) => [row.chat_id, row]));
    const items = await flatMapGently(keys, ({ chat_id: id }) => {
      const row = byChat.get(id);
      return row && present(m, { row: id, user: viewer.userId }, () => presentRow(row, around));
    });
    return { items, hasMore };
  });
  await noted;
  return result;
}

/** Whether it is where a client begins. */
export function isFirst({ after, offset }: ListPage): boolean {
  return after === undefined && offset === 0;
}

/** Whether a list with these filters shows most rows that there are. */
function showsMost({ skipOpenLines: _few, ...filters }: ListFilter): boolean {
  return !Object.values(filters).includes(true);
}

/** The rows of the keys that were not read with them. */
async function rowsOf(s: Session, userId: number, keys: readonly RecentKey[]): Promise<RecentRecord[]> {
  const missing = keys.filter((key) => !key.row).map((key) => key.chat_id);
  const read = missing.length > 0 ? await recentRows(s, userId, missing) : [];
  return [...keys.flatMap((key) => key.row ?? []), ...read];
}

/** The filters in the order of their bits, which are stored. */
const FILTERS = [
  'skipOpenLines', 'skipChats', 'skipDialogs', 'skipUndistributed', 'onlyChannels', 'onlyCopilot', 'unreadOnly', 'canManageMessages',
] as const satisfies ReadonlyArray<keyof ListFilter>;

/** The list as the user asks for it. */
export function walkedList(userId: number, filter: ListFilter): WalkedList {
  return { userId, filters: FILTERS.reduce((bits, name, index) => bits | (filter[name] ? 1 << index : 0), 0) };
}

/** What asks for the next page. After a first page a client may go on either way. */
export function nextOf({ after, offset, limit }: ListPage, keys: readonly RecentPosition[]): GivenPage['next'] {
  const last = keys.at(-1);
  return {
    offset: after === undefined ? offset + limit : undefined,
    second: last && (after !== undefined || offset === 0) ? second(last.at) : undefined,
  };
}

/** Undefined where rows have to be counted from the top. */
async function startOf(s: Session, walks: WalkedPages, walk: Walk, list: WalkedList, page: ListPage): Promise<PageEnd | undefined> {
  const known = await walks.endAt(s, list, placeOf(page), page.limit);
  return known ?? (page.after === undefined ? undefined : unknownPage(walk, page.after));
}

/** How the client names the page that it goes on after. */
export function placeOf({ after, offset }: ListPage): WalkedPlace {
  return after === undefined ? { offset } : { second: second(after) };
}

export interface PageKeys<K> {
  keys: K[];
  hasMore: boolean;
  /** Where rows that changed since the page before have to wait for a later one: where the list goes on. */
  waiting?: RecentPosition | undefined;
}

export async function byOffset<K extends RecentPosition>(walk: Walked<K>, limit: number, offset: number): Promise<PageKeys<K>> {
  const keys: K[] = [];
  let skipped = 0;
  for await (const key of walk.from(TOP)) {
    if (skipped < offset) skipped++;
    else if (keys.length < limit) keys.push(key);
    else return { keys, hasMore: true };
  }
  return { keys, hasMore: false };
}

/**
 * Goes on after a page that was given: first what has changed since and stands above its end, then what follows, a row of it at
 * least, so that the walk gets on; what finds no room comes on later pages. Rows of that page do not come again. By date a page
 * runs on until it ends at a second at which no page before it did, and the last one holds all that is left.
 */
export async function afterPage<K extends RecentPosition>(walk: Walked<K>, { limit, after }: ListPage, from: PageEnd): Promise<PageKeys<K>> {
  const byDate = after !== undefined;
  const rows = walk.from(from.end);
  // Both are asked for at once.
  const [changed, first] = await Promise.all([walk.changedAbove(from), rows.next()]);
  const early = changed.splice(0, limit - 1);
  const following: K[] = [];
  for (let next = first; !next.done; next = await rows.next()) {
    const key = next.value;
    if (from.chats.has(key.chat_id)) continue;
    const last = following.at(-1);
    if (last && early.length + following.length >= limit && !(byDate && from.seconds.has(second(last.at)))) {
      return { keys: [...early, ...following], hasMore: true, waiting: changed.length > 0 ? last : undefined };
    }
    following.push(key);
  }
  const late = changed.splice(0, byDate ? changed.length : limit - early.length - following.length);
  const hasMore = changed.length > 0;
  return { keys: [...early, ...late, ...following], hasMore, waiting: hasMore ? following.at(-1) ?? from.end : undefined };
}

/**
 * Stands for a page of which only the date of its last row is known. The rows of that second come again, and where it
 * may have ended among the pinned ones, those from there on and all that are not pinned.
 */
async function unknownPage(walk: Walk, after: number): Promise<PageEnd> {
  const pinned: RecentKey[] = [];
  let end: RecentPosition = { pinned: 0, at: second(after) * 1000 + 1000, chat_id: 0 };
  for await (const key of walk.from(TOP)) {
    if (key.pinned === 0) break;
    if (second(key.at) === second(after)) {
      end = pinned.at(-1) ?? TOP;
      break;
    }
    pinned.push(key);
  }
  return { end, chats: new Set(pinned.map((key) => key.chat_id)), seconds: new Set([second(after)]) };
}

function second(ms: number): number {
  return Math.floor(ms / 1000);
}
