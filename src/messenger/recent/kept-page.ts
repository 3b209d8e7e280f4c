/** First pages of im.recent.list out of the kept list, without a look at the store. */
import type { Zone } from '../../base/dates.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import type { Around, ListPart, RowChoice } from './list-part.ts';
import type { RecentCache } from './recent-cache.ts';
import type { CachedList } from './cached-list.ts';
import { acceptsType, type ListFilter } from './list-filter.ts';
import { type ListPage, nextOf, walkedList } from './recent-list.ts';
import type { GivenPage, WalkedPages } from './walked-pages.ts';

/** What was walked with each part that was answered: as long as the list stands it is the same page. */
const walked = new WeakMap<ListPart, GivenPage>();

/**
 * The page that `recentPage` would give, encoded; undefined where only the store has it.
 *
 * @param around its rows; the same at every call
 */
export async function keptPage(m: Messenger, cache: RecentCache, walks: WalkedPages, viewer: Viewer, page: ListPage, around: Around): Promise<Pick<ListPart, 'json' | 'hasMore'> | undefined> {
  const choice = page.offset === 0 && page.after === undefined && page.text === 'plain' ? chosen(page.filter) : undefined;
  if (!choice) return undefined;
  const { zone } = await m.settings();
  const list = await cache.freshList(viewer, zone, (kept) => kept.page(page.limit, choice, around) !== undefined);
  const part = list?.page(page.limit, choice, around);
  const given = part?.hasMore ? unnoted(walks, list!, page, part) : undefined;
  if (given) await walks.given(walkedList(list!.userId, page.filter), given, list!.seen);
  return part;
}

/** The same where it is known at once; for whoever is let in as before. */
export function keptPageNow(m: Messenger, cache: RecentCache, walks: WalkedPages, viewer: Viewer, zone: Zone, page: ListPage, around: Around): Pick<ListPart, 'json' | 'hasMore'> | undefined {
  const choice = chosen(page.filter);
  const list = choice && cache.freshNow(viewer, zone);
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
