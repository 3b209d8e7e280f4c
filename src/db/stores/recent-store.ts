/**
 * The recent list's queries: each is served by an index of the user's own rows and never looks at all the user's chats.
 * Rows of live chats are not in these indexes as they are now: wide chats, which are few per user, and warm ones, which
 * are few at a time. They are read from the chats' own rows, in every query by {@link liveIds}.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Session } from '../database.ts';
import type { Flag } from '../flag.ts';
import { type Builder, ListStatement, statement } from '../statement.ts';
import { stranger } from './meeting-store.ts';

/**
 * What is unread, by subtraction: all that counted since the read cursor, less what was deleted, less one's own. The
 * two look-ups run only where the marks say that there is something to subtract.
 */
export const counter = sql<number>`c.count_seq - m.read_count_seq
  - case when c.gone_seq > m.read_count_seq then (select count(*) from gone_message as g
      where g.chat_id = c.id and g.count_seq > m.read_count_seq and g.counts = 1) else 0 end
  - case when m.own_seq > m.read_count_seq then (select count(*) from message as o
      where o.chat_id = c.id and o.author_id = m.user_id and o.count_seq > m.read_count_seq
      and o.counts = 1 and o.deleted = 0) else 0 end`;

/** The newest message read that still exists: the cursor itself may stand on one that was deleted since. */
export const lastRead = sql<number>`case when exists (select 1 from gone_message as d where d.chat_id = c.id and d.message_id = m.last_id)
  then (select coalesce(max(p.id), 0) from message as p where p.chat_id = c.id and p.id <= m.last_id)
  else m.last_id end`;

/** Whether the chat's row tells what the member's row does not. */
const live = sql<boolean>`(m.wide = 1 or c.warm = 1)`;

/**
 * Whether a row is in the list by its chat. A group chat without any message is in none; a private dialog stays, empty, once
 * there was one; what was hidden comes back with the next message.
 */
export function shownByChat(hiddenTo: RawBuilder<number>): RawBuilder<boolean> {
  return sql<boolean>`((c.last_message_id > 0 or c.type = 'P') and c.top_message_id > ${hiddenTo})`;
}

export const visible = sql<boolean>`m.left_at = 0 and case when ${live}
  then ${shownByChat(sql`m.hidden_to`)}
  else m.sort_at > 0 end`;

export const shown = sql<number>`case when ${visible} then 1 else 0 end`;

/** Changes of a live chat are on the chat, those of any other on the member's row. */
export const dateUpdate = sql<number>`case when ${live} and c.bumped_at > m.updated_at then c.bumped_at else m.updated_at end`;

/**
 * Ids of the user's wide chats and of everybody's warm ones, each from a covering index; asked for directly, a planner
 * without statistics would rather look at all the user's chats.
 */
export function liveIds(q: Builder, userId: number) {
  return q
    .selectFrom('member as w')
    .select('w.chat_id')
    .where('w.user_id', '=', userId)
    .where('w.wide', '=', sql.lit(1))
    .unionAll(q.selectFrom('chat as k').select('k.id as chat_id').where('k.warm', '=', sql.lit<Flag>(1)));
}

/** What a row says of the chat `c` and its last message `t`: the same to all of its members. */
export const ofChat = [
  'c.id as chat_id', 'c.type', 'c.title', 'c.owner_id', 'c.color', 'c.avatar', 'c.entity_type', 'c.entity_id',
  'c.entity_data_1', 'c.entity_data_2', 'c.entity_data_3', 'c.extranet', 'c.parent_chat_id', 'c.parent_message_id',
  'c.manager_ids', 'c.permissions', 'c.member_count', 'c.created_at as chat_created_at', 'c.last_message_id', 'c.last_message_at',
  't.id as message_id', 't.author_id', 't.text', 't.params', 't.created_at as message_at', 't.seen', 't.uuid',
] as const;

/** What it says of the user's side `m`. */
export const ofMember = [
  'm.user_id', 'm.peer_id', 'm.role', 'm.muted', 'm.pinned', 'm.unread', 'm.start_id',
  counter.as('counter'),
  lastRead.as('last_id'),
  dateUpdate.as('date_update'),
] as const;

/** Of a live chat; 0 of any other. */
export const liveRev = sql<number>`case when ${live} then c.rev else 0 end`;

/** Rows of the list as they are stored: the user's side `m`, the chat `c`, its last message `t`. */
export function rows(q: Builder) {
  return q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .leftJoin('message as t', 't.id', 'c.last_message_id')
    .select(ofChat)
    .select(ofMember)
    .select(['m.wide', 'm.rev', liveRev.as('live_rev')]);
}

