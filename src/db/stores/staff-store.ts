/** Who works in which department. */
import type { Session, WriteSession } from '../database.ts';
import type { DepartmentRow } from './department-store.ts';

/** The whole structure, in the order of the numbers. */
export function allDepartments(s: Session): Promise<DepartmentRow[]> {
  return s.query((q) => q.selectFrom('department').selectAll().orderBy('id'));
}

/** Active users of the departments, without accounts of certain kinds, by department and user. */
export function staffOf(s: Session, departmentIds: readonly number[], without: readonly string[]): Promise<Array<{ department_id: number; user_id: number }>> {
  if (departmentIds.length === 0) return Promise.resolve([]);
  return s.query((q) =>
    q
      .selectFrom('user_department as d')
      .innerJoin('user as u', 'u.id', 'd.user_id')
      .select(['d.department_id', 'd.user_id'])
      .where('d.department_id', 'in', [...departmentIds])
      .where('u.active', '=', 1)
      .where('u.external_auth_id', 'not in', [...without])
      .orderBy('d.department_id')
      .orderBy('d.user_id'),
  );
}

/** Keeps others who change the structure waiting until the unit of work ends: so that it stays a tree. */
export async function lockStructure(s: WriteSession): Promise<void> {
  await s.query((q) => q.selectFrom('department').select('id').where('parent_id', '=', 0).orderBy('id').forNoKeyUpdate());
}

/** Everybody in a department, active or not. */
export async function placedIn(s: Session, departmentId: number): Promise<number[]> {
  const rows = await s.query((q) => q.selectFrom('user_department').select('user_id').where('department_id', '=', departmentId).orderBy('user_id'));
  return rows.map((row) => row.user_id);
}

export async function deleteDepartment(s: WriteSession, id: number): Promise<void> {
  await s.query((q) => q.deleteFrom('department').where('id', '=', id));
}
