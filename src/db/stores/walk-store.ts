/** The pages of im.recent.list that were given, by what their clients say to get the next one. */
import type { Insertable, Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { WalkedPageTable } from '../schema-sync.ts';
import { type Builder, statement } from '../statement.ts';

export type NewWalkedPage = Omit<Insertable<WalkedPageTable>, 'id' | 'closed' | 'next_offset' | 'second'> & { next_offset: number | null; second: number | null };
export type StoredPage = Selectable<WalkedPageTable>;

/** A list as one user asks for it. */
export interface WalkedList {
  userId: number;
  filters: number;
}

/** What the client says: the offset, or the second of the date of its last row. */
export type WalkedPlace = { offset: number } | { second: number };

/** Newer ones of the same place count; more walks than these at once are not told apart from those that were given up. */
const MOST_PAGES = 200;

const insert = statement((q, p: NewWalkedPage) =>
  q.insertInto('walked_page').values({
    user_id: p.user_id, filters: p.filters, walk: p.walk, size: p.size, closed: 0, next_offset: p.next_offset, second: p.second,
    pinned: p.pinned, at: p.at, chat_id: p.chat_id, token: p.token, seen: p.seen, chats: p.chats, ended: p.ended, given_at: p.given_at,
  }),
);

export async function insertPage(s: WriteSession, page: NewWalkedPage): Promise<void> {
  await s.all(insert, page);
}

function pagesOf(q: Builder, p: WalkedList) {
  return q.selectFrom('walked_page').selectAll().where('user_id', '=', p.userId).where('filters', '=', p.filters).orderBy('id', 'desc').limit(MOST_PAGES);
}

const atOffset = statement((q, p: WalkedList & { offset: number }) => pagesOf(q, p).where('next_offset', '=', p.offset));
const atSecond = statement((q, p: WalkedList & { second: number }) => pagesOf(q, p).where('second', '=', p.second));

/** The pages after which a client may go on who says this, the newest first. */
export function pagesAt(s: Pick<Session, 'all'>, list: WalkedList, place: WalkedPlace): Promise<StoredPage[]> {
  return 'offset' in place ? s.all(atOffset, { ...list, offset: place.offset }) : s.all(atSecond, { ...list, second: place.second });
}

const forget = statement((q, p: WalkedList & { walk: number; last: number }) =>
  q.deleteFrom('walked_page').where('user_id', '=', p.userId).where('filters', '=', p.filters).where('walk', '=', p.walk).where('id', '<', p.last),
);

const close = statement((q, p: { last: number }) => q.updateTable('walked_page').set({ closed: 1 }).where('id', '=', p.last));

/** A walk has come to its end. Of its pages the last is kept for whoever asks once more for the one after it. */
export async function closeWalk(s: WriteSession, { user_id: userId, filters, walk, id: last }: StoredPage): Promise<void> {
  await s.all(forget, { userId, filters, walk, last });
  await s.all(close, { last });
}

const lowest = statement((q, p: { most: number }) =>
  q.selectFrom('walked_page').select(['id', 'given_at']).orderBy('id').limit(p.most).forUpdate().skipLocked(),
);

/** Deletes some pages from before a time. @returns how many */
export async function trimPages(s: WriteSession, before: number, most: number): Promise<number> {
  const old = (await s.all(lowest, { most })).filter((page) => page.given_at < before).map(({ id }) => id);
  if (old.length > 0) await s.query((q) => q.deleteFrom('walked_page').where('id', 'in', old));
  return old.length;
}
