/** Reads messages among which something is sought. See search-store.ts. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { type Builder, ListStatement, statement } from '../statement.ts';
import type { ChatRow } from './chat-store.ts';
import type { MemberRow } from './member-store.ts';
import type { MessageRow } from './message-store.ts';

/** Where to look: in one chat, from the first message that the reader may see; or in all chats of a user but some. */
export type Scope = { chatId: number; startId: number } | { userId: number; except: readonly number[] };

export interface MessageSearch {
  scope: Scope;
  /** What the text must hold, compared without regard to case; empty for any. */
  text: string;
  /** Earliest and latest date, both included, milliseconds. */
  from?: number | undefined;
  to?: number | undefined;
  /** Only what comes after this message in the order asked for. */
  after?: number | undefined;
  descending: boolean;
  limit: number;
}

/** Ids from one on, and below another. */
export interface Range {
  low: number;
  high: number;
}

const newest = statement((q, _p: object) => q.selectFrom('message').select('id').orderBy('id', 'desc').limit(1));

export async function newestId(s: Session): Promise<number> {
  return (await s.first(newest, {}))?.id ?? 0;
}

/** Messages that are read at once: of a chat they are found one after the other; of many they are among those of others. */
const READ_AT_ONCE = 500;
const IDS_AT_ONCE = 1024;

/** The messages at the beginning of a range in the order asked for, and what is left of it. */
export async function messagesIn(s: Session, search: MessageSearch, range: Range): Promise<{ rows: MessageRow[]; rest: Range | undefined }> {
  const { descending, scope } = search;
  const part = 'chatId' in scope ? range : descending
    ? { ...range, low: Math.max(range.low, range.high - IDS_AT_ONCE) }
    : { ...range, high: Math.min(range.high, range.low + IDS_AT_ONCE) };
  const limit = 'chatId' in scope ? READ_AT_ONCE : IDS_AT_ONCE;
  const rows = await s.query((q) => within(q, search).where('e.id', '>=', part.low).where('e.id', '<', part.high).orderBy('e.id', descending ? 'desc' : 'asc').limit(limit));
  const last = rows.length < limit ? undefined : rows.at(-1)!.id;
  const rest = descending ? { ...range, high: last ?? part.low } : { ...range, low: last === undefined ? part.high : last + 1 };
  return { rows, rest: rest.low < rest.high ? rest : undefined };
}

/** All messages of one of the chats in a range, in the order asked for. */
export function messagesOf(s: Session, search: MessageSearch, chatId: number, { low, high }: Range): Promise<MessageRow[]> {
  const one = { ...search, scope: { chatId, startId: low } };
  return s.query((q) => within(q, one).where('e.id', '<', high).orderBy('e.id', search.descending ? 'desc' : 'asc'));
}

const newestIn = statement((q, p: { chatId: number; low: number; high: number }) =>
  q.selectFrom('message').select('id').where('chat_id', '=', p.chatId).where('id', '>=', p.low).where('id', '<', p.high).orderBy('id', 'desc').limit(1),
);
const oldestIn = statement((q, p: { chatId: number; low: number; high: number }) =>
  q.selectFrom('message').select('id').where('chat_id', '=', p.chatId).where('id', '>=', p.low).where('id', '<', p.high).orderBy('id').limit(1),
);

/** What is left of a range where a chat's first message in it comes first; nothing where it has none. */
export async function spokenIn(s: Session, chatId: number, range: Range, descending: boolean): Promise<Range> {
  const first = await s.first(descending ? newestIn : oldestIn, { chatId, ...range });
  if (!first) return { low: range.high, high: range.high };
  return descending ? { ...range, high: first.id + 1 } : { ...range, low: first.id };
}

/** Those of the messages that are where the search looks, in the order asked for. */
export function rowsIn(s: Session, search: MessageSearch, ids: readonly number[]): Promise<MessageRow[]> {
  return s.query((q) => within(q, search).where('e.id', 'in', ids).orderBy('e.id', search.descending ? 'desc' : 'asc'));
}

function within(q: Builder, { scope, from, to }: MessageSearch) {
  let query = q.selectFrom('message as e').selectAll('e').where('e.deleted', '=', 0);
  if ('chatId' in scope) query = query.where('e.chat_id', '=', scope.chatId).where('e.id', '>=', scope.startId);
  else {
    query = query.where(sql<boolean>`exists (select 1 from member as m where m.user_id = ${scope.userId} and m.chat_id = e.chat_id
      and m.left_at = 0 and m.start_id <= e.id)`);
    if (scope.except.length > 0) query = query.where('e.chat_id', 'not in', scope.except);
  }
  if (from !== undefined) query = query.where('e.created_at', '>=', from);
  if (to !== undefined) query = query.where('e.created_at', '<=', to);
  return query;
}

const atOrAfter = statement((q, p: { chatId: number; id: number }) =>
  q.selectFrom('message').select(['id', 'created_at']).where('chat_id', '=', p.chatId).where('id', '>=', p.id).orderBy('id').limit(1),
);

/** Within a chat later messages have later dates: the ids of a time are found by halving. */
export async function datesToIds(s: Session, { scope, from, to }: Pick<MessageSearch, 'scope' | 'from' | 'to'>, range: Range): Promise<Range> {
  if (!('chatId' in scope)) return range;
  const { low, high } = range;
  const first = async (isThere: (at: number) => boolean): Promise<number> => {
    let [least, most] = [low, high];
    while (least < most) {
      const middle = Math.floor((least + most) / 2);
      const message = await s.first(atOrAfter, { chatId: scope.chatId, id: middle });
      if (!message || message.id >= most || isThere(message.created_at)) most = middle;
      else least = message.id + 1;
    }
    return least;
  };
  return {
    low: from === undefined ? low : await first((at) => at >= from),
    high: to === undefined ? high : await first((at) => at > to),
  };
}

export interface OwnChat {
  chat_id: number;
  start_id: number;
  top_message_id: number;
  message_count: number;
}

/** The user's chats in which to look, those with the newest messages first. */
export async function ownChats(s: Session, { userId, except }: { userId: number; except: readonly number[] }): Promise<OwnChat[]> {
  const chats = await s.query((q) =>
    q
      .selectFrom('member as m')
      .innerJoin('chat as c', 'c.id', 'm.chat_id')
      .select(['m.chat_id', 'm.start_id', 'c.top_message_id', 'c.message_count'])
      .where('m.user_id', '=', userId)
      .where('m.left_at', '=', 0)
      .orderBy('c.top_message_id', 'desc'),
  );
  const left = new Set(except);
  return chats.filter(({ chat_id }) => !left.has(chat_id));
}

const chats = new ListStatement((q, _p: object, ids) => q.selectFrom('chat').selectAll().where('id', 'in', ids).orderBy('id'));

export function chatsOf(s: Session, ids: readonly number[]): Promise<ChatRow[]> {
  return chats.all(s, {}, ids);
}

const sides = new ListStatement((q, p: { userId: number }, ids) => q.selectFrom('member').selectAll().where('user_id', '=', p.userId).where('chat_id', 'in', ids));

/** The user's own rows of chats. */
export function sidesIn(s: Session, userId: number, chatIds: readonly number[]): Promise<MemberRow[]> {
  return sides.all(s, { userId }, chatIds);
}