/** The rows that changed at a date or later. */
export interface RecentWindow {
  /** Milliseconds. */
  since: number;
  /** What has been dated `since` or later has this revision or a higher one: where the index is entered. */
  rev: number;
}

const windowOfNarrow = statement((q, p: { userId: number; since: number; fromRev: number; fromChat: number; limit: number }) =>
  rows(q)
    .where('m.user_id', '=', p.userId)
    .where('m.sort_at', '>', sql.lit(0))
    .where('m.updated_at', '>=', p.since)
    .where('c.warm', '=', sql.lit<Flag>(0))
    .where(sql<boolean>`(m.rev, m.chat_id) > (${p.fromRev}, ${p.fromChat})`)
    .orderBy('m.rev')
    .orderBy('m.chat_id')
    .limit(p.limit),
);

/** Of rows below all revisions, which are found by their date. */
const windowOfOld = statement((q, p: { userId: number; fromAt: number; fromChat: number; limit: number }) =>
  rows(q)
    .where('m.user_id', '=', p.userId)
    .where('m.sort_at', '>', sql.lit(0))
    .where('m.rev', '<=', sql.lit(0))
    .where('c.warm', '=', sql.lit<Flag>(0))
    .where(sql<boolean>`(m.updated_at, m.chat_id) > (${p.fromAt}, ${p.fromChat})`)
    .orderBy('m.updated_at')
    .orderBy('m.chat_id')
    .limit(p.limit),
);

const windowOfLive = statement((q, p: { userId: number; since: number }) =>
  rows(q)
    .where('m.user_id', '=', p.userId)
    .where('m.chat_id', 'in', liveIds(q, p.userId))
    .where(visible)
    .where((eb) => eb.or([eb('m.updated_at', '>=', p.since), eb('c.bumped_at', '>=', p.since)])),
);

/** One row of the list as stored: the user's side, the chat, its last message (`message_id` null when there is none). */
export type RecentRecord = (typeof windowOfNarrow)['row'];

/** What of it is shown. */
export type ShownRecord = Omit<RecentRecord, 'wide' | 'rev' | 'live_rev'>;

/** Rows a single query may bring; between two of them the caller lets other requests run. */
export const RECENT_CHUNK = 200;

/** The rows of the user's list in a window, in chunks, in no useful order. The first of each kind are asked for together. */
export async function* recentWindow(s: Session, userId: number, { since, rev }: RecentWindow): AsyncGenerator<RecentRecord[]> {
  const readOld: ReadAfter = (fromAt, fromChat) => s.all(windowOfOld, { userId, fromAt, fromChat, limit: RECENT_CHUNK });
  const readNarrow: ReadAfter = (fromRev, fromChat) => s.all(windowOfNarrow, { userId, since, fromRev, fromChat, limit: RECENT_CHUNK });
  const old = async () => (rev <= 0 ? readOld(since, 0) : []);
  const first = await Promise.all([s.all(windowOfLive, { userId, since }), old(), readNarrow(Math.max(rev, 1), 0)]);
  yield first[0];
  yield* chunks(first[1], readOld, (row) => row.date_update);
  yield* chunks(first[2], readNarrow, (row) => row.rev);
}

/** Reads rows after a value of what they are ordered by, and a chat. */
type ReadAfter = (from: number, fromChat: number) => Promise<RecentRecord[]>;

async function* chunks(first: RecentRecord[], read: ReadAfter, orderOf: (row: RecentRecord) => number): AsyncGenerator<RecentRecord[]> {
  for (let chunk = first; ; ) {
    if (chunk.length > 0) yield chunk;
    if (chunk.length < RECENT_CHUNK) return;
    const last = chunk[chunk.length - 1]!;
    chunk = await read(orderOf(last), last.chat_id);
  }
}

const openLines = statement((q, p: { userId: number }) =>
  rows(q).where('m.user_id', '=', p.userId).where('m.type', '=', sql.lit('L')).where(visible),
);

/** All shown open lines of the user, however old. */
export function recentOpenLines(s: Session, userId: number): Promise<RecentRecord[]> {
  return s.all(openLines, { userId });
}

const several = new ListStatement((q, p: { userId: number }, chatIds) =>
  rows(q).select('c.rev as chat_rev').where('m.user_id', '=', p.userId).where('m.chat_id', 'in', chatIds).where(visible),
);

/** With the revision of the chat: while it stands, the chat and its last message are as they were. */
export type RevisedRecord = RecentRecord & { chat_rev: number };

