import { type Insertable, type RawBuilder, type Selectable, sql, type Updateable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { MessageTable } from '../schema.ts';
import { statement } from '../statement.ts';

export type MessageRow = Selectable<MessageTable>;
export type NewMessage = Required<Insertable<Omit<MessageTable, 'id'>>>;

/** What a client repeats when it does not know whether a send has arrived. */
export interface Sending {
  senderId: number;
  chatId: number;
  uuid: string;
}

const insert = statement((q, p: NewMessage) =>
  q
    .insertInto('message')
    .values({
      chat_id: p.chat_id,
      author_id: p.author_id,
      sender_id: p.sender_id,
      text: p.text,
      params: p.params,
      created_at: p.created_at,
      count_seq: p.count_seq,
      counts: p.counts,
      system: p.system,
      seen: p.seen,
      deleted: p.deleted,
      uuid: p.uuid,
    })
    .returning('id'),
);
const byId = statement((q, p: { id: number }) => q.selectFrom('message').selectAll().where('id', '=', p.id));
const lock = statement((q, p: { id: number }) => q.selectFrom('message').selectAll().where('id', '=', p.id).forNoKeyUpdate());
const byUuid = statement((q, p: Sending) =>
  q.selectFrom('message').select('id').where('uuid', '=', p.uuid).where('chat_id', '=', p.chatId).where('sender_id', '=', p.senderId),
);
const newestUpTo = statement((q, p: { chatId: number; id: number }) =>
  q
    .selectFrom('message')
    .selectAll()
    .where('chat_id', '=', p.chatId)
    .where('id', '<=', p.id)
    .orderBy('id', 'desc')
    .limit(1),
);

/** The message that whoever holds a chat's lock has just inserted, for statements sent before its id is known. */
export function justInserted(chatId: number): RawBuilder<number> {
  return sql<number>`(select max(id) from message where chat_id = ${chatId})`;
}

/** The caller holds the chat's lock, so ids grow in the order in which a chat's messages become visible. */
export async function insertMessage(s: WriteSession, message: NewMessage): Promise<number> {
  return (await s.first(insert, message))!.id;
}

export function findMessage(s: Session, id: number): Promise<MessageRow | undefined> {
  return s.first(byId, { id });
}

/** Reads the message and keeps other writers of it waiting until the unit of work ends. */
export function lockMessage(s: WriteSession, id: number): Promise<MessageRow | undefined> {
  return s.first(lock, { id });
}

/** The message that this send has led to. */
export async function findSentMessageId(s: Session, sending: Sending): Promise<number | undefined> {
  return (await s.first(byUuid, sending))?.id;
}

/** The newest message of the chat whose id is `id` or lower. */
export function newestMessageUpTo(s: Session, chatId: number, id: number): Promise<MessageRow | undefined> {
  return s.first(newestUpTo, { chatId, id });
}

/** When the newest message was written, milliseconds; 0 when there is none. */
export async function newestMessageAt(s: Session): Promise<number> {
  const [newest] = await s.query((q) => q.selectFrom('message').select('created_at').orderBy('id', 'desc').limit(1));
  return newest?.created_at ?? 0;
}

export async function updateMessage(s: WriteSession, id: number, changes: Updateable<MessageTable>): Promise<void> {
  await s.query((q) => q.updateTable('message').set(changes).where('id', '=', id));
}

/** Removes the row; what readers behind it must subtract stays in gone_message. */
export async function deleteMessage(s: WriteSession, message: MessageRow): Promise<void> {
  await s.query((q) => q.deleteFrom('message').where('id', '=', message.id));
  await s.query((q) => q.deleteFrom('reminder').where('message_id', '=', message.id));
}

/** Remembers that the message no longer counts as unread for anybody. A second time changes nothing. */
export async function recordGone(s: WriteSession, message: MessageRow): Promise<void> {
  await s.query((q) =>
    q
      .insertInto('gone_message')
      .values({
        chat_id: message.chat_id,
        message_id: message.id,
        author_id: message.author_id,
        count_seq: message.count_seq,
        counts: message.counts,
      })
      .onConflict((c) => c.doNothing()),
  );
}

export async function wasMessageOf(s: Session, chatId: number, id: number): Promise<boolean> {
  const message = await findMessage(s, id);
  if (message) return message.chat_id === chatId;
  const gone = await s.query((q) =>
    q.selectFrom('gone_message').select('message_id').where('chat_id', '=', chatId).where('message_id', '=', id),
  );
  return gone.length > 0;
}

export interface HistoryRange {
  chatId: number;
  /** First message the reader may see. */
  startId: number;
  /** Exclusive upper bound, or undefined for the newest. */
  below?: number | undefined;
  /** Exclusive lower bound: the messages nearest above it. */
  above?: number | undefined;
  limit: number;
}

/** A page of a chat's history, newest first. */
export async function history(s: Session, range: HistoryRange): Promise<MessageRow[]> {
  const upwards = range.above !== undefined;
  const rows = await s.query((q) => {
    let query = q
      .selectFrom('message')
      .selectAll()
      .where('chat_id', '=', range.chatId)
      .where('id', '>=', range.startId)
      .orderBy('id', upwards ? 'asc' : 'desc')
      .limit(range.limit);
    if (range.below !== undefined) query = query.where('id', '<', range.below);
    if (range.above !== undefined) query = query.where('id', '>', range.above);
    return query;
  });
  return upwards ? rows.reverse() : rows;
}

/** How many other people's messages one read may mark as seen. */
const SEEN_AT_ONCE = 100;

/** What others wrote in (after, upTo] and no other member has seen, newest first, of at most 100 messages. */
export async function unseenMessages(s: Session, chatId: number, readerId: number, after: number, upTo: number): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('message')
      .select(['id', 'seen'])
      .where('chat_id', '=', chatId)
      .where('id', '>', after)
      .where('id', '<=', upTo)
      .where('author_id', '<>', readerId)
      .orderBy('id', 'desc')
      .limit(SEEN_AT_ONCE),
  );
  return rows.filter(({ seen }) => seen === 0).map(({ id }) => id);
}

