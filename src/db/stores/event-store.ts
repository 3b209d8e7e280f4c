/** Who wants to be told of what, and what has happened. */
import type { Insertable, Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { EventHandlerTable, OccurrenceTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';

export type HandlerRow = Selectable<EventHandlerTable>;
export type NewHandler = Insertable<EventHandlerTable>;
export type OccurrenceRow = Selectable<OccurrenceTable>;

/** Handlers of an application; of one user where given. */
export function listHandlers(s: Session, appId: number, userId?: number): Promise<HandlerRow[]> {
  return s.query((q) => {
    const ofApp = q.selectFrom('event_handler').where('app_id', '=', appId);
    return (userId === undefined ? ofApp : ofApp.where('user_id', '=', userId)).selectAll().orderBy('id');
  });
}

export function handlersOf(s: Session, events: readonly string[]): Promise<HandlerRow[]> {
  return s.query((q) => q.selectFrom('event_handler').selectAll().where('event', 'in', events).orderBy('id'));
}

const byId = statement((q, p: { id: number }) => q.selectFrom('event_handler').selectAll().where('id', '=', p.id).forKeyShare());

/** Locked, so that whoever ends its sign-in at this moment finds the tokens that are issued for it. */
export function lockHandler(s: WriteSession, id: number): Promise<HandlerRow | undefined> {
  return s.first(byId, { id });
}

/** The codes of all events that an application which was not removed wants to be told of. */
export async function boundEvents(s: Session): Promise<string[]> {
  const rows = await s.query((q) =>
    q.selectFrom('event_handler as h').innerJoin('app as a', 'a.id', 'h.app_id').where('a.active', '=', 1).select('h.event').distinct().orderBy('h.event'),
  );
  return rows.map((row) => row.event);
}

/** @returns the new handler's id, or undefined when there is one like it */
export async function insertHandler(s: WriteSession, handler: NewHandler): Promise<number | undefined> {
  const [row] = await s.query((q) => q.insertInto('event_handler').values(handler).onConflict((c) => c.doNothing()).returning('id'));
  return row?.id;
}

export async function deleteHandlers(s: WriteSession, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await s.query((q) => q.deleteFrom('event_handler').where('id', 'in', ids));
}

export async function deleteHandlersOfApp(s: WriteSession, appId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('event_handler').where('app_id', '=', appId));
}

/** Lets the handlers that were bound with a sign-in last as long as its newest tokens. */
export async function extendHandlers(s: WriteSession, grantId: string, until: number): Promise<void> {
  await s.query((q) =>
    q
      .updateTable('event_handler')
      .set({ ends_at: until })
      .where('grant_id', '=', grantId)
      .where('refreshable', '=', 1)
      .where('ends_at', '>', 0)
      .where('ends_at', '<', until),
  );
}

/** Deletes the handlers whose time has passed. @returns how many those were */
export async function deleteEndedHandlers(s: WriteSession, now: number): Promise<number> {
  const ended = await s.query((q) => q.deleteFrom('event_handler').where('ends_at', '>', 0).where('ends_at', '<=', now).returning('id'));
  return ended.length;
}

export async function insertOccurrences(s: WriteSession, occurrences: ReadonlyArray<Insertable<OccurrenceTable>>): Promise<void> {
  await s.query((q) => q.insertInto('occurrence').values(occurrences));
  s.changes.deliveries = true;
}

const oldest = statement((q, _p: object) => q.selectFrom('occurrence').selectAll().orderBy('id').limit(100));

export function oldestOccurrences(s: Session): Promise<OccurrenceRow[]> {
  return s.all(oldest, {});
}

/** False when another node has taken it. */
export async function takeOccurrence(s: WriteSession, id: number): Promise<boolean> {
  return (await s.query((q) => q.deleteFrom('occurrence').where('id', '=', id).returning('id'))).length > 0;
}
