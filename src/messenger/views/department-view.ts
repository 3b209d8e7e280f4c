import { z } from 'zod';
import type { DepartmentRow } from '../../db/stores/department-store.ts';
import { int } from './scalars.ts';
import { userShape, type UserView } from './user-view.ts';

/** What is empty is left out: the root has no PARENT. */
export const departmentShape = z.strictObject({
  ID: z.string(),
  NAME: z.string(),
  SORT: z.int().describe('Place among its siblings'),
  PARENT: z.string().optional().describe('Department above; the root has none'),
  UF_HEAD: z.string().optional().describe('User who leads it'),
});

export type DepartmentView = z.infer<typeof departmentShape>;

export function viewDepartment(row: DepartmentRow): DepartmentView {
  return {
    ID: String(row.id),
    NAME: row.name,
    SORT: row.sort,
    ...(row.parent_id > 0 && { PARENT: String(row.parent_id) }),
    ...(row.head_id > 0 && { UF_HEAD: String(row.head_id) }),
  };
}

/** A department as `im.*` shows it (page im.department.get). */
export const imDepartmentShape = z.strictObject({
  id: int.describe('Number of the department'),
  name: z.string().describe('Name'),
  full_name: z.string().describe('Name, then those of the departments above'),
  manager_user_id: int.describe('User who leads it; 0 for nobody'),
  manager_user_data: userShape.optional().describe('That user, where asked for'),
}).meta({ id: 'ImDepartment' });

export type ImDepartment = z.infer<typeof imDepartmentShape>;

export function viewImDepartment(row: DepartmentRow, fullName: string, head: UserView | undefined): ImDepartment {
  return { id: row.id, name: row.name, full_name: fullName, manager_user_id: row.head_id, ...(head && { manager_user_data: head }) };
}
