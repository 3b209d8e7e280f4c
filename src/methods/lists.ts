/** Filters, orders and pages of fifty, as the older list methods of the field take them. */
import { FilterError } from '../messenger/people/filter-keys.ts';
import { argumentError } from '../rest/request-error.ts';
import type { Value, ValueMap } from '../rest/values.ts';

export const PAGE = 50;
/** Most fields of an order. */
const MOST_KEYS = 3;

export interface Page {
  /** Rows before the page; negative for the first page without counting. */
  offset: number;
  /** The offset of the page after this one, where there is one. */
  next(total: number): number | undefined;
}

/** The page in which the row `start` is. */
export function pageOf(start: number, spelledLarge: number | undefined): Page {
  const wanted = start === 0 ? (spelledLarge ?? 0) : start;
  if (wanted < 0) return { offset: -1, next: () => undefined };
  const offset = Math.floor(wanted / PAGE) * PAGE;
  return { offset, next: (total) => (offset + PAGE < total ? offset + PAGE : undefined) };
}

export type Order = ReadonlyArray<readonly [field: string, descending: boolean]>;

/**
 * SORT with ORDER, or ORDER as a map of fields.
 *
 * @throws RequestError
 */
export function orderOf(sort: string | undefined, order: Value | undefined): Order {
  if (typeof order !== 'object' || order === null) {
    const descending = isDescending('ORDER', order ?? '');
    return sort ? [[sort.toUpperCase(), descending]] : [];
  }
  const keys = Array.isArray(order) && order.length > 0 ? undefined : Object.entries(order);
  if (!keys) throw argumentError('ORDER', 'must be ASC, DESC or a map of fields');
  if (keys.length > MOST_KEYS) throw argumentError('ORDER', `has more than ${MOST_KEYS} fields`);
  return keys.map(([field, direction]) => [field.toUpperCase(), isDescending(`ORDER[${shortened(field)}]`, direction)] as const);
}

function isDescending(name: string, direction: Value): boolean {
  const word = typeof direction === 'string' ? direction.trim().toUpperCase() : undefined;
  if (word === 'DESC') return true;
  if (word === 'ASC' || word === '') return false;
  throw argumentError(name, 'must be ASC or DESC');
}

/** Whether a FILTER is there at all; without one, other parameters may be the conditions. */
export function isGiven(filter: Value | undefined): boolean {
  return filter !== undefined && filter !== null && filter !== '';
}

/** @throws RequestError */
export function filterMap(filter: Value | undefined): ValueMap {
  if (!isGiven(filter) || (Array.isArray(filter) && filter.length === 0)) return {};
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) throw argumentError('FILTER', 'must be a map of conditions');
  return filter;
}

/** What a fault of a filter or an order is on the wire; everything else stays as it is. */
export function conditionError(thrown: unknown, order: Order, filter: Value | undefined): unknown {
  if (!(thrown instanceof FilterError)) return thrown;
  const key = shortened(thrown.key);
  if (order.some(([field]) => field === thrown.key)) return argumentError('SORT', `names ${key}, which ${thrown.problem}`);
  const inFilter = typeof filter === 'object' && filter !== null && Object.hasOwn(filter, thrown.key);
  return argumentError(inFilter ? `FILTER[${key}]` : key, thrown.problem);
}

function shortened(name: string): string {
  return name.slice(0, 80).toWellFormed();
}
