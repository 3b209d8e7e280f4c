/** First pages of im.recent.list out of the kept list, without a look at the store. */
import type { Zone } from '../../base/dates.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import type { Around, ListPart, RowChoice } from './list-part.ts';
import type { RecentCache } from './recent-cache.ts';
import { acceptsType, firstPage, type FirstPage, type ListFilter, type ListPage, rememberFirst, type Walks } from './recent-list.ts';

/** What was walked with each part that was answered: as long as the list stands it is the same page. */
const walked = new WeakMap<ListPart, FirstPage>();

/**
 * The page that `recentPage` would give, encoded; undefined where only the store has it.
 *
 * @param around its rows; the same at every call
 */
export async function keptPage(m: Messenger, cache: RecentCache, walks: Walks, viewer: Viewer, page: ListPage, around: Around): Promise<Pick<ListPart, 'json' | 'hasMore'> | undefined> {
  const choice = page.offset === 0 && page.after === undefined && page.text === 'plain' ? chosen(page.filter) : undefined;
  if (!choice) return undefined;
  const begunAt = m.told();
  const { zone } = await m.settings();
  const list = await cache.freshList(viewer, zone, (kept) => kept.page(page.limit, choice, around) !== undefined);
  const part = list?.page(page.limit, choice, around);
  if (part?.hasMore) remember(m, walks, viewer.userId, page, part, begunAt);
  return part;
}

/** The same where it is known at once; for whoever is let in as before. */
export function keptPageNow(m: Messenger, cache: RecentCache, walks: Walks, userId: number, zone: Zone, page: ListPage, around: Around): Pick<ListPart, 'json' | 'hasMore'> | undefined {
  const choice = chosen(page.filter);
  const begunAt = m.told();
  const part = choice && cache.freshNow(userId, zone)?.page(page.limit, choice, around);
  if (part?.hasMore) remember(m, walks, userId, page, part, begunAt);
  return part;
}

/** Undefined where rows do not say enough to choose by. */
function chosen(filter: ListFilter): RowChoice | undefined {
  if (filter.skipUndistributed || filter.canManageMessages) return undefined;
  const { skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly } = filter;
  const name = [skipOpenLines, skipChats, skipDialogs, onlyChannels, onlyCopilot, unreadOnly].map(Number).join('');
  return { name, accepts: (row) => acceptsType(filter, row.type) && (row.unread || !unreadOnly) };
}

function remember(m: Messenger, walks: Walks, userId: number, page: ListPage, part: ListPart, begunAt: number): void {
  let first = walked.get(part);
  if (!first) walked.set(part, (first = firstPage(part.rows.map((row) => ({ ...row, chat_id: row.chatId })), page.limit, begunAt)));
  rememberFirst(walks, userId, page, first, m.clock.precise());
}
