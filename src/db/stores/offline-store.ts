/** What applications are to fetch: rows that are taken, or reserved for a while and then cleared. */
import { type ExpressionBuilder, type Insertable, type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { OfflineEventTable } from '../schema-queues.ts';
import type { Schema } from '../schema.ts';
import type { Builder } from '../statement.ts';

export type OfflineEventRow = Selectable<OfflineEventTable>;

/** One queue: an application's, or that of one of its exchanges. */
export interface OfflineQueue {
  appId: number;
  connector: string;
}

export type OfflineColumn = 'id' | 'updated_at' | 'event' | 'message_id' | 'process_id' | 'error';

interface Test {
  op: '=' | '>' | '>=' | '<' | '<=';
  value: number | string;
}

/** One of several ranges holds, each of which is all its tests; or none of them where it is negated. */
export interface OfflineCondition {
  column: OfflineColumn;
  anyOf: ReadonlyArray<readonly Test[]>;
  negated: boolean;
}

export interface OfflineSelection {
  queue: OfflineQueue;
  conditions: readonly OfflineCondition[];
  order: ReadonlyArray<{ column: OfflineColumn; direction: 'asc' | 'desc' }>;
}

/** Writes down that something has happened, once more or for the first time since it was taken or reserved. @returns whether for the first time */
export async function recordOfflineEvent(s: WriteSession, row: Omit<Insertable<OfflineEventTable>, 'process_id' | 'error'>): Promise<boolean> {
  const known = await s.query((q) =>
    q
      .updateTable('offline_event')
      .set({ updated_at: row.updated_at, user_id: row.user_id })
      .where('app_id', '=', row.app_id)
      .where('connector', '=', row.connector)
      .where('message_id', '=', row.message_id)
      .where('process_id', '=', '')
      .returning('id'),
  );
  if (known.length > 0) return false;
  await s.query((q) => q.insertInto('offline_event').values({ ...row, process_id: '', error: 0 }));
  return true;
}

type Where = ExpressionBuilder<Schema, 'offline_event'>;

function holds(eb: Where, { column, anyOf, negated }: OfflineCondition) {
  const any = eb.or(anyOf.map((tests) => eb.and(tests.map(({ op, value }) => eb(column, op, value as never)))));
  return negated ? eb.not(any) : any;
}

function selected(q: Builder, { queue, conditions }: Pick<OfflineSelection, 'queue' | 'conditions'>) {
  return q
    .selectFrom('offline_event')
    .where('app_id', '=', queue.appId)
    .where('connector', '=', queue.connector)
    .where((eb) => eb.and(conditions.map((condition) => holds(eb, condition))));
}

function ordered(q: Builder, selection: OfflineSelection) {
  return selection.order.reduce((query, { column, direction }) => query.orderBy(column, direction), selected(q, selection).selectAll()).orderBy('id');
}

export async function countOfflineEvents(s: Session, selection: OfflineSelection): Promise<number> {
  const [row] = await s.query((q) => selected(q, selection).select((eb) => eb.fn.countAll<number>().as('all')));
  return row!.all;
}

export function listOfflineEvents(s: Session, selection: OfflineSelection, page: { offset: number; limit: number }): Promise<OfflineEventRow[]> {
  return s.query((q) => ordered(q, selection).limit(page.limit).offset(page.offset));
}

/** Those that nobody else is just taking; kept from others until the unit ends. */
export function lockOfflineEvents(s: WriteSession, selection: OfflineSelection, limit: number): Promise<OfflineEventRow[]> {
  return s.query((q) => ordered(q, selection).limit(limit).forUpdate().skipLocked());
}

export async function deleteOfflineEvents(s: WriteSession, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await s.query((q) => q.deleteFrom('offline_event').where('id', 'in', [...ids]));
}

export async function reserveOfflineEvents(s: WriteSession, ids: readonly number[], processId: string): Promise<void> {
  if (ids.length === 0) return;
  await s.query((q) => q.updateTable('offline_event').set({ process_id: processId, error: 0 }).where('id', 'in', [...ids]));
}

/** What a process has reserved, or of it what is named. */
export interface Reserved {
  appId: number;
  processId: string;
  ids?: readonly number[] | undefined;
  messageIds?: readonly string[] | undefined;
}

/** Whoever names none of a list means none of them. */
function namesNone({ messageIds }: Reserved): boolean {
  return messageIds?.length === 0;
}

export async function clearReserved(s: WriteSession, reserved: Reserved): Promise<void> {
  const { appId, processId, ids, messageIds } = reserved;
  if (!namesNone(reserved)) await s.query((q) => {
    const own = q.deleteFrom('offline_event').where('app_id', '=', appId).where('process_id', '=', processId).where('process_id', '<>', sql.lit(''));
    if (messageIds) return own.where('message_id', 'in', [...messageIds]);
    return ids ? own.where('id', 'in', [...ids]) : own;
  });
}

export async function markReserved(s: WriteSession, reserved: Reserved): Promise<void> {
  const { appId, processId, messageIds } = reserved;
  if (!namesNone(reserved)) await s.query((q) => {
    const own = q.updateTable('offline_event').set({ error: 1 }).where('app_id', '=', appId).where('process_id', '=', processId).where('process_id', '<>', sql.lit(''));
    return messageIds ? own.where('message_id', 'in', [...messageIds]) : own;
  });
}

export async function deleteOfflineEventsOfApp(s: WriteSession, appId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('offline_event').where('app_id', '=', appId));
}

/** Forgets some of those that last happened before a time, reserved or not. @returns how many */
export async function trimOfflineEvents(s: WriteSession, before: number, most: number): Promise<number> {
  const old = await s.query((q) => q.selectFrom('offline_event').select('id').where('updated_at', '<', before).limit(most));
  await deleteOfflineEvents(s, old.map(({ id }) => id));
  return old.length;
}
