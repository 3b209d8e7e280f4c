import { z } from 'zod';
import type { DepartmentRow } from '../../db/stores/department-store.ts';

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
