/** Messages that are pinned in their chats. */
import type { Session, WriteSession } from '../database.ts';
import type { MessageRow } from './message-store.ts';

interface Pin {
  chatId: number;
  messageId: number;
}

/** @returns false when it was pinned already */
export async function insertPin(s: WriteSession, { chatId, messageId }: Pin, userId: number, at: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q
      .insertInto('message_pin')
      .values({ chat_id: chatId, message_id: messageId, user_id: userId, created_at: at })
      .onConflict((c) => c.doNothing())
      .returning('message_id'),
  );
  return rows.length > 0;
}

/** @returns false when it was not pinned */
export async function deletePin(s: WriteSession, { chatId, messageId }: Pin): Promise<boolean> {
  const rows = await s.query((q) =>
    q.deleteFrom('message_pin').where('chat_id', '=', chatId).where('message_id', '=', messageId).returning('message_id'),
  );
  return rows.length > 0;
}

export async function countPins(s: Session, chatId: number): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom('message_pin').select((eb) => eb.fn.countAll<number>().as('pins')).where('chat_id', '=', chatId));
  return row!.pins;
}

/** A pinned message, who has pinned it and when. */
export interface PinnedRow extends MessageRow {
  pinned_by: number;
  pinned_at: number;
}

/** A chat's pinned messages from one on, the last pinned first. */
export function pinnedMessages(s: Session, chatId: number, startId: number): Promise<PinnedRow[]> {
  return s.query((q) =>
    q
      .selectFrom('message_pin as p')
      .innerJoin('message as m', 'm.id', 'p.message_id')
      .selectAll('m')
      .select(['p.user_id as pinned_by', 'p.created_at as pinned_at'])
      .where('p.chat_id', '=', chatId)
      .where('p.message_id', '>=', startId)
      .orderBy('p.created_at', 'desc')
      .orderBy('p.message_id', 'desc'),
  );
}
