/** Moves what happened in warm chats from the chats into their members' rows, where the list's indexes find it. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { Flag } from '../flag.ts';
import { currentRevision, foldedRevision } from '../revision.ts';
import { ListStatement, statement } from '../statement.ts';
import { shownByChat } from './recent-store.ts';

export interface WarmChat {
  id: number;
  member_count: number;
}

const warm = statement((q, p: { after: number; before: number; limit: number }) =>
  q
    .selectFrom('chat')
    .select(['id', 'member_count'])
    .where('warm', '=', sql.lit<Flag>(1))
    .where('id', '>', p.after)
    .where('bumped_at', '<=', p.before)
    .orderBy('id')
    .limit(p.limit),
);

/** Warm chats after one, by id, in which nothing has happened since a date (milliseconds). */
export function warmChats(s: Session, after: number, before: number, limit: number): Promise<WarmChat[]> {
  return s.all(warm, { after, before, limit });
}

const among = new ListStatement((q, _p: object, ids) =>
  q.selectFrom('chat').select(['id', 'member_count']).where('id', 'in', ids).where('warm', '=', sql.lit<Flag>(1)).orderBy('id'),
);

/** Those of the chats that are warm. */
export function warmAmong(s: Session, chatIds: readonly number[]): Promise<WarmChat[]> {
  return among.all(s, {}, chatIds);
}

const claim = new ListStatement((q, _p: object, ids) =>
  q.selectFrom('chat').select('id').where('id', 'in', ids).where('warm', '=', sql.lit<Flag>(1)).orderBy('id').forNoKeyUpdate().skipLocked(),
);

const lockRows = new ListStatement((q, _p: object, ids) =>
  q.selectFrom('member').select('user_id').where('chat_id', 'in', ids).where('left_at', '=', 0).orderBy('chat_id').orderBy('user_id').forNoKeyUpdate(),
);

const takeOver = new ListStatement((q, _p: object, ids) =>
  q
    .updateTable('member')
    .from('chat as c')
    .set({
      sort_at: sql<number>`case when ${shownByChat(sql`member.hidden_to`)} then c.last_message_at else 0 end`,
      updated_at: sql<number>`case when c.bumped_at > member.updated_at then c.bumped_at else member.updated_at end`,
      has_unread: sql<Flag>`case when c.count_seq > member.read_count_seq then 1 else member.has_unread end`,
      rev: foldedRevision({
        own: sql`member.rev`,
        bump: sql`c.rev`,
        seen: sql`c.rev_seen`,
        // Only a message bumps a chat to the date of its last one.
        saw: sql`case when c.last_message_id > 0 and member.last_id >= c.last_message_id and c.bumped_at = c.last_message_at then 1 else 0 end`,
      }),
    })
    .where('c.id', 'in', ids)
    .whereRef('member.chat_id', '=', 'c.id')
    .where('member.left_at', '=', 0)
    .returning(['member.user_id', 'member.chat_id', sql<Flag>`case when member.rev = ${currentRevision} then 1 else 0 end`.as('again')]),
);

const cool = new ListStatement((q, _p: object, ids) => q.updateTable('chat').set({ warm: 0 }).where('id', 'in', ids));

/**
 * Folds those of the chats that are warm and that no other writer holds. Dates and revisions are those of what happened,
 * so nobody's sync sees a change. The caller sees to it that the chats have few members together.
 *
 * @returns how many were folded
 */
export async function foldChats(s: WriteSession, chatIds: readonly number[]): Promise<number> {
  const claimed = (await claim.all(s, {}, chatIds)).map((row) => row.id);
  if (claimed.length === 0) return 0;
  await lockRows.all(s, {}, claimed);
  for (const row of await takeOver.all(s, {}, claimed)) if (row.again === 1) s.changes.member(row.user_id, row.chat_id);
  await cool.all(s, {}, claimed);
  return claimed.length;
}
