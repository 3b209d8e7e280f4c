import type { Session, WriteSession } from '../database.ts';

/** Somebody's reaction of one kind to a message. */
export interface Reaction {
  messageId: number;
  userId: number;
  /** A code such as `like`. */
  reaction: string;
}

/** @returns false when it was there already */
export async function insertReaction(s: WriteSession, { messageId, userId, reaction }: Reaction, at: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q
      .insertInto('message_reaction')
      .values({ message_id: messageId, user_id: userId, reaction, created_at: at })
      .onConflict((c) => c.doNothing())
      .returning('user_id'),
  );
  return rows.length > 0;
}

/** @returns false when there was none */
export async function deleteReaction(s: WriteSession, { messageId, userId, reaction }: Reaction): Promise<boolean> {
  const rows = await s.query((q) =>
    q
      .deleteFrom('message_reaction')
      .where('message_id', '=', messageId)
      .where('user_id', '=', userId)
      .where('reaction', '=', reaction)
      .returning('user_id'),
  );
  return rows.length > 0;
}

/** Forgets who reacted to a message that is deleted. */
export async function deleteReactions(s: WriteSession, messageId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('message_reaction').where('message_id', '=', messageId));
}

/** By the code of the reaction who has it, in the order in which they came. */
export type ReactionsByCode = ReadonlyMap<string, number[]>;

/** The reactions to each of the messages; messages without any are left out. */
export async function reactionsOf(s: Session, messageIds: readonly number[]): Promise<Map<number, ReactionsByCode>> {
  const found = new Map<number, Map<string, number[]>>();
  if (messageIds.length === 0) return found;
  const rows = await s.query((q) =>
    q
      .selectFrom('message_reaction')
      .select(['message_id', 'user_id', 'reaction'])
      .where('message_id', 'in', [...messageIds])
      .orderBy('created_at')
      .orderBy('user_id')
      .orderBy('reaction'),
  );
  for (const { message_id, user_id, reaction } of rows) {
    const byCode = found.get(message_id) ?? new Map<string, number[]>();
    byCode.set(reaction, [...(byCode.get(reaction) ?? []), user_id]);
    found.set(message_id, byCode);
  }
  return found;
}
