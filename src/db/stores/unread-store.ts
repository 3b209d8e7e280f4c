/** What is unread in a user's list: found by an index, counted by the same subtraction as on the rows. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { type Builder, statement } from '../statement.ts';
import { counter, liveIds, RECENT_CHUNK, shown } from './recent-store.ts';

/** Ids of the user's other chats that may have something unread. */
function unreadIds(q: Builder, p: { userId: number; fromChat: number; limit: number }) {
  return q
    .selectFrom('member as w')
    .select('w.chat_id')
    .where('w.user_id', '=', p.userId)
    .where('w.wide', '=', sql.lit(0))
    .where('w.has_unread', '=', sql.lit(1))
    .where('w.chat_id', '>', p.fromChat)
    .orderBy('w.chat_id')
    .limit(p.limit);
}

/** A chat with something unread or a mark. */
export interface UnreadRow {
  chat_id: number;
  peer_id: number;
  type: string;
  muted: number;
  unread: number;
  counter: number;
  /** The channel of a thread of comments; 0 for none. */
  parent_chat_id: number;
  /** 0 for a hidden row, which counts nowhere until it comes back. */
  shown: number;
}

function unreadRows(q: Builder, userId: number) {
  return q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select(['m.chat_id', 'm.peer_id', 'm.type', 'm.muted', 'm.unread', 'c.parent_chat_id', counter.as('counter'), shown.as('shown')])
    .where('m.user_id', '=', userId);
}

const unreadIndexed = statement((q, p: { userId: number; fromChat: number; limit: number }) =>
  unreadRows(q, p.userId).where('m.chat_id', 'in', unreadIds(q, p)).orderBy('m.chat_id'),
);
const unreadLive = statement((q, p: { userId: number; fromChat: number; limit: number }) =>
  unreadRows(q, p.userId)
    .where('m.left_at', '=', sql.lit(0))
    .where('m.chat_id', 'in', liveIds(q, p.userId))
    .where('m.chat_id', '>', p.fromChat)
    .orderBy('m.chat_id')
    .limit(p.limit),
);

/**
 * The user's next chats after one that may have something unread, by id: the live ones or those that the index has, at most
 * {@link RECENT_CHUNK}. Some of them may have nothing, and some are both.
 */
export function unreadAfter(s: Session, userId: number, fromLive: boolean, fromChat: number): Promise<UnreadRow[]> {
  return s.all(fromLive ? unreadLive : unreadIndexed, { userId, fromChat, limit: RECENT_CHUNK });
}

/** Every chat of the user with a counter above zero or a mark, in chunks. The hint may bring some with neither. */
export async function* unreadChats(s: Session, userId: number): AsyncGenerator<UnreadRow[]> {
  const live = new Set<number>();
  for (const fromLive of [true, false]) {
    for (let fromChat = 0; ; ) {
      const chunk = await unreadAfter(s, userId, fromLive, fromChat);
      if (fromLive) for (const row of chunk) live.add(row.chat_id);
      const rows = fromLive ? chunk : chunk.filter((row) => !live.has(row.chat_id));
      if (rows.length > 0) yield rows;
      if (chunk.length < RECENT_CHUNK) break;
      fromChat = chunk[chunk.length - 1]!.chat_id;
    }
  }
}
