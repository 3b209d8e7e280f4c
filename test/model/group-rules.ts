/** What the methods about group chats and users do. See rules.ts. */
import { type Chat, type GroupType, mayMeet, mayPost, meeting, type Model } from './model.ts';
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
  if (!chat.members.has(actor)) return { error: 'ACCESS_ERROR' };
  if (!mayBring(model, actor, userIds)) return { error: 'ACCESS_DENIED_EXTEND' };
  const added = [...new Set(userIds)].filter((id) => model.user(id).active && !chat.members.has(id)).sort((a, b) => a - b);
  if (added.length === 0) return { result: true };
  meeting(model, () => added.forEach((id) => model.addMember(chat, id, 'member', hideHistory)));
  model.post(chat, { author: 0, actor, text: invitation(model, actor, added) });
  return { result: true };
}

/** Only the owner removes others. That somebody is gone is nobody's news. */
export function removeUser(model: Model, actor: number, chat: Chat, user: number): Expected {
  const member = chat.members.get(actor);
  if (!member) return { error: 'ACCESS_ERROR' };
  if (!chat.members.has(user)) return { error: 'USER_NOT_FOUND' };
  if (member.role !== 'owner') return { error: 'ACCESS_DENIED_KICK' };
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

/** An owner's chat passes to whoever has been in it longest and is not dismissed; without any it has no owner. */
function part(model: Model, chat: Chat, user: number): void {
  const leaving = chat.members.get(user)!;
  meeting(model, () => chat.members.delete(user));
  if (leaving.role !== 'owner') return;
  const heir = [...chat.members.values()]
    .filter((member) => model.user(member.user).active && !model.user(member.user).guest)
    .sort((a, b) => a.joinedAt - b.joinedAt || a.user - b.user)[0];
  chat.managers = heir ? [heir.user] : [];
  chat.owner = heir?.user ?? 0;
  if (heir) heir.role = 'owner';
}

export function rename(model: Model, actor: number, chat: Chat, title: string): Expected {
  const member = chat.members.get(actor);
  if (!member || !mayPost(chat, member)) return { error: 'ACCESS_ERROR' };
  if (chat.title === title) return { result: true };
  chat.title = title;
  model.post(chat, { author: 0, actor, text: `${model.user(actor).name} renamed the chat to "${title}"` });
  return { result: true };
}

export function changeUser(model: Model, user: number, changes: { active?: boolean; name?: string }): Expected {
  Object.assign(model.user(user), changes, { changedAt: model.now });
  return { result: true };
}
