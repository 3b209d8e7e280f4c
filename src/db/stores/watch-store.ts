/** Chats that users look into from outside. */
import type { Session, WriteSession } from '../database.ts';

/** Those whose time was over at `now` are forgotten. */
export async function extendWatches(s: WriteSession, userId: number, chatIds: readonly number[], { now, until }: { now: number; until: number }): Promise<void> {
  await s.query((q) => q.deleteFrom('watch').where('user_id', '=', userId).where('until', '<=', now).returning('chat_id'));
  if (chatIds.length === 0) return;
  await s.query((q) =>
    q
      .insertInto('watch')
      .values(chatIds.map((chat_id) => ({ user_id: userId, chat_id, until })))
      .onConflict((c) => c.columns(['user_id', 'chat_id']).doUpdateSet({ until })),
  );
}

/** Chats that a user watches, and until when, milliseconds. */
export async function watchesOf(s: Session, userId: number): Promise<Map<number, number>> {
  const rows = await s.query((q) => q.selectFrom('watch').select(['chat_id', 'until']).where('user_id', '=', userId));
  return new Map(rows.map((row) => [row.chat_id, row.until]));
}
