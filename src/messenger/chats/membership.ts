import { type ChatRow, lockChat, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { heirOf, leadersOf } from '../../db/stores/leader-store.ts';
import { findMember, membersAmong, type MemberRow, updateMember } from '../../db/stores/member-store.ts';
import { dropReminders } from '../../db/stores/reminder-store.ts';
import { unsubscribeAll } from '../../db/stores/thread-store.ts';
import { findUser, findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { hindrance } from '../access/actions.ts';
import { isChannel, restrictionsOf, ROLE } from '../access/rights.ts';
import { mayBring, touchMeetings } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { makeMembers } from '../posting/joining.ts';
import { post } from '../posting/posting.ts';

type AddRefusal = 'no_access' | 'not_extendable' | 'not_allowed' | 'unknown_user';

/** Adds users to a group chat; those who are in it already and inactive ones are passed over. */
export function addMembers(
  m: Messenger,
  actor: Viewer,
  chatId: number,
  userIds: readonly number[],
  hideHistory: boolean,
): Promise<Outcome<true, AddRefusal>> {
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    const own = chat && (await findMember(s, actor.userId, chatId));
    if (!chat || !own) return refused('no_access');
    const why = hindrance('addMembers', chat, own.role);
    if (why) return refused(why === 'kind' ? 'not_extendable' : 'not_allowed');
    const users = await findUsers(s, userIds);
    if (users.length < new Set(userIds).size) return refused('unknown_user');
    if (!(await mayBring(s, actor, users))) return refused('not_allowed');
    const present = await membersAmong(s, chatId, userIds);
    const added = users.filter((user) => user.active === 1 && !present.has(user.id));
    if (added.length > 0) {
      const actorId = actor.userId;
      const inviter = (await findUser(s, actorId))!;
      await makeMembers(s, m, chat, actorId, added, hideHistory);
      await post(s, m, chat, { authorId: 0, actorId, system: true, ...systemTexts.invited(inviter, added) });
    }
    return done(true);
  });
}

type RemoveRefusal = 'no_access' | 'not_leavable' | 'not_allowed' | 'not_member';

/** Removes another member. Only who has the right may, and nobody removes somebody of a higher role. */
export function removeMember(m: Messenger, actorId: number, chatId: number, userId: number): Promise<Outcome<true, RemoveRefusal>> {
  if (actorId === userId) return leaveChat(m, actorId, chatId);
  return m.db.write(async (s) => {
    const chat = await lockChat(s, chatId);
    const actor = chat && (await findMember(s, actorId, chatId));
    if (!chat || !actor) return refused('no_access');
    const why = hindrance('removeMembers', chat, actor.role);
    if (why === 'kind') return refused('not_leavable');
    const leaving = await findMember(s, userId, chatId);
    if (!leaving) return refused('not_member');
    if (why || leaving.role === ROLE.owner || leaving.role > actor.role) return refused('not_allowed');
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
  if (isChannel(chat.type)) await unsubscribeAll(s, leaving.user_id, chat.id, at);
  // Before the row: whoever writes down that they are due takes them in this order.
  await dropReminders(s, leaving.user_id, chat.id);
  await updateMember(s, leaving.user_id, chat.id, {
    left_at: at, updated_at: at, role: ROLE.member, sort_at: 0, pinned: 0, unread: 0, has_unread: 0, muted: 0, wide: 0,
  });
  await touchMeetings(s, chat, [user], at);
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
