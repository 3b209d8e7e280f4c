/** A portal of a known size, filled directly with the rows that the API would write. */
import { sql } from 'kysely';
import { MAX_HOPS } from '../../src/base/caller.ts';
import type { WriteSession } from '../../src/db/database.ts';
import { currentRevision } from '../../src/db/revision.ts';
import { groupsOf } from '../groups.ts';
import type { Seeder } from '../seed.ts';
import { ASSUMED } from './coefficients.ts';
import type { Usage } from './model.ts';

/** How large the portal is. Everybody is in as many chats, and these have as many members. */
export interface Shape {
  users: number;
  chats: number;
  members: number;
  /** In each chat. */
  messages: number;
  /** Bytes of a text. */
  text: number;
}

/** What a portal of this size would have come from, as far as its tables tell. */
export function usageOf({ users, chats, members, messages, text }: Shape): Usage {
  return { users, chats, members, active: 1, messages: (chats * messages) / members, reads: 0, changed: 0, text, days: 1 };
}

const ROWS_AT_ONCE = 1000;

/** After how much of the changes the database clears away: PostgreSQL does so once a fifth of a table has changed. */
const CLEARED_EVERY = 0.2;

/**
 * @param clear has the database clear away what changes have left, as it does by itself in time
 * @returns the users' ids and the chats with their members
 */
export async function fill(seeder: Seeder, shape: Shape, clear: () => Promise<void>): Promise<{ users: number[]; chats: Array<{ id: number; members: number[] }> }> {
  const users = await seeder.users(shape.users);
  const people = users.map((id) => ({ id }));
  const groups = Array.from({ length: shape.chats }, (_, round) => groupsOf(people, shape.members, round)).flat();
  const members = groups.map((group) => group.map(({ id }) => id));
  const ids = await seeder.chats(`${members.length} chats of ${shape.members}`, members.map((all) => ({ members: all, daysAgo: 1 })));
  const chats = ids.map((id, index) => ({ id, members: members[index]! }));
  // The seeded chats have one message each. Those that follow come to all chats in turn, as they do in life.
  for (let round = 1; round < shape.messages; round += 1) {
    for (let at = 0; at < chats.length; at += ROWS_AT_ONCE) {
      await seeder.db.write((s) => insertMessages(s, chats.slice(at, at + ROWS_AT_ONCE), round, shape.text));
    }
  }
  const slice = Math.ceil(ids.length * CLEARED_EVERY);
  for (let at = 0; at < ids.length; at += slice) {
    await seeder.db.write((s) => catchUp(s, ids.slice(at, at + slice)));
    await clear();
  }
  await fillProfiles(seeder, users);
  return { users, chats };
}

async function insertMessages(s: WriteSession, chats: ReadonlyArray<{ id: number; members: number[] }>, round: number, length: number): Promise<void> {
  const rows = chats.map(({ id, members }) => {
    const author = members[round % members.length]!;
    return {
      chat_id: id, author_id: author, sender_id: author, text: 'x'.repeat(length), params: '', created_at: Date.now() + round, count_seq: round + 1,
      counts: 1 as const, system: 0 as const, seen: 0 as const, deleted: 0 as const, uuid: null,
    };
  });
  const inserted = await s.query((q) => q.insertInto('message').values(rows).returning(['id', 'chat_id', 'author_id']));
  for (const { id, chat_id, author_id } of inserted) s.changes.note({ what: 'message.added', chatId: chat_id, actorId: author_id, subjectId: id, hops: MAX_HOPS });
}

/** Chats and rows of members move on to the last message. */
async function catchUp(s: WriteSession, ids: readonly number[]): Promise<void> {
  await s.query((q) =>
    q.updateTable('chat').where('id', 'in', ids).set({
      last_message_id: sql<number>`(select max(m.id) from message as m where m.chat_id = chat.id)`,
      top_message_id: sql<number>`(select max(m.id) from message as m where m.chat_id = chat.id)`,
      count_seq: sql<number>`(select max(m.count_seq) from message as m where m.chat_id = chat.id)`,
      rev: currentRevision,
      message_count: sql<number>`(select max(m.count_seq) from message as m where m.chat_id = chat.id)`,
    }),
  );
  await s.query((q) => q.updateTable('member').where('chat_id', 'in', ids).set({ sort_at: sql<number>`sort_at + 1`, updated_at: sql<number>`updated_at + 1`, rev: currentRevision }));
}

/** The seeded users have short profiles; searchable fields are filled to what the model assumes. */
async function fillProfiles(seeder: Seeder, users: readonly number[]): Promise<void> {
  const fields = Array.from({ length: ASSUMED.fieldsPerUser }, (_, index) => `field_${index}`);
  const at = Math.floor(ROWS_AT_ONCE / fields.length);
  for (let from = 0; from < users.length; from += at) {
    const rows = users.slice(from, from + at).flatMap((user_id) => fields.map((field) => ({ field, user_id, value: `value of user ${user_id}` })));
    await seeder.db.write((s) => s.query((q) => q.insertInto('user_field').values(rows)));
  }
}
