/** Who leads a chat, and who will. */
import type { Session } from '../database.ts';
import type { MemberRow } from './member-store.ts';

/** Owner and managers. */
export function leadersOf(s: Session, chatId: number): Promise<MemberRow[]> {
  return s.query((q) =>
    q.selectFrom('member').selectAll().where('chat_id', '=', chatId).where('left_at', '=', 0).where('role', '>', 1).orderBy('user_id'),
  );
}

/** Who inherits a chat: the longest-standing active person, managers first; no bots, guests or external people. */
export async function heirOf(s: Session, chatId: number, leavingId: number): Promise<number | undefined> {
  const [row] = await s.query((q) =>
    q
      .selectFrom('member as m')
      .innerJoin('user as u', 'u.id', 'm.user_id')
      .select('m.user_id')
      .where('m.chat_id', '=', chatId)
      .where('m.left_at', '=', 0)
      .where('m.user_id', '<>', leavingId)
      .where('u.active', '=', 1)
      .where('u.extranet', '=', 0)
      .where('u.external_auth_id', 'not in', ['bot', 'imconnector', 'email'])
      .orderBy('m.role', 'desc')
      .orderBy('m.joined_at')
      .orderBy('m.user_id')
      .limit(1),
  );
  return row?.user_id;
}
