/**
 * What each method does, by the rules of the messenger. Sources: the pages of the methods on
 * https://apidocs.bitrix24.com/api-reference/chats/ and, where they are silent, the decisions of this project.
 */
import { closeThread, sentOn, threadsOf } from './comment-rules.ts';
import { type Chat, hasRight, hasRow, isChannel, isOpenChat, isOpenTo, mayMeet, mayPost, meeting, type Member, type Message, type Model, newest, unreadOf } from './model.ts';

/** What a call should answer: a result, or the code of an error. */
export type Expected = { result: unknown } | { error: string };

export type Target = { user: number } | { chat: number };

const DELETED = 'This message has been deleted.';
/** How many messages one call may mark as seen. */
const SEEN_AT_ONCE = 100;

const yes: Expected = { result: true };

function chatOf(model: Model, actor: number, target: Target): Chat | undefined {
  return 'user' in target ? model.privateChat(actor, target.user) : model.chats.get(target.chat);
}

function sideOf(model: Model, actor: number, target: Target): { chat: Chat; member: Member } | undefined {
  const chat = chatOf(model, actor, target);
  const member = chat?.members.get(actor);
  return chat && member && isOpenTo(model, chat, actor) ? { chat, member } : undefined;
}

/** Whether somebody may not even look: a stranger's dialog, a closed chat of others, for guests any chat of others. */
function isClosed(model: Model, actor: number, target: Target): boolean {
  if ('user' in target) return !mayMeet(model, actor, target.user);
  const chat = model.chat(target.chat);
  return !chat.members.has(actor) && (!isOpenChat(chat) || model.user(actor).guest);
}

export interface Sent {
  text: string;
  uuid: string | null;
  /** The message that is replied to. */
  reply: number | undefined;
  /** The message that is sent on. */
  forward?: number | undefined;
}

/** A send repeated by the same user in the same chat is the same send. Who is refused has not joined either. */
export function sendMessage(model: Model, actor: number, target: Target, { text, uuid, reply, forward }: Sent): Expected {
  if (isClosed(model, actor, target)) return { error: 'ACCESS_ERROR' };
  const chat = chatOf(model, actor, target);
  const known = chat?.messages.find((message) => uuid !== null && message.uuid === uuid && message.sender === actor);
  if (known) return { result: known.id };
  if (chat && !mayPost(chat, chat.members.get(actor))) return { error: 'ACCESS_ERROR' };
  const problem = reply === undefined ? undefined : replyProblem(model, actor, chat, reply);
  if (problem) return { error: problem };
  const said = forward === undefined ? { text } : sentOn(model, actor, forward);
  if (!said) return { error: 'FORWARD_ACCESS_ERROR' };
  if (chat && chat.type !== 'P' && !chat.members.has(actor)) {
    meeting(model, () => model.addMember(chat, actor));
    model.post(chat, { author: 0, actor, text: `${model.user(actor).name} joined the chat` });
  }
  const where = chat ?? newDialog(model, actor, target);
  return { result: model.post(where, { author: actor, actor, text: said.text, uuid, sentOn: forward !== undefined }) };
}

/** A reply is to a message of the same chat that one may see and that still says something. */
function replyProblem(model: Model, actor: number, chat: Chat | undefined, reply: number): string | undefined {
  const home = [...model.chats.values()].find(({ messages }) => messages.some(({ id, deleted }) => id === reply && !deleted));
  if (!home) return 'REPLY_ACCESS_ERROR';
  if (home === chat) return reply < (chat.members.get(actor)?.startsAt ?? 0) ? 'REPLY_ACCESS_ERROR' : undefined;
  const mine = home.members.has(actor) && isOpenTo(model, home, actor);
  return mine ? 'REPLY_FROM_OTHER_CHAT_ERROR' : 'REPLY_ACCESS_ERROR';
}

function newDialog(model: Model, actor: number, target: Target): Chat {
  if (!('user' in target)) throw new Error('only private dialogs come into being by writing');
  const id = model.given[0]?.chat_id ?? 0;
  return model.addChat({ id, type: 'P', title: '', owner: actor }, new Set([actor, target.user]));
}

export function editMessage(model: Model, actor: number, messageId: number, text: string): Expected {
  const found = model.find(actor, messageId);
  if (!found) return { error: 'MESSAGE_ID_ERROR' };
  const { chat, member, message } = found;
  if (message.author !== actor || message.deleted || message.sentOn) return { error: 'CANT_EDIT_MESSAGE' };
  if (text === '') return erase(model, chat, message, leavesNothing(model, chat, member, message));
  message.text = text;
  if (newest(chat) === message) model.touch(chat);
  return yes;
}

/** One's own message; another's for the administrator, and for those who lead a group chat. */
export function deleteMessage(model: Model, actor: number, messageId: number): Expected {
  const found = model.find(actor, messageId);
  if (!found) return { error: 'MESSAGE_ID_ERROR' };
  const { chat, member, message } = found;
  const own = message.author === actor;
  const { admin } = model.user(actor);
  const allowed = own || admin || (chat.type !== 'P' && member.role !== 'member');
  if (message.deleted || !allowed) return { error: 'CANT_EDIT_MESSAGE' };
  return erase(model, chat, message, leavesNothing(model, chat, member, message));
}

