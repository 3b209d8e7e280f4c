/** Codes that stand for people: a user, a department, a workgroup, everybody. */
import type { Session } from '../../db/database.ts';
import { groupsWith } from '../../db/stores/entity-store.ts';
import { allDepartments } from '../../db/stores/staff-store.ts';
import { findUser, findUsers } from '../../db/stores/user-store.ts';
import { isOpen, ROLE } from '../access/rights.ts';
import { knownAmong } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { storedIntegers } from '../views/presenting.ts';
import { fullName } from '../views/user-view.ts';
import { below } from './structure.ts';

export interface AccessName {
  provider: string;
  name: string;
  provider_id: string;
}

const EVERYBODY: ReadonlyMap<string, string> = new Map([['AU', 'All authorized users'], ['G2', 'All users']]);
const ADMINISTRATORS = ['G1', 'Administrators'] as const;

/** Of whom of a workgroup a code with such an ending speaks: the owner, those who lead, all. */
const LEAST_ROLE: Readonly<Record<string, number>> = { A: ROLE.owner, E: ROLE.manager, K: ROLE.member };

/** What codes name, by kind: `U1`, `D5`, `DR5` with all below, `SG17`, `SG17_A`. */
interface Named {
  users: Map<string, number>;
  departments: Map<string, number>;
  trees: Map<string, number>;
  groups: Map<string, { id: number; role: number }>;
}

const CODE = /^(U|D|DR|SG)(\d{1,15})(?:_([AEK]))?$/;

function readCodes(codes: readonly string[]): Named {
  const named: Named = { users: new Map(), departments: new Map(), trees: new Map(), groups: new Map() };
  for (const code of codes) {
    const [, kind, digits, role] = CODE.exec(code) ?? [];
    const id = Number(digits);
    if (kind === 'SG') named.groups.set(code, { id, role: LEAST_ROLE[role ?? 'K']! });
    else if (role !== undefined) continue;
    else if (kind === 'U') named.users.set(code, id);
    else if (kind === 'D') named.departments.set(code, id);
    else if (kind === 'DR') named.trees.set(code, id);
  }
  return named;
}

/** Whether one of the codes stands for the viewer, among others or alone. */
export async function standsForOneOf(m: Messenger, viewer: Viewer, codes: readonly string[]): Promise<boolean> {
  if (codes.some((code) => EVERYBODY.has(code) || code === `U${viewer.userId}` || (code === ADMINISTRATORS[0] && viewer.admin))) return true;
  const { departments, trees, groups } = readCodes(codes);
  return m.db.read(async (s) => {
    if (departments.size + trees.size > 0 && (await worksIn(s, viewer, [...departments.values()], [...trees.values()]))) return true;
    const found = await groupsWith(s, viewer.userId, [...groups.values()].map(({ id }) => id));
    return [...groups.values()].some(({ id, role }) => (found.get(id)?.role ?? -1) >= role);
  });
}

async function worksIn(s: Session, { userId }: Viewer, departments: readonly number[], trees: readonly number[]): Promise<boolean> {
  const own = storedIntegers((await findUser(s, userId))?.departments ?? '[]');
  const wanted = new Set([...departments, ...(trees.length > 0 ? below(await allDepartments(s), trees) : [])]);
  return own.some((id) => wanted.has(id));
}

/** The names of codes, as far as the viewer may know them: those of people they may meet, of the company's structure, of workgroups that they are in or may look into. */
export async function accessNames(m: Messenger, viewer: Viewer, codes: readonly string[]): Promise<Map<string, AccessName>> {
  const named = readCodes(codes);
  const names = new Map<string, AccessName>();
  for (const [code, name] of [...EVERYBODY, ADMINISTRATORS]) names.set(code, { provider: '', name, provider_id: 'other' });
  await m.db.read(async (s) => {
    const users = new Map((await knownAmong(m.db, s, viewer, await findUsers(s, named.users.values()))).map((user) => [user.id, fullName(user)]));
    const departments = new Map(viewer.insider ? (await allDepartments(s)).map(({ id, name }) => [id, name]) : []);
    const groups = await groupsWith(s, viewer.userId, [...named.groups.values()].map(({ id }) => id));
    const put = (code: string, provider: string, provider_id: string, name: string | undefined) => {
      if (name !== undefined) names.set(code, { provider, name, provider_id });
    };
    for (const [code, id] of named.users) put(code, 'Users', 'user', users.get(id));
    for (const [code, id] of named.departments) put(code, 'Departments', 'intranet', departments.get(id));
    for (const [code, id] of named.trees) put(code, 'Departments', 'intranet', departments.has(id) ? `${departments.get(id)} and below` : undefined);
    for (const [code, { id, role }] of named.groups) {
      const group = groups.get(id);
      const shown = group && (group.role !== undefined || (viewer.insider && isOpen(group.type)));
      put(code, 'Workgroups', 'socnetgroup', shown ? group.title + ENDINGS[role]! : undefined);
    }
  });
  return names;
}

const ENDINGS: Readonly<Record<number, string>> = { [ROLE.owner]: ': owner', [ROLE.manager]: ': moderators', [ROLE.member]: '' };
