/** All chats there are, as administrators look at them: by title, size and activity. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { wordsOf } from '../fold.ts';
import type { Builder } from '../statement.ts';
import { Slice } from '../../base/turns.ts';
import type { ChatRow } from './chat-store.ts';
import type { MemberRow } from './member-store.ts';
import type { MessageRow } from './message-store.ts';
import type { UserRow } from './user-store.ts';

export const CHAT_SORTS = ['activity', 'messages', 'members', 'files', 'id'] as const;

export interface ChatsQuery {
  /** Letters of kinds; none for all. */
  types: readonly string[];
  /** What the words of titles begin with, folded. */
  words: readonly string[];
  /** This chat whatever it is called; 0 for none. */
  id: number;
  sort: (typeof CHAT_SORTS)[number];
}

/** A chat with how many bytes its files have. */
export type SizedChat = ChatRow & { file_bytes: number };

/** Titles are read this many at a time. */
const CHUNK = 5000;
/** Chats that words may find; of more the rest is left out. */
const MOST_FOUND = 10_000;

const COLUMNS = { activity: 'c.bumped_at', messages: 'c.message_count', members: 'c.member_count', id: 'c.id' } as const;

/** A page of chats, the most of what is sorted by first. Those that were deleted are left out. */
export async function readAllChats(s: Session, query: ChatsQuery, page: { offset: number; limit: number }): Promise<{ rows: SizedChat[]; total: number }> {
  const found = query.words.length > 0 ? await findByWords(s, query) : undefined;
  const rows = await s.query((q) => {
    const chats = wanted(q, query, found).selectAll('c').select(bytesOf(q).as('file_bytes'));
    const sorted = query.sort === 'files' ? chats.orderBy(sql`file_bytes`, 'desc') : chats.orderBy(COLUMNS[query.sort], 'desc');
    return sorted.orderBy('c.id', 'desc').limit(page.limit).offset(page.offset);
  });
  const [counted] = await s.query((q) => wanted(q, query, found).select((eb) => eb.fn.countAll<number>().as('chats')));
  return { rows, total: counted!.chats };
}

function wanted(q: Builder, { types, id }: ChatsQuery, found: readonly number[] | undefined) {
  let query = q.selectFrom('chat as c').where((eb) => eb.not(eb.and([eb('c.type', '<>', 'P'), eb('c.title', '=', ''), eb('c.member_count', '=', 0), eb('c.message_count', '=', 0)])));
  if (types.length > 0) query = query.where('c.type', 'in', [...types]);
  if (!found) return query;
  const ids = id > 0 ? [...found, id] : found;
  return query.where((eb) => (ids.length === 0 ? eb.lit(false) : eb('c.id', 'in', ids)));
}

function bytesOf(q: Builder) {
  return sql<number>`(${q
    .selectFrom('disk_object as o')
    .select(sql<number>`coalesce(sum(o.size), 0)`.as('bytes'))
    .where('o.owner_kind', '=', 'chat')
    .whereRef('o.owner_id', '=', sql.ref('c.id'))
    .where('o.kind', '=', sql.lit('file'))})`;
}

/** Titles are compared here: the engines fold letters each in its own way. */
async function findByWords(s: Session, { words, types }: ChatsQuery): Promise<number[]> {
  const found: number[] = [];
  const slice = new Slice();
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const chunk = await s.query((q) => {
      const titles = q.selectFrom('chat as c').select(['c.id', 'c.title']).where('c.id', '<', before).where('c.title', '<>', '').orderBy('c.id', 'desc').limit(CHUNK);
      return types.length > 0 ? titles.where('c.type', 'in', [...types]) : titles;
    });
    for (const { id, title } of chunk) {
      const own = wordsOf(title);
      if (words.every((beginning) => own.some((word) => word.startsWith(beginning)))) found.push(id);
      if (found.length >= MOST_FOUND) return found;
      if (slice.isOver()) await slice.next();
    }
    if (chunk.length < CHUNK) return found;
    before = chunk.at(-1)!.id;
  }
}

/** A page of a chat's members, whoever leads it first. */
export function readMembersOf(s: Session, chatId: number, page: { offset: number; limit: number }): Promise<Array<UserRow & Pick<MemberRow, 'role' | 'joined_at'>>> {
  return s.query((q) =>
    q
      .selectFrom('member as m')
      .innerJoin('user as u', 'u.id', 'm.user_id')
      .selectAll('u')
      .select(['m.role', 'm.joined_at'])
      .where('m.chat_id', '=', chatId)
      .where('m.left_at', '=', 0)
      .orderBy('m.role', 'desc')
      .orderBy('m.user_id')
      .limit(page.limit)
      .offset(page.offset),
  );
}

/** Some of a chat's messages, the newest first. */
export function newestMessages(s: Session, chatId: number, limit: number): Promise<MessageRow[]> {
  return s.query((q) => q.selectFrom('message').selectAll().where('chat_id', '=', chatId).orderBy('id', 'desc').limit(limit));
}
