/**
 * What happens on a seeded portal, and when: who is in which chats, and everything that is said and done in them in the order
 * of its dates. Few chats are large and busy, most are small and quiet; the same seed gives the same.
 */
import { Random } from './random.ts';
import { LANGUAGES, nameOf, titleOf } from './words.ts';

export interface SeedSize {
  users: number;
  chats: number;
  /** What people say; lines of the system come beside it. */
  messages: number;
  seed: number;
}

/** What somebody does in a chat. What is done to a message is done to the chat's last. */
export const ACT = { open: 0, say: 1, read: 2, edit: 3, react: 4, pin: 5, mute: 6, mark: 7 } as const;

export interface PlannedChat {
  /** P private, C group, O open. */
  type: 'P' | 'C' | 'O';
  title: string;
  color: string;
  language: number;
  /** Places of people in {@link Plan.people}, ascending; two where it is private. */
  members: readonly number[];
  /** Place of the owner among the members. */
  owner: number;
}

export interface PlannedPerson {
  first_name: string;
  last_name: string;
  work_position: string;
  /** When they were added, milliseconds. */
  at: number;
}

/** Acts as columns; those of a number happen together. */
export interface Plan {
  size: SeedSize;
  people: PlannedPerson[];
  chats: PlannedChat[];
  acts: { kind: Uint8Array; chat: Int32Array; /** Place among the chat's members. */ actor: Int32Array; /** Milliseconds, ascending. */ at: Float64Array };
}

const DAY_MS = 86_400_000;
const SPAN_MS = 365 * DAY_MS;
/** What one act stamps at most: no two acts stamp the same. */
const STAMPS = 8;
const LATEST_MS = 3_600_000;
const COLORS = ['RED', 'GREEN', 'MINT', 'AZURE', 'PURPLE', 'AQUA', 'PINK', 'LIME', 'BROWN', 'SAND', 'MARENGO'] as const;

/** Members of a group: most have a handful, a few hundreds, and the first ones the whole company or a large part of it. */
function sizeOf(random: Random, index: number, people: number): number {
  if (index === 0) return people;
  if (index < 5) return Math.ceil(people / 2 ** index);
  if (random.chance(0.01)) return Math.min(people, 100 + random.skewed(900, 3));
  return Math.min(people, 2 + random.skewed(random.chance(0.1) ? 98 : 12, 2));
}

function membersOf(random: Random, size: number, people: number): number[] {
  if (size === people) return Array.from({ length: people }, (_, i) => i);
  const members = new Set<number>();
  // Some people are in far more chats than others.
  while (members.size < size) members.add(random.chance(0.5) ? random.skewed(people, 3) : random.below(people));
  return [...members].sort((a, b) => a - b);
}

function planChats({ chats, seed }: SeedSize, people: number): PlannedChat[] {
  const random = new Random(seed, 1);
  const pairs = new Set<number>();
  const most = (people * (people - 1)) / 2;
  return Array.from({ length: chats }, (_, i) => {
    const isPrivate = i % 5 > 1 && pairs.size < most / 2;
    const language = random.skewed(LANGUAGES, 1.7);
    let members = membersOf(random, isPrivate ? 2 : sizeOf(random, Math.ceil(i * 0.4), people), people);
    while (isPrivate && pairs.has(members[0]! * people + members[1]!)) members = membersOf(random, 2, people);
    if (isPrivate) pairs.add(members[0]! * people + members[1]!);
    const type = isPrivate ? 'P' : random.chance(0.1) ? 'O' : 'C';
    return { type, title: isPrivate ? '' : titleOf(random), color: isPrivate ? '' : random.pick(COLORS), language, members, owner: random.below(members.length) };
  });
}

/** How many messages each chat has: one at least, most of the others in few. */
function shareOut({ chats, messages, seed }: SeedSize): Int32Array {
  const random = new Random(seed, 2);
  const weights = Float64Array.from({ length: chats }, () => (1 - random.next()) ** -1.1 - 0.9);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = Int32Array.from(weights, (weight) => 1 + Math.floor((weight / all) * (messages - chats)));
  const left = messages - counts.reduce((sum, count) => sum + count, 0);
  counts[0]! += left;
  return counts;
}

/** Grows while acts are added. */
class Acts {
  readonly #columns: { kind: number[]; chat: number[]; actor: number[]; at: number[] } = { kind: [], chat: [], actor: [], at: [] };

