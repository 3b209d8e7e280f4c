import { type ChatRow, lockChat, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMember, heirOf, insertMembers, leadersOf, membersAmong, type MemberRow, updateMember, widenMembers } from '../../db/stores/member-store.ts';
import { dropReminders } from '../../db/stores/reminder-store.ts';
import { findUser, findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { allows, isOpen, permissionsOf, restrictionsOf, ROLE } from '../access/rights.ts';
import { WIDE_ABOVE } from './chats.ts';
import { isInsider, mayBring, touchMeetings } from '../access/meeting.ts';
import { happenedToEach } from '../happenings.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { inChunks, type Messenger } from '../messenger.ts';
import { newMember, post } from '../posting/posting.ts';

type AddRefusal = 'no_access' | 'not_extendable' | 'not_allowed' | 'unknown_user';

/** Adds users to a group chat; those who are in it already and inactive ones are passed over. */
export function addMembers(
  m: Messenger,
  actorId: number,
  chatId: number,
  userIds: readonly number[],
  hideHistory: boolean,
): Promise<Outcome<true, AddRefusal>> {
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    const actor = chat && (await findMember(s, actorId, chatId));
    if (!chat || !actor) return refused('no_access');
    if (chat.type === 'P' || !restrictionsOf(chat).extend) return refused('not_extendable');
    if (!allows(permissionsOf(chat).manage_users_add, actor.role)) return refused('not_allowed');
    const users = await findUsers(s, userIds);
    if (users.length < new Set(userIds).size) return refused('unknown_user');
    const inviter = (await findUser(s, actorId))!;
    if (!(await mayBring(s, inviter, users))) return refused('not_allowed');
    const present = await membersAmong(s, chatId, userIds);
    const added = users.filter((user) => user.active === 1 && !present.has(user.id));
    if (added.length > 0) {
      await join(s, m, chat, actorId, added, hideHistory);
      await post(s, m, chat, { authorId: 0, actorId, system: true, ...systemTexts.invited(inviter, added) });
    }
    return done(true);
  });
}

/** Makes users members. The caller holds the chat's lock and posts the line that says so. */
async function join(
  s: WriteSession,
  m: Messenger,
  chat: ChatRow,
  actorId: number,
  users: readonly UserRow[],
  hideHistory: boolean,
): Promise<void> {
  const at = m.stamp();
  const memberCount = chat.member_count + users.length;
  const widens = chat.wide === 0 && memberCount > WIDE_ABOVE;
  if (widens) await widenMembers(s, chat.id);
  chat.member_count = memberCount;
  if (widens) chat.wide = 1;
  if (users.some((user) => user.extranet === 1)) chat.extranet = 1;
  await updateChat(s, chat.id, { member_count: memberCount, wide: chat.wide, extranet: chat.extranet });
  const startId = hideHistory ? chat.top_message_id + 1 : 0;
  await inChunks(users, async (chunk) => {
    await insertMembers(s, chunk.map((user) => ({ ...newMember(chat, user.id, ROLE.member, at), start_id: startId })));
    await happenedToEach(s, m, 'chatJoined', actorId, chunk.map((user) => ({ chatId: chat.id, userId: user.id })));
  });
  await touchMeetings(s, chat, users, at);
}

/** Lets somebody who writes into an open chat become a member first. Undefined when the chat is not open to them. */
export async function joinByWriting(s: WriteSession, m: Messenger, chat: ChatRow, userId: number): Promise<MemberRow | undefined> {
  if (!isOpen(chat.type) || !(await isInsider(s, userId))) return undefined;
  const user = (await findUser(s, userId))!;
  await join(s, m, chat, userId, [user], false);
  await post(s, m, chat, { authorId: 0, actorId: userId, system: true, ...systemTexts.joined(user) });
  return findMember(s, userId, chat.id);
}

type RemoveRefusal = 'no_access' | 'not_leavable' | 'not_allowed' | 'not_member';

/** Removes another member. Only who has the right may, and nobody removes somebody of a higher role. */
export function removeMember(m: Messenger, actorId: number, chatId: number, userId: number): Promise<Outcome<true, RemoveRefusal>> {
  if (actorId === userId) return leaveChat(m, actorId, chatId);
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    const actor = chat && (await findMember(s, actorId, chatId));
    if (!chat || !actor) return refused('no_access');
    if (chat.type === 'P' || !restrictionsOf(chat).leave) return refused('not_leavable');
    const leaving = await findMember(s, userId, chatId);
    if (!leaving) return refused('not_member');
    const mayRemove = allows(permissionsOf(chat).manage_users_delete, actor.role) && leaving.role < ROLE.owner;
    if (!mayRemove || leaving.role > actor.role) return refused('not_allowed');
    const [remover, removed] = [(await findUser(s, actorId))!, (await findUser(s, userId))!];
    await part(s, m, chat, leaving, removed);
    await post(s, m, chat, { authorId: 0, actorId, system: true, counts: false, ...systemTexts.removed(remover, removed) });
    return done(true);
  });
}

/** Leaves a group chat. An owner's chat passes to the longest-standing member. */
export function leaveChat(m: Messenger, userId: number, chatId: number): Promise<Outcome<true, RemoveRefusal>> {
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    if (!chat) return refused('no_access');
    const leaving = await findMember(s, userId, chatId);
    if (!leaving) return refused('not_member');
    const { leave, leave_owner } = restrictionsOf(chat);
    if (chat.type === 'P' || !leave || (leaving.role === ROLE.owner && !leave_owner)) return refused('not_leavable');
    const user = (await findUser(s, userId))!;
    await part(s, m, chat, leaving, user);
    if (chat.member_count > 0) {
      await post(s, m, chat, { authorId: 0, actorId: 0, system: true, counts: false, ...systemTexts.left(user) });
    }
    return done(true);
  });
}

/** Turns a member's row into a tombstone and passes the chat on when it was the owner's. */
async function part(s: WriteSession, m: Messenger, chat: ChatRow, leaving: MemberRow, user: UserRow): Promise<void> {
  const at = m.stamp();
  await updateMember(s, leaving.user_id, chat.id, {
    left_at: at, updated_at: at, role: ROLE.member, sort_at: 0, pinned: 0, unread: 0, has_unread: 0, muted: 0, wide: 0,
  });
  await touchMeetings(s, chat, [user], at);
  await dropReminders(s, leaving.user_id, chat.id);
  const heir = leaving.role === ROLE.owner ? await heirOf(s, chat.id, leaving.user_id) : undefined;
  if (heir !== undefined) await updateMember(s, heir, chat.id, { role: ROLE.owner });
  const leaders = leaving.role > ROLE.member ? (await leadersOf(s, chat.id)).map((row) => row.user_id) : undefined;
  chat.member_count -= 1;
  await updateChat(s, chat.id, {
    member_count: chat.member_count,
    ...(leaving.role === ROLE.owner && { owner_id: heir ?? 0 }),
    ...(leaders && { manager_ids: JSON.stringify(leaders) }),
  });
}
