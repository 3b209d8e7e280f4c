/** A user's own side of rows of the list, without what the chat shows all its members. */
import type { Session } from '../database.ts';
import { ListStatement } from '../statement.ts';
import { counter, dateUpdate, lastRead, liveRev, visible } from './recent-store.ts';

const sides = new ListStatement((q, p: { userId: number }, chatIds) =>
  q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select(['m.chat_id', 'm.role', 'm.muted', 'm.pinned', 'm.unread', 'm.start_id', 'm.rev', liveRev.as('live_rev')])
    .select([counter.as('counter'), lastRead.as('last_id'), dateUpdate.as('date_update'), 'c.rev as chat_rev', 'c.last_message_id'])
    .where('m.user_id', '=', p.userId)
    .where('m.chat_id', 'in', chatIds)
    .where(visible),
);

export type RecentSide = (typeof sides)['row'];

/** Of the visible rows of the given chats. */
export function recentSides(s: Session, userId: number, chatIds: readonly number[]): Promise<RecentSide[]> {
  return sides.all(s, { userId }, chatIds);
}