  add(kind: number, chat: number, actor: number, at: number): void {
    const { kind: kinds, chat: chats, actor: actors, at: dates } = this.#columns;
    kinds.push(kind);
    chats.push(chat);
    actors.push(actor);
    dates.push(at);
  }

  /** In the order of their dates, which are moved on where there is no room between them. */
  ordered(from: number): Plan['acts'] {
    const { kind, chat, actor, at } = this.#columns;
    // Date and place in one number, so that numbers are sorted; acts of a chat are added in their order, and keep it.
    const places = 2 ** Math.ceil(Math.log2(at.length + 1));
    const unit = Math.ceil((2 * SPAN_MS * places) / 2 ** 53);
    const keys = new Float64Array(at.length);
    for (let i = 0; i < at.length; i++) keys[i] = Math.floor(at[i]! / unit) * places + i;
    keys.sort();
    const acts = { kind: new Uint8Array(at.length), chat: new Int32Array(at.length), actor: new Int32Array(at.length), at: new Float64Array(at.length) };
    for (let to = 0, last = 0; to < keys.length; to++) {
      const i = keys[to]! % places;
      last = Math.max(last + STAMPS, Math.floor(at[i]!) + from);
      [acts.kind[to], acts.chat[to], acts.actor[to], acts.at[to]] = [kind[i]!, chat[i]!, actor[i]!, last];
    }
    return acts;
  }
}

/** By day people talk; a time of any hour becomes one of theirs, in the same order. */
const byDay = (at: number) => Math.floor(at / DAY_MS) * DAY_MS + (7 + (13 * (at % DAY_MS)) / DAY_MS) * 3_600_000;

/** All that happens in one chat, by dates from the beginning of the portal on. */
function planActs(acts: Acts, random: Random, index: number, { type, members, owner }: PlannedChat, count: number, pins: Uint8Array): void {
  const begin = random.skewed(SPAN_MS - LATEST_MS * 48, 0.7);
  const end = random.chance(0.4) ? SPAN_MS - LATEST_MS * 24 : begin + (SPAN_MS - LATEST_MS * 24 - begin) * random.next() ** 2;
  const dates = Float64Array.from({ length: count }, () => byDay(begin + random.next() * (end - begin))).sort();
  const someone = () => (members.length > 2 ? random.skewed(members.length, 2.5) : random.below(members.length));
  let latest = 0;
  const add = (kind: number, actor: number, at: number) => acts.add(kind, index, actor, (latest = Math.max(latest, at)));
  if (type !== 'P') add(ACT.open, owner, dates[0]! - 1000);
  for (const at of dates) {
    const author = someone();
    add(ACT.say, author, at);
    if (random.chance(0.03)) for (let i = random.below(3); i >= 0; i--) add(ACT.read, someone(), at + 2000);
    if (random.chance(0.015)) add(ACT.edit, author, at + 4000);
    if (random.chance(0.04)) add(ACT.react, someone(), at + 4000);
  }
  const last = dates.at(-1)!;
  const later = (most: number) => last + 10 + random.next() * most;
  const ends: Array<[kind: number, actor: number, at: number]> = [];
  members.forEach((user, actor) => {
    if (random.chance(0.65)) ends.push([ACT.read, actor, later(LATEST_MS)]);
    if (pins[user]! < 20 && random.chance(members.length > 100 ? 0.002 : 0.01)) {
      pins[user]! += 1;
      ends.push([ACT.pin, actor, later(LATEST_MS)]);
    }
    if (type !== 'P' && random.chance(0.03)) ends.push([ACT.mute, actor, later(LATEST_MS)]);
    if (random.chance(members.length > 100 ? 0.002 : 0.02)) ends.push([ACT.mark, actor, later(LATEST_MS)]);
  });
  for (const [kind, actor, at] of ends.sort((a, b) => a[2] - b[2])) add(kind, actor, at);
}

/** @param now when it ends, milliseconds. The first of the people is there already */
export function makePlan(size: SeedSize, now: number): Plan {
  const from = Math.floor((now - SPAN_MS) / 1000) * 1000;
  const random = new Random(size.seed, 3);
  const people = Array.from({ length: size.users + 1 }, (_, i) => ({ ...nameOf(random), at: from - (size.users + 2 - i) * 1000 }));
  const chats = planChats(size, people.length);
  const counts = shareOut(size);
  const [acts, pins] = [new Acts(), new Uint8Array(people.length)];
  chats.forEach((chat, i) => planActs(acts, new Random(size.seed, 4, i), i, chat, counts[i]!, pins));
  return { size, people, chats, acts: acts.ordered(from) };
}
