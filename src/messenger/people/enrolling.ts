/** Adding people and changing who they are to the portal, as administrators do it: by commands or by methods. */
import { FieldError } from '../../base/field-error.ts';
import { type Outcome, refused } from '../../base/outcome.ts';
import { wordsOf } from '../../db/fold.ts';
import { type DIRECTORY_STATES, type DirectoryRow, listedIn, readDirectory } from '../../db/stores/directory-store.ts';
import { findPage } from '../../db/stores/user-page.ts';
import { findDepartments } from '../../db/stores/department-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import type { Messenger } from '../messenger.ts';

import { addUser, changeUser, type UserChanges } from './users.ts';

export type { UserRow } from '../../db/stores/user-store.ts';
export { DIRECTORY_STATES, type DirectoryRow } from '../../db/stores/directory-store.ts';

/** What administrators say of somebody. */
export interface Person {
  firstName: string;
  lastName: string;
  email: string;
  position: string;
  departments: readonly number[];
  admin: boolean;
  /** A guest, who sees only the chats that they share. */
  guest: boolean;
  active: boolean;
  bot: boolean;
}

export type PersonRefusal = 'no_user' | 'email_taken' | 'last_admin';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;

/** Adds somebody. @throws FieldError naming `email` or `departments` */
export async function enrol(m: Messenger, actorId: number, person: Partial<Person>): Promise<Outcome<number, 'email_taken'>> {
  const outcome = await addUser(m, actorId, await columns(m, person));
  return outcome.ok ? outcome : refused('email_taken');
}

/** Changes what is given of somebody. @throws FieldError naming `email` or `departments` */
export async function changePerson(m: Messenger, id: number, person: Partial<Person>): Promise<Outcome<true, PersonRefusal>> {
  return changeUser(m, id, await columns(m, person));
}

async function columns(m: Messenger, { firstName, lastName, position, departments, admin, guest, active, bot, ...rest }: Partial<Person>): Promise<UserChanges> {
  const email = rest.email?.trim().toLowerCase();
  if (email && !EMAIL.test(email)) throw new FieldError('email', `"${email.slice(0, 100)}" is not an address`);
  if (departments) await requireDepartments(m, departments);
  return {
    ...(email !== undefined && { email }),
    ...(firstName !== undefined && { first_name: firstName.trim() }),
    ...(lastName !== undefined && { last_name: lastName.trim() }),
    ...(position !== undefined && { work_position: position.trim() }),
    ...(departments && { departments: JSON.stringify([...new Set(departments)]) }),
    ...(admin !== undefined && { admin: flag(admin) }),
    ...(guest !== undefined && { extranet: flag(guest) }),
    ...(active !== undefined && { active: flag(active) }),
    ...(bot && { external_auth_id: 'bot' }),
  };
}

function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

async function requireDepartments(m: Messenger, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const among = [{ column: 'id' as const, negated: false, tests: [{ op: 'in' as const, values: ids }] }];
  const known = new Set((await m.db.read((s) => findDepartments(s, among, [], 0, ids.length))).map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw new FieldError('departments', `there is no department ${missing}`);
}

export interface DirectoryPage {
  find: string;
  state: (typeof DIRECTORY_STATES)[number];
  offset: number;
  limit: number;
}

/** Everybody there is, as administrators look at them; the newest first. */
export function lookUpPeople(m: Messenger, { find, state, offset, limit }: DirectoryPage): Promise<{ rows: DirectoryRow[]; total: number }> {
  const id = /^\d{1,15}$/.test(find.trim()) ? Number(find) : 0;
  const condition = listedIn({ state, id, words: find.includes('@') ? [find.trim().toLowerCase()] : wordsOf(find) });
  return m.db.read(async (s) => {
    const { ids, total } = await findPage(m.db, s, { condition, order: [{ number: 'id', descending: true }] }, { offset, limit, counted: true });
    return { rows: await readDirectory(s, ids, m.clock.now()), total };
  });
}

/** Who is behind some numbers. */
export async function lookUpNames(m: Messenger, ids: readonly number[]): Promise<Map<number, UserRow>> {
  return new Map((await m.db.read((s) => findUsers(s, ids))).map((user) => [user.id, user]));
}
