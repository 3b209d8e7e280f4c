/**
 * The messenger in its plainest form: who said what in which chat, and how far everybody has read. Every number is
 * found by counting messages, every list by looking at all chats, so it can be checked by reading it. Nothing here
 * knows how the server stores or remembers anything.
 */
import type { Notice } from './notice-rules.ts';

export interface User {
  id: number;
  name: string;
  active: boolean;
  admin: boolean;
  /** Somebody from outside, who meets others only in the chats they share. */
  guest: boolean;
  /** When they were last made to look different. */
  changedAt: number;
}

export interface Message {
  id: number;
  /** 0 for the messenger's own lines in group chats. */
  author: number;
  text: string;
  /** False for lines that are nobody's news. */
  counts: boolean;
  uuid: string | null;
  /** Who sent it with the uuid. */
  sender: number;
  at: number;
  /** Somebody else has read up to it by its id. */
  seen: boolean;
  /** Deleted after it was seen: a line that says so is left. */
  deleted: boolean;
  /** Said elsewhere first. */
  sentOn: boolean;
}

export type Role = 'member' | 'manager' | 'owner';

/** What somebody of a role does and others may not, by what a chat's owner sets. */
export type Right = 'add' | 'remove' | 'look' | 'post';

export interface Member {
  user: number;
  role: Role;
  muted: boolean;
  pinned: boolean;
  /** Marked as unread by hand. */
  marked: boolean;
  /** Taken out of the list until the next message. */
  hidden: boolean;
  /** Messages up to this id are read. */
  readTo: number;
  /** Messages up to this id were seen, or written before the member came. */
  viewedTo: number;
  /** First message the member may see, when they were added without the history. */
  startsAt: number;
  /** Last change of the member's row. */
  changedAt: number;
  joinedAt: number;
}

/** Closed, open, channel, open channel. */
export type GroupType = 'C' | 'O' | 'N' | 'J';

/** Those that the runs use, and how they are shown. */
export const COLORS = { Red: '#df532d', Mint: '#4ba984', Sand: '#ba9c7b' } as const;
export type Color = keyof typeof COLORS;

export interface Chat {
  id: number;
  type: 'P' | 'T' | GroupType;
  /** Of a thread of comments, while its post is there. */
  parent?: { channel: number; post: number } | undefined;
  title: string;
  color: Color;
  owner: number;
  managers: number[];
  /** From which role on one has each right; the kind of chat decides where nothing is set. */
  set: Partial<Record<Right, Role | 'none'>>;
  members: Map<number, Member>;
  /** Those that exist, oldest first. */
  messages: Message[];
  /** Ids of all there ever were. */
  everHeld: number[];
  /** Date of the last message; of its deletion where none is left. */
  lastAt: number;
}

/** A message that the server made, before the model knows what it says. */
export interface GivenMessage {
  id: number;
  chat_id: number;
}

export interface Post {
  author: number;
  /** Who acts: they have read everything up to it. 0 for nobody. */
  actor: number;
  text: string;
  counts?: boolean;
  uuid?: string | null;
  sentOn?: boolean;
}

export class Model {
  notices: Notice[] = [];
  /** Who reacted to what and how. */
  readonly reactions = new Set<string>();
  readonly users = new Map<number, User>();
  readonly chats = new Map<number, Chat>();
  /** Milliseconds. */
  now = 0;
  /** Ids are the server's choice: those it gave to the messages of the operation under way, oldest first. */
  given: GivenMessage[] = [];
  #operations = 0;

  /** An operation begins. Milliseconds. */
  begin(now: number): void {
    this.now = now;
    this.#operations += 1;
  }

  /** Orders what happens at one instant of a clock that stands still: what comes later is later. */
  stamp(): number {
    return this.now + this.#operations / 1000;
  }

  user(id: number): User {
    return this.users.get(id)!;
  }

  chat(id: number): Chat {
    return this.chats.get(id)!;
  }

  privateChat(a: number, b: number): Chat | undefined {
    const pair = new Set([a, b]);
    return [...this.chats.values()].find(
      (chat) => chat.type === 'P' && chat.members.size === pair.size && [...pair].every((id) => chat.members.has(id)),
    );
  }

  addChat(chat: Pick<Chat, 'id' | 'type' | 'title' | 'owner'>, userIds: Iterable<number>): Chat {
    const added: Chat = { ...chat, color: 'Red', managers: [chat.owner], set: {}, members: new Map(), messages: [], everHeld: [], lastAt: this.stamp() };
    this.chats.set(chat.id, added);
    for (const id of userIds) this.addMember(added, id, id === chat.owner && chat.type !== 'P' ? 'owner' : 'member');
    return added;
  }

  /** Whoever joins has read what was written before. */
  addMember(chat: Chat, user: number, role: Member['role'] = 'member', hideHistory = false): void {
    const top = chat.everHeld.at(-1) ?? 0;
    chat.members.set(user, {
      user,
      role,
      muted: false,
      pinned: false,
      marked: false,
      hidden: false,
      readTo: top,
      viewedTo: top,
      startsAt: hideHistory ? top + 1 : 0,
      changedAt: this.now,
      joinedAt: this.stamp(),
    });
  }

  post(chat: Chat, post: Post): number {
    const { id } = this.#take(chat.id);
    const { author, text, counts = true, uuid = null, sentOn = false } = post;
    chat.messages.push({ id, author, text, counts, uuid, sender: post.actor, at: this.stamp(), seen: false, deleted: false, sentOn });
    chat.everHeld.push(id);
    chat.lastAt = chat.messages.at(-1)!.at;
    for (const member of chat.members.values()) member.hidden = false;
    this.touch(chat);
    const actor = chat.members.get(post.actor);
    if (actor) this.readAll(chat, actor);
    return id;
  }

