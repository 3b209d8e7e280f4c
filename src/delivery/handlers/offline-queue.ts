/** How an application fetches its events: event.offline.*. */
import { randomBytes } from 'node:crypto';
import type { Zone } from '../../base/dates.ts';
import {
  clearReserved, countOfflineEvents, deleteOfflineEvents, listOfflineEvents, lockOfflineEvents, markReserved, type OfflineCondition,
  type OfflineEventRow, type OfflineSelection, reserveOfflineEvents, type Reserved,
} from '../../db/stores/offline-store.ts';
import type { Portal } from '../../portal/portal.ts';

export type { OfflineColumn, OfflineCondition, OfflineSelection } from '../../db/stores/offline-store.ts';

/** What is taken from a queue, and how. */
export interface Taking extends OfflineSelection {
  limit: number;
  /** Forgets what is given; else it is reserved until it is cleared. */
  clear: boolean;
  /** Of what this process has reserved; of what nobody has where it is undefined. */
  processId: string | undefined;
  /** Of what could not be processed; else of what has not been tried. */
  errors: boolean;
}

export interface Taken {
  /** Reserved under this name; null where it is forgotten. */
  processId: string | null;
  rows: OfflineEventRow[];
}

/** Takes the first of a queue. Whoever takes at the same time gets others. */
export function takeOffline({ db }: Portal, taking: Taking): Promise<Taken> {
  const selection = { ...taking, conditions: [...taking.conditions, ...available(taking)] };
  const processId = taking.clear ? null : randomBytes(16).toString('hex');
  return db.write(async (s) => {
    const rows = await lockOfflineEvents(s, selection, taking.limit);
    const ids = rows.map(({ id }) => id);
    if (processId === null) await deleteOfflineEvents(s, ids);
    else await reserveOfflineEvents(s, ids, processId);
    return { processId, rows };
  });
}

function available({ processId, errors }: Taking): OfflineCondition[] {
  const is = (column: 'process_id' | 'error', value: string | number): OfflineCondition => ({ column, anyOf: [[{ op: '=', value }]], negated: false });
  // What could not be processed is reserved all the while.
  const free = errors ? [] : [is('process_id', '')];
  return [is('error', errors ? 1 : 0), ...(processId === undefined ? free : [is('process_id', processId)])];
}

/** A page of a queue, which stays as it is. */
export function listOffline({ db }: Portal, selection: OfflineSelection, page: { offset: number; limit: number }): Promise<{ rows: OfflineEventRow[]; total: number }> {
  return db.read(async (s) => ({ rows: await listOfflineEvents(s, selection, page), total: await countOfflineEvents(s, selection) }));
}

/** Forgets what was reserved and is processed. */
export function clearOffline({ db }: Portal, reserved: Reserved): Promise<void> {
  return db.write((s) => clearReserved(s, reserved));
}

/** Marks what was reserved and could not be processed. */
export function failOffline({ db }: Portal, reserved: Reserved): Promise<void> {
  return db.write((s) => markReserved(s, reserved));
}

/** As it is shown: numbers as text. */
export function viewOffline(row: OfflineEventRow, zone: Zone) {
  return {
    ID: String(row.id),
    TIMESTAMP_X: zone.atom(row.updated_at),
    EVENT_NAME: row.event,
    EVENT_DATA: JSON.parse(row.data) as Record<string, unknown>,
    EVENT_ADDITIONAL: row.user_id === 0 ? (false as const) : { user_id: String(row.user_id) },
    MESSAGE_ID: row.message_id,
  };
}
