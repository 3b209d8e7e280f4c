/** Who leads a chat, and who will. Both are found by an index, however many are in it. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { statement } from '../statement.ts';
import type { MemberRow } from './member-store.ts';

export const leaders = statement((q, p: { chatId: number }) =>
  q.selectFrom('member').selectAll().where('chat_id', '=', p.chatId).where('left_at', '=', sql.lit(0)).where('role', '>', sql.lit(1)).orderBy('user_id'),
);

/** Owner and managers. */
export function leadersOf(s: Session, chatId: number): Promise<MemberRow[]> {
  return s.all(leaders, { chatId });
}

export const heirs = statement((q, p: { chatId: number; leavingId: number }) =>
  q
    .selectFrom('member as m')
    .crossJoin('user as u')
    .select('m.user_id')
    .whereRef('u.id', '=', 'm.user_id')
    .where('m.chat_id', '=', p.chatId)
    .where('m.left_at', '=', sql.lit(0))
    .where('m.user_id', '<>', p.leavingId)
    .where('u.active', '=', sql.lit(1))
    .where('u.extranet', '=', sql.lit(0))
    .where('u.external_auth_id', 'not in', ['bot', 'imconnector', 'email'])
    .orderBy('m.role', 'desc')
    .orderBy('m.joined_at')
    .orderBy('m.user_id')
    .limit(1),
);

/** Who inherits a chat: the longest-standing active person, managers first; no bots, guests or external people. */
export async function heirOf(s: Session, chatId: number, leavingId: number): Promise<number | undefined> {
  return (await s.first(heirs, { chatId, leavingId }))?.user_id;
}
