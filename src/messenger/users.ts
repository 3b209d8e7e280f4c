import type { Session } from '../db/database.ts';
import { findUser, findUserIdByEmail, findUsers, insertUser, type NewUser, updateUser, type UserRow } from '../db/user-store.ts';
import { amongMet, mayMeet } from './dialogs.ts';
import { happened } from './happenings.ts';
import { done, flatMapGently, type Messenger, type Outcome, refused } from './messenger.ts';
import { type UserView, viewUser } from './user-view.ts';

/** A user as nobody has described them yet. */
export function blankUser(now: number): Omit<NewUser, 'id'> {
  return {
    active: 1,
    admin: 0,
    email: '',
    first_name: '',
    last_name: '',
    work_position: '',
    gender: '',
    birthday: '',
    color: '',
    avatar: '',
    extranet: 0,
    external_auth_id: '',
    website: '',
    time_zone: '',
    phones: '{}',
    departments: '[]',
    profile: '{}',
    last_activity_at: 0,
    absent_until: 0,
    created_at: now,
    updated_at: now,
  };
}

export type UserChanges = Partial<Omit<UserRow, 'id' | 'created_at' | 'updated_at'>>;

/** Adds a user. Only administrators do; whoever calls has checked that. */
export function addUser(m: Messenger, actorId: number, changes: UserChanges): Promise<Outcome<number, 'email_taken'>> {
  return m.db.write(async (s) => {
    if (await emailTaken(s, changes.email, 0)) return refused('email_taken');
    const id = await insertUser(s, { ...blankUser(m.clock.now()), ...changes });
    await happened(s, m, 'userAdded', actorId, { userId: id });
    return done(id);
  });
}

/** Changes a user, whose lists and others' rows show it at once. */
export function changeUser(m: Messenger, id: number, changes: UserChanges): Promise<Outcome<true, 'no_user' | 'email_taken'>> {
  return m.db.write(async (s) => {
    if (!(await findUser(s, id))) return refused('no_user');
    if (await emailTaken(s, changes.email, id)) return refused('email_taken');
    await updateUser(s, id, { ...changes, updated_at: m.clock.now() });
    return done(true);
  });
}

async function emailTaken(s: Session, email: string | undefined, exceptId: number): Promise<boolean> {
  if (!email) return false;
  const owner = await findUserIdByEmail(s, email);
  return owner !== undefined && owner !== exceptId;
}

/** One user as the viewer may see them. */
export async function viewOneUser(m: Messenger, viewerId: number, id: number): Promise<Outcome<UserView, 'no_user' | 'not_allowed'>> {
  const { zone } = await m.settings();
  return m.db.read(async (s) => {
    const user = await findUser(s, id);
    if (!user) return refused('no_user');
    if (!(await mayMeet(s, viewerId, user))) return refused('not_allowed');
    return done(viewUser(user, zone, m.clock.now()));
  });
}

/** The users among `ids` whom the viewer may see; the others are left out. */
export async function viewUsers(m: Messenger, viewerId: number, ids: readonly number[]): Promise<UserView[]> {
  const { zone } = await m.settings();
  const users = await m.db.read(async (s) => amongMet(s, viewerId, await findUsers(s, ids)));
  return flatMapGently(users, (user) => viewUser(user, zone, m.clock.now()));
}
