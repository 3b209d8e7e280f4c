import type { Session } from '../../db/database.ts';
import { snapshot } from '../../db/stores/generation-store.ts';
import { type RecentKey, type RecentPosition, type RecentRecord, recentRows, TOP } from '../../db/stores/recent-store.ts';
import { unreadChats } from '../../db/stores/unread-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import type { WalkedList } from '../../db/stores/walk-store.ts';
import { strangersAmong } from '../access/meeting.ts';
import { allows, isChannel, permissionsOf } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { surroundings } from './surroundings.ts';
import { type RowFilter, Walk } from './walk.ts';
import type { GivenPage, PageEnd, WalkedPages } from './walked-pages.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { isDismissed, presentRow, type RecentItem, type TextMode } from '../views/recent-item.ts';

export interface ListFilter {
  skipOpenLines: boolean;
  skipChats: boolean;
  skipDialogs: boolean;
  skipUndistributed: boolean;
  onlyChannels: boolean;
  onlyCopilot: boolean;
  unreadOnly: boolean;
  canManageMessages: boolean;
}

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
  const isFirst = page.after === undefined && page.offset === 0;
  if (!isFirst) await walks.settled();
  let noted: Promise<void> | undefined;
  const result = await m.db.read(async (s) => {
    const walk = new Walk(s, viewer.userId, await makeFilter(s, viewer, page.filter), page.offset + page.limit + 1);
    const from = isFirst ? undefined : await startOf(s, walks, walk, list, page);
    const { keys, hasMore } = from ? await afterPage(walk, page.limit, from) : await byOffset(walk, page.limit, page.offset);
    const given: GivenPage = { keys, size: page.limit, from, next: nextOf(page, keys) };
    const [rows, seen] = await Promise.all([
      recentRows(s, viewer.userId, keys.map((key) => key.chat_id)),
      hasMore && walks.isNew(list, given) ? snapshot(s) : undefined,
    ]);
    if (seen) noted = walks.given(list, given, seen);
    else if (!hasMore && from) walks.ended(from);
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
async function startOf(s: Session, walks: WalkedPages, walk: Walk, list: WalkedList, { after, offset, limit }: ListPage): Promise<PageEnd | undefined> {
  const known = await walks.endAt(s, list, after === undefined ? { offset } : { second: second(after) }, limit);
  return known ?? (after === undefined ? undefined : unknownPage(walk, after));
}

async function byOffset(walk: Walk, limit: number, offset: number): Promise<{ keys: RecentKey[]; hasMore: boolean }> {
  const keys: RecentKey[] = [];
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
 * least. Rows of that page do not come again. By date a page runs on until it ends at a second at which no page before it did.
 */
async function afterPage(walk: Walk, limit: number, from: PageEnd): Promise<{ keys: RecentKey[]; hasMore: boolean }> {
  const following = walk.from(from.end);
  // Both are asked for at once.
  const [keys, first] = await Promise.all([walk.changedAbove(from), following.next()]);
  const least = Math.max(limit, keys.length + 1);
  for (let next = first; !next.done; next = await following.next()) {
    const key = next.value;
    if (from.chats.has(key.chat_id)) continue;
    const last = keys.at(-1);
    if (last && keys.length >= least && !from.seconds.has(second(last.at))) return { keys, hasMore: true };
    keys.push(key);
  }
  return { keys, hasMore: false };
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

/** Decides by the key alone where it can, and looks at the row only where it must. */
export async function makeFilter(s: Session, viewer: Viewer, filter: ListFilter): Promise<RowFilter> {
  const { userId } = viewer;
  const unread = filter.unreadOnly ? await unreadIds(s, userId) : undefined;
  return async (keys) => {
    const typed = keys.filter((key) => acceptsType(filter, key.type) && (!unread || unread.has(key.chat_id)));
    const accepted = typed.filter((key) => key.stranger === 0);
    const doubtful = accepted.filter(
      (key) => key.peer_active === 0 || filter.canManageMessages || (filter.skipUndistributed && key.type === 'L'),
    );
    if (doubtful.length === 0) return accepted;
    const [found, peers] = await Promise.all([
      recentRows(s, userId, doubtful.map((key) => key.chat_id)),
      findUsers(s, doubtful.filter((key) => key.peer_active === 0).map((key) => key.peer_id)),
    ]);
    const rows = new Map(found.map((row) => [row.chat_id, row]));
    const dismissed = new Map(peers.map((user) => [user.id, user]));
    const refused = new Set(doubtful.filter((key) => !acceptsRow(filter, rows.get(key.chat_id), dismissed)));
    return accepted.filter((key) => !refused.has(key));
  };
}

function acceptsRow(filter: ListFilter, row: RecentRecord | undefined, dismissed: ReadonlyMap<number, UserRow>): boolean {
  if (!row) return false;
  const peer = dismissed.get(row.peer_id);
  if (peer && isDismissed(row, peer)) return false;
  if (filter.canManageMessages && !allows(permissionsOf(row).can_post, row.role)) return false;
  return !(filter.skipUndistributed && row.type === 'L' && row.owner_id === 0);
}

/** What decides whether private rows are shown. */
interface Peers {
  /** The partners who are no longer active. */
  dismissed: ReadonlyMap<number, UserRow>;
  /** The partners whom the viewer may not meet. */
  strangers: ReadonlySet<number>;
}

/** The rows without the private ones that the list leaves out for their partner's sake. */
export async function shownRows<R extends { peer_id: number; counter: number }>(s: Session, viewer: Viewer, rows: readonly R[]): Promise<R[]> {
  const { dismissed, strangers } = await peersOf(s, viewer, rows);
  return rows.filter((row) => {
    const peer = dismissed.get(row.peer_id);
    return !strangers.has(row.peer_id) && !(peer && isDismissed(row, peer));
  });
}

async function peersOf(s: Session, viewer: Viewer, keys: ReadonlyArray<{ peer_id: number }>): Promise<Peers> {
  const peers = await findUsers(s, keys.map((key) => key.peer_id).filter((id) => id > 0));
  const dismissed = new Map(peers.filter((user) => user.active === 0).map((user) => [user.id, user]));
  return { dismissed, strangers: await strangersAmong(s, viewer, peers) };
}

export function acceptsType(filter: ListFilter, type: string): boolean {
  if (filter.onlyCopilot) return type === 'A';
  if (filter.onlyChannels) return isChannel(type);
  return acceptsKind(filter, type);
}

/** The three SKIP_ flags: open lines, private dialogs, and every group-like chat. */
export function acceptsKind(filter: Pick<ListFilter, 'skipOpenLines' | 'skipChats' | 'skipDialogs'>, type: string): boolean {
  if (type === 'L') return !filter.skipOpenLines;
  if (type === 'P') return !filter.skipDialogs;
  return !filter.skipChats;
}

async function unreadIds(s: Session, userId: number): Promise<Set<number>> {
  const ids = new Set<number>();
  for await (const chunk of unreadChats(s, userId)) {
    for (const row of chunk) if (row.counter > 0 || row.unread === 1) ids.add(row.chat_id);
    await yieldToOthers();
  }
  return ids;
}
