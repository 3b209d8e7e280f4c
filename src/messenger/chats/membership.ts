import { lockChat } from '../../db/stores/chat-store.ts';
import { findMember, membersAmong } from '../../db/stores/member-store.ts';
import { findUser, findUsers } from '../../db/stores/user-store.ts';
import { hindrance } from '../access/actions.ts';
import { ROLE } from '../access/rights.ts';
import { mayBring } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { makeMembers } from '../posting/joining.ts';
import { part } from '../posting/parting.ts';
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
    await part(s, m, actorId, chat, leaving, removed);
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
    const owns = leaving.role === ROLE.owner;
    if (hindrance('leave', chat, leaving.role) || (owns && hindrance('leaveOwn', chat, leaving.role))) return refused('not_leavable');
    const user = (await findUser(s, userId))!;
    await part(s, m, userId, chat, leaving, user);
    if (chat.member_count > 0) {
      await post(s, m, chat, { authorId: 0, actorId: 0, system: true, counts: false, ...systemTexts.left(user) });
    }
    return done(true);
  });
}
