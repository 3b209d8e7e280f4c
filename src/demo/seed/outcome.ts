/** What comes of a plan: by the rules of the messenger, worked out in memory. `test/store/seed.test.ts` holds it to the rules themselves. */
import { ACT, type Plan } from './plan.ts';
import { WIDE_ABOVE } from '../../messenger/posting/joining.ts';

/** Messages that one read marks as seen, at most. */
const SEEN_AT_ONCE = 100;

/** What a message is: said by somebody, or one of the two lines with which a group begins. */
export const LINE = { said: 0, created: 1, invited: 2 } as const;

/** Columns of messages, in the order of their numbers; a message is named by its place, from 1 on. */
export interface Messages {
  count: number;
  chat: Int32Array;
  /** Place of whoever acts among the chat's members. */
  actor: Int32Array;
  at: Float64Array;
  countSeq: Int32Array;
  line: Uint8Array;
  seen: Uint8Array;
  /** 1 for another text, 2 where it shows. */
  edited: Uint8Array;
}

export interface ChatState {
  count: number;
  countSeq: number;
  last: number;
  lastAt: number;
  bumpedAt: number;
  createdAt: number;
  /** Whose private dialog it is: who wrote first. */
  first: number;
}

export interface MemberState {
  lastId: number;
  readSeq: number;
  viewedId: number;
  updatedAt: number;
  joinedAt: number;
  muted: 0 | 1;
  pinned: 0 | 1;
  unread: 0 | 1;
  hasUnread: 0 | 1;
}

export interface Reaction {
  message: number;
  /** Place among the people. */
  person: number;
  at: number;
}

export class Outcome {
  readonly plan: Plan;
  readonly messages: Messages;
  readonly chats: ChatState[];
  readonly members: MemberState[][];
  readonly reactions: Reaction[] = [];
  /** The message before, of the same chat. */
  readonly #before: Int32Array;

  constructor(plan: Plan) {
    this.plan = plan;
    const room = plan.size.messages + 2 * plan.chats.length + 1;
    this.messages = {
      count: 0, chat: new Int32Array(room), actor: new Int32Array(room), at: new Float64Array(room), countSeq: new Int32Array(room), line: new Uint8Array(room),
      seen: new Uint8Array(room), edited: new Uint8Array(room),
    };
    this.#before = new Int32Array(room);
    this.chats = plan.chats.map(() => ({ count: 0, countSeq: 0, last: 0, lastAt: 0, bumpedAt: 0, createdAt: 0, first: 0 }));
    this.members = plan.chats.map(() => []);
    for (let i = 0; i < plan.acts.at.length; i++) this.#act(plan.acts.kind[i]!, plan.acts.chat[i]!, plan.acts.actor[i]!, plan.acts.at[i]!);
    this.chats.forEach((chat, i) => this.#fold(chat, i));
  }

  #act(kind: number, chat: number, actor: number, at: number): void {
    switch (kind) {
      case ACT.open: return this.#open(chat, actor, at);
      case ACT.say: return this.#say(chat, actor, at);
      case ACT.read: return this.#read(chat, actor, at);
      case ACT.edit: return this.#edit(chat, at);
      case ACT.react: return this.#react(chat, actor, at);
      case ACT.pin: return this.#own(chat, actor, at, { pinned: 1 });
      case ACT.mute: return this.#own(chat, actor, at, { muted: 1 });
      default: return this.#own(chat, actor, at, { unread: 1, hasUnread: 1 });
    }
  }

  #begin(chat: number, first: number, at: number, joinedAt: number): void {
    Object.assign(this.chats[chat]!, { createdAt: at, bumpedAt: at, first });
    this.members[chat] = this.plan.chats[chat]!.members.map(() => ({
      lastId: 0, readSeq: 0, viewedId: 0, updatedAt: joinedAt, joinedAt, muted: 0, pinned: 0, unread: 0, hasUnread: 0,
    }));
  }

  #open(chat: number, owner: number, at: number): void {
    this.#begin(chat, owner, at, at + 1);
    this.#post(chat, owner, at + 2, LINE.created);
    if (this.members[chat]!.length > 1) this.#post(chat, owner, at + 3, LINE.invited);
  }

  #say(chat: number, actor: number, at: number): void {
    if (this.chats[chat]!.createdAt > 0) return this.#post(chat, actor, at, LINE.said);
    this.#begin(chat, actor, at, at);
    this.#post(chat, actor, at + 1, LINE.said);
  }

  #post(index: number, actor: number, at: number, line: number): void {
    const [{ messages }, chat] = [this, this.chats[index]!];
    const id = (messages.count += 1);
    this.#before[id] = chat.last;
    if (line !== LINE.created) chat.countSeq += 1;
    Object.assign(chat, { count: chat.count + 1, last: id, lastAt: at, bumpedAt: at });
    messages.chat[id] = index;
    messages.actor[id] = actor;
    messages.at[id] = at;
    messages.countSeq[id] = chat.countSeq;
    messages.line[id] = line;
    Object.assign(this.members[index]![actor]!, { lastId: id, readSeq: chat.countSeq, updatedAt: at, unread: 0, hasUnread: 0 });
  }

  #read(index: number, actor: number, at: number): void {
    const [chat, member] = [this.chats[index]!, this.members[index]![actor]!];
    const bumps = this.#see(chat.last, actor, member.viewedId);
    if (bumps) chat.bumpedAt = at;
    Object.assign(member, { lastId: chat.last, readSeq: chat.countSeq, viewedId: chat.last, updatedAt: at + (bumps ? 1 : 0), unread: 0, hasUnread: 0 });
  }

  /** @returns whether the last message has not been seen by anybody before */
  #see(last: number, actor: number, after: number): boolean {
    const { seen, actor: actors, line } = this.messages;
    let fresh = false;
    for (let [id, passed] = [last, 0]; id > after && passed < SEEN_AT_ONCE; id = this.#before[id]!) {
      if (line[id] === LINE.said && actors[id] === actor) continue;
      passed += 1;
      if (id === last && seen[id] === 0) fresh = true;
      seen[id] = 1;
    }
    return fresh;
  }

  #edit(index: number, at: number): void {
    const { last } = this.chats[index]!;
    this.messages.edited[last] = this.messages.seen[last] === 1 ? 2 : 1;
    this.chats[index]!.bumpedAt = at;
  }

  #react(chat: number, actor: number, at: number): void {
    this.reactions.push({ message: this.chats[chat]!.last, person: this.plan.chats[chat]!.members[actor]!, at });
  }

  #own(chat: number, actor: number, at: number, changes: Partial<MemberState>): void {
    Object.assign(this.members[chat]![actor]!, { ...changes, updatedAt: at });
  }

  /** What is not wide is quiet in the end, and its bump in the members' rows. */
  #fold({ countSeq, bumpedAt }: ChatState, index: number): void {
    if (this.members[index]!.length > WIDE_ABOVE) return;
    for (const member of this.members[index]!) {
      member.updatedAt = Math.max(member.updatedAt, bumpedAt);
      if (countSeq > member.readSeq) member.hasUnread = 1;
    }
  }
}
