/** FILTER and ORDER of event.offline.*. */
import type { OfflineColumn, OfflineCondition, OfflineSelection } from '../../delivery/handlers/offline-queue.ts';
import { FilterCost, FilterError, type FilterKey, parseFilterKey } from '../../messenger/people/filter-keys.ts';
import { toInteger } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';

const COLUMNS: Readonly<Record<string, OfflineColumn>> = { ID: 'id', TIMESTAMP_X: 'updated_at', EVENT_NAME: 'event', MESSAGE_ID: 'message_id' };
/** What event.offline.list can be filtered and sorted by besides. */
export const LIST_COLUMNS: Readonly<Record<string, OfflineColumn>> = { ...COLUMNS, PROCESS_ID: 'process_id', ERROR: 'error' };
export { COLUMNS as QUEUE_COLUMNS };

type Columns = Readonly<Record<string, OfflineColumn>>;
type Test = OfflineCondition['anyOf'][number][number];
type ParseDate = (text: string) => number | undefined;

/** @throws RequestError that names the condition */
export function conditionsOf(filter: Value | undefined, columns: Columns, parseDate: ParseDate): OfflineCondition[] {
  if (filter === undefined || filter === null || filter === '') return [];
  if (typeof filter !== 'object') throw argumentError('FILTER', 'must be a map of conditions');
  const cost = new FilterCost();
  try {
    return Object.entries(filter).map(([name, raw]) => conditionOf(parseFilterKey(name), cost.read(name, raw), columns, parseDate));
  } catch (fault) {
    throw fault instanceof FilterError ? argumentError(`FILTER[${fault.key.slice(0, 100).toWellFormed()}]`, fault.problem) : fault;
  }
}

function conditionOf(key: FilterKey, values: readonly string[], columns: Columns, parseDate: ParseDate): OfflineCondition {
  const column = Object.hasOwn(columns, key.field) ? columns[key.field]! : undefined;
  if (!column) throw new FilterError(key.key, 'is no field to filter by');
  if (key.mode === 'part' || key.mode === 'pattern') throw new FilterError(key.key, 'cannot be compared by parts');
  const anyOf = values.map((value) => (column === 'updated_at' ? dateTests(key, value, parseDate) : [testOf(key, column, value)]));
  return { column, anyOf, negated: key.negated };
}

function testOf(key: FilterKey, column: OfflineColumn, value: string): Test {
  const op = key.mode === 'plain' || key.mode === 'exact' ? '=' : (key.mode as Test['op']);
  if (column === 'event') return { op, value: value.toUpperCase() };
  if (column !== 'id' && column !== 'error') return { op, value };
  return { op, value: toInteger(value) ?? noNumber(key) };
}

function noNumber(key: FilterKey): never {
  throw new FilterError(key.key, 'must be an integer');
}

/** Dates are shown in whole seconds, and so compared. */
function dateTests(key: FilterKey, value: string, parseDate: ParseDate): Test[] {
  const instant = parseDate(value);
  if (instant === undefined) throw new FilterError(key.key, 'must be a date such as 2026-02-25T18:30:00+01:00');
  const second = Math.floor(instant / 1000) * 1000;
  const [from, before] = [{ op: '>=', value: second }, { op: '<', value: second + 1000 }] as const;
  switch (key.mode) {
    case '>': return [{ op: '>=', value: second + 1000 }];
    case '>=': return [from];
    case '<': return [{ op: '<', value: second }];
    case '<=': return [before];
    default: return [from, before];
  }
}

/** @throws RequestError */
export function orderOf(order: Value | undefined, columns: Columns, unlessGiven: OfflineColumn): OfflineSelection['order'] {
  if (order === undefined || order === null || order === '') return [{ column: unlessGiven, direction: 'asc' }];
  if (typeof order !== 'object') throw argumentError('ORDER', 'must be a map of fields to ASC or DESC');
  const given = Object.entries(order).map(([name, direction]) => {
    const field = name.toUpperCase();
    if (!Object.hasOwn(columns, field)) throw argumentError('ORDER', 'has a field that cannot be sorted by');
    const word = typeof direction === 'string' ? direction.toUpperCase() : '';
    if (word !== 'ASC' && word !== 'DESC') throw argumentError('ORDER', 'must have ASC or DESC for each field');
    return { column: columns[field]!, direction: word === 'ASC' ? ('asc' as const) : ('desc' as const) };
  });
  return given.length > 0 ? given : [{ column: unlessGiven, direction: 'asc' }];
}
