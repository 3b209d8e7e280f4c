/** What the methods about group chats and users do. See rules.ts. */
import { type Chat, type Color, type GroupType, hasRight, mayMeet, meeting, type Member, type Model, rankOf, type Right, type Role } from './model.ts';
import { unsubscribe } from './comment-rules.ts';
import type { Expected } from './rules.ts';

export interface NewGroup {
  id: number;
  type: GroupType;
  title: string;
  userIds: readonly number[];
  message: string | undefined;
}

/** The greeting is nobody's news; the invitation, and what the owner says, is. */
export function createGroup(model: Model, owner: number, group: NewGroup): Expected {
  const { id, type, title } = group;
  if (!mayBring(model, owner, group.userIds)) return { error: 'ERROR_ARGUMENT' };
  const members = [...new Set([owner, ...group.userIds])].filter((user) => user === owner || model.user(user).active);
  const chat = meeting(model, () => model.addChat({ id, type, title, owner }, members));
  const { name } = model.user(owner);
  model.post(chat, { author: 0, actor: owner, text: `${name} created the chat "${title}"`, counts: false });
  const invited = members.filter((user) => user !== owner);
  if (invited.length > 0) model.post(chat, { author: 0, actor: owner, text: invitation(model, owner, invited) });
  if (group.message) model.post(chat, { author: owner, actor: owner, text: group.message });
  return { result: id };
}

export function invitation(model: Model, actor: number, invited: readonly number[]): string {
  return `${model.user(actor).name} invited ${invited.map((id) => model.user(id).name).join(', ')} to the chat`;
}

/** A guest brings along only whom they may meet. */
function mayBring(model: Model, actor: number, userIds: readonly number[]): boolean {
  return !model.user(actor).guest || userIds.every((id) => mayMeet(model, actor, id));
}

/** Who is a member already, and who was dismissed, is passed over. */
export function addUsers(model: Model, actor: number, chat: Chat, userIds: readonly number[], hideHistory: boolean): Expected {
  const member = chat.members.get(actor);
  if (!member) return { error: 'ACCESS_ERROR' };
  if (!hasRight(chat, member, 'add') || !mayBring(model, actor, userIds)) return { error: 'ACCESS_DENIED_EXTEND' };
  const added = [...new Set(userIds)].filter((id) => model.user(id).active && !chat.members.has(id)).sort((a, b) => a - b);
  if (added.length === 0) return { result: true };
  meeting(model, () => added.forEach((id) => model.addMember(chat, id, 'member', hideHistory)));
  model.post(chat, { author: 0, actor, text: invitation(model, actor, added) });
  return { result: true };
}

/** Nobody removes the owner, or somebody of a higher role. That somebody is gone is nobody's news. */
export function removeUser(model: Model, actor: number, chat: Chat, user: number): Expected {
  const member = chat.members.get(actor);
  if (!member) return { error: 'ACCESS_ERROR' };
  const removed = chat.members.get(user);
  if (!removed) return { error: 'USER_NOT_FOUND' };
  const allowed = hasRight(chat, member, 'remove') && removed.role !== 'owner' && rankOf(removed.role) <= rankOf(member.role);
  if (!allowed) return { error: 'ACCESS_DENIED_KICK' };
  part(model, chat, user);
  const text = `${model.user(actor).name} removed ${model.user(user).name} from the chat`;
  model.post(chat, { author: 0, actor, text, counts: false });
  return { result: true };
}

export function leave(model: Model, actor: number, chat: Chat): Expected {
  if (!chat.members.has(actor)) return { error: 'ACCESS_DENIED_KICK' };
  part(model, chat, actor);
  if (chat.members.size > 0) {
    model.post(chat, { author: 0, actor: 0, text: `${model.user(actor).name} left the chat`, counts: false });
  }
  return { result: true };
}

/** An owner's chat passes to a manager, or else to whoever has been in it longest, and is not dismissed; without any it has no owner. */
function part(model: Model, chat: Chat, user: number): void {
  const leaving = chat.members.get(user)!;
  meeting(model, () => chat.members.delete(user));
  unsubscribe(model, chat, user);
  if (leaving.role === 'owner') {
    const heir = [...chat.members.values()]
      .filter((member) => model.user(member.user).active && !model.user(member.user).guest)
      .sort((a, b) => rankOf(b.role) - rankOf(a.role) || a.joinedAt - b.joinedAt || a.user - b.user)[0];
    chat.owner = heir?.user ?? 0;
    if (heir) heir.role = 'owner';
  }
  if (leaving.role !== 'member') listLeaders(chat);
}

function listLeaders(chat: Chat): void {
  chat.managers = [...chat.members.values()].filter(({ role }) => role !== 'member').map(({ user }) => user).sort((a, b) => a - b);
}

/** The member, where they may change what everybody sees of the chat. */
function lookingAfter(chat: Chat, actor: number): Member | undefined {
  const member = chat.members.get(actor);
  return member && hasRight(chat, member, 'look') ? member : undefined;
}

export function rename(model: Model, actor: number, chat: Chat, title: string): Expected {
  if (!lookingAfter(chat, actor)) return { error: 'ACCESS_ERROR' };
  if (chat.title === title) return { result: true };
  chat.title = title;
  model.post(chat, { author: 0, actor, text: `${model.user(actor).name} renamed the chat to "${title}"` });
  return { result: true };
}

export function recolour(model: Model, actor: number, chat: Chat, color: Color): Expected {
  if (!lookingAfter(chat, actor)) return { error: 'ACCESS_ERROR' };
  if (chat.color === color) return { error: 'WRONG_REQUEST' };
  chat.color = color;
  model.post(chat, { author: 0, actor, text: `${model.user(actor).name} changed the chat color to "${color}"` });
  return { result: true };
}

/** The owner passes the chat on and stays as a manager. That is nobody's news. */
export function passOn(model: Model, actor: number, chat: Chat, user: number): Expected {
  const member = chat.members.get(actor);
  if (!member) return { error: 'ACCESS_ERROR' };
  const next = chat.members.get(user);
  if (member.role !== 'owner' || !next) return { error: 'WRONG_REQUEST' };
  if (member === next) return { result: true };
  Object.assign(member, { role: 'manager' });
  Object.assign(next, { role: 'owner' });
  chat.owner = user;
  listLeaders(chat);
  const text = `${model.user(actor).name} made ${model.user(user).name} the owner of the chat`;
  model.post(chat, { author: 0, actor, text, counts: false });
  return { result: true };
}

/** Nothing is said of managers, but every row names them. */
export function appoint(model: Model, actor: number, chat: Chat, user: number, manager: boolean): Expected {
  const member = chat.members.get(actor);
  if (!member) return { error: 'ACCESS_ERROR' };
  const chosen = chat.members.get(user);
  if (member.role !== 'owner' || !chosen) return { error: 'WRONG_REQUEST' };
  const role = manager ? 'manager' : 'member';
  if (chosen.role === 'owner' || chosen.role === role) return { result: true };
  chosen.role = role;
  listLeaders(chat);
  model.touch(chat);
  return { result: true };
}

export function permit(model: Model, actor: number, chat: Chat, right: Right, needed: Role | 'none'): Expected {
  if (chat.members.get(actor)?.role !== 'owner') return { error: 'ACCESS_ERROR' };
  if (chat.set[right] === needed) return { result: true };
  chat.set[right] = needed;
  model.touch(chat);
  return { result: true };
}

export function changeUser(model: Model, user: number, changes: { active?: boolean; name?: string }): Expected {
  Object.assign(model.user(user), changes, { changedAt: model.now });
  return { result: true };
}
