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
  if (part?.hasMore) await note(walks, list!, page, part);
  return part;
}

/** The same where it is known at once; for whoever is let in as before. */
export function keptPageNow(cache: RecentCache, walks: WalkedPages, userId: number, zone: Zone, page: ListPage, around: Around): Pick<ListPart, 'json' | 'hasMore'> | undefined {
  const choice = chosen(page.filter);
  const list = choice && cache.freshNow(userId, zone);
  const part = list?.page(page.limit, choice!, around);
  // Here no other node is asked, so nobody waits for it.
  if (part?.hasMore) void note(walks, list!, page, part);
  return part;
}

/** Undefined where rows do not say enough to choose by. */
function chosen(filter: ListFilter): RowChoice | undefined {
  if (filter.skipUndistributed || filter.canManageMessages) return undefined;
  const { skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly } = filter;
  const name = [skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly].map(Number).join('');
  return { name, accepts: (row) => acceptsType(filter, row.type) && (row.unread || !unreadOnly) };
}

/** Not a promise where it is noted already. */
function note(walks: WalkedPages, { userId, seen }: CachedList, page: ListPage, part: ListPart): Promise<void> | undefined {
  let given = walked.get(part);
  if (!given) {
    const keys = part.rows.map(({ pinned, at, chatId }) => ({ pinned, at, chat_id: chatId }));
    walked.set(part, (given = { keys, size: page.limit, from: undefined, next: nextOf(page, keys) }));
  }
  const list = walkedList(userId, page.filter);
  return walks.isNew(list, given) ? walks.given(list, given, seen) : undefined;
}
