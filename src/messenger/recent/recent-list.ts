import type { Session } from '../../db/database.ts';
import { indexedKeys, liveKeys, RECENT_CHUNK, type RecentKey, type RecentPosition, type RecentRecord, recentRows, TOP, unreadChats } from '../../db/stores/recent-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { strangersAmong } from '../access/meeting.ts';
import { allows, isChannel, permissionsOf } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { comparePositions, type ListWalks, WalkedPage } from './list-walks.ts';
import { surroundings } from './surroundings.ts';
import type { OffsetWalks } from './offset-walks.ts';
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

/** The walks that are under way, by what their clients say to get the next page. */
export interface Walks {
  byDate: ListWalks;
  byOffset: OffsetWalks;
}

/** A page of the list: pinned first, then the last message's date, then the chat's id, all descending. */
export async function recentPage(m: Messenger, walks: Walks, viewer: Viewer, page: ListPage): Promise<ListResult> {
  const { userId } = viewer;
  const begunAt = m.told();
  const list = `${userId} ${JSON.stringify(page.filter)}`;
  const sized = `${list} ${page.limit}`;
  const now = m.clock.precise();
  return m.db.read(async (s) => {
    const walk = new Walk(s, userId, await makeFilter(s, viewer, page.filter), page.offset + page.limit + 1);
    // Where calls go to several nodes, a page before this one may have been given by another.
    const known = !m.alone() ? undefined : page.after === undefined ? walks.byOffset.at(sized, page.offset, now) : walks.byDate.endedAt(list, second(page.after), page.limit);
    const from = known ?? (page.after === undefined ? undefined : await unknownPage(walk, page, page.after, begunAt));
    const { keys, hasMore } = from ? await afterPage(walk, page.limit, from) : await byOffset(walk, page.limit, page.offset);
    const rows = await recentRows(s, userId, keys.map((key) => key.chat_id));
    const around = await surroundings(s, userId, rows, page.text);
    const byChat = new Map(rows.map((row) => [row.chat_id, row]));
    let last: RecentKey | undefined;
    const items = await flatMapGently(keys, (key) => {
      const row = byChat.get(key.chat_id);
      const item = row && present(m, { row: row.chat_id, user: userId }, () => presentRow(row, around));
      if (item) last = key;
      return item;
    });
    if (!hasMore) from?.close();
    else {
      if (last && page.offset === 0) walks.byDate.given(list, second(last.at), nextPage(keys, { limit: page.limit, seconds: [second(last.at)], begunAt }, from));
      // Whoever asks by offset names no second: such pages are as long as they were asked for.
      if (page.after === undefined) walks.byOffset.reached(sized, page.offset + page.limit, nextPage(keys, { limit: page.limit, seconds: [], begunAt }, from), now);
    }
    return { items, hasMore };
  });
}

/** What a client of a first page goes on after, by its date or by the offset of the next. */
export interface FirstPage {
  byDate: WalkedPage;
  byOffset: WalkedPage;
}

/** @param begunAt before anything of it was read */
export function firstPage(keys: readonly RecentPosition[], limit: number, begunAt: number): FirstPage {
  return {
    byDate: nextPage(keys, { limit, seconds: keys.slice(-1).map(({ at }) => second(at)), begunAt }, undefined),
    byOffset: nextPage(keys, { limit, seconds: [], begunAt }, undefined),
  };
}

/** Remembers a first page, after which there are more. */
export function rememberFirst(walks: Walks, userId: number, page: ListPage, { byDate, byOffset }: FirstPage, now: number): void {
  const list = `${userId} ${JSON.stringify(page.filter)}`;
  walks.byDate.given(list, second(byDate.end.at), byDate);
  walks.byOffset.reached(`${list} ${page.limit}`, page.limit, byOffset, now);
}

