/** Finds a user's chats by their titles and by who is in them. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { wordsOf } from '../fold.ts';
import { Slice } from '../../base/turns.ts';

export interface ChatSearch {
  userId: number;
  /** Chats that the user is not in, but may look into, are found too. */
  open: boolean;
  /** Open lines, or all other group chats. */
  lines: boolean;
  /** Beginnings of words, folded. */
  words: readonly string[];
}

/** Chats in whose title, or in one of whose members' names, each word begins one; newest first. Its work grows with the user's chats. */
export async function searchChats(s: Session, search: ChatSearch): Promise<number[]> {
  const [chats, byMember] = [await reachable(s, search), await withMembers(s, search)];
  const found: number[] = [];
  const slice = new Slice();
  for (const { id, title } of chats) {
    if (byMember.has(id) || titleMatches(title, search.words)) found.push(id);
    if (slice.isOver()) await slice.next();
  }
  return found;
}

function titleMatches(title: string, wanted: readonly string[]): boolean {
  const words = wordsOf(title);
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}

function reachable(s: Session, { userId, open, lines }: ChatSearch): Promise<Array<{ id: number; title: string }>> {
  return s.query((q) => {
    const own = q.selectFrom('member').select('chat_id').where('user_id', '=', userId).where('left_at', '=', 0).where('type', 'not in', ['P', 'T']);
    const chats = q.selectFrom('chat as c').select(['c.id', 'c.title']).where('c.type', lines ? '=' : '<>', 'L').orderBy('c.id', 'desc');
    return open ? chats.where((eb) => eb.or([eb('c.id', 'in', own), eb('c.type', 'in', ['O', 'J'])])) : chats.where('c.id', 'in', own);
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
