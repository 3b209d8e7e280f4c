/** Pages of im.recent.list out of the kept list: first ones without a look at the store, further ones once it is known where the page before ended. */
import type { Zone } from '../../base/dates.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import type { Around, ListPart, RowChoice } from './list-part.ts';
import type { RecentCache } from './recent-cache.ts';
import type { CachedList } from './cached-list.ts';
import { acceptsType, type ListFilter } from './list-filter.ts';
import { KeptWalk } from './kept-walk.ts';
import { afterPage, byOffset, isFirst, type ListPage, nextOf, placeOf, walkedList } from './recent-list.ts';
import { joinRows } from './row-bytes.ts';
import type { GivenPage, WalkedPages } from './walked-pages.ts';

/** What was walked with each part that was answered: as long as the list stands it is the same page. */
const walked = new WeakMap<ListPart, GivenPage>();

/**
 * The page that `recentPage` would give, encoded; undefined where only the store has it.
 *
 * @param around its rows; the same at every call
 */
export async function keptPage(m: Messenger, cache: RecentCache, walks: WalkedPages, viewer: Viewer, page: ListPage, around: Around): Promise<Pick<ListPart, 'pieces' | 'hasMore'> | undefined> {
  const choice = page.text === 'plain' ? chosen(page.filter) : undefined;
  if (!choice) return undefined;
  if (!isFirst(page)) return keptFurtherPage(m, cache, walks, viewer, page, choice, around);
  const { zone } = await m.settings();
  const list = await cache.freshList(viewer, zone, (kept) => kept.page(page.limit, choice, around) !== undefined);
  const part = list?.page(page.limit, choice, around);
  const given = part?.hasMore ? unnoted(walks, list!, page, part) : undefined;
  if (given) await walks.given(walkedList(list!.userId, page.filter), given, list!.seen);
  return part;
}

/** A list that nobody has asked for from its beginning is not read for this. */
async function keptFurtherPage(m: Messenger, cache: RecentCache, walks: WalkedPages, viewer: Viewer, page: ListPage, choice: RowChoice, around: Around): Promise<Pick<ListPart, 'pieces' | 'hasMore'> | undefined> {
  if (!viewer.insider || !cache.mayHold(viewer.userId, page)) return undefined;
  await walks.settled();
  const asked = walkedList(viewer.userId, page.filter);
  const from = await walks.endAt(m.db, asked, placeOf(page), page.limit);
  if (!from && page.after !== undefined) return undefined;
  const { zone } = await m.settings();
  const list = await cache.freshList(viewer, zone, (kept) => kept.mayHold(page));
  if (!list) return undefined;
  const walk = new KeptWalk(list, choice);
  const { seen } = list;
  const { keys, hasMore, waiting } = await (from ? afterPage(walk, page, from) : byOffset(walk, page.limit, page.offset));
  if (walk.lacking) return undefined;
  const given: GivenPage = { keys, size: page.limit, from, next: nextOf(page, keys), waiting };
  if (hasMore && walks.isNew(asked, given)) await walks.given(asked, given, seen);
  else if (!hasMore && from) walks.ended(from);
  const [before, after] = around(hasMore);
  return { pieces: [Buffer.from(before), joinRows(keys.map(({ row }) => row)), Buffer.from(after)], hasMore };
}

/** The same where it is known at once; for whoever is let in as before. */
export function keptPageNow(m: Messenger, cache: RecentCache, walks: WalkedPages, who: { viewer: Viewer; still: boolean }, zone: Zone, page: ListPage, around: Around): Pick<ListPart, 'pieces' | 'hasMore'> | undefined {
  const choice = page.text === 'plain' && isFirst(page) ? chosen(page.filter) : undefined;
  const list = choice && cache.freshNow(who.viewer, zone, who.still);
  const part = list?.page(page.limit, choice!, around);
  const given = part?.hasMore ? unnoted(walks, list!, page, part) : undefined;
  if (!given) return part;
  // Where another node may be asked for the next page, it waits for this one to be noted.
  if (!m.db.trustsOwnCommits()) return undefined;
  void walks.given(walkedList(list!.userId, page.filter), given, list!.seen);
  return part;
}

/** Undefined where rows do not say enough to choose by. */
function chosen(filter: ListFilter): RowChoice | undefined {
  if (filter.skipUndistributed || filter.canManageMessages) return undefined;
  const { skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly } = filter;
  const name = [skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly].map(Number).join('');
  return { name, accepts: (row) => acceptsType(filter, row.type) && (row.unread || !unreadOnly) };
}

/** The page where it has to be noted. */
function unnoted(walks: WalkedPages, { userId }: CachedList, page: ListPage, part: ListPart): GivenPage | undefined {
  let given = walked.get(part);
  if (!given) {
    const keys = part.rows.map(({ pinned, at, chatId }) => ({ pinned, at, chat_id: chatId }));
    walked.set(part, (given = { keys, size: page.limit, from: undefined, next: nextOf(page, keys) }));
  }
  return walks.isNew(walkedList(userId, page.filter), given) ? given : undefined;
}
