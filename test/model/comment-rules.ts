/** What happens to posts and comments, and what is sent on and reacted to. See rules.ts. */
import { type Chat, isOpenChat, meeting, type Member, type Message, type Model } from './model.ts';
import { type Expected, readUpTo, tellRead, unreadFrom } from './rules.ts';

export function threadsOf(model: Model, channel: Chat): Chat[] {
  return [...model.chats.values()].filter(({ parent }) => parent?.channel === channel.id);
}

/** A post and its channel, where the user sees it. */
function seen(model: Model, actor: number, channel: Chat, postId: number): Message | undefined {
  const message = channel.messages.find(({ id }) => id === postId);
  const member = channel.members.get(actor);
  const looksIn = isOpenChat(channel) && !model.user(actor).guest;
  return message && (member ? member.startsAt <= postId : looksIn) ? message : undefined;
}

/** Whoever wrote the post is subscribed while they are in the channel. The number is the server's choice. */
export function openThread(model: Model, actor: number, channel: Chat, postId: number, result: unknown): Expected {
  const post = seen(model, actor, channel, postId);
  if (!post) return { error: 'MESSAGE_ID_ERROR' };
  if (post.author === 0 || post.deleted) return { error: 'NO_POST' };
  const { chat_id: id } = result as { chat_id: number };
  const thread = model.addChat({ id, type: 'T', title: channel.title, owner: 0 }, []);
  thread.parent = { channel: channel.id, post: postId };
  subscribe(model, thread, channel, [post.author]);
  return { result: { chat_id: id, dialog_id: `chat${id}` } };
}

function subscribe(model: Model, thread: Chat, channel: Chat, userIds: readonly number[]): void {
  for (const id of userIds) {
    const inTime = (channel.members.get(id)?.startsAt ?? Infinity) <= thread.parent!.post;
    if (inTime && model.user(id).active && !thread.members.has(id)) model.addMember(thread, id);
  }
}

/** Commenting in an open channel is joining it. The rows of the channel change for those who are subscribed. */
export function comment(model: Model, actor: number, thread: Chat, text: string, mentioned: number): Expected {
  const channel = thread.parent && model.chat(thread.parent.channel);
  if (!channel || !seen(model, actor, channel, thread.parent!.post)) return { error: 'ACCESS_ERROR' };
  if (!channel.members.has(actor)) {
    meeting(model, () => model.addMember(channel, actor));
    model.post(channel, { author: 0, actor, text: `${model.user(actor).name} joined the chat` });
  }
  subscribe(model, thread, channel, [actor, mentioned]);
  for (const id of thread.members.keys()) channel.members.get(id)!.changedAt = model.now;
  return { result: model.post(thread, { author: actor, actor, text }) };
}

function sideOf(model: Model, actor: number, thread: Chat): Member | undefined {
  const channel = thread.parent && model.chat(thread.parent.channel);
  return channel && seen(model, actor, channel, thread.parent!.post) ? thread.members.get(actor) : undefined;
}

export function readComments(model: Model, actor: number, thread: Chat, upTo: number | undefined): Expected {
  const member = sideOf(model, actor, thread);
  if (!member) return { result: false };
  if (upTo === undefined) model.readAll(thread, member);
  else readUpTo(model, thread, member, upTo);
  return tellRead(thread, member, `chat${thread.id}`);
}

export function unreadComments(model: Model, actor: number, thread: Chat, from: number): Expected {
  const member = sideOf(model, actor, thread);
  return member ? unreadFrom(model, thread, member, from) : { result: false };
}

/** Those of a channel are gone for who leaves it. */
export function unsubscribe(model: Model, channel: Chat, user: number): void {
  for (const thread of threadsOf(model, channel)) thread.members.delete(user);
}

/** Comments go with their post. */
export function closeThread(model: Model, channel: Chat, postId: number): void {
  for (const thread of threadsOf(model, channel)) {
    if (thread.parent!.post !== postId) continue;
    thread.parent = undefined;
    thread.members.clear();
  }
}

/** A message of anybody's that one may see is said again by oneself. */
export function sentOn(model: Model, actor: number, messageId: number): Message | undefined {
  for (const chat of model.chats.values()) {
    const message = chat.messages.find(({ id }) => id === messageId);
    if (!message || message.deleted || message.author === 0) continue;
    if (chat.type !== 'T') return model.find(actor, messageId)?.message ?? (chat.members.has(actor) || chat.type === 'P' ? undefined : seen(model, actor, chat, messageId));
    return chat.parent && seen(model, actor, model.chat(chat.parent.channel), chat.parent.post) ? message : undefined;
  }
  return undefined;
}

export function react(model: Model, actor: number, messageId: number, code: string, add: boolean): Expected {
  const found = model.find(actor, messageId);
  if (!found || found.message.deleted) return { error: 'MESSAGE_ID_ERROR' };
  const key = `${messageId} ${actor} ${code}`;
  if (model.reactions.has(key) === add) return { error: 'WITHOUT_CHANGES' };
  if (add) model.reactions.add(key);
  else model.reactions.delete(key);
  return { result: true };
}

/** What is unread of comments, by channel and thread. */
export function unreadCommentsOf(model: Model, user: number, unreadOf: (chat: Chat, member: Member) => unknown[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const chat of model.chats.values()) {
    const member = chat.type === 'T' ? chat.members.get(user) : undefined;
    const unread = member ? unreadOf(chat, member).length : 0;
    if (unread > 0) (counts[chat.parent!.channel] ??= {})[chat.id] = unread;
  }
  return counts;
}
