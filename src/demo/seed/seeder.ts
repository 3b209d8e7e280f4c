/** Fills an empty portal with what comes of a plan. */
import { type Clock } from '../../base/clock.ts';
import type { Database } from '../../db/database.ts';
import {
  goOnAfterBulk, highestId, insertChats, insertReactions, insertUsers, members, messages, prepareForBulk, rowsAtOnce,
} from '../../db/stores/bulk-store.ts';
import { pairKey } from '../../db/stores/chat-store.ts';
import type { NewMember } from '../../db/stores/member-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { ROLE } from '../../messenger/access/rights.ts';
import { emptyChat, newMember } from '../../messenger/posting/posting.ts';
import { WIDE_ABOVE } from '../../messenger/posting/joining.ts';
import { systemTexts } from '../../messenger/posting/system-texts.ts';
import { blankUser } from '../../messenger/people/users.ts';
import { ADMIN_ID } from '../../portal/portal.ts';
import { LINE, Outcome } from './outcome.ts';
import { makePlan, type Plan, type PlannedPerson, type SeedSize } from './plan.ts';
import { Random } from './random.ts';
import { textOf } from './words.ts';

/** Rows that go into one statement. */
const BUILT_AT_ONCE = 400;
const REACTIONS = ['like', 'like', 'like', 'redHeart', 'laugh', 'clappingHands'] as const;

/** Told how much is done. */
export type Watch = (what: string, done: number, all: number) => void;

/** The portal is not as a first start leaves it. */
export class NotEmpty extends Error {
  override name = 'NotEmpty';
}

/**
 * @returns what is there now
 * @throws NotEmpty
 */
export async function seedPortal(db: Database, clock: Clock, size: SeedSize, watch: Watch): Promise<{ users: number; chats: number; messages: number }> {
  await db.write(async (s) => {
    if ((await highestId(s, 'user')) !== ADMIN_ID || (await highestId(s, 'chat')) > 0) throw new NotEmpty('seed: the portal has people or chats already; begin with an empty one');
    await prepareForBulk(s, db.engine);
  });
  watch('plan', 0, 1);
  const plan = makePlan(size, clock.now());
  const outcome = new Outcome(plan);
  watch('plan', 1, 1);
  await new Seeder(db, outcome, watch).run();
  return { users: plan.people.length, chats: plan.chats.length, messages: outcome.messages.count };
}

/** What a person's row says of them. */
export function profileOf({ first_name, last_name, work_position }: PlannedPerson, index: number) {
  return { first_name, last_name, work_position, email: `person${index}@example.com` };
}

/** What is said first in the place of a message, or what it is edited to. */
export function saidIn({ size, chats }: Plan, message: number, chat: number, edited: boolean): string {
  return textOf(new Random(size.seed, edited ? 6 : 5, message), chats[chat]!.language);
}

export const reactionTo = (seed: number, message: number) => new Random(seed, 7, message).pick(REACTIONS);

class Seeder {
  readonly #db: Database;
  readonly #outcome: Outcome;
  readonly #plan: Plan;
  readonly #watch: Watch;
  #people: UserRow[] = [];

  constructor(db: Database, outcome: Outcome, watch: Watch) {
    this.#db = db;
    this.#outcome = outcome;
    this.#plan = outcome.plan;
    this.#watch = watch;
  }

  async run(): Promise<void> {
    await this.#addPeople();
    await this.#inUnits('chats', this.#plan.chats.length, BUILT_AT_ONCE, (s, from, to) => insertChats(s, range(from, to).map((chat) => this.#chatRow(chat))));
    const { engine } = this.#db;
    const atOnce = rowsAtOnce(engine);
    await this.#inUnits('messages', this.#outcome.messages.count, atOnce, (s, from, to) => messages.insert(s, engine, this.#messageRows(from + 1, to + 1)));
    await this.#inUnits('members', this.#plan.chats.length, Math.ceil(atOnce / 20), (s, from, to) => members.insert(s, engine, this.#memberRows(from, to)));
    const { reactions } = this.#outcome;
    await this.#inUnits('reactions', reactions.length, atOnce, (s, from, to) => insertReactions(s, reactions.slice(from, to).map(({ message, person, at }) => (
      { message_id: message, user_id: idOf(person), reaction: reactionTo(this.#plan.size.seed, message), created_at: at }))));
    // An entry of the journal ends the revision that all this was written under.
    await this.#db.write(async (s) => {
      await goOnAfterBulk(s, engine);
      s.changes.note({ what: 'settings' });
    });
  }

