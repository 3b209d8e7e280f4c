/** The index of texts on SQLite: full-text search over numbers, which says only that a message has them. */
import { sql } from 'kysely';
import { BLOCK, blockOf, chatKey, keyIn } from './text-keys.ts';
import type { TextIndex, TextLook } from '../text-index.ts';
import { statement } from '../statement.ts';

/**
 * Merging by itself would stop the writer for as long as a second; what would force it is out of reach, as `tidy` merges
 * after each unit that puts something in.
 */
export const textTables: readonly string[] = [
  `create virtual table message_text using fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii')`,
  `insert into message_text (message_text, rank) values ('automerge', 0)`,
  `insert into message_text (message_text, rank) values ('crisismerge', 1000)`,
];

/** Pages that one merge writes at most. */
const PAGES_AT_ONCE = 64;

const put = statement((q, p: { rowid: number; grams: string }) => q.replaceInto('message_text').values({ rowid: p.rowid, grams: p.grams }));
const remove = statement((q, p: { id: number }) => q.deleteFrom('message_text').where('rowid', '=', p.id));
const merge = statement((q, _p: object) => ({ compile: () => sql`insert into message_text (message_text, rank) values ('merge', ${sql.lit(PAGES_AT_ONCE)})`.compile(q) }));

type Found = Omit<TextLook, 'grams' | 'chatId' | 'descending'> & { wanted: string };

/** Its integers have to be integers: a number that is bound is a real one. */
const finding = (descending: boolean) =>
  statement((q, p: Found) =>
    q
      .selectFrom('message_text')
      .select('rowid')
      .where(sql<boolean>`message_text match ${p.wanted}`)
      .where(sql<boolean>`rowid >= cast(${p.from} as integer) and rowid < cast(${p.below} as integer)`)
      .orderBy('rowid', descending ? 'desc' : 'asc')
      .limit(p.limit),
  );
const [downwards, upwards] = [finding(true), finding(false)];

/** Of letters and digits only. */
const wordOf = (block: number, gram: number) => String(keyIn(block, gram) >>> 0);
const chatWord = (block: number, chatId: number) => `c${keyIn(block, chatKey(chatId)) >>> 0}`;

function wordsIn(block: number, grams: Iterable<number>, chatId: number | undefined): string {
  const words = Array.from(grams, (gram) => wordOf(block, gram));
  if (chatId !== undefined) words.push(chatWord(block, chatId));
  return words.join(' ');
}

/** The parts of a look that are within one block each, in its order. */
function* partsOf({ from, below, descending }: TextLook): Generator<{ block: number; from: number; below: number }> {
  const [first, last] = [blockOf(from), blockOf(below - 1)];
  for (let i = 0; i <= last - first; i++) {
    const block = descending ? last - i : first + i;
    yield { block, from: Math.max(from, block * BLOCK), below: Math.min(below, (block + 1) * BLOCK) };
  }
}

export const sqliteTexts: TextIndex = {
  async put(s, texts) {
    for (const { id, chatId, grams } of texts) await s.all(put, { rowid: id, grams: wordsIn(blockOf(id), grams, chatId) });
  },
  async remove(s, ids) {
    for (const id of ids) await s.all(remove, { id });
  },
  async tidy(s) {
    await s.all(merge, {});
  },
  async find(s, look) {
    const found: number[] = [];
    for (const { block, from, below } of partsOf(look)) {
      const wanted = wordsIn(block, look.grams, look.chatId);
      const rows = await s.all(look.descending ? downwards : upwards, { from, below, limit: look.limit - found.length, wanted });
      for (const { rowid } of rows) found.push(rowid);
      if (found.length === look.limit) break;
    }
    return found;
  },
};
