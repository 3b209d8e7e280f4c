import { type Selectable, sql, type Updateable } from 'kysely';
import type { SideChange } from '../changes.ts';
import type { Session, WriteSession } from '../database.ts';
import type { Flag } from '../flag.ts';
import type { MemberTable } from '../schema.ts';
import { currentRevision } from '../revision.ts';
import { statement, type Value } from '../statement.ts';
import { pairKey } from './chat-store.ts';
import { justInserted } from './message-store.ts';

export type MemberRow = Selectable<MemberTable>;
export type NewMember = Omit<MemberRow, 'rev'>;

const INSERT_CHUNK = 500;

const one = statement((q, p: { userId: number; chatId: number }) =>
  q.selectFrom('member').selectAll().where('user_id', '=', p.userId).where('chat_id', '=', p.chatId).where('left_at', '=', 0),
);
/** The user's membership, unless there is none or the user has left. */
export function findMember(s: Session, userId: number, chatId: number): Promise<MemberRow | undefined> {
  return s.first(one, { userId, chatId });
}

const ofPair = statement((q, p: { userId: number; pairKey: string }) =>
  q
    .selectFrom('member')
    .selectAll('member')
    .innerJoin('chat', 'chat.id', 'member.chat_id')
    .where('chat.pair_key', '=', p.pairKey)
    .where('member.user_id', '=', p.userId)
    .where('member.left_at', '=', 0),
);

/** The user's side of the private dialog with another. */
export function findPrivateSide(s: Session, userId: number, peerId: number): Promise<MemberRow | undefined> {
  return s.first(ofPair, { userId, pairKey: pairKey(userId, peerId) });
}

const lock = statement((q, p: { userId: number; chatId: number }) =>
  q
    .selectFrom('member')
    .selectAll()
    .where('user_id', '=', p.userId)
    .where('chat_id', '=', p.chatId)
    .where('left_at', '=', 0)
    .forNoKeyUpdate(),
);

/** The user's membership, kept from other writers until the unit of work ends. */
export function lockMember(s: WriteSession, userId: number, chatId: number): Promise<MemberRow | undefined> {
  return s.first(lock, { userId, chatId });
}

/** Keeps the user's rows of several chats from other writers, in ascending order of the chats. */
async function lockMembers(s: WriteSession, userId: number, chatIds: readonly number[]): Promise<void> {
  await s.query((q) =>
    q.selectFrom('member').select('chat_id').where('user_id', '=', userId).where('chat_id', 'in', [...chatIds]).orderBy('chat_id').forNoKeyUpdate(),
  );
}

const MEMBERS_AT_ONCE = 2000;

const idsAfter = statement((q, p: { chatId: number; after: number }) =>
  q
    .selectFrom('member')
    .select('user_id')
    .where('chat_id', '=', p.chatId)
    .where('left_at', '=', 0)
    .where('user_id', '>', p.after)
    .orderBy('user_id')
    .limit(MEMBERS_AT_ONCE),
);

/** Ids of a chat's members in ascending order, in chunks; between two of them the caller lets other requests run. */
export async function* memberIds(s: Session, chatId: number): AsyncGenerator<number[]> {
  for (let after = 0; ; ) {
    const chunk = (await s.all(idsAfter, { chatId, after })).map((row) => row.user_id);
    if (chunk.length > 0) yield chunk;
    if (chunk.length < MEMBERS_AT_ONCE) return;
    after = chunk[chunk.length - 1]!;
  }
}

/** Which of the users are members of the chat. */
export async function membersAmong(s: Session, chatId: number, userIds: readonly number[]): Promise<Set<number>> {
  if (userIds.length === 0) return new Set();
  const rows = await s.query((q) =>
    q.selectFrom('member').select('user_id').where('chat_id', '=', chatId).where('left_at', '=', 0).where('user_id', 'in', [...userIds]),
  );
  return new Set(rows.map((row) => row.user_id));
}