/** The user's visible rows of the given chats. */
export async function recentRows(s: Session, userId: number, chatIds: readonly number[]): Promise<RevisedRecord[]> {
  return several.all(s, { userId }, chatIds);
}

/** The user's side of a chat whether or not its row shows in the list; undefined when not a member. */
export async function membershipRow(s: Session, userId: number, chatId: number): Promise<RecentRecord | undefined> {
  return s.first(membership, { userId, chatId });
}

const membership = statement((q, p: { userId: number; chatId: number }) =>
  rows(q).where('m.user_id', '=', p.userId).where('m.chat_id', '=', p.chatId).where('m.left_at', '=', 0),
);

/** A place in the list's order; rows come after it. */
export interface RecentPosition {
  pinned: number;
  /** Instant of the last message, milliseconds. */
  at: number;
  chat_id: number;
}

/** Where a row stands in the list, and of what type its chat is. */
export interface ListKey extends RecentPosition {
  type: string;
}

/** What filters need to know of a row, and where it stands in the list. */
export interface RecentKey extends ListKey {
  peer_id: number;
  role: number;
  /** Revisions of the user's side and, where it is live, of the chat. */
  rev: number;
  live_rev: number;
  /** Of a private row: whether its partner is active, null where there is none. */
  peer_active: Flag | null;
  /** Whether the user may not meet the partner. */
  stranger: Flag;
  /** The row itself, where it was read with the key. */
  row?: RecentRecord;
}

const keysOfLive = statement((q, p: { userId: number }) =>
  q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .leftJoin('user as u', 'u.id', 'm.peer_id')
    .select(['m.chat_id', 'm.peer_id', 'm.type', 'm.role', 'm.pinned', 'c.last_message_at as at', 'm.rev', 'c.rev as live_rev', 'u.active as peer_active'])
    .select([stranger(q, p.userId).as('stranger'), shown.as('shown')])
    .where('m.user_id', '=', p.userId)
    .where('m.chat_id', 'in', liveIds(q, p.userId)),
);

/** Before the first row. */
export const TOP: RecentPosition = { pinned: 2, at: 0, chat_id: 0 };

function indexed(q: Builder, userId: number) {
  return q
    .selectFrom('member as m')
    .leftJoin('user as u', 'u.id', 'm.peer_id')
    .select(['m.chat_id', 'm.peer_id', 'm.type', 'm.role', 'm.pinned', 'm.sort_at as at', 'm.rev', sql.lit<number>(0).as('live_rev'), 'u.active as peer_active'])
    .select(stranger(q, userId).as('stranger'))
    .where('m.user_id', '=', userId)
    .where('m.sort_at', '>', sql.lit(0));
}

const keysOfIndexed = statement((q, p: RecentPosition & { userId: number; limit: number }) =>
  indexed(q, p.userId)
    .where(sql<boolean>`(m.pinned, m.sort_at, m.chat_id) < (${p.pinned}, ${p.at}, ${p.chat_id})`)
    .orderBy('m.pinned', 'desc')
    .orderBy('m.sort_at', 'desc')
    .orderBy('m.chat_id', 'desc')
    .limit(p.limit),
);

/** Keys of the user's live chats, in no order; of those not `shown` too, which the indexes may still have in the list. */
export function liveKeys(s: Session, userId: number): Promise<Array<RecentKey & { shown: number }>> {
  return s.all(keysOfLive, { userId });
}

/**
 * Keys of rows after a place as the index has them, in list order: pinned first, then activity, then chat, all descending.
 * Of live chats they tell nothing.
 */
export function indexedKeys(s: Session, userId: number, after: RecentPosition, limit: number): Promise<RecentKey[]> {
  return s.all(keysOfIndexed, { userId, ...after, limit });
}

const keysOfChanged = statement((q, p: { userId: number; rev: number; fromChat: number; limit: number }) =>
  indexed(q, p.userId)
    .where(sql<boolean>`(m.rev, m.chat_id) > (${p.rev}, ${p.fromChat})`)
    .orderBy('m.rev')
    .orderBy('m.chat_id')
    .limit(p.limit),
);

/** The same of rows of this revision or a higher one, in chunks. */
export async function* changedKeys(s: Session, userId: number, rev: number): AsyncGenerator<RecentKey[]> {
  for (let from = { rev, fromChat: 0 }; ; ) {
    const chunk = await s.all(keysOfChanged, { userId, ...from, limit: RECENT_CHUNK });
    if (chunk.length > 0) yield chunk;
    if (chunk.length < RECENT_CHUNK) return;
    const last = chunk[chunk.length - 1]!;
    from = { rev: last.rev, fromChat: last.chat_id };
  }
}
