/** Marks: which change has made something else look different than it did, beyond the rows that it has written itself. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import { statement } from '../statement.ts';

/** Every row of every list looks different, as after the portal's zone was changed. */
export const EVERYTHING = 'everything';

/** The setting that names the zone of every date on the wire. */
export const TIMEZONE = 'timezone';

/** For one user any row may look different: whom they may meet has changed. */
export function circleOf(userId: number): string {
  return `circle ${userId}`;
}

/** Revisions; below all others where nothing has happened. */
export interface Marks {
  everything: number;
  circle: number;
}

const INSERT_CHUNK = 500;
const NEVER = Number.MIN_SAFE_INTEGER;

const marks = statement((q, p: { circle: string }) =>
  q.selectFrom('journal_reader').select(['name', 'rev']).where('name', 'in', [sql.lit(EVERYTHING), p.circle as never]),
);

/** The newest marks that concern the user. */
export async function readMarks(s: Session, userId: number): Promise<Marks> {
  const found = new Map((await s.all(marks, { circle: circleOf(userId) })).map(({ name, rev }) => [name, rev]));
  return { everything: found.get(EVERYTHING) ?? NEVER, circle: found.get(circleOf(userId)) ?? NEVER };
}

export async function markEverything(s: WriteSession): Promise<void> {
  await mark(s, [EVERYTHING]);
}

export async function markCircles(s: WriteSession, userIds: Iterable<number>): Promise<void> {
  await mark(s, [...userIds].map(circleOf));
}

/** Whoever comes last, and so has to wait for the others, stays: it has seen what they have done. */
async function mark(s: WriteSession, names: readonly string[]): Promise<void> {
  s.changes.marked ||= names.length > 0;
  const rows = [...names].sort().map((name) => ({ name, rev: currentRevision, seq: 0 }));
  for (let i = 0; i < rows.length; i += INSERT_CHUNK) {
    const chunk = rows.slice(i, i + INSERT_CHUNK);
    await s.query((q) => q.insertInto('journal_reader').values(chunk).onConflict((c) => c.column('name').doUpdateSet({ rev: currentRevision })));
  }
}