  async #inUnits(what: string, all: number, atOnce: number, work: (s: Parameters<typeof insertUsers>[0], from: number, to: number) => Promise<void>): Promise<void> {
    for (let from = 0; from < all; from += atOnce) {
      const to = Math.min(all, from + atOnce);
      await this.#db.write((s) => work(s, from, to));
      this.#watch(what, to, all);
    }
  }

  /** The administrator is there. */
  async #addPeople(): Promise<void> {
    const { people } = this.#plan;
    await this.#inUnits('people', people.length - 1, BUILT_AT_ONCE, (s, from, to) => insertUsers(s, range(from + 1, to + 1).map((index) => (
      { ...blankUser(people[index]!.at), id: idOf(index), ...profileOf(people[index]!, index) }))));
    for (let from = 0; from < people.length; from += BUILT_AT_ONCE) {
      this.#people.push(...(await this.#db.read((s) => findUsers(s, range(from, Math.min(people.length, from + BUILT_AT_ONCE)).map(idOf)))));
    }
    this.#people.sort((a, b) => a.id - b.id);
  }

  #userId(chat: number, member: number): number {
    return idOf(this.#plan.chats[chat]!.members[member]!);
  }

  #chatRow(index: number) {
    const { type, title, color, members: places, owner } = this.#plan.chats[index]!;
    const { count, countSeq, last, lastAt, bumpedAt, createdAt, first } = this.#outcome.chats[index]!;
    const isPrivate = type === 'P';
    const ownerId = this.#userId(index, isPrivate ? first : owner);
    const wide = places.length > WIDE_ABOVE ? (1 as const) : (0 as const);
    return {
      ...emptyChat(createdAt), id: index + 1, type, title, color, owner_id: ownerId, manager_ids: isPrivate ? '[]' : JSON.stringify([ownerId]),
      pair_key: isPrivate ? pairKey(this.#userId(index, 0), this.#userId(index, 1)) : null, member_count: places.length, message_count: count, count_seq: countSeq,
      top_message_id: last, last_message_id: last, last_message_at: lastAt, bumped_at: bumpedAt, wide,
    };
  }

  *#messageRows(from: number, to: number): Generator<MessageRow> {
    const { chat, actor, at, countSeq, line, seen, edited } = this.#outcome.messages;
    for (let id = from; id < to; id++) {
      const [system, senderId] = [line[id] === LINE.said ? (0 as const) : (1 as const), this.#userId(chat[id]!, actor[id]!)];
      const { text, params = '' } = system ? this.#systemLine(chat[id]!, line[id]!) : { text: saidIn(this.#plan, id, chat[id]!, edited[id]! > 0) };
      yield {
        id, chat_id: chat[id]! + 1, author_id: system ? 0 : senderId, sender_id: senderId, text, params: edited[id] === 2 ? '{"IS_EDITED":"Y"}' : params, created_at: at[id]!,
        count_seq: countSeq[id]!, counts: line[id] === LINE.created ? 0 : 1, system, seen: seen[id] === 1 ? 1 : 0, deleted: 0, uuid: null,
      };
    }
  }

  #systemLine(chat: number, line: number): { text: string; params?: string } {
    const { members: places, owner, title } = this.#plan.chats[chat]!;
    const ownerRow = this.#people[places[owner]!]!;
    if (line === LINE.created) return { text: systemTexts.created(ownerRow, title) };
    const { text, params } = systemTexts.invited(ownerRow, places.filter((_, i) => i !== owner).map((person) => this.#people[person]!));
    return { text, params: JSON.stringify(params) };
  }

  *#memberRows(from: number, to: number): Generator<NewMember> {
    for (let chat = from; chat < to; chat++) {
      const row = { ...this.#chatRow(chat), rev: 0, rev_seen: '', warm: 0 as const };
      const { type, owner } = this.#plan.chats[chat]!;
      for (const [i, state] of this.#outcome.members[chat]!.entries()) {
        yield {
          ...newMember(row, this.#userId(chat, i), type !== 'P' && i === owner ? ROLE.owner : ROLE.member, state.joinedAt),
          peer_id: type === 'P' ? this.#userId(chat, 1 - i) : 0, last_id: state.lastId, read_count_seq: state.readSeq, viewed_id: state.viewedId, updated_at: state.updatedAt,
          muted: state.muted, pinned: state.pinned, unread: state.unread, has_unread: state.hasUnread,
        };
      }
    }
  }
}

/** People are numbered in the order of the plan. */
const idOf = (person: number) => ADMIN_ID + person;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