/** Comments leave a line unless an administrator deletes them; others' messages, and what one may post in a channel, do not. */
function leavesNothing(model: Model, chat: Chat, member: Member, message: Message): boolean {
  if (model.user(member.user).admin) return true;
  if (chat.type === 'T') return false;
  return message.author !== member.user || (isChannel(chat) && hasRight(chat, member, 'post'));
}

/** What nobody else has seen disappears; what was seen leaves a line, unless somebody in charge deletes it. */
function erase(model: Model, chat: Chat, message: Message, completely: boolean): Expected {
  model.touch(chat);
  if ((message.seen || chat.type === 'T') && !completely) {
    Object.assign(message, { text: DELETED, deleted: true });
    return yes;
  }
  closeThread(model, chat, message.id);
  const wasLast = newest(chat) === message;
  chat.messages = chat.messages.filter((other) => other !== message);
  if (wasLast) chat.lastAt = newest(chat)?.at ?? model.stamp();
  return yes;
}

export function readDialog(model: Model, actor: number, target: Target, upTo: number | undefined): Expected {
  const side = sideOf(model, actor, target);
  if (!side) return { result: false };
  const { chat, member } = side;
  if (upTo === undefined) readWhole(model, chat, member);
  else readUpTo(model, chat, member, upTo);
  return tellRead(chat, member, 'user' in target ? target.user : `chat${target.chat}`);
}

export function tellRead(chat: Chat, member: Member, dialogId: number | string): Expected {
  return { result: { dialogId, chatId: chat.id, lastId: lastRead(chat, member), counter: unreadOf(chat, member).length } };
}

/** A channel is read with its comments. */
function readWhole(model: Model, chat: Chat, member: Member): void {
  model.readAll(chat, member);
  for (const thread of threadsOf(model, chat)) {
    const subscribed = thread.members.get(member.user);
    if (subscribed) model.readAll(thread, subscribed);
  }
}

/** Only reading up to a message shows others that theirs were seen. */
export function readUpTo(model: Model, chat: Chat, member: Member, messageId: number): void {
  member.marked = false;
  member.changedAt = model.now;
  const reached = newest(chat, messageId);
  if (!reached || reached.id < member.startsAt) return;
  const passed = chat.messages.filter(
    ({ id, author }) => id > member.viewedTo && id >= member.startsAt && id <= reached.id && author !== member.user,
  );
  const unseen = passed.slice(-SEEN_AT_ONCE).filter(({ seen }) => !seen);
  for (const message of unseen) message.seen = true;
  if (unseen.some((message) => message === newest(chat))) model.touch(chat);
  member.readTo = Math.max(member.readTo, reached.id);
  member.viewedTo = Math.max(member.viewedTo, reached.id);
}

/** The newest of the messages there are that the member has read. */
export function lastRead(chat: Chat, member: Member): number {
  return newest(chat, member.readTo)?.id ?? 0;
}

export function unreadDialog(model: Model, actor: number, target: Target, from: number): Expected {
  const side = sideOf(model, actor, target);
  if (!side) return { result: false };
  return unreadFrom(model, side.chat, side.member, from);
}

export function unreadFrom(model: Model, chat: Chat, member: Member, from: number): Expected {
  const before = newest(chat, Math.max(from, member.startsAt) - 1);
  member.readTo = Math.min(member.readTo, before?.id ?? 0);
  member.changedAt = model.now;
  return yes;
}

/** Concerns the chats in which something is unread. */
export function readEverything(model: Model, actor: number): Expected {
  for (const chat of model.chats.values()) {
    const member = chat.members.get(actor);
    if (member && (member.marked || unreadOf(chat, member).length > 0)) model.readAll(chat, member);
  }
  return yes;
}

export function pinRow(model: Model, actor: number, target: Target, pin: boolean): Expected {
  if (isClosed(model, actor, target) || chatOf(model, actor, target)?.members.has(actor) === false) return { error: 'ACCESS_ERROR' };
  const side = sideOf(model, actor, target);
  if (!side || !hasRow(side.chat, side.member)) return { result: false };
  if (side.member.pinned !== pin) Object.assign(side.member, { pinned: pin, changedAt: model.now });
  return yes;
}

/** Taking the mark away reads the dialog too. */
export function markRow(model: Model, actor: number, target: Target, mark: boolean): Expected {
  const side = sideOf(model, actor, target);
  if (!side || !hasRow(side.chat, side.member)) return { result: false };
  const { chat, member } = side;
  if (!mark) readWhole(model, chat, member);
  else if (!member.marked) Object.assign(member, { marked: true, changedAt: model.now });
  return yes;
}

export function hideRow(model: Model, actor: number, target: Target): Expected {
  const side = sideOf(model, actor, target);
  if (!side) return yes;
  readWhole(model, side.chat, side.member);
  Object.assign(side.member, { hidden: true, pinned: false });
  return yes;
}

export function muteChat(model: Model, actor: number, target: Target, mute: boolean): Expected {
  const side = sideOf(model, actor, target);
  if (!side || side.chat.type === 'P') return { error: 'ACCESS_ERROR' };
  if (side.member.muted !== mute) Object.assign(side.member, { muted: mute, changedAt: model.now });
  return yes;
}
