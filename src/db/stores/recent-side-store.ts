/** A user's own side of rows of the list, without what the chat shows all its members. */
import { sql } from 'kysely';
import type { Flag } from '../flag.ts';
import type { Session } from '../database.ts';
import { ListStatement } from '../statement.ts';
import { counter, dateUpdate, lastRead, liveRev, shown } from './recent-store.ts';

/** Whether a reminder has come due in the chat. */
const reminded = (userId: number) => sql<Flag>`case when m.chat_id in (select r.chat_id from reminder as r
  where r.user_id = ${userId} and r.done_at = 0 and r.due = 1) then 1 else 0 end`;

const sides = new ListStatement((q, p: { userId: number }, chatIds) =>
  q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select(['m.chat_id', 'm.role', 'm.muted', 'm.pinned', 'm.unread', 'm.start_id', 'm.rev', liveRev.as('live_rev')])
    .select([shown.as('shown'), reminded(p.userId).as('reminded'), counter.as('counter'), lastRead.as('last_id'), dateUpdate.as('date_update'), 'c.rev as chat_rev', 'c.last_message_id'])
    .where('m.user_id', '=', p.userId)
    .where('m.chat_id', 'in', chatIds),
);

export type RecentSide = (typeof sides)['row'];

/** Of those of the chats that the user is in, or was: `shown` where the chat is in the list. */
export function recentSides(s: Pick<Session, 'all'>, userId: number, chatIds: readonly number[]): Promise<RecentSide[]> {
  return sides.all(s, { userId }, chatIds);
}
