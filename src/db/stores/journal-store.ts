/** The journal: each change is an entry, written in the change's own transaction. */
import { type Selectable, sql } from 'kysely';
import type { Entry } from '../changes.ts';
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import type { JournalTable } from '../schema-sync.ts';
import { type Statement, statement } from '../statement.ts';

export type JournalRow = Selectable<JournalTable>;

const COLUMNS = ['seq', 'what', 'chat_id', 'user_id', 'actor_id', 'subject_id', 'hops', 'via', 'created_at', 'detail'] as const satisfies ReadonlyArray<keyof JournalRow>;

/** Rows of one statement at most: a power of two. */
const ROWS_AT_ONCE = 256;

/** Statements by how many rows they insert: building one anew costs more than running it. */
const inserts = new Map<number, Statement<readonly unknown[], unknown>>();

/** @param count a power of two */
function insertOf(count: number): Statement<readonly unknown[], unknown> {
  let insert = inserts.get(count);
  if (!insert) {
    insert = statement((q, p: readonly unknown[]) => q.insertInto('journal').values(Array.from({ length: count }, (_, row) => (
      { rev: currentRevision, ...Object.fromEntries(COLUMNS.map((name, column) => [name, p[row * COLUMNS.length + column]])) } as never
    ))));
    inserts.set(count, insert);
  }
  return insert;
}

/**
 * All statements are sent before this returns: what follows them need not wait for their answers.
 *
 * @param seq of the first entry: within a revision no number comes twice
 */
export async function insertEntries(s: Session, entries: readonly Entry[], seq: number, now: number): Promise<void> {
  const sent: Array<Promise<unknown>> = [];
  for (let at = 0; at < entries.length; ) {
    const count = Math.min(ROWS_AT_ONCE, 2 ** Math.floor(Math.log2(entries.length - at)));
    sent.push(s.all(insertOf(count), valuesOf(entries.slice(at, at + count), seq + at, now)));
    at += count;
  }
  await Promise.all(sent);
}

/** In the order of {@link COLUMNS}, row by row. */
function valuesOf(entries: readonly Entry[], seq: number, now: number): unknown[] {
  return entries.flatMap(({ what, chatId, userId, actorId, subjectId, hops, via, detail }, row) => [seq + row, what, chatId, userId, actorId, subjectId, hops, via, now, detail]);
}

/** A place in the journal: an entry, or where one would be. */
export interface Position {
  rev: number;
  seq: number;
}

/** Before all entries: those of a restored dump have negative revisions. */
export const BEFORE_ALL: Position = { rev: Number.MIN_SAFE_INTEGER, seq: 0 };

/** Negative when the first comes before the second. */
export function comparePositions(a: Position, b: Position): number {
  return a.rev - b.rev || a.seq - b.seq;
}

/** The place after everything of a lower revision than a token's. */
export function below(token: number): Position {
  return { rev: token - 1, seq: Number.MAX_SAFE_INTEGER };
}

/** The durable readers: what one of them has not passed is not trimmed. */
export const READERS = { handlers: 'handlers', texts: 'texts' } as const;

export type Reader = (typeof READERS)[keyof typeof READERS];

export interface Cursor extends Position {
  /** Of the snapshot: entries below it are all there, and nothing comes to them any more. */
  token: number;
  /** Revision of the last entry that is visible, below the token or not. */
  newest: number;
}

const cursor = statement((q, p: { name: string }) =>
  q
    .selectFrom('journal_reader as r')
    .innerJoin('snapshot as s', (join) => join.onTrue())
    .select(['r.rev', 'r.seq', 's.token', sql<number>`coalesce((select max(j.rev) from journal as j), 0)`.as('newest')])
    .where('r.name', '=', p.name),
);

export async function readCursor(s: Session, name: Reader): Promise<Cursor> {
  return (await s.first(cursor, { name }))!;
}

const following = statement((q, p: Position & { token: number; limit: number }) =>
  q
    .selectFrom('journal')
    .selectAll()
    .where(sql<boolean>`(rev, seq) > (${p.rev}, ${p.seq})`)
    .where('rev', '<', p.token)
    .orderBy('rev')
    .orderBy('seq')
    .limit(p.limit),
);

/** What follows a place, in order, as far as it is complete. */
export function entriesAfter(s: Session, { rev, seq }: Position, token: number, limit: number): Promise<JournalRow[]> {
  return s.all(following, { rev, seq, token, limit });
}

const advance = statement((q, p: Position & { name: string }) =>
  q
    .updateTable('journal_reader')
    .set({ rev: p.rev, seq: p.seq })
    .where('name', '=', p.name)
    .where(sql<boolean>`(rev, seq) < (${p.rev}, ${p.seq})`)
    .returning('name'),
);

/** Moves a reader to an entry. Whoever else would has to wait until the unit ends. @returns false when it is there already, or past it */
export async function advanceCursor(s: WriteSession, name: Reader, { rev, seq }: Position): Promise<boolean> {
  return (await s.first(advance, { name, rev, seq })) !== undefined;
}
