/** The company's structure as `im.department.*` shows it: a tree of departments, who leads and who works in them. */
import type { Session } from '../../db/database.ts';
import type { DepartmentRow } from '../../db/stores/department-store.ts';
import { wordsOf } from '../../db/fold.ts';
import { allDepartments, staffOf } from '../../db/stores/staff-store.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { type Outcome, done, refused } from '../../base/outcome.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { type ImDepartment, viewImDepartment } from '../views/department-view.ts';
import { present, storedIntegers } from '../views/presenting.ts';
import { OUTSIDERS, type UserView, viewUser } from '../views/user-view.ts';

/** People by department; as cards or as numbers. */
export type Staff = Record<string, number[] | UserView[]>;

type Structure<R> = Promise<Outcome<R, 'no_access'>>;

/** The structure is the company's own: guests see none of it. */
async function within<R>(m: Messenger, viewer: Viewer, look: (s: Session, cards: CardsOf) => Promise<R>): Structure<R> {
  if (!viewer.insider) return refused('no_access');
  const { zone } = await m.settings();
  const cardsIn = (s: Session): CardsOf => async (ids) => {
    const users = await findUsers(s, ids);
    return new Map((await flatMapGently(users, (user) => present(m, { user: user.id }, () => viewUser(user, zone)))).map((user) => [user.id, user]));
  };
  return done(await m.db.read((s) => look(s, cardsIn(s))));
}

type CardsOf = (ids: readonly number[]) => Promise<Map<number, UserView>>;

export interface DepartmentPage {
  rows: ImDepartment[];
  total: number;
}

/** The departments with these numbers; those that do not exist are left out. */
export function departmentsById(m: Messenger, viewer: Viewer, ids: readonly number[], withUsers: boolean): Structure<ImDepartment[]> {
  return within(m, viewer, async (s, cards) => {
    const all = await allDepartments(s);
    return viewAll(all, all.filter(({ id }) => ids.includes(id)), withUsers ? cards : undefined);
  });
}

/** Departments whose full name has a word that begins so, for each word; all where there is none to look for. */
export function findDepartmentsByName(m: Messenger, viewer: Viewer, find: string, page: { offset: number; limit: number }, withUsers: boolean): Structure<DepartmentPage> {
  const wanted = [...find].length < SHORTEST ? [] : wordsOf(find);
  return within(m, viewer, async (s, cards) => {
    const all = await allDepartments(s);
    const found = all.filter((department) => {
      const words = wordsOf(fullName(all, department));
      return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
    });
    return { rows: await viewAll(all, found.slice(page.offset, page.offset + page.limit), withUsers ? cards : undefined), total: found.length };
  });
}

const SHORTEST = 2;

async function viewAll(all: readonly DepartmentRow[], rows: readonly DepartmentRow[], cards: CardsOf | undefined): Promise<ImDepartment[]> {
  const heads = await cards?.(rows.map(({ head_id }) => head_id).filter((id) => id > 0));
  return rows.map((row) => viewImDepartment(row, fullName(all, row), heads?.get(row.head_id)));
}

/** `Dev / Saltmarsh`: the department, then what is above it. */
function fullName(all: readonly DepartmentRow[], department: DepartmentRow): string {
  const byId = new Map(all.map((row) => [row.id, row]));
  const path: DepartmentRow[] = [];
  for (let row: DepartmentRow | undefined = department; row && !path.includes(row); row = byId.get(row.parent_id)) path.push(row);
  return path.map(({ name }) => name).join(' / ');
}

/** Who leads each of the departments that exist. */
export function headsOf(m: Messenger, viewer: Viewer, ids: readonly number[], withUsers: boolean): Structure<Staff> {
  return within(m, viewer, async (s, cards) => {
    const rows = (await allDepartments(s)).filter(({ id }) => ids.includes(id));
    return grouped(rows.map(({ id, head_id }) => [id, head_id > 0 ? [head_id] : []]), withUsers ? cards : undefined);
  });
}

/** Who works in each of the departments that exist. */
export function employeesOf(m: Messenger, viewer: Viewer, ids: readonly number[], withUsers: boolean): Structure<Staff> {
  return within(m, viewer, async (s, cards) => {
    const known = (await allDepartments(s)).map(({ id }) => id).filter((id) => ids.includes(id));
    const staff = await staffOf(s, known, OUTSIDERS);
    return grouped(known.map((id) => [id, staff.filter((row) => row.department_id === id).map((row) => row.user_id)]), withUsers ? cards : undefined);
  });
}

async function grouped(entries: Array<[number, number[]]>, cards: CardsOf | undefined): Promise<Staff> {
  if (!cards) return Object.fromEntries(entries);
  const users = await cards([...new Set(entries.flatMap(([, ids]) => ids))]);
  return Object.fromEntries(entries.map(([id, ids]) => [id, ids.flatMap((user) => users.get(user) ?? [])]));
}

/**
 * Who works in one's departments; for whoever leads some, also who works in them and below, and who leads any department.
 * In the order of their numbers.
 */
export function colleaguesOf(m: Messenger, viewer: Viewer, page: { offset: number; limit: number }, withUsers: boolean): Structure<{ rows: number[] | UserView[]; total: number }> {
  return within(m, viewer, async (s, cards) => {
    const all = await allDepartments(s);
    const [self] = await findUsers(s, [viewer.userId]);
    const led = below(all, all.filter(({ head_id }) => head_id === viewer.userId).map(({ id }) => id));
    const staff = await staffOf(s, [...new Set([...storedIntegers(self?.departments ?? '[]'), ...led])], OUTSIDERS);
    const heads = led.length > 0 ? all.map(({ head_id }) => head_id).filter((id) => id > 0) : [];
    const ids = [...new Set([...staff.map((row) => row.user_id), ...heads])].filter((id) => id !== viewer.userId).sort((a, b) => a - b);
    const shown = ids.slice(page.offset, page.offset + page.limit);
    return { rows: withUsers ? [...(await cards(shown)).values()] : shown, total: ids.length };
  });
}

/** The departments and all below them. */
export function below(all: ReadonlyArray<Pick<DepartmentRow, 'id' | 'parent_id'>>, ids: readonly number[]): number[] {
  const found = new Set(ids);
  for (let grown = true; grown; ) {
    const more = all.filter(({ id, parent_id }) => found.has(parent_id) && !found.has(id));
    for (const { id } of more) found.add(id);
    grown = more.length > 0;
  }
  return [...found];
}
