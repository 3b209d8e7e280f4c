/** Changing the company's structure, which stays a tree with one root. Only administrators do; whoever calls has checked that. */
import type { Session, WriteSession } from '../../db/database.ts';
import { type DepartmentRow, insertDepartment, updateDepartment } from '../../db/stores/department-store.ts';
import { allDepartments, deleteDepartment, lockStructure, placedIn } from '../../db/stores/staff-store.ts';
import { findUser, findUsers, updateUser } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { storedIntegers } from '../views/presenting.ts';
import { below } from './structure.ts';

export interface DepartmentChanges {
  name?: string | undefined;
  sort?: number | undefined;
  parentId?: number | undefined;
  /** 0 for nobody. */
  headId?: number | undefined;
}

export type DepartmentRefusal = 'no_department' | 'no_parent' | 'no_head' | 'circle' | 'root' | 'too_many';

const SORT = 500;
const MOST_DEPARTMENTS = 5000;

export function addDepartment(m: Messenger, changes: DepartmentChanges & { name: string; parentId: number }): Promise<Outcome<number, DepartmentRefusal>> {
  return m.db.write(async (s) => {
    await lockStructure(s);
    const all = await allDepartments(s);
    if (all.length >= MOST_DEPARTMENTS) return refused('too_many');
    if (!all.some(({ id }) => id === changes.parentId)) return refused('no_parent');
    if (!(await isHead(s, changes.headId))) return refused('no_head');
    const { name, parentId, sort = SORT, headId = 0 } = changes;
    return done(await insertDepartment(s, { name, sort, parent_id: parentId, head_id: headId, created_at: m.stamp() }));
  });
}

export function changeDepartment(m: Messenger, id: number, changes: DepartmentChanges): Promise<Outcome<true, DepartmentRefusal>> {
  return m.db.write(async (s) => {
    await lockStructure(s);
    const all = await allDepartments(s);
    const department = all.find((row) => row.id === id);
    if (!department) return refused('no_department');
    const wrong = changes.parentId === undefined ? undefined : whyNotBelow(all, department, changes.parentId);
    if (wrong) return refused(wrong);
    if (!(await isHead(s, changes.headId))) return refused('no_head');
    const { name, sort, parentId, headId } = changes;
    const given = Object.entries({ name, sort, parent_id: parentId, head_id: headId }).filter(([, value]) => value !== undefined);
    if (given.length > 0) await updateDepartment(s, id, Object.fromEntries(given));
    return done(true);
  });
}

function whyNotBelow(all: readonly DepartmentRow[], department: DepartmentRow, parentId: number): DepartmentRefusal | undefined {
  if (department.parent_id === 0) return 'root';
  if (!all.some(({ id }) => id === parentId)) return 'no_parent';
  return below(all, [department.id]).includes(parentId) ? 'circle' : undefined;
}

async function isHead(s: Session, headId: number | undefined): Promise<boolean> {
  return headId === undefined || headId === 0 || (await findUser(s, headId)) !== undefined;
}

/** Takes a department away: who and what was in it comes to the one above. */
export function dropDepartment(m: Messenger, id: number): Promise<Outcome<true, DepartmentRefusal>> {
  return m.db.write(async (s) => {
    await lockStructure(s);
    const all = await allDepartments(s);
    const department = all.find((row) => row.id === id);
    if (!department) return refused('no_department');
    if (department.parent_id === 0) return refused('root');
    for (const child of all.filter((row) => row.parent_id === id)) await updateDepartment(s, child.id, { parent_id: department.parent_id });
    await movePeople(s, m, id, department.parent_id);
    await deleteDepartment(s, id);
    return done(true);
  });
}

async function movePeople(s: WriteSession, m: Messenger, from: number, to: number): Promise<void> {
  const users = await findUsers(s, await placedIn(s, from));
  for (const { id, departments } of users) {
    const moved = [...new Set(storedIntegers(departments).map((department) => (department === from ? to : department)))];
    await updateUser(s, id, { departments: JSON.stringify(moved), updated_at: m.stamp() });
  }
}
