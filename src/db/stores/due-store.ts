/** What changes by time alone: reminders come due, absences end. */
import { sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import { statement } from '../statement.ts';

const pending = statement((q, _p: object) =>
  q
    .selectFrom('reminder')
    .select((eb) => eb.fn.min<number | null>('remind_at').as('at'))
    .where('done_at', '=', sql.lit(0))
    .where('due', '=', sql.lit(0))
    .unionAll(q.selectFrom('user').select((eb) => eb.fn.min<number | null>('absent_until').as('at')).where('absent_until', '>', sql.lit(0))),
);

/** When the next of it comes, milliseconds; Infinity where nothing is to come. */
export async function nextDue(s: Session): Promise<number> {
  return Math.min(...(await s.all(pending, {})).map(({ at }) => at ?? Infinity));
}

interface Until {
  /** Milliseconds. */
  now: number;
  /** So many at most. */
  limit: number;
}

// Whoever is kept waiting by another node that does the same looks again, and finds it done.
const comeDue = statement((q, p: Until) =>
  q
    .updateTable('reminder')
    .set({ due: sql.lit(1) })
    .where('id', 'in', q
      .selectFrom('reminder')
      .select('id')
      .where('done_at', '=', sql.lit(0))
      .where('due', '=', sql.lit(0))
      .where('remind_at', '<=', p.now)
      .orderBy('remind_at')
      .limit(p.limit))
    .where('done_at', '=', sql.lit(0))
    .where('due', '=', sql.lit(0))
    .returning(['user_id', 'chat_id']),
);

/** Marks reminders whose time has come; gives whose rows show them. */
export function markDue(s: WriteSession, until: Until): Promise<Array<{ user_id: number; chat_id: number }>> {
  return s.all(comeDue, until);
}

const comeBack = statement((q, p: Until & { at: number }) =>
  q
    .updateTable('user')
    .set({ absent_until: 0, updated_at: p.at, rev: currentRevision })
    .where('id', 'in', q
      .selectFrom('user')
      .select('id')
      .where('absent_until', '>', sql.lit(0))
      .where('absent_until', '<=', p.now)
      .orderBy('absent_until')
      .limit(p.limit))
    .where('absent_until', '>', sql.lit(0))
    .where('absent_until', '<=', p.now)
    .returning('id'),
);

/** @param until when, and the stamp of it */
export async function endAbsences(s: WriteSession, until: Until & { at: number }): Promise<void> {
  for (const { id } of await s.all(comeBack, until)) s.changes.user(id, false);
}