/** The first members by id, at most `limit`. */
export function membersOf(s: Session, chatId: number, limit: number): Promise<MemberRow[]> {
  return s.query((q) =>
    q.selectFrom('member').selectAll().where('chat_id', '=', chatId).where('left_at', '=', 0).orderBy('user_id').limit(limit),
  );
}

/** Adds members; somebody who left before starts anew, as if never there. */
export async function insertMembers(s: WriteSession, rows: readonly NewMember[]): Promise<void> {
  for (let i = 0; i < rows.length; i += INSERT_CHUNK) {
    const chunk = rows.slice(i, i + INSERT_CHUNK).map((row) => ({ ...row, rev: currentRevision }));
    await s.query((q) =>
      q
        .insertInto('member')
        .values(chunk)
        .onConflict((c) => c.columns(['user_id', 'chat_id']).doUpdateSet((eb) => renewed(eb.ref))),
    );
  }
  for (const row of rows) s.changes.member(row.user_id, row.chat_id);
}

type Ref = (column: `excluded.${keyof MemberTable}`) => unknown;

function renewed(ref: unknown): Updateable<MemberTable> {
  const columns = [
    'role', 'muted', 'pinned', 'unread', 'last_id', 'read_count_seq', 'own_seq', 'viewed_id', 'start_id', 'hidden_to',
    'sort_at', 'updated_at', 'has_unread', 'wide', 'joined_at', 'left_at', 'rev',
  ] as const satisfies ReadonlyArray<keyof MemberTable>;
  const changes: Partial<Record<keyof MemberTable, unknown>> = {};
  for (const column of columns) changes[column] = (ref as Ref)(`excluded.${column}`);
  return changes as Updateable<MemberTable>;
}

/** @param seenFrom of a reading: the first message that is seen with it, 0 for none */
export async function updateMember(
  s: WriteSession,
  userId: number,
  chatId: number,
  changes: Updateable<MemberTable>,
  seenFrom = 0,
): Promise<void> {
  await s.query((q) => q.updateTable('member').set({ ...changes, rev: currentRevision }).where('user_id', '=', userId).where('chat_id', '=', chatId));
  s.changes.member(userId, chatId, sideChange(changes), seenFrom);
}

function sideChange(changes: Updateable<MemberTable>): SideChange {
  if (changes.left_at !== undefined) return '';
  if (changes.hidden_to !== undefined) return 'hide';
  if (changes.pinned !== undefined) return changes.pinned === 1 ? 'pin' : 'unpin';
  if (changes.muted !== undefined) return changes.muted === 1 ? 'mute' : 'unmute';
  if (changes.read_count_seq !== undefined) return changes.has_unread === 1 ? 'unread' : 'read';
  return changes.unread === undefined ? '' : 'mark';
}

const touchRows = statement((q, p: { chatId: number; at: number }) =>
  q
    .updateTable('member')
    .set({ updated_at: p.at, rev: currentRevision })
    .where('chat_id', '=', p.chatId)
    .where('left_at', '=', 0),
);

/** Tells the members' sync that their own rows changed. It writes one row per member. */
export async function touchMembers(s: WriteSession, chatId: number, at: number): Promise<void> {
  await s.all(touchRows, { chatId, at });
  s.changes.chat(chatId);
}

const restamp = statement((q, p: { chatId: number }) =>
  q.updateTable('member').set({ rev: currentRevision }).where('chat_id', '=', p.chatId).where('left_at', '=', 0),
);

/** Has the members' rows looked at again, which may look as before. */
export async function recheckMembers(s: WriteSession, chatId: number): Promise<void> {
  await s.all(restamp, { chatId });
  s.changes.chat(chatId);
}

/** Tells the sync of single users that their own rows changed. */
export async function touchSides(s: WriteSession, sides: ReadonlyArray<{ user_id: number; chat_id: number }>, at: number): Promise<void> {
  if (sides.length === 0) return;
  const pairs = sql.join(sides.map(({ user_id, chat_id }) => sql`(${sql.lit(user_id)}, ${sql.lit(chat_id)})`));
  await s.query((q) =>
    q.updateTable('member').set({ updated_at: at, rev: currentRevision }).where(sql<boolean>`(user_id, chat_id) in (values ${pairs})`),
  );
  for (const { user_id, chat_id } of sides) s.changes.member(user_id, chat_id);
}

