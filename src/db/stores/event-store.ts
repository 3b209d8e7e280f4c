/** Who wants to be told of what. */
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { Flag } from '../flag.ts';
import { currentRevision } from '../revision.ts';
import type { EventHandlerTable } from '../schema-apps.ts';
import { statement } from '../statement.ts';

export type HandlerRow = Selectable<EventHandlerTable>;
export type NewHandler = Omit<Insertable<EventHandlerTable>, 'rev' | 'told_at'>;

/** The address of a handler that has none, because its application fetches: handlers are told apart by their addresses. */
export function offlineUrl(connector: string): string {
  return `offline:${connector}`;
}

/** Handlers of an application; of one user where given. */
export function listHandlers(s: Session, appId: number, userId?: number): Promise<HandlerRow[]> {
  return s.query((q) => {
    const ofApp = q.selectFrom('event_handler').where('app_id', '=', appId);
    return (userId === undefined ? ofApp : ofApp.where('user_id', '=', userId)).selectAll().orderBy('id');
  });
}

/** Handlers that are to be told of what has the given revision: those that were not bound later. */
export function handlersOf(s: Session, events: readonly string[], rev: number): Promise<HandlerRow[]> {
  return s.query((q) => q.selectFrom('event_handler').selectAll().where('event', 'in', events).where('rev', '<=', rev).orderBy('id'));
}

const byId = statement((q, p: { id: number }) => q.selectFrom('event_handler').selectAll().where('id', '=', p.id).forKeyShare());

/** Locked, so that whoever ends its sign-in at this moment finds the tokens that are issued for it. */
export function lockHandler(s: WriteSession, id: number): Promise<HandlerRow | undefined> {
  return s.first(byId, { id });
}

const bound = statement((q, _p: object) =>
  q
    .selectFrom('event_handler as h')
    .innerJoin('app as a', 'a.id', 'h.app_id')
    .where('a.active', '=', sql.lit(1))
    .select((eb) => [sql<string | null>`h.event`.as('event'), 'h.offline', eb.fn.min<number>('h.rev').as('since')])
    .groupBy(['h.event', 'h.offline'])
    .unionAll(
      q
        .selectFrom('event_subscriber as u')
        .select((eb) => [sql<string | null>`null`.as('event'), sql<Flag>`1`.as('offline'), eb.fn.min<number>('u.rev').as('since')])
        .having((eb) => eb.fn.countAll<number>(), '>', sql.lit(0)),
    ),
);

/** Of what somebody is to be told, and from which revision on. */
export interface Wanted {
  /** The code of an event that an application has bound which was not removed; null for whatever users have recorded. */
  event: string | null;
  /** It is fetched. */
  offline: Flag;
  since: number;
}

export function wantedEvents(s: Session): Promise<Wanted[]> {
  return s.all(bound, {});
}

/** @returns the new handler's id, or undefined when there is one like it */
export async function insertHandler(s: WriteSession, handler: NewHandler): Promise<number | undefined> {
  const values = { ...handler, rev: currentRevision };
  const [row] = await s.query((q) => q.insertInto('event_handler').values(values).onConflict((c) => c.doNothing()).returning('id'));
  if (row) s.changes.note({ what: 'handlers' });
  return row?.id;
}

/** Notes when a handler of ONOFFLINEEVENT was last to be told. */
export async function recordTold(s: WriteSession, id: number, at: number): Promise<void> {
  await s.query((q) => q.updateTable('event_handler').set({ told_at: at }).where('id', '=', id));
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

/** Lets the handlers that a user has bound for an application last as long as tokens that it is given for that user anew. */
export async function extendHandlersOf(s: WriteSession, appId: number, userId: number, until: number): Promise<void> {
  await s.query((q) =>
    q
      .updateTable('event_handler')
      .set({ ends_at: until })
      .where('app_id', '=', appId)
      .where('bound_by', '=', userId)
      .where('refreshable', '=', 1)
      .where('ends_at', '>', 0)
      .where('ends_at', '<', until),
  );
}

/** Deletes the handlers whose time has passed. */
export async function deleteEndedHandlers(s: WriteSession, now: number): Promise<void> {
  await s.query((q) => q.deleteFrom('event_handler').where('ends_at', '>', 0).where('ends_at', '<=', now));
}
