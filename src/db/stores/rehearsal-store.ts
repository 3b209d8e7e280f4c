import type { Insertable, Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { RehearsalTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';
import { movePortalVersion } from './portal-store.ts';

export type RehearsalRow = Selectable<RehearsalTable>;

/** Those that have calls left, oldest first. */
export function openRehearsals(s: Session): Promise<RehearsalRow[]> {
  return s.query((q) => q.selectFrom('rehearsal').selectAll().where('remaining', '<>', 0).orderBy('id').limit(1000));
}

export async function insertRehearsal(s: WriteSession, rehearsal: Insertable<RehearsalTable>): Promise<void> {
  await s.query((q) => q.deleteFrom('rehearsal').where('remaining', '=', 0));
  await s.query((q) => q.insertInto('rehearsal').values(rehearsal));
  s.changes.note({ what: 'rehearsals' });
  await movePortalVersion(s);
}

/** Ends all rehearsals of a webhook or an application. */
export async function deleteRehearsals(s: WriteSession, whose: { webhookId: number; appId: number }): Promise<void> {
  await s.query((q) => q.deleteFrom('rehearsal').where('webhook_id', '=', whose.webhookId).where('app_id', '=', whose.appId));
  s.changes.note({ what: 'rehearsals' });
  await movePortalVersion(s);
}

/** Ends one. @returns false when there is no such one */
export async function deleteRehearsal(s: WriteSession, id: number): Promise<boolean> {
  const gone = await s.query((q) => q.deleteFrom('rehearsal').where('id', '=', id).where('remaining', '<>', 0).returning('id'));
  if (gone.length === 0) return false;
  s.changes.note({ what: 'rehearsals' });
  await movePortalVersion(s);
  return true;
}

const take = statement((q, p: { id: number }) =>
  q
    .updateTable('rehearsal')
    .set((eb) => ({ remaining: eb('remaining', '-', 1) }))
    .where('id', '=', p.id)
    .where('remaining', '>', 0)
    .returning('remaining'),
);

/** Takes one of the calls that are left; undefined when there is none. */
export async function takeRehearsal(s: WriteSession, id: number): Promise<number | undefined> {
  return (await s.first(take, { id }))?.remaining;
}
