import { type Insertable, type RawBuilder, type Selectable, type SqlBool, sql, type Updateable } from 'kysely';
import type { Database, Session, WriteSession } from '../database.ts';
import { fold } from '../fold.ts';
import { readSettings } from './portal-store.ts';
import type { DepartmentTable } from '../schema.ts';
import { compare, type Test } from './user-search.ts';

export type DepartmentRow = Selectable<DepartmentTable>;
export type DepartmentColumn = 'id' | 'name_key' | 'sort' | 'parent_id' | 'head_id';

/** One of the tests holds, or none where it is negated. The name is compared folded. */
export interface DepartmentCondition {
  column: DepartmentColumn;
  negated: boolean;
  tests: ReadonlyArray<Test<number> | Test<string>>;
}

const ROOT_SORT = 500;

export async function countDepartments(s: Session, conditions: readonly DepartmentCondition[]): Promise<number> {
  const [row] = await s.query((q) =>
    q.selectFrom('department').select((eb) => eb.fn.countAll<number>().as('departments')).where((eb) => eb.and(conditions.map(truthOf))),
  );
  return row!.departments;
}

export function findDepartments(
  s: Session,
  conditions: readonly DepartmentCondition[],
  order: ReadonlyArray<readonly [DepartmentColumn, descending: boolean]>,
  offset: number,
  limit: number,
): Promise<DepartmentRow[]> {
  return s.query((q) => {
    let query = q.selectFrom('department').selectAll().where((eb) => eb.and(conditions.map(truthOf)));
    for (const [column, descending] of order) query = query.orderBy(column, descending ? 'desc' : 'asc');
    return query.orderBy('id').limit(limit).offset(offset);
  });
}

function truthOf({ column, negated, tests }: DepartmentCondition): RawBuilder<SqlBool> {
  const each = tests.map((test) => sql`(${compare(sql.ref(column), test)})`);
  const any = each.length === 0 ? sql`1 = 0` : sql.join(each, sql` or `);
  return negated ? sql`(not (${any}))` : sql`(${any})`;
}

export async function insertDepartment(s: WriteSession, department: Omit<Insertable<DepartmentTable>, 'name_key'>): Promise<number> {
  const [row] = await s.query((q) => q.insertInto('department').values({ ...department, name_key: fold(department.name) }).returning('id'));
  return row!.id;
}

export async function updateDepartment(s: WriteSession, id: number, changes: Omit<Updateable<DepartmentTable>, 'name_key'>): Promise<void> {
  const key = changes.name === undefined ? {} : { name_key: fold(changes.name) };
  await s.query((q) => q.updateTable('department').set({ ...changes, ...key }).where('id', '=', id));
}

/** Adds the department at the top of the tree, unless there is one. */
export async function ensureRootDepartment(s: WriteSession, name: string, now: number): Promise<void> {
  // Another node may be starting too: whoever has the portal's row decides.
  await s.query((q) => q.selectFrom('portal').select('key').where('key', '=', 'name').forNoKeyUpdate());
  if ((await countDepartments(s, [])) === 0) await insertDepartment(s, { name, sort: ROOT_SORT, parent_id: 0, head_id: 0, created_at: now });
}

/** Gives a portal of an older release its root. A portal that is not there yet gets one with everything else. */
export async function addMissingRoot(db: Database, now: number): Promise<void> {
  const missing = await db.read(async (s) => ((await countDepartments(s, [])) === 0 ? (await readSettings(s)).get('name') : undefined));
  if (missing !== undefined) await db.write((s) => ensureRootDepartment(s, missing, now));
}
