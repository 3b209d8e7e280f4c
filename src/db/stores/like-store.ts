import type { Session, WriteSession } from '../database.ts';

/** @returns false when the user liked it already */
export async function insertLike(s: WriteSession, messageId: number, userId: number, at: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q
      .insertInto('message_like')
      .values({ message_id: messageId, user_id: userId, created_at: at })
      .onConflict((c) => c.doNothing())
      .returning('user_id'),
  );
  return rows.length > 0;
}

/** @returns false when the user did not like it */
export async function deleteLike(s: WriteSession, messageId: number, userId: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q.deleteFrom('message_like').where('message_id', '=', messageId).where('user_id', '=', userId).returning('user_id'),
  );
  return rows.length > 0;
}

/** Forgets who liked a message that is deleted. */
export async function deleteLikes(s: WriteSession, messageId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('message_like').where('message_id', '=', messageId));
}

/** Who likes each of the messages, in the order in which they did; messages that nobody likes are left out. */
export async function likesOf(s: Session, messageIds: readonly number[]): Promise<Map<number, number[]>> {
  const likes = new Map<number, number[]>();
  if (messageIds.length === 0) return likes;
  const rows = await s.query((q) =>
    q
      .selectFrom('message_like')
      .select(['message_id', 'user_id'])
      .where('message_id', 'in', [...messageIds])
      .orderBy('created_at')
      .orderBy('user_id'),
  );
  for (const { message_id, user_id } of rows) likes.set(message_id, [...(likes.get(message_id) ?? []), user_id]);
  return likes;
}