/** Tells the sync of both sides that all private rows of one user changed. */
export async function touchPrivateRows(s: WriteSession, userId: number, at: number): Promise<void> {
  const rows = await s.query((q) =>
    q
      .updateTable('member')
      .set({ updated_at: at, rev: currentRevision })
      .where('chat_id', 'in', q.selectFrom('member as own').select('own.chat_id').where('own.user_id', '=', userId).where('own.type', '=', 'P'))
      .where('left_at', '=', 0)
      .returning(['user_id', 'chat_id']),
  );
  for (const row of rows) s.changes.member(row.user_id, row.chat_id);
}

interface Authored {
  userId: number;
  chatId: number;
  countSeq: number;
  at: number;
}

/** What the row of whoever writes says after the own message: that they have read the chat up to it. */
export function afterAuthoring(id: Value<number>, countSeq: Value<number>, at: Value<number>) {
  return {
    last_id: id, read_count_seq: countSeq, own_seq: 0, unread: sql.lit<Flag>(0), has_unread: sql.lit<Flag>(0), updated_at: at, rev: currentRevision,
  };
}

const authored = statement((q, p: Authored) =>
  q
    .updateTable('member')
    .set(afterAuthoring(justInserted(p.chatId), p.countSeq, p.at))
    .where('user_id', '=', p.userId)
    .where('chat_id', '=', p.chatId),
);

/** Whoever writes has read the chat up to the own message, which was just inserted. */
export async function recordAuthored(s: WriteSession, position: Authored): Promise<void> {
  await s.all(authored, position);
  s.changes.member(position.userId, position.chatId);
}

/** Reads the given chats to their end for one user. Never moves a cursor back. */
export async function readChats(s: WriteSession, userId: number, chatIds: readonly number[], at: number): Promise<void> {
  const chatEnd = (column: 'count_seq' | 'last_message_id', cursor: 'read_count_seq' | 'last_id') => {
    const end = sql<number>`(select c.${sql.ref(column)} from chat as c where c.id = member.chat_id)`;
    return sql<number>`case when ${end} > ${sql.ref(cursor)} then ${end} else ${sql.ref(cursor)} end`;
  };
  await lockMembers(s, userId, chatIds);
  await s.query((q) =>
    q
      .updateTable('member')
      .set({
        read_count_seq: chatEnd('count_seq', 'read_count_seq'),
        last_id: chatEnd('last_message_id', 'last_id'),
        own_seq: 0,
        unread: 0,
        has_unread: 0,
        updated_at: at,
        rev: currentRevision,
      })
      .where('user_id', '=', userId)
      .where('chat_id', 'in', [...chatIds]),
  );
  for (const chatId of chatIds) s.changes.member(userId, chatId, 'read');
}

/** Turns the members' rows into those of a wide chat: never moved by what happens in it, merged in when the list is read. */
export async function widenMembers(s: WriteSession, chatId: number): Promise<void> {
  await s.query((q) =>
    q.updateTable('member').set({ wide: 1, sort_at: 0, rev: currentRevision }).where('chat_id', '=', chatId).where('left_at', '=', 0),
  );
  s.changes.chat(chatId);
}

/** Chats of all the user's pins, whether or not the list shows them, the longest untouched first. */
export async function pinnedChats(s: Session, userId: number): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('member')
      .select('chat_id')
      .where('user_id', '=', userId)
      .where('pinned', '=', sql.lit(1))
      .orderBy('updated_at')
      .orderBy('chat_id'),
  );
  return rows.map((row) => row.chat_id);
}

/** Which of the users are members of any of the chats. */
export async function membersOfAny(s: Session, chatIds: readonly number[], userIds: readonly number[]): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('member')
      .select('user_id')
      .distinct()
      .where('user_id', 'in', [...userIds])
      .where('chat_id', 'in', [...chatIds])
      .where('left_at', '=', 0),
  );
  return rows.map((row) => row.user_id);
}
