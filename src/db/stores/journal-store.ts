/** The journal: each change is an entry, written in the change's own transaction. */
import type { Insertable, Selectable } from 'kysely';
import type { Entry } from '../changes.ts';
import type { Session } from '../database.ts';
import { currentRevision } from '../revision.ts';
import type { JournalTable } from '../schema.ts';
import { statement } from '../statement.ts';

export type JournalRow = Selectable<JournalTable>;

const insertOne = statement((q, p: Omit<JournalRow, 'rev'>) =>
  q.insertInto('journal').values({
    rev: currentRevision, seq: p.seq, what: p.what, chat_id: p.chat_id, user_id: p.user_id, actor_id: p.actor_id, subject_id: p.subject_id,
    hops: p.hops, created_at: p.created_at,
  }),
);

const ROWS_AT_ONCE = 500;

/**
 * All statements are sent before this returns: what follows them need not wait for their answers.
 *
 * @param seq of the first entry: within a revision no number comes twice
 */
export async function insertEntries(s: Session, entries: readonly Entry[], seq: number, now: number): Promise<void> {
  const rows = entries.map((entry, index) => toRow(entry, seq + index, now));
  if (rows.length === 1) return void (await s.all(insertOne, rows[0]!));
  const sent: Array<Promise<unknown>> = [];
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const values: Array<Insertable<JournalTable>> = rows.slice(i, i + ROWS_AT_ONCE).map((row) => ({ ...row, rev: currentRevision as never }));
    sent.push(s.query((q) => q.insertInto('journal').values(values)));
  }
  await Promise.all(sent);
}

function toRow({ what, chatId, userId, actorId, subjectId, hops }: Entry, seq: number, now: number): Omit<JournalRow, 'rev'> {
  return { seq, what, chat_id: chatId, user_id: userId, actor_id: actorId, subject_id: subjectId, hops, created_at: now };
}
