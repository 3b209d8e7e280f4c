/** Fills a store directly: what the bench needs would take hours through the API. The rows are those the API writes. */
import { type Clock, systemClock } from '../src/base/clock.ts';
import type { Database, WriteSession } from '../src/db/database.ts';
import type { NewMember } from '../src/db/stores/member-store.ts';
import { ensurePortal } from '../src/first-start.ts';
import { WIDE_ABOVE } from '../src/messenger/posting/joining.ts';
import { emptyChat, newMember } from '../src/messenger/posting/posting.ts';
import { blankUser } from '../src/messenger/people/users.ts';
import { databaseIn } from '../src/portal/folder.ts';
import { openStore } from '../src/portal/open-portal.ts';
import { addWebhook } from '../src/identity/webhooks.ts';
import type { Home } from './home.ts';
import { Progress } from './progress.ts';

const DAY_MS = 86_400_000;
const CHUNK = 400;
const TEXT = 'Thanks, I have [b]updated[/b] the offer for the second quarter and sent it to everybody on the list.';

export interface Seeder {
  db: Database;
  /** A webhook code of a user. */
  webhook(userId: number): Promise<string>;
  users(count: number): Promise<number[]>;
  /** Chats with the given members in each; the first is owner and author of the one message. */
  chats(label: string, chats: ReadonlyArray<{ members: readonly number[]; daysAgo: number }>): Promise<number[]>;
  close(): Promise<void>;
}

/** Makes an empty portal. */
export async function openSeeder({ folder, databaseUrl }: Pick<Home, 'folder' | 'databaseUrl'>): Promise<Seeder> {
  const fail = (fault: unknown): never => {
    throw fault;
  };
  const db = await openStore({ data: folder, databaseUrl }, databaseIn(folder), { onFailure: fail, onFault: fail });
  const clock = systemClock();
  await ensurePortal(db, clock, async () => {});
  return seederOn(db, clock);
}

/** Fills the store of a portal that is there already. */
export function seederOn(db: Database, clock: Clock): Seeder {
  return {
    db,
    async webhook(userId) {
      return (await addWebhook(db, clock, { userId, scopes: ['im', 'user', 'disk'], title: 'bench' }))!.code;
    },
    users: (count) => seedUsers(db, count),
    chats: (label, chats) => seedChats(db, label, chats),
    close: () => db.close(),
  };
}

async function seedUsers(db: Database, count: number): Promise<number[]> {
  const ids: number[] = [];
  const progress = new Progress(`${count} users`, count);
  for (let done = 0; done < count; done += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - done) }, (_, i) => ({
      ...blankUser(Date.now()),
      first_name: 'Bench',
      last_name: `User ${done + i}`,
      work_position: 'Engineer',
    }));
    const inserted = await db.write((s) => s.query((q) => q.insertInto('user').values(rows).returning('id')));
    ids.push(...inserted.map((row) => row.id));
    progress.at(ids.length);
  }
  return ids;
}

async function seedChats(db: Database, label: string, chats: ReadonlyArray<{ members: readonly number[]; daysAgo: number }>): Promise<number[]> {
  const ids: number[] = [];
  const progress = new Progress(label, chats.length);
  const now = Date.now();
  for (let done = 0; done < chats.length; done += CHUNK) {
    const chunk = chats.slice(done, done + CHUNK);
    ids.push(...(await db.write((s) => insertChunk(s, chunk, done, now))));
    progress.at(ids.length);
  }
  return ids;
}

async function insertChunk(
  s: WriteSession,
  chunk: ReadonlyArray<{ members: readonly number[]; daysAgo: number }>,
  offset: number,
  now: number,
): Promise<number[]> {
  // A second between any two, so that the order is the same at every run.
  const at = (index: number) => Math.floor(now - chunk[index]!.daysAgo * DAY_MS) - (offset + index) * 10;
  const rows = chunk.map(({ members }, index) => ({
    ...emptyChat(at(index)),
    type: 'C',
    title: `Project ${offset + index}`,
    color: 'AZURE',
    owner_id: members[0]!,
    manager_ids: JSON.stringify([members[0]]),
    member_count: members.length,
    message_count: 1,
    count_seq: 1,
    last_message_at: at(index),
    wide: members.length > WIDE_ABOVE ? (1 as const) : (0 as const),
  }));
  const chats = await s.query((q) => q.insertInto('chat').values(rows).returningAll());
  const messages = await s.query((q) =>
    q
      .insertInto('message')
      .values(chats.map((chat) => ({
        chat_id: chat.id, author_id: chat.owner_id, sender_id: chat.owner_id, text: TEXT, params: '', created_at: chat.last_message_at, count_seq: 1,
        counts: 1 as const, system: 0 as const, seen: 0 as const, deleted: 0 as const, uuid: null,
      })))
      .returning(['id', 'chat_id']),
  );
  for (const { id, chat_id } of messages) {
    await s.query((q) => q.updateTable('chat').set({ last_message_id: id, top_message_id: id }).where('id', '=', chat_id));
  }
  const lastOf = new Map(messages.map((message) => [message.chat_id, message.id]));
  const members: NewMember[] = chats.flatMap((chat, index) =>
    chunk[index]!.members.map((userId) => memberRow({ ...chat, last_message_id: lastOf.get(chat.id)! }, userId)),
  );
  for (let i = 0; i < members.length; i += CHUNK) {
    await s.query((q) => q.insertInto('member').values(members.slice(i, i + CHUNK)));
  }
  return chats.map((chat) => chat.id);
}

/** Every second chat has an unread message for everybody but its author. */
function memberRow(chat: Parameters<typeof newMember>[0], userId: number): NewMember {
  const row = newMember(chat, userId, userId === chat.owner_id ? 3 : 1, chat.last_message_at);
  const unread = userId !== chat.owner_id && chat.id % 2 === 0;
  return unread ? { ...row, last_id: 0, read_count_seq: 0, has_unread: 1 } : row;
}
