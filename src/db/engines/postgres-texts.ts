/**
 * The index of texts on PostgreSQL: an inverted index over lists of numbers, for which it needs no extension. Such an index gives
 * all it has of a number, in no order; so the numbers are others in each block of ids, and a look reads blocks.
 */
import { sql } from 'kysely';
import { blockOf, chatKey, keyIn } from './text-keys.ts';
import type { TextIndex, TextLook } from '../text-index.ts';
import { type Builder, statement } from '../statement.ts';

export const textTables: readonly string[] = [
  `create table message_text (rowid bigint primary key, grams integer[] not null)`,
  // Many are put in at once and nobody waits for it: a list of what is pending would only be in the way of those who look.
  `create index message_text_grams on message_text using gin (grams) with (fastupdate = off)`,
];

/** Blocks that one statement reads. */
const BLOCKS_AT_ONCE = 64;

const put = statement((q: Builder, p: { ids: number[]; grams: string[] }) =>
  q
    .insertInto('message_text')
    .columns(['rowid', 'grams'])
    .expression(sql`select t.rowid, t.grams::integer[] from unnest(${p.ids}::bigint[], ${p.grams}::text[]) as t (rowid, grams)`)
    .onConflict((c) => c.column('rowid').doUpdateSet((eb) => ({ grams: eb.ref('excluded.grams') }))),
);
const remove = statement((q: Builder, p: { ids: number[] }) => q.deleteFrom('message_text').where(sql<boolean>`rowid = any (${p.ids}::bigint[])`));

function inBlocks(q: Builder, { grams, chatId, from, below, descending, limit }: TextLook, blocks: readonly number[]) {
  const chat = chatId === undefined ? [] : [chatKey(chatId)];
  return q
    .selectFrom('message_text')
    .select('rowid')
    .where((eb) => eb.or(blocks.map((block) => sql<boolean>`grams @> ${[...grams.map((gram) => keyIn(block, gram)), ...chat]}::integer[]`)))
    .where('rowid', '>=', from)
    .where('rowid', '<', below)
    // No index gives this order: the one of ids would be read through for as long as it has none of them.
    .orderBy(sql`rowid + 0`, descending ? 'desc' : 'asc')
    .limit(limit);
}

/** The blocks between the bounds of a look, a few at a time. */
function* blocksOf({ from, below, descending }: TextLook): Generator<number[]> {
  const [first, last] = [blockOf(from), blockOf(below - 1)];
  for (let done = 0; done <= last - first; done += BLOCKS_AT_ONCE) {
    const count = Math.min(BLOCKS_AT_ONCE, last - first + 1 - done);
    yield Array.from({ length: count }, (_, i) => (descending ? last - done - i : first + done + i));
  }
}

export const postgresTexts: TextIndex = {
  async put(s, texts) {
    const grams = texts.map(({ id, chatId, grams: own }) => `{${[...Array.from(own, (gram) => keyIn(blockOf(id), gram)), chatKey(chatId)].join()}}`);
    await s.all(put, { ids: texts.map(({ id }) => id), grams });
  },
  async remove(s, ids) {
    await s.all(remove, { ids: [...ids] });
  },
  async tidy() {},
  async find(s, look) {
    const found: number[] = [];
    for (const blocks of blocksOf(look)) {
      const rows = await s.query((q) => inBlocks(q, { ...look, limit: look.limit - found.length }, blocks));
      for (const { rowid } of rows) found.push(rowid);
      if (found.length === look.limit) break;
    }
    return found;
  },
};
