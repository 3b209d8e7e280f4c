/** Puts many rows into an empty portal at once, as they would be when everything had happened one after the other. */
import { sql } from 'kysely';
import type { Database, WriteSession } from '../database.ts';
import { currentRevision, revisionSnapshot } from '../revision.ts';
import { type Builder, statement } from '../statement.ts';
import type { ChatRow } from './chat-store.ts';
import type { NewMember } from './member-store.ts';
import type { MessageRow } from './message-store.ts';
import { indexUsers, INDEX_VERSION } from './user-index.ts';
import type { NewUser } from './user-store.ts';

const user = (q: Builder, rows: ReadonlyArray<NewUser & { id: number }>) =>
  q.insertInto('user').values(rows.map((row) => ({ ...row, index_version: INDEX_VERSION, rev: currentRevision }))).returningAll();

export async function insertUsers(s: WriteSession, rows: ReadonlyArray<NewUser & { id: number }>): Promise<void> {
  await indexUsers(s, await s.query((q) => user(q, rows)));
}

type NewChat = Omit<ChatRow, 'rev' | 'rev_seen' | 'warm'>;

/** A few hundred at a time. */
export async function insertChats(s: WriteSession, rows: readonly NewChat[]): Promise<void> {
  await s.query((q) => q.insertInto('chat').values(rows.map((row) => ({ ...row, rev: currentRevision, rev_seen: revisionSnapshot }))));
}

const message = statement((q, p: MessageRow) =>
  q.insertInto('message').values({
    id: p.id, chat_id: p.chat_id, author_id: p.author_id, sender_id: p.sender_id, text: p.text, params: p.params, created_at: p.created_at, count_seq: p.count_seq,
    counts: p.counts, system: p.system, seen: p.seen, deleted: p.deleted, uuid: p.uuid,
  }),
);

/** One statement after the other, none of which is waited for: made once they are quicker than long ones that have to be built. */
export async function insertMessages(s: WriteSession, rows: Iterable<MessageRow>): Promise<void> {
  const sent: Array<Promise<unknown>> = [];
  for (const row of rows) sent.push(s.all(message, row));
  await Promise.all(sent);
}

const member = statement((q, p: NewMember) =>
  q.insertInto('member').values({
    user_id: p.user_id, chat_id: p.chat_id, peer_id: p.peer_id, type: p.type, role: p.role, muted: p.muted, pinned: p.pinned, unread: p.unread, last_id: p.last_id,
    read_count_seq: p.read_count_seq, own_seq: p.own_seq, viewed_id: p.viewed_id, start_id: p.start_id, hidden_to: p.hidden_to, sort_at: p.sort_at,
    updated_at: p.updated_at, has_unread: p.has_unread, wide: p.wide, joined_at: p.joined_at, left_at: p.left_at, rev: currentRevision,
  }),
);

export async function insertMemberRows(s: WriteSession, rows: Iterable<NewMember>): Promise<void> {
  const sent: Array<Promise<unknown>> = [];
  for (const row of rows) sent.push(s.all(member, row));
  await Promise.all(sent);
}

const reaction = statement((q, p: { message_id: number; user_id: number; reaction: string; created_at: number }) =>
  q.insertInto('message_reaction').values({ message_id: p.message_id, user_id: p.user_id, reaction: p.reaction, created_at: p.created_at }).onConflict((c) => c.doNothing()),
);

export async function insertReactions(s: WriteSession, rows: Iterable<{ message_id: number; user_id: number; reaction: string; created_at: number }>): Promise<void> {
  const sent: Array<Promise<unknown>> = [];
  for (const row of rows) sent.push(s.all(reaction, row));
  await Promise.all(sent);
}

export type Numbered = 'user' | 'chat' | 'message';

/** The highest number that was given to any. */
export async function highestId(s: WriteSession, table: Numbered): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom(table).select((eb) => eb.fn.max<number | null>('id').as('id')));
  return row?.id ?? 0;
}

/** Goes on numbering after the numbers that were given here, which one engine notices by itself; and has all messages put into the index of texts. */
export async function goOnAfterBulk(s: WriteSession, engine: Database['engine']): Promise<void> {
  for (const table of ['user', 'chat', 'message'] as const) {
    const highest = await highestId(s, table);
    if (engine === 'postgres' && highest > 0) await s.query((q) => ({ compile: () => sql`select setval(pg_get_serial_sequence(${`"${table}"`}, 'id'), ${highest})`.compile(q) }));
  }
  await s.query((q) => q.updateTable('text_index').set({ floor: sql`(select coalesce(max(id), 0) + 1 from message)` }));
}
