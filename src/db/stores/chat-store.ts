import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { Flag } from '../flag.ts';
import type { ChatTable } from '../schema.ts';
import { currentRevision, revisionSnapshot } from '../revision.ts';
import { statement, type Value } from '../statement.ts';
import { justInserted } from './message-store.ts';

export type ChatRow = Selectable<ChatTable>;
export type NewChat = Insertable<ChatTable>;

const revised = { rev: currentRevision, rev_seen: revisionSnapshot };
/** From here on the members' rows are behind. */
const warmed = { ...revised, warm: sql<Flag>`1 - wide` };

const byId = statement((q, p: { id: number }) => q.selectFrom('chat').selectAll().where('id', '=', p.id));
const byPair = statement((q, p: { pairKey: string }) =>
  q.selectFrom('chat').selectAll().where('pair_key', '=', p.pairKey),
);
const lockByPair = statement((q, p: { pairKey: string }) =>
  q.selectFrom('chat').selectAll().where('pair_key', '=', p.pairKey).forNoKeyUpdate(),
);
const lock = statement((q, p: { id: number }) => q.selectFrom('chat').selectAll().where('id', '=', p.id).forNoKeyUpdate());

/** The key of the private dialog of two users, the same whichever way round. */
export function pairKey(a: number, b: number): string {
  return `${Math.min(a, b)}:${Math.max(a, b)}`;
}

export function findChat(s: Session, id: number): Promise<ChatRow | undefined> {
  return s.first(byId, { id });
}

export function findPrivateChat(s: Session, a: number, b: number): Promise<ChatRow | undefined> {
  return s.first(byPair, { pairKey: pairKey(a, b) });
}

/** The same as {@link lockChat}, by whose dialog it is. */
export function lockPrivateChat(s: WriteSession, a: number, b: number): Promise<ChatRow | undefined> {
  return s.first(lockByPair, { pairKey: pairKey(a, b) });
}

/** The oldest chat bound to an entity. */
export async function findChatOfEntity(s: Session, entityType: string, entityId: string): Promise<ChatRow | undefined> {
  const [chat] = await s.query((q) =>
    q
      .selectFrom('chat')
      .selectAll()
      .where('entity_type', '=', entityType)
      .where('entity_type', '<>', sql.lit(''))
      .where('entity_id', '=', entityId)
      .orderBy('id')
      .limit(1),
  );
  return chat;
}

/** The oldest chat bound to an entity that a user is a member of. */
export async function findOwnChatOfEntity(s: Session, entityType: string, entityId: string, userId: number): Promise<ChatRow | undefined> {
  const [chat] = await s.query((q) =>
    q
      .selectFrom('chat as c')
      .innerJoin('member as m', 'm.chat_id', 'c.id')
      .selectAll('c')
      .where('c.entity_type', '=', entityType)
      .where('c.entity_type', '<>', sql.lit(''))
      .where('c.entity_id', '=', entityId)
      .where('m.user_id', '=', userId)
      .where('m.left_at', '=', 0)
      .orderBy('c.id')
      .limit(1),
  );
  return chat;
}

/** Reads the chat and keeps other writers of this chat waiting until the unit of work ends. See docs/architecture.md for the order of locks. */
export function lockChat(s: WriteSession, id: number): Promise<ChatRow | undefined> {
  return s.first(lock, { id });
}

export async function insertChat(s: WriteSession, chat: NewChat): Promise<ChatRow> {
  const [row] = await s.query((q) => q.insertInto('chat').values({ ...chat, ...revised }).returningAll());
  s.changes.chat(row!.id);
  return row!;
}

/** Makes a private dialog; undefined when another writer has just made it. */
export async function insertPrivateChat(s: WriteSession, chat: NewChat & { pair_key: string }): Promise<ChatRow | undefined> {
  const [row] = await s.query((q) => q.insertInto('chat').values({ ...chat, ...revised }).onConflict((c) => c.column('pair_key').doNothing()).returningAll());
  if (row) s.changes.chat(row.id);
  return row;
}

export async function updateChat(s: WriteSession, id: number, changes: Updateable<ChatTable>): Promise<void> {
  await s.query((q) => q.updateTable('chat').set({ ...changes, ...revised }).where('id', '=', id));
  s.changes.chat(id, NAMED.filter((column) => changes[column] !== undefined).map((column) => column.replace(/_ids?$/, '')).join(','));
}

/** What of a chat is named where it changes, as 'owner' and 'manager' where the column ends in what they are kept by. */
const NAMED = ['title', 'description', 'avatar', 'color', 'owner_id', 'manager_ids', 'permissions'] as const satisfies ReadonlyArray<keyof ChatTable>;

/** Notes on the group chats of somebody who has become a guest that a guest is among their members. @returns those that were not known to have one, ascending */
export async function markGuestChats(s: WriteSession, userId: number): Promise<number[]> {
  const changed = await s.query((q) =>
    q
      .updateTable('chat')
      .set({ extranet: 1, ...revised })
      .where('type', '<>', 'P')
      .where('extranet', '=', 0)
      .where('id', 'in', q.selectFrom('member as m').select('m.chat_id').where('m.user_id', '=', userId).where('m.left_at', '=', 0))
      .returning('id'),
  );
  for (const { id } of changed) s.changes.chat(id);
  return changed.map(({ id }) => id).sort((a, b) => a - b);
}

interface Posted {
  id: number;
  countSeq: number;
  at: number;
}

/** What a chat's row says after so many messages, of which `lastId` is the last. */
export function afterPosts(posts: Value<number>, lastId: Value<number>, countSeq: Value<number>, at: Value<number>) {
  return {
    message_count: sql<number>`message_count + ${posts}`,
    count_seq: countSeq,
    top_message_id: lastId,
    last_message_id: lastId,
    last_message_at: at,
    bumped_at: at,
    ...warmed,
  };
}

const posted = statement((q, p: Posted) =>
  q.updateTable('chat').set(afterPosts(sql.lit(1), justInserted(p.id), p.countSeq, p.at)).where('id', '=', p.id),
);

/** Makes a message that was just inserted the chat's last. The caller holds the chat's lock. */
export async function recordPosted(s: WriteSession, values: Posted): Promise<void> {
  await s.all(posted, values);
  s.changes.chat(values.id);
}

const bumped = statement((q, p: { id: number; at: number }) =>
  q.updateTable('chat').set({ bumped_at: p.at, ...warmed }).where('id', '=', p.id),
);

/**
 * Notes a change that all members see without a new message. The caller holds the chat's lock.
 *
 * @param stamp gives a date that is later than another: whatever bumped the chat before, on any node, was earlier
 */
export async function recordBump(s: WriteSession, { id, bumped_at }: Pick<ChatRow, 'id' | 'bumped_at'>, stamp: (after: number) => number): Promise<void> {
  await s.all(bumped, { id, at: stamp(bumped_at) });
  s.changes.chat(id);
}

const steppedBack = statement((q, p: Pick<ChatRow, 'id' | 'last_message_id' | 'last_message_at' | 'bumped_at'>) =>
  q
    .updateTable('chat')
    .set({ last_message_id: p.last_message_id, last_message_at: p.last_message_at, bumped_at: p.bumped_at, ...warmed })
    .where('id', '=', p.id),
);

/** Makes an earlier message the last again, or none: the last one was deleted. */
export async function recordStepBack(s: WriteSession, values: Pick<ChatRow, 'id' | 'last_message_id' | 'last_message_at' | 'bumped_at'>): Promise<void> {
  await s.all(steppedBack, values);
  s.changes.chat(values.id);
}
