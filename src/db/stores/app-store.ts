import type { Selectable, Updateable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { AppTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';

export type AppRow = Selectable<AppTable>;

const byId = statement((q, p: { id: number }) => q.selectFrom('app').selectAll().where('id', '=', p.id));
const byClientId = statement((q, p: { clientId: string }) => q.selectFrom('app').selectAll().where('client_id', '=', p.clientId));

export function findApp(s: Session, id: number): Promise<AppRow | undefined> {
  return s.first(byId, { id });
}

export function findAppByClientId(s: Session, clientId: string): Promise<AppRow | undefined> {
  return s.first(byClientId, { clientId });
}

/** All that were not removed, oldest first. */
export function activeApps(s: Session): Promise<AppRow[]> {
  return s.query((q) => q.selectFrom('app').selectAll().where('active', '=', 1).orderBy('id'));
}

export async function insertApp(s: WriteSession, app: Omit<AppRow, 'id'>): Promise<AppRow> {
  const [row] = await s.query((q) => q.insertInto('app').values(app).returningAll());
  s.changes.note({ what: 'credentials' });
  return row!;
}

export async function updateApp(s: WriteSession, id: number, changes: Updateable<AppTable>): Promise<void> {
  await s.query((q) => q.updateTable('app').set(changes).where('id', '=', id));
  s.changes.note({ what: 'credentials' });
}

/** @returns the application, unless it was installed before or removed */
export async function markInstalled(s: WriteSession, id: number, now: number): Promise<AppRow | undefined> {
  const [row] = await s.query((q) =>
    q.updateTable('app').set({ installed: 1, updated_at: now }).where('id', '=', id).where('installed', '=', 0).where('active', '=', 1).returningAll(),
  );
  if (row) s.changes.note({ what: 'credentials' });
  return row;
}

/** Whether the user has opened the application before. */
export async function hasVisited(s: Session, appId: number, userId: number): Promise<boolean> {
  const rows = await s.query((q) => q.selectFrom('app_visit').select('app_id').where('app_id', '=', appId).where('user_id', '=', userId));
  return rows.length > 0;
}

export async function insertVisit(s: WriteSession, appId: number, userId: number): Promise<void> {
  await s.query((q) => q.insertInto('app_visit').values({ app_id: appId, user_id: userId }).onConflict((c) => c.doNothing()));
}
