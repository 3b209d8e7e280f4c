/** Whole tables, row by row, for who copies a portal. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { TableShape } from '../tables.ts';

export type AnyRow = Record<string, string | number | null>;

/** Rows in the order of their key that come after one, as a list of the values of its key; the first where there is none. */
export function rowsAfter(s: Session, table: string, { columns, key }: TableShape, after: ReadonlyArray<string | number> | undefined, limit: number): Promise<AnyRow[]> {
  const names = (list: readonly string[]) => sql.join(list.map((name) => sql.ref(name)));
  const where = after ? sql`where (${names(key)}) > (${sql.join(after)})` : sql``;
  const query = sql<AnyRow>`select ${names(columns.map(({ name }) => name))} from ${sql.table(table)} ${where} order by ${names(key)} limit ${limit}`;
  return s.query((q) => ({ compile: () => query.compile(q) }));
}

/** The highest value of a column; 0 where there is none, or no number. */
export async function highestOf(s: Session, table: string, column: string): Promise<number> {
  const query = sql<{ highest: unknown }>`select max(${sql.ref(column)}) as highest from ${sql.table(table)}`;
  const [row] = await s.query((q) => ({ compile: () => query.compile(q) }));
  return typeof row?.highest === 'number' ? row.highest : 0;
}

/** Deletes all rows. */
export async function emptyTable(s: WriteSession, table: string): Promise<void> {
  const query = sql<object>`delete from ${sql.table(table)}`;
  await s.query((q) => ({ compile: () => query.compile(q) }));
}

/** Has all messages put into the index of texts. */
export async function indexAllTexts(s: WriteSession): Promise<void> {
  await s.query((q) => q.updateTable('text_index').set({ floor: sql`(select coalesce(max(id), 0) + 1 from message)` }));
}
