/** The tokens that clients sync with: what of the list they have seen, and how far a page of it has come. */
import type { Database, Session } from '../../db/database.ts';
import { findGeneration, isSeen, nonceOf, type Seen, type Snapshot } from '../../db/stores/generation-store.ts';
import type { ChangePosition } from '../../db/stores/change-store.ts';
import type { Marks } from '../../db/stores/mark-store.ts';
import type { RecentPosition } from '../../db/stores/recent-store.ts';
import { readFloor } from '../../db/stores/trim-store.ts';

/** Where the next page goes on: within the list, within the changes by revision, or among the rows that name changed users. */
export type Place =
  | { kind: 'list'; after: RecentPosition }
  | { kind: 'changes'; after: ChangePosition }
  | { kind: 'names'; afterChat: number };

export interface SyncToken {
  /** Names the start of the server in which it was given. */
  nonce: string;
  /** What has been seen; of a page of the list, what it does not show comes with the changes. */
  since: Seen;
  /** What has been seen once the pages are over. */
  next: Seen;
  /** Undefined where there are no more pages. */
  place?: Place | undefined;
}

const NUMBER = '[0-9a-z]{1,12}';
const SEEN = `${NUMBER}(?:-${NUMBER}){0,20}`;
const FORMAT = new RegExp(`^([A-Za-z0-9]{8,16})\\.(${SEEN})(?:\\.([lcn])\\.(${SEEN})((?:\\.${NUMBER}){1,3}))?$`);

/** Longer than any token is. */
export const LONGEST_TOKEN = 700;

const LETTER = { list: 'l', changes: 'c', names: 'n' } as const;

export function formatToken({ nonce, since, next, place }: SyncToken): string {
  if (!place) return `${nonce}.${seenText(next)}`;
  return [nonce, seenText(since), LETTER[place.kind], seenText(next), ...numbersOf(place).map(digits)].join('.');
}

/** What has been seen as tokens write it; {@link parseSeen} reads it. */
export function seenText({ token, top, open }: Seen): string {
  return (top > token ? [token, top, ...open] : [token]).map(digits).join('-');
}

function numbersOf(place: Place): number[] {
  if (place.kind === 'list') return [place.after.pinned, place.after.at, place.after.chat_id];
  return place.kind === 'changes' ? [place.after.rev, place.after.chatId] : [place.afterChat];
}

function digits(value: number): string {
  return value.toString(36);
}

function number(text: string): number {
  return parseInt(text, 36);
}

/** Undefined for what is no token at all. */
export function parseToken(text: string): SyncToken | undefined {
  const [, nonce, since, letter, next = '', rest = ''] = FORMAT.exec(text) ?? [];
  if (nonce === undefined || since === undefined) return undefined;
  const seen = parseSeen(since);
  if (letter === undefined) return { nonce, since: seen, next: seen };
  const [a = 0, b = 0, c = 0] = rest.split('.').filter(Boolean).map(number);
  return { nonce, since: seen, next: parseSeen(next), place: placeOf(letter, a, b, c) };
}

export function parseSeen(text: string): Seen {
  const [token = 0, top = token, ...open] = text.split('-').map(number);
  return { token, top, open };
}

function placeOf(letter: string, a: number, b: number, c: number): Place {
  if (letter === 'l') return { kind: 'list', after: { pinned: a, at: b, chat_id: c } };
  return letter === 'c' ? { kind: 'changes', after: { rev: a, chatId: b } } : { kind: 'names', afterChat: a };
}

/**
 * Whether the token may be gone on with: not when it is another database's, from before what has been trimmed, from a
 * time that a backup has undone, or from before everything was changed.
 */
export async function isGood(s: Session, { nonce, since, next }: SyncToken, now: Snapshot, { everything }: Marks): Promise<boolean> {
  const latest = Math.max(since.token, since.top, next.token, next.top);
  if (latest > Math.max(now.token, now.top) || !isSeen(everything, since)) return false;
  const generation = await findGeneration(s, nonce);
  if (!generation || (generation.laterRev !== null && generation.laterRev < latest)) return false;
  return since.token > (await readFloor(s));
}

/** The names of generations never change, so each is asked for once. */
export class Generations {
  readonly #nonces = new Map<number, string>();
  /** Whoever polls a list in which nothing changes is given the same again and again. */
  readonly #tokens = new WeakMap<Snapshot, string>();

  /** The token of somebody who has what is seen. */
  async tokenOf(db: Database, seen: Snapshot): Promise<string> {
    if (!this.#nonces.has(seen.generation)) await db.read((s) => this.nonce(s, seen));
    return this.knownTokenOf(seen)!;
  }

  /** The same, where the generation has been asked for before. */
  knownTokenOf(seen: Snapshot): string | undefined {
    const known = this.#tokens.get(seen);
    if (known !== undefined) return known;
    const nonce = this.#nonces.get(seen.generation);
    if (nonce === undefined) return undefined;
    const token = formatToken({ nonce, since: seen, next: seen });
    this.#tokens.set(seen, token);
    return token;
  }

  async nonce(s: Session, { generation }: Snapshot): Promise<string> {
    const known = this.#nonces.get(generation) ?? (await nonceOf(s, generation));
    this.#nonces.set(generation, known);
    return known;
  }
}
