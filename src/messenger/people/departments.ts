/** The company's structure as `department.*` shows it. */
import { countDepartments, type DepartmentColumn, type DepartmentCondition, findDepartments } from '../../db/stores/department-store.ts';
import { folded } from '../../db/stores/user-search.ts';
import type { Viewer } from '../access/viewer.ts';
import { FilterCost, FilterError, parseFilterKey } from './filter-keys.ts';
import { numberTests, textTests } from './filter-tests.ts';
import { type DepartmentView, viewDepartment } from '../views/department-view.ts';
import type { Messenger } from '../messenger.ts';

/** Fields by their names on the wire. */
export const DEPARTMENT_FIELDS: Readonly<Record<string, DepartmentColumn>> = {
  ID: 'id', NAME: 'name_key', SORT: 'sort', PARENT: 'parent_id', UF_HEAD: 'head_id',
};

export interface DepartmentQuery {
  viewer: Viewer;
  filter: Readonly<Record<string, unknown>>;
  order: ReadonlyArray<readonly [field: string, descending: boolean]>;
  /** Rows to pass over; negative for the first page without counting. */
  offset: number;
  limit: number;
}

/**
 * One page of departments. Guests see none: the structure is the company's own.
 *
 * @throws FilterError
 */
export function listDepartments(m: Messenger, query: DepartmentQuery): Promise<{ rows: DepartmentView[]; total: number }> {
  const cost = new FilterCost();
  const conditions = Object.entries(query.filter).map(([key, raw]) => conditionOf(cost, key, raw));
  const order = query.order.map(([field, descending]) => [columnOf(field, field, 'is no field to sort by'), descending] as const);
  if (!query.viewer.insider) return Promise.resolve({ rows: [], total: 0 });
  return m.db.read(async (s) => {
    const total = query.offset < 0 ? 0 : await countDepartments(s, conditions);
    const rows = await findDepartments(s, conditions, order, Math.max(query.offset, 0), query.limit);
    return { rows: rows.map(viewDepartment), total };
  });
}

function columnOf(field: string, key: string, problem: string): DepartmentColumn {
  const column = Object.hasOwn(DEPARTMENT_FIELDS, field) ? DEPARTMENT_FIELDS[field] : undefined;
  if (!column) throw new FilterError(key, problem);
  return column;
}

function conditionOf(cost: FilterCost, key: string, raw: unknown): DepartmentCondition {
  const parsed = parseFilterKey(key);
  const column = columnOf(parsed.field, key, 'is no field to filter by');
  const values = cost.read(key, raw);
  const tests = column === 'name_key' ? textTests(cost, parsed, values).map(folded) : numberTests(cost, parsed, values);
  return { column, negated: parsed.negated, tests };
}
