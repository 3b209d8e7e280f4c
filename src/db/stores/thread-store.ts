/**
 * Threads of comments: chats whose parent is a post of a channel. Whoever is subscribed to one is a member of it, of whom
 * no list shows a row.
 */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import { type ChatRow, updateChat } from './chat-store.ts';
import { readChats } from './member-store.ts';

/** `hidden_to` of a member's row that no list shows, whatever is written. */
export const NEVER_SHOWN = Number.MAX_SAFE_INTEGER;

const hasParent = sql<boolean>`parent_message_id > 0`;

export async function findThread(s: Session, channelId: number, messageId: number): Promise<ChatRow | undefined> {
  const [row] = await s.query((q) =>
    q.selectFrom('chat').selectAll().where('parent_chat_id', '=', channelId).where('parent_message_id', '=', messageId).where(hasParent),
  );
  return row;
}

/** The same, kept from other writers. The caller holds the channel. */
export async function lockThread(s: WriteSession, channelId: number, messageId: number): Promise<ChatRow | undefined> {
  const [row] = await s.query((q) =>
    q
      .selectFrom('chat')
      .selectAll()
      .where('parent_chat_id', '=', channelId)
      .where('parent_message_id', '=', messageId)
      .where(hasParent)
      .forNoKeyUpdate(),
  );
  return row;
}

/** The threads of a channel that somebody is subscribed to, ascending. */
async function subscriptions(s: Session, userId: number, channelId: number): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('chat as c')
      .innerJoin('member as m', 'm.chat_id', 'c.id')
      .select('c.id')
      .where('c.parent_chat_id', '=', channelId)
      .where(sql<boolean>`c.parent_message_id > 0`)
      .where('m.user_id', '=', userId)
      .where('m.left_at', '=', 0)
      .orderBy('c.id'),
  );
  return rows.map(({ id }) => id);
}

/** Which of the users see the post of a thread as members of its channel. */
export async function readersAmong(s: Session, thread: Pick<ChatRow, 'parent_chat_id' | 'parent_message_id'>, userIds: readonly number[]): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('member')
      .select('user_id')
      .where('chat_id', '=', thread.parent_chat_id)
      .where('left_at', '=', 0)
      .where('start_id', '<=', thread.parent_message_id)
      .where('user_id', 'in', [...userIds]),
  );
  return rows.map(({ user_id }) => user_id);
}

const GONE = { sort_at: 0, pinned: 0, unread: 0, has_unread: 0, muted: 0, wide: 0 } as const;

/** Ends all that somebody is subscribed to in a channel. The caller holds the channel. */
export async function unsubscribeAll(s: WriteSession, userId: number, channelId: number, at: number): Promise<void> {
  const ids = await subscriptions(s, userId, channelId);
  if (ids.length === 0) return;
  await s.query((q) => q.selectFrom('chat').select('id').where('id', 'in', ids).orderBy('id').forNoKeyUpdate());
  await s.query((q) => q.updateTable('chat').set({ member_count: sql<number>`member_count - 1` }).where('id', 'in', ids));
  await s.query((q) =>
    q.updateTable('member').set({ ...GONE, left_at: at, updated_at: at, rev: currentRevision }).where('user_id', '=', userId).where('chat_id', 'in', ids),
  );
  for (const id of ids) s.changes.member(userId, id);
}

/** Closes a thread whose post is gone: nobody is subscribed to it and nobody finds it any more. The caller holds it. */
export async function closeThread(s: WriteSession, threadId: number, at: number): Promise<void> {
  await s.query((q) =>
    q.updateTable('member').set({ ...GONE, left_at: at, updated_at: at, rev: currentRevision }).where('chat_id', '=', threadId).where('left_at', '=', 0),
  );
  await updateChat(s, threadId, { parent_chat_id: 0, parent_message_id: 0, member_count: 0 });
}

/** Reads what somebody is subscribed to in a channel to the end. The caller has locked their row of the channel. */
export async function readThreads(s: WriteSession, userId: number, channelId: number, at: number): Promise<void> {
  const ids = await subscriptions(s, userId, channelId);
  if (ids.length === 0) return;
  await readChats(s, userId, ids, at);
  s.changes.member(userId, channelId, 'readComments');
}

/** Tells the sync of a thread's subscribers that their rows of the channel changed. The caller holds the channel. */
export async function touchSubscribers(s: WriteSession, channelId: number, threadId: number, at: number): Promise<void> {
  const rows = await s.query((q) =>
    q
      .updateTable('member')
      .set({ updated_at: at, rev: currentRevision })
      .where('chat_id', '=', channelId)
      .where('left_at', '=', 0)
      .where('user_id', 'in', q.selectFrom('member as t').select('t.user_id').where('t.chat_id', '=', threadId).where('t.left_at', '=', 0))
      .returning('user_id'),
  );
  for (const { user_id } of rows) s.changes.member(user_id, channelId, 'comments');
}