  #take(chatId: number): GivenMessage {
    const given = this.given.shift();
    if (given?.chat_id !== chatId) throw new Error(`the server wrote no message in chat ${chatId} where there should be one`);
    return given;
  }

  /** All members' rows look different now. */
  touch(chat: Chat): void {
    for (const member of chat.members.values()) member.changedAt = this.now;
  }

  readAll(chat: Chat, member: Member): void {
    member.readTo = Math.max(member.readTo, newest(chat)?.id ?? 0);
    member.marked = false;
    member.changedAt = this.now;
  }

  /** Where a message is, as far as the user may see it. */
  find(userId: number, messageId: number): { chat: Chat; member: Member; message: Message } | undefined {
    for (const chat of this.chats.values()) {
      const member = chat.type === 'T' ? this.#commenter(chat, userId) : chat.members.get(userId);
      const message = chat.messages.find((candidate) => candidate.id === messageId);
      if (member && message && message.id >= member.startsAt && isOpenTo(this, chat, userId)) return { chat, member, message };
    }
    return undefined;
  }

  /** In a thread each member of the channel who sees the post is what they are in the channel. */
  #commenter({ parent }: Chat, userId: number): Member | undefined {
    const member = parent && this.chat(parent.channel).members.get(userId);
    return member && member.startsAt <= parent.post ? { ...member, startsAt: 0 } : undefined;
  }
}

/** Who may delete what they have posted there leaves no line. */
export function isChannel(chat: Chat): boolean {
  return chat.type === 'N' || chat.type === 'J';
}

export function newest(chat: Chat, upTo = Infinity): Message | undefined {
  return chat.messages.findLast((message) => message.id <= upTo);
}

/** Anybody of the portal looks into these, and joins by writing where that is allowed. */
export function isOpenChat(chat: Chat): boolean {
  return chat.type === 'O' || chat.type === 'J';
}

const USUAL: Readonly<Record<Right, Role>> = { add: 'member', remove: 'manager', look: 'member', post: 'member' };
/** In channels only those who lead them write. */
const IN_CHANNELS: Readonly<Record<Right, Role>> = { ...USUAL, look: 'manager', post: 'manager' };
const RANKS: readonly Role[] = ['member', 'manager', 'owner'];

export function rankOf(role: Role): number {
  return RANKS.indexOf(role);
}

/** The lowest role that has a right. */
export function neededFor(chat: Chat, right: Right): Role | 'none' {
  const usual = isChannel(chat) ? IN_CHANNELS : USUAL;
  return chat.set[right] ?? usual[right];
}

export function hasRight(chat: Chat, member: Pick<Member, 'role'>, right: Right): boolean {
  const needed = neededFor(chat, right);
  return needed !== 'none' && rankOf(member.role) >= rankOf(needed);
}

/** Whoever joins by writing does so as a member. */
export function mayPost(chat: Chat, member: Member | undefined): boolean {
  return hasRight(chat, member ?? { role: 'member' }, 'post');
}

/** A message is unread when it counts, still says something, is somebody else's and lies after what was read. */
export function unreadOf(chat: Chat, member: Member): Message[] {
  return chat.messages.filter(
    ({ id, counts, deleted, author }) =>
      counts && !deleted && author !== member.user && id > member.readTo && id >= member.startsAt,
  );
}

/** Whether the member's list has a row for the chat, shown or not. */
export function hasRow(chat: Chat, member: Member): boolean {
  return chat.type !== 'T' && !member.hidden && (chat.messages.length > 0 || chat.type === 'P');
}

/** The other one of a private dialog; oneself in the dialog with oneself. */
export function partnerOf(chat: Chat, userId: number): number {
  return [...chat.members.keys()].find((id) => id !== userId) ?? userId;
}

/** People of the portal meet each other; a guest and anybody else meet while they share a group chat. */
export function mayMeet(model: Model, a: number, b: number): boolean {
  if (a === b || !(model.user(a).guest || model.user(b).guest)) return true;
  return [...model.chats.values()].some(({ type, members }) => type !== 'P' && members.has(a) && members.has(b));
}

/** Whether a member has access: to a private dialog only with somebody whom they may meet. */
export function isOpenTo(model: Model, chat: Chat, userId: number): boolean {
  return chat.type !== 'P' || mayMeet(model, userId, partnerOf(chat, userId));
}

/** Does something about who is in which group chat: the private dialogs that it closes or opens look different then. */
export function meeting<T>(model: Model, happens: () => T): T {
  const open = (chat: Chat) => [...chat.members.keys()].every((id) => isOpenTo(model, chat, id));
  const dialogs = [...model.chats.values()].filter(({ type }) => type === 'P');
  const before = new Map(dialogs.map((chat) => [chat, open(chat)]));
  const result = happens();
  for (const [chat, wasOpen] of before) if (open(chat) !== wasOpen) model.touch(chat);
  return result;
}

/** A row with somebody dismissed leaves the list once everything in it is read. */
export function isListed(model: Model, chat: Chat, member: Member): boolean {
  if (!hasRow(chat, member) || !isOpenTo(model, chat, member.user)) return false;
  if (chat.type !== 'P' || model.user(partnerOf(chat, member.user)).active) return true;
  return unreadOf(chat, member).length > 0;
}
