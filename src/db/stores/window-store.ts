/** Rows of the list that are read in its order: of pages, and of long windows a piece at a time. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import type { Flag } from '../flag.ts';
import { statement } from '../statement.ts';
import { stranger } from './meeting-store.ts';
import { type ListKey, type RecentKey, type RecentPosition, type RecentRecord, type RecentWindow, rows } from './recent-store.ts';

/** Keys that are read at once where nothing but the member's row is looked at. */
const KEYS_AT_ONCE = 1000;

const keysOfTouched = statement((q, p: { userId: number; rev: number; fromChat: number; limit: number }) =>
  q
    .selectFrom('member as m')
    .select(['m.chat_id', 'm.type', 'm.pinned', 'm.sort_at as at', 'm.rev', 'm.updated_at'])
    .where('m.user_id', '=', p.userId)
    .where('m.sort_at', '>', sql.lit(0))
    .where(sql<boolean>`(m.rev, m.chat_id) > (${p.rev}, ${p.fromChat})`)
    .orderBy('m.rev')
    .orderBy('m.chat_id')
    .limit(p.limit),
);

const keysOfOld = statement((q, p: { userId: number; fromAt: number; fromChat: number; limit: number }) =>
  q
    .selectFrom('member as m')
    .select(['m.chat_id', 'm.type', 'm.pinned', 'm.sort_at as at', 'm.rev', 'm.updated_at'])
    .where('m.user_id', '=', p.userId)
    .where('m.sort_at', '>', sql.lit(0))
    .where('m.rev', '<=', sql.lit(0))
    .where(sql<boolean>`(m.updated_at, m.chat_id) > (${p.fromAt}, ${p.fromChat})`)
    .orderBy('m.updated_at')
    .orderBy('m.chat_id')
    .limit(p.limit),
);

type TouchedKey = ListKey & { updated_at: number };

/** Keys of the rows of a window, and of others of its revisions, as the indexes have them, with the date of the last change (milliseconds); in chunks. */
export async function* touchedKeys(s: Session, userId: number, { since, rev }: RecentWindow): AsyncGenerator<TouchedKey[]> {
  if (rev <= 0) yield* oldKeys(s, userId, since);
  for (let from = { rev: Math.max(rev, 1), fromChat: 0 }; ; ) {
    const chunk = await s.all(keysOfTouched, { userId, ...from, limit: KEYS_AT_ONCE });
    if (chunk.length > 0) yield chunk;
    if (chunk.length < KEYS_AT_ONCE) return;
    const last = chunk[chunk.length - 1]!;
    from = { rev: last.rev, fromChat: last.chat_id };
  }
}

async function* oldKeys(s: Session, userId: number, since: number): AsyncGenerator<TouchedKey[]> {
  for (let from = { fromAt: since, fromChat: 0 }; ; ) {
    const chunk = await s.all(keysOfOld, { userId, ...from, limit: KEYS_AT_ONCE });
    if (chunk.length > 0) yield chunk;
    if (chunk.length < KEYS_AT_ONCE) return;
    const last = chunk[chunk.length - 1]!;
    from = { fromAt: last.updated_at, fromChat: last.chat_id };
  }
}

const windowSize = statement((q, p: RecentWindow & { userId: number; limit: number }) =>
  q
    .selectFrom(
      q
        .selectFrom('member')
        .select('chat_id')
        .where('user_id', '=', p.userId)
        .where('sort_at', '>', sql.lit(0))
        .where('updated_at', '>=', p.since)
        .where('rev', '>=', p.rev)
        .limit(p.limit)
        .as('shown'),
    )
    .select((eb) => eb.fn.countAll<number>().as('size')),
);

const oldWindowSize = statement((q, p: { userId: number; since: number; limit: number }) =>
  q
    .selectFrom(
      q
        .selectFrom('member')
        .select('chat_id')
        .where('user_id', '=', p.userId)
        .where('sort_at', '>', sql.lit(0))
        .where('rev', '<=', sql.lit(0))
        .where('updated_at', '>=', p.since)
        .orderBy('updated_at')
        .limit(p.limit)
        .as('shown'),
    )
    .select((eb) => eb.fn.countAll<number>().as('size')),
);

/** How many rows {@link recentWindow} gives, live chats aside; counts no further than `limit` of each kind. */
export async function recentWindowSize(s: Session, userId: number, { since, rev }: RecentWindow, limit: number): Promise<number> {
  const sizes = await Promise.all([
    s.first(windowSize, { userId, since, rev: Math.max(rev, 1), limit }),
    ...(rev <= 0 ? [s.first(oldWindowSize, { userId, since, limit })] : []),
  ]);
  return sizes.reduce((sum, size) => sum + size!.size, 0);
}

/** Where the next rows of a list come from: pinned ones or the others, after a place, down to a date of the last message. */
export interface RowsBelow extends RecentPosition {
  /** Milliseconds, above 0. */
  floor: number;
}

const inOrder = statement((q, p: RowsBelow & { userId: number; limit: number }) =>
  rows(q)
    .select('m.sort_at')
    .where('m.user_id', '=', p.userId)
    .where('m.pinned', '=', sql<Flag>`${p.pinned}`)
    .where('m.sort_at', '>', sql.lit(0))
    .where('m.sort_at', '>=', p.floor)
    .where(sql<boolean>`(m.sort_at, m.chat_id) < (${p.at}, ${p.chat_id})`)
    .where('m.wide', '=', sql.lit<Flag>(0))
    .where('c.warm', '=', sql.lit<Flag>(0))
    .orderBy('m.sort_at', 'desc')
    .orderBy('m.chat_id', 'desc')
    .limit(p.limit),
);

/** Rows in list order, but for those of live chats; `sort_at` is where the index has them. */
export function rowsInOrder(s: Session, userId: number, below: RowsBelow, limit: number): Promise<Array<RecentRecord & { sort_at: number }>> {
  return s.all(inOrder, { userId, ...below, limit });
}

const keyedRows = statement((q, p: RecentPosition & { userId: number; limit: number }) =>
  rows(q)
    .leftJoin('user as u', 'u.id', 'm.peer_id')
    .select(['m.sort_at as at', 'u.active as peer_active', stranger(q, p.userId).as('stranger')])
    .where('m.user_id', '=', p.userId)
    .where('m.sort_at', '>', sql.lit(0))
    .where(sql<boolean>`(m.pinned, m.sort_at, m.chat_id) < (${p.pinned}, ${p.at}, ${p.chat_id})`)
    .orderBy('m.pinned', 'desc')
    .orderBy('m.sort_at', 'desc')
    .orderBy('m.chat_id', 'desc')
    .limit(p.limit),
);

/** What `indexedKeys` gives, with the rows: for whoever will show most of them. Of live chats they tell nothing. */
export async function indexedRows(s: Session, userId: number, after: RecentPosition, limit: number): Promise<RecentKey[]> {
  return (await s.all(keyedRows, { userId, ...after, limit })).map((row) => {
    const { chat_id, peer_id, type, role, pinned, at, rev, live_rev, peer_active, stranger: isStranger } = row;
    return { chat_id, peer_id, type, role, pinned, at, rev, live_rev, peer_active, stranger: isStranger, row };
  });
}
