import type { Session, WriteSession } from '../../db/database.ts';
import { findChatOfEntity, lockChat } from '../../db/stores/chat-store.ts';
import { findGeneralChat } from '../../db/stores/entity-store.ts';
import { findMember } from '../../db/stores/member-store.ts';
import { lockPortal } from '../../db/stores/portal-store.ts';
import { type PortraitSize, replacePortrait } from '../../db/stores/portrait-store.ts';
import { countUsers, findUser, findUserIdByEmail, findUsers, insertUser, type NewUser, updateUser, type UserRow } from '../../db/stores/user-store.ts';
import { knownAmong, touchAllMeetings } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { makeMembers } from '../posting/joining.ts';
import { part } from '../posting/parting.ts';
import { post } from '../posting/posting.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { present } from '../views/presenting.ts';
import { isMailUser, isOutsider, type UserView, viewUser } from '../views/user-view.ts';

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

/** What of a user is stored as maps: a change of some of it keeps the rest. */
export type StoredMaps = Pick<UserRow, 'phones' | 'profile'>;

export type UserChanges = Partial<Omit<UserRow, 'id' | 'created_at' | 'updated_at'>>;

/** Adds a user. Only administrators do; whoever calls has checked that. */
export function addUser(
  m: Messenger, actorId: number, changes: UserChanges, { photo = [], groupIds = [] }: { photo?: readonly PortraitSize[] | undefined; groupIds?: readonly number[] } = {},
): Promise<Outcome<number, 'email_taken' | 'no_group'>> {
  return m.db.write(async (s) => {
    if (await emailTaken(s, changes.email, 0)) return refused('email_taken');
    const id = await insertPerson(s, m, actorId, changes, true);
    if (photo.length > 0) await replacePortrait(s, `user:${id}`, photo);
    const groups = await chatsOfGroups(s, groupIds);
    if (!groups) return refused('no_group');
    await joinGroups(s, m, groups, id, actorId);
    return done(id);
  });
}

/** @param joins whether they come into the general chat at once */
export async function insertPerson(s: WriteSession, m: Messenger, actorId: number, changes: UserChanges, joins: boolean): Promise<number> {
  const id = await insertUser(s, { ...blankUser(m.stamp()), ...changes });
  happened(s, m, 'user.added', actorId, { subjectId: id });
  if (joins) await joinGeneralChat(s, m, id);
  return id;
}

/**
 * Changes a user, whose lists and others' rows show it at once. Somebody must always be left who may change users: the
 * last active administrator can neither be dismissed nor made something else.
 *
 * @param photo the picture that the new address shows, where it is kept here
 */
export function changeUser(m: Messenger, id: number, changes: UserChanges, photo: readonly PortraitSize[] = []): Promise<Outcome<true, 'no_user' | 'email_taken' | 'last_admin'>> {
  return m.db.write(async (s) => {
    const demotes = changes.active === 0 || changes.admin === 0;
    if (demotes) await lockPortal(s);
    const before = await findUser(s, id);
    if (!before) return refused('no_user');
    if (demotes && before.admin === 1 && before.active === 1 && (await countUsers(s)).admins === 1) return refused('last_admin');
    if (await emailTaken(s, changes.email, id)) return refused('email_taken');
    const at = m.stamp();
    if (changes.avatar !== undefined) await replacePortrait(s, `user:${id}`, photo);
    await updateUser(s, id, { ...changes, updated_at: at });
    await followEmployment(s, m, before);
    const { extranet = before.extranet } = changes;
    if (extranet !== before.extranet) await touchAllMeetings(s, { id, extranet }, at);
    return done(true);
  });
}

/** The chats of workgroups, in the order in which chats are locked; undefined where one of them has none. */
async function chatsOfGroups(s: Session, groupIds: readonly number[]): Promise<number[] | undefined> {
  const ids: number[] = [];
  for (const groupId of new Set(groupIds)) {
    const chat = await findChatOfEntity(s, 'SONET_GROUP', String(groupId));
    if (!chat) return undefined;
    ids.push(chat.id);
  }
  return ids.sort((a, b) => a - b);
}

async function joinGroups(s: WriteSession, m: Messenger, chatIds: readonly number[], id: number, actorId: number): Promise<void> {
  if (chatIds.length === 0) return;
  const [user, actor] = [(await findUser(s, id))!, (await findUser(s, actorId))!];
  for (const chatId of chatIds) {
    const chat = (await lockChat(s, chatId))!;
    await makeMembers(s, m, chat, actorId, [user], false);
    await post(s, m, chat, { authorId: 0, actorId, system: true, ...systemTexts.invited(actor, [user]) });
  }
}

/** Who becomes an employee comes into the general chat, and who is none any more leaves it. */
async function followEmployment(s: WriteSession, m: Messenger, before: UserRow): Promise<void> {
  const user = (await findUser(s, before.id))!;
  if (isEmployee(user) === isEmployee(before)) return;
  if (isEmployee(user)) await joinGeneralChat(s, m, user.id);
  else await leaveGeneralChat(s, m, user);
}

async function leaveGeneralChat(s: WriteSession, m: Messenger, user: UserRow): Promise<void> {
  const general = await findGeneralChat(s);
  const chat = general && (await lockChat(s, general));
  const member = chat && (await findMember(s, user.id, chat.id));
  if (!chat || !member) return;
  await part(s, m, 0, chat, member, user);
  if (chat.member_count > 0) await post(s, m, chat, { authorId: 0, actorId: 0, system: true, counts: false, ...systemTexts.left(user) });
}

/** Every employee is in the general chat, where there is one. */
async function joinGeneralChat(s: WriteSession, m: Messenger, id: number): Promise<void> {
  const user = (await findUser(s, id))!;
  const general = isEmployee(user) ? await findGeneralChat(s) : undefined;
  const chat = general && (await lockChat(s, general));
  if (!chat || (await findMember(s, id, chat.id))) return;
  await makeMembers(s, m, chat, id, [user], false);
  await post(s, m, chat, { authorId: 0, actorId: id, system: true, counts: false, ...systemTexts.joined(user) });
}

function isEmployee(user: UserRow): boolean {
  return user.active === 1 && user.extranet === 0 && !isOutsider(user) && !isMailUser(user);
}

async function emailTaken(s: Session, email: string | undefined, exceptId: number): Promise<boolean> {
  if (!email) return false;
  const owner = await findUserIdByEmail(s, email);
  return owner !== undefined && owner !== exceptId;
}

/** What is stored of a user, for themselves or for who may change it. */
export function readUser(m: Messenger, id: number): Promise<UserRow | undefined> {
  return m.db.read((s) => findUser(s, id));
}

/** One user as the viewer may see them. */
export async function viewOneUser(m: Messenger, viewer: Viewer, id: number): Promise<Outcome<UserView, 'no_user' | 'not_allowed'>> {
  const { zone } = await m.settings();
  return m.db.read(async (s) => {
    const user = await findUser(s, id);
    if (!user) return refused('no_user');
    if ((await knownAmong(m.db, s, viewer, [user])).length === 0) return refused('not_allowed');
    return done(viewUser(user, zone));
  });
}

/** The users among `ids` whom the viewer may see, by ascending id; the others are left out. */
export async function viewUsers(m: Messenger, viewer: Viewer, ids: readonly number[]): Promise<UserView[]> {
  const { zone } = await m.settings();
  const known = await m.db.read(async (s) => knownAmong(m.db, s, viewer, await findUsers(s, ids)));
  return flatMapGently(known, (user) => present(m, { user: user.id }, () => viewUser(user, zone)));
}
