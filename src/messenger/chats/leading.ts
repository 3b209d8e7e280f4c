/** Whom a chat belongs to, who manages it, and from which role on one may do what in it. */
import type { WriteSession } from '../../db/database.ts';
import { type ChatRow, recordBump, updateChat } from '../../db/stores/chat-store.ts';
import { leadersOf } from '../../db/stores/leader-store.ts';
import { findMember, updateMember } from '../../db/stores/member-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { type Permissions, ROLE } from '../access/rights.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { post } from '../posting/posting.ts';
import { systemTexts } from '../posting/system-texts.ts';
import { storedMap } from '../views/presenting.ts';
import { type GovernedRefusal, lockFor } from './governed-chat.ts';

type LeadRefusal = GovernedRefusal | 'not_member';

/** Passes a chat on to another member, and says so in it; who owned it stays as a manager. */
export function passOn(m: Messenger, actorId: number, chatId: number, userId: number): Promise<Outcome<true, LeadRefusal>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'passOn');
    if (!locked.ok) return locked;
    const { chat } = locked.value;
    if (!(await findMember(s, userId, chatId))) return refused('not_member');
    if (userId === actorId) return done(true);
    const roles = [{ id: actorId, role: ROLE.manager }, { id: userId, role: ROLE.owner }].sort((a, b) => a.id - b.id);
    for (const { id, role } of roles) await updateMember(s, id, chatId, { role });
    await updateChat(s, chatId, { owner_id: userId, manager_ids: await leaderIds(s, chatId) });
    const [actor, owner] = [(await findUser(s, actorId))!, (await findUser(s, userId))!];
    await post(s, m, chat, { authorId: 0, actorId, system: true, counts: false, text: systemTexts.passedOn(actor, owner) });
    return done(true);
  });
}

/** Makes a member a manager, or no longer. The owner stays what they are. */
export function appoint(m: Messenger, actorId: number, chatId: number, userId: number, manager: boolean): Promise<Outcome<true, LeadRefusal>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'appoint');
    if (!locked.ok) return locked;
    const member = await findMember(s, userId, chatId);
    if (!member) return refused('not_member');
    const role = manager ? ROLE.manager : ROLE.member;
    if (member.role === ROLE.owner || member.role === role) return done(true);
    await updateMember(s, userId, chatId, { role });
    await changeForAll(s, m, locked.value.chat, { manager_ids: await leaderIds(s, chatId) });
    return done(true);
  });
}

/** Sets what is given of who may do what in a chat. */
export function permit(
  m: Messenger,
  actorId: number,
  chatId: number,
  given: { [P in keyof Permissions]: Permissions[P] | undefined },
): Promise<Outcome<true, GovernedRefusal>> {
  return m.db.write(async (s) => {
    const locked = await lockFor(s, actorId, chatId, 'setPermissions');
    if (!locked.ok) return locked;
    const { chat } = locked.value;
    const set = Object.entries(given).filter(([, role]) => role !== undefined);
    const permissions = JSON.stringify({ ...storedMap(chat.permissions), ...Object.fromEntries(set) });
    if (set.length > 0 && permissions !== chat.permissions) await changeForAll(s, m, chat, { permissions });
    return done(true);
  });
}

/** Changes what all members' rows show without a line that says so. */
async function changeForAll(s: WriteSession, m: Messenger, chat: ChatRow, changes: Partial<Pick<ChatRow, 'manager_ids' | 'permissions'>>): Promise<void> {
  await updateChat(s, chat.id, changes);
  await recordBump(s, chat, m.stamp);
}

/** Owner and managers as they are stored with the chat. */
async function leaderIds(s: WriteSession, chatId: number): Promise<string> {
  return JSON.stringify((await leadersOf(s, chatId)).map((row) => row.user_id));
}
