/** Finds a user's chats by their titles and by who is in them. */
import { sql } from 'kysely';
import type { Database, Session } from '../database.ts';
import { wordsOf } from '../fold.ts';
import { Pace } from '../pace.ts';
import { Slice } from '../../base/turns.ts';
import { matchingIds } from './user-page.ts';
import type { Condition } from './user-search.ts';

export interface ChatSearch {
  userId: number;
  /** Chats that the user is not in, but may look into, are found too. */
  open: boolean;
  /** Open lines, or all other group chats. */
  lines: boolean;
  /** Beginnings of words, folded. */
  words: readonly string[];
}

interface Reachable {
  id: number;
  title: string;
  member_count: number;
}

/** Chats in whose title, or in one of whose members' names, each word begins one; newest first. Its work grows with the user's chats and who is in them. */
export async function searchChats(db: Pick<Database, 'mostScanned'>, s: Session, search: ChatSearch): Promise<number[]> {
  const chats = await reachable(s, search);
  const byTitle = new Set<number>();
  const slice = new Slice();
  for (const { id, title } of chats) {
    if (titleMatches(title, search.words)) byTitle.add(id);
    if (slice.isOver()) await slice.next();
  }
  const byMember = db.mostScanned === Infinity ? await withMembers(s, search) : await walkMembers(db, s, search, chats.filter(({ id }) => !byTitle.has(id)));
  return chats.filter(({ id }) => byTitle.has(id) || byMember.has(id)).map(({ id }) => id);
}

function titleMatches(title: string, wanted: readonly string[]): boolean {
  const words = wordsOf(title);
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}

function reachable(s: Session, { userId, open, lines }: ChatSearch): Promise<Reachable[]> {
  return s.query((q) => {
    const own = q.selectFrom('member').select('chat_id').where('user_id', '=', userId).where('left_at', '=', 0).where('type', 'not in', ['P', 'T']);
    const chats = q.selectFrom('chat as c').select(['c.id', 'c.title', 'c.member_count']).where('c.type', lines ? '=' : '<>', 'L').orderBy('c.id', 'desc');
    return open ? chats.where((eb) => eb.or([eb('c.id', 'in', own), eb('c.type', 'in', ['O', 'J'])])) : chats.where('c.id', 'in', own);
  });
}

/** The same as {@link withMembers}, where statements are about a few rows each: those who are so called, then who is in which chat. */
async function walkMembers(db: Pick<Database, 'mostScanned'>, s: Session, { userId, words }: ChatSearch, chats: readonly Reachable[]): Promise<Set<number>> {
  if (chats.length === 0) return new Set();
  const named = new Set<number>();
  const condition: Condition = { all: words.map((word) => ({ text: 'search', is: { op: 'like', pieces: ['', ` ${word}`, ''] } })) };
  for await (const ids of matchingIds(db, s, condition)) for (const id of ids) if (id !== userId) named.add(id);
  const found = new Set<number>();
  if (named.size === 0) return found;
  const own = new Set(await ownChats(s, userId));
  const pace = new Pace(db.mostScanned);
  for (const part of partsOf(chats.filter(({ id }) => own.has(id)), Math.min(db.mostScanned, MEMBERS_AT_ONCE))) {
    const alone = part.length === 1;
    for (let last: number | undefined = 0; last !== undefined; ) {
      const after: number = last;
      const { rows, full } = await pace.piece(async (size) => {
        const some = await membersAfter(s, part, after, alone ? size : undefined);
        return { rows: some, full: alone && some.length === size };
      });
      for (const { chat_id, user_id } of rows) if (named.has(user_id)) found.add(chat_id);
      // One member is enough.
      last = full && !found.has(part[0]!) ? rows.at(-1)!.user_id : undefined;
    }
  }
  return found;
}

/** Members that small chats have together, as far as they are read at once. */
const MEMBERS_AT_ONCE = 1000;

/** Chats by their ids, in parts that have so many members together; a larger one alone. */
function partsOf(chats: readonly Reachable[], most: number): number[][] {
  const parts: number[][] = [];
  let size = Infinity;
  for (const { id, member_count: members } of chats) {
    if (size + members > most) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)!.push(id);
    size += Math.max(members, 1);
  }
  return parts;
}

async function ownChats(s: Session, userId: number): Promise<number[]> {
  const rows = await s.query((q) => q.selectFrom('member').select('chat_id').where('user_id', '=', userId).where('left_at', '=', 0).where('type', 'not in', ['P', 'T']));
  return rows.map((row) => row.chat_id);
}

function membersAfter(s: Session, chatIds: readonly number[], last: number, limit: number | undefined): Promise<Array<{ chat_id: number; user_id: number }>> {
  return s.query((q) => {
    const members = q.selectFrom('member').select(['chat_id', 'user_id']).where('chat_id', 'in', [...chatIds]).where('user_id', '>', last).where('left_at', '=', 0);
    return limit === undefined ? members : members.orderBy('user_id').limit(limit);
  });
}

/** The user's own chats with a member whose name, position or second name has the words. */
async function withMembers(s: Session, { userId, words }: ChatSearch): Promise<Set<number>> {
  const rows = await s.query((q) => {
    let named = q.selectFrom('user_field as f').select('f.user_id').where('f.field', '=', 'search');
    for (const word of words) named = named.where(sql<boolean>`f.value like ${`% ${word.replaceAll(/[\\%_]/g, '\\$&')}%`} escape '\\'`);
    return q
      .selectFrom('member as m')
      .innerJoin('member as o', 'o.chat_id', 'm.chat_id')
      .select('m.chat_id')
      .distinct()
      .where('m.user_id', '=', userId)
      .where('m.left_at', '=', 0)
      .where('m.type', 'not in', ['P', 'T'])
      .where('o.left_at', '=', 0)
      .where('o.user_id', '<>', userId)
      .where('o.user_id', 'in', named);
  });
  return new Set(rows.map((row) => row.chat_id));
}