const seenFrom = statement((q, p: { chatId: number; userId: number; from: number }) =>
  q
    .selectFrom('message as t')
    .innerJoin('member as m', 'm.chat_id', 't.chat_id')
    .select('t.id')
    .where('t.chat_id', '=', p.chatId)
    .where('m.user_id', '=', p.userId)
    .where('t.id', '>=', p.from)
    .whereRef('t.id', '<=', 'm.viewed_id')
    .where('t.author_id', '<>', p.userId)
    .orderBy('t.id', 'desc')
    .limit(sql.lit(SEEN_AT_ONCE)),
);

/** Messages of others that a member has seen, from one on, newest first, at most 100. */
export async function seenMessages(s: Pick<Session, 'all'>, chatId: number, userId: number, from: number): Promise<number[]> {
  return (await s.all(seenFrom, { chatId, userId, from })).map(({ id }) => id);
}

/** Notes that another member has seen the messages. The caller holds the chat's lock. */
export async function markSeen(s: WriteSession, ids: readonly number[]): Promise<void> {
  await s.query((q) => q.selectFrom('message').select('id').where('id', 'in', ids).orderBy('id').forNoKeyUpdate());
  await s.query((q) => q.updateTable('message').set({ seen: 1 }).where('id', 'in', ids));
}

/** The first message after the user's read cursor that counts for them, 0 when there is none. */
export async function firstUnreadId(s: Session, side: { chat_id: number; user_id: number; last_id: number }): Promise<number> {
  const [first] = await s.query((q) =>
    q
      .selectFrom('message')
      .select('id')
      .where('chat_id', '=', side.chat_id)
      .where('id', '>', side.last_id)
      .where('counts', '=', 1)
      .where('deleted', '=', 0)
      .where('author_id', '<>', side.user_id)
      .orderBy('id')
      .limit(1),
  );
  return first?.id ?? 0;
}
