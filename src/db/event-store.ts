/** Who wants to be told of what, what has happened, and what is being delivered. */
import type { Insertable, Selectable } from 'kysely';
import type { Session, WriteSession } from './database.ts';
import type { DeliveryTable, EventHandlerTable, OccurrenceTable } from './schema-apps.ts';
import { statement } from './statement.ts';

export type HandlerRow = Selectable<EventHandlerTable>;
export type OccurrenceRow = Selectable<OccurrenceTable>;
export type DeliveryRow = Selectable<DeliveryTable>;

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

/** The codes of all events that an application which was not removed wants to be told of. */
export async function boundEvents(s: Session): Promise<string[]> {
  const rows = await s.query((q) =>
    q.selectFrom('event_handler as h').innerJoin('app as a', 'a.id', 'h.app_id').where('a.active', '=', 1).select('h.event').distinct().orderBy('h.event'),
  );
  return rows.map((row) => row.event);
}

/** @returns the new handler's id, or undefined when there is one like it */
export async function insertHandler(s: WriteSession, handler: Insertable<EventHandlerTable>): Promise<number | undefined> {
  const [row] = await s.query((q) => q.insertInto('event_handler').values(handler).onConflict((c) => c.doNothing()).returning('id'));
  return row?.id;
}

export async function deleteHandlers(s: WriteSession, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await s.query((q) => q.deleteFrom('event_handler').where('id', 'in', ids));
}

export async function deleteHandlersOfApp(s: WriteSession, appId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('event_handler').where('app_id', '=', appId));
}

export async function insertOccurrences(s: WriteSession, occurrences: ReadonlyArray<Insertable<OccurrenceTable>>): Promise<void> {
  await s.query((q) => q.insertInto('occurrence').values(occurrences));
  s.touched.occurred = true;
}

const oldest = statement((q, _p: object) => q.selectFrom('occurrence').selectAll().orderBy('id').limit(100));

export function oldestOccurrences(s: Session): Promise<OccurrenceRow[]> {
  return s.all(oldest, {});
}

/** False when another node has taken it. */
export async function takeOccurrence(s: WriteSession, id: number): Promise<boolean> {
  return (await s.query((q) => q.deleteFrom('occurrence').where('id', '=', id).returning('id'))).length > 0;
}

export async function insertDelivery(s: WriteSession, delivery: Insertable<DeliveryTable>): Promise<void> {
  await s.query((q) => q.insertInto('delivery').values(delivery));
  s.touched.occurred = true;
}

const due = statement((q, p: { now: number }) =>
  q
    .selectFrom('delivery')
    .select('id')
    .where('state', '=', 'waiting')
    .where('next_at', '<=', p.now)
    .where('claimed_until', '<=', p.now)
    .orderBy('next_at')
    .limit(20),
);

export async function dueDeliveries(s: Session, now: number): Promise<number[]> {
  return (await s.all(due, { now })).map((row) => row.id);
}

/** Takes a delivery for this node; undefined when another has it. */
export async function claimDelivery(s: WriteSession, id: number, now: number, until: number): Promise<DeliveryRow | undefined> {
  const [row] = await s.query((q) =>
    q
      .updateTable('delivery')
      .set({ claimed_until: until })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('claimed_until', '<=', now)
      .returningAll(),
  );
  return row;
}

export async function updateDelivery(s: WriteSession, id: number, changes: Partial<DeliveryRow>): Promise<void> {
  await s.query((q) => q.updateTable('delivery').set(changes).where('id', '=', id));
}

/** The newest deliveries of an application. */
export function listDeliveries(s: Session, appId: number, limit: number): Promise<DeliveryRow[]> {
  return s.query((q) => q.selectFrom('delivery').selectAll().where('app_id', '=', appId).orderBy('id', 'desc').limit(limit));
}

/** Forgets some of those that were finished long ago; the rest goes the next time. */
export async function deleteOldDeliveries(s: WriteSession, before: number, most: number): Promise<void> {
  const old = await s.query((q) =>
    q.selectFrom('delivery').select('id').where('state', '<>', 'waiting').where('finished_at', '<', before).limit(most),
  );
  if (old.length > 0) await s.query((q) => q.deleteFrom('delivery').where('id', 'in', old.map((row) => row.id)));
}