function nextPage(keys: readonly RecentPosition[], page: { limit: number; seconds: readonly number[]; begunAt: number }, before: WalkedPage | undefined): WalkedPage {
  const furthest = keys.findLast((key) => !before || comparePositions(key, before.end) > 0);
  return new WalkedPage({
    end: furthest ?? before!.end,
    begunAt: before?.begunAt ?? page.begunAt,
    ids: new Set(keys.map((key) => key.chat_id)),
    seconds: new Set(page.seconds),
    limit: page.limit,
    before,
  });
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
 * Goes on after a page that was given: first what has come up since the walk began, then what follows. Rows that the
 * client has do not come again, wherever they stand by now. A page runs on until it ends at a second at which no page
 * before it did, since the client will name it by its date.
 */
async function afterPage(walk: Walk, limit: number, from: WalkedPage): Promise<{ keys: RecentKey[]; hasMore: boolean }> {
  const keys: RecentKey[] = [];
  for await (const key of walk.after(from)) {
    if (from.has(key.chat_id)) continue;
    const last = keys.at(-1);
    if (last && keys.length >= limit && !from.endedAt(second(last.at))) return { keys, hasMore: true };
    keys.push(key);
  }
  return { keys, hasMore: false };
}

/**
 * Stands for a page of which only the date of its last row is known. The rows of that second come again, and where it
 * may have ended among the pinned ones, those from there on and all that are not pinned.
 */
async function unknownPage(walk: Walk, { limit }: ListPage, after: number, begunAt: number): Promise<WalkedPage> {
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
  // What came up before this call is not known to be news.
  return new WalkedPage({ end, begunAt: begunAt + CLOCKS_APART_MS, ids: new Set(pinned.map((key) => key.chat_id)), seconds: new Set([second(after)]), limit });
}

function second(ms: number): number {
  return Math.floor(ms / 1000);
}

/** What has come up since a walk began may be dated a little earlier, by a node whose clock is behind. */
const CLOCKS_APART_MS = 10_000;

/** Walks the user's rows in list order, the few live ones merged in. */
export class Walk {
  readonly #session: Session;
  readonly #userId: number;
  readonly #accepts: RowFilter;
  readonly #chunk: number;

  /** @param expected how many rows the walk will probably need */
  constructor(session: Session, userId: number, accepts: RowFilter, expected: number) {
    this.#session = session;
    this.#userId = userId;
    this.#accepts = accepts;
    this.#chunk = Math.min(expected, RECENT_CHUNK);
  }

  async *from(start: RecentPosition): AsyncGenerator<RecentKey> {
    const [all, first] = await Promise.all([liveKeys(this.#session, this.#userId), this.#chunkAfter(start)]);
    const known = new Set(all.map((key) => key.chat_id));
    const live = all.filter((key) => key.shown === 1 && comparePositions(start, key) < 0).sort(comparePositions);
    for await (const chunk of this.#indexed(first)) {
      const merged: RecentKey[] = [];
      for (const key of chunk) {
        while (live.length > 0 && comparePositions(live[0]!, key) < 0) merged.push(live.shift()!);
        if (!known.has(key.chat_id)) merged.push(key);
      }
      yield* await this.#accepts(merged);
    }
    yield* await this.#accepts(live);
  }

  /** What has come up since a walk began, then what follows its last page. */
  async *after({ end, begunAt }: WalkedPage): AsyncGenerator<RecentKey> {
    for await (const key of this.from(TOP)) {
      if (comparePositions(key, end) > 0 || (key.pinned === 0 && key.at < begunAt - CLOCKS_APART_MS)) break;
      yield key;
    }
    yield* this.from(end);
  }

  async *#indexed(first: RecentKey[]): AsyncGenerator<RecentKey[]> {
    for (let chunk = first; ; ) {
      if (chunk.length > 0) yield chunk;
      if (chunk.length < this.#chunk) return;
      const last = chunk[chunk.length - 1]!;
      await yieldToOthers();
      chunk = await this.#chunkAfter(last);
    }
  }

  #chunkAfter({ pinned, at, chat_id }: RecentPosition): Promise<RecentKey[]> {
    return indexedKeys(this.#session, this.#userId, { pinned, at, chat_id }, this.#chunk);
  }
}

type RowFilter = (keys: RecentKey[]) => Promise<RecentKey[]>;

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
