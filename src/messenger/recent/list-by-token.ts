/** Pages of the list that neither lose nor repeat a row, however it moves: what changes during the walk comes with the changes. */
import type { Session } from '../../db/database.ts';
import { isSeen, type Seen, type Snapshot } from '../../db/stores/generation-store.ts';
import { type RecentKey, recentRows, type RecentRecord, TOP } from '../../db/stores/recent-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { presentRow, type RecentItem, type Surroundings, type TextMode } from '../views/recent-item.ts';
import { type ListFilter, makeFilter } from './list-filter.ts';
import { surroundings } from './surroundings.ts';
import { formatToken, type SyncToken } from './sync-token.ts';
import { Walk } from './walk.ts';

export interface TokenPage {
  items: RecentItem[];
  token: string;
  hasMore: boolean;
}

/** What a page is asked with. */
export interface TokenQuery {
  limit: number;
  filter: ListFilter;
  text: TextMode;
  /** Of the page before; undefined for the first page. */
  token?: SyncToken | undefined;
}

/** Everything that the list shows. */
export const NO_FILTER: ListFilter = {
  skipOpenLines: false, skipChats: false, skipDialogs: false, skipUndistributed: false, onlyChannels: false, onlyCopilot: false, unreadOnly: false,
  canManageMessages: false,
};

/** @param now what the session sees; @param nonce names the newest generation in it */
export async function pageByToken(s: Session, m: Messenger, viewer: Viewer, query: TokenQuery, now: Snapshot, nonce: string): Promise<TokenPage> {
  const { token, limit } = query;
  const next: Seen = token?.next ?? now;
  if (token && token.place?.kind !== 'list') return { items: [], token: formatToken({ nonce, since: next, next }), hasMore: false };
  const walk = new Walk(s, viewer.userId, await makeFilter(s, viewer, query.filter), limit + 1);
  const keys: RecentKey[] = [];
  for await (const key of walk.from(token?.place?.kind === 'list' ? token.place.after : TOP)) {
    // What has changed since the walk began may have been shown already, or be shown further on: it comes once, with the changes.
    if (!token || (isSeen(key.rev, next) && isSeen(key.live_rev, next))) keys.push(key);
    if (keys.length > limit) break;
  }
  const hasMore = keys.length > limit;
  const shown = keys.slice(0, limit);
  const last = shown.at(-1);
  const place = hasMore && last ? ({ kind: 'list', after: { pinned: last.pinned, at: last.at, chat_id: last.chat_id } } as const) : undefined;
  const { items } = await presentChats(s, m, viewer.userId, shown.map((key) => key.chat_id), query.text);
  return { items, token: formatToken({ nonce, since: next, next, place }), hasMore };
}

/** The rows of the given chats in their order; those that the list does not show are left out. */
export async function presentChats(
  s: Session,
  m: Messenger,
  userId: number,
  chatIds: readonly number[],
  text: TextMode,
): Promise<{ items: RecentItem[]; rows: RecentRecord[]; around: Surroundings }> {
  const rows = await recentRows(s, userId, chatIds);
  const around = await surroundings(s, userId, rows, text);
  const byChat = new Map(rows.map((row) => [row.chat_id, row]));
  const items = await flatMapGently(chatIds, (chatId) => {
    const row = byChat.get(chatId);
    return row && present(m, { row: chatId, user: userId }, () => presentRow(row, around));
  });
  return { items, rows, around };
}
