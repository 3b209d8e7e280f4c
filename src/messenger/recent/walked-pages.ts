/**
 * The walks through im.recent.list that are under way. A client names the next page by an offset or by the date of its last
 * row; the store has where the page before it really ended, and what it had seen. So a walk goes on on any node and after a
 * restart: rows that changed since that page, and stand above its end by now, come first, then what follows it. In doubt a
 * row comes again, none is lost.
 */
import { hash, randomInt } from 'node:crypto';
import type { Session } from '../../db/database.ts';
import type { Seen, Snapshot } from '../../db/stores/generation-store.ts';
import type { RecentPosition } from '../../db/stores/recent-store.ts';
import { closeWalk, insertPage, type NewWalkedPage, pagesAt, type StoredPage, type WalkedList, type WalkedPlace } from '../../db/stores/walk-store.ts';
import type { Portal } from '../../portal/portal.ts';
import { parseSeen, seenText } from './sync-token.ts';

/** Where the list goes on. */
export interface PageEnd {
  end: RecentPosition;
  /** Rows above the end that have changed since may not have come; undefined where nothing is known of the page. */
  seen?: Seen | undefined;
  /** Chats that the client has. */
  chats: ReadonlySet<number>;
  /** Seconds at which no page may end: pages of the walk did, and a client names them by their date. */
  seconds: ReadonlySet<number>;
  /** The page that was given, where there is only one that may be meant. */
  page?: StoredPage | undefined;
}

/** A list that is walked in its order, out of the store or out of memory. */
export interface Walked<K extends RecentPosition> {
  /** What comes after a place. */
  from(start: RecentPosition): AsyncGenerator<K>;
  /** Rows that may have come up past the end since the page was given, in list order. */
  changedAbove(page: PageEnd): Promise<K[]>;
}

/** A page that others follow. */
export interface GivenPage {
  keys: readonly RecentPosition[];
  /** Rows that were asked for. */
  size: number;
  /** What it goes on from; undefined where it was counted from the top. */
  from: PageEnd | undefined;
  /** Where the list goes on, where rows that changed before this page are still to come; else after its last row. */
  waiting?: RecentPosition | undefined;
  /** What asks for the next page. */
  next: { offset?: number | undefined; second?: number | undefined };
  /** Made when it is first needed. */
  digest?: string;
}

/** First pages that this process remembers to have noted; beyond it the oldest is noted anew. */
const REMEMBERED = 20_000;
/** For how long, milliseconds. */
const REMEMBERED_MS = 600_000;

/** Walk ids are drawn, so that nobody waits for anybody. */
const MOST_WALKS = 2 ** 47;

interface Noted {
  digest: string;
  /** Milliseconds by the clock that nobody sets. */
  at: number;
}

export class WalkedPages {
  readonly #m: Portal;
  /** The first page that was noted last of each list and size. */
  readonly #first = new Map<string, Noted>();
  readonly #writing = new Set<Promise<void>>();

  constructor(m: Portal) {
    this.#m = m;
  }

  /** Whatever this node has given is found by who looks now. */
  async settled(): Promise<void> {
    if (this.#writing.size > 0) await Promise.all(this.#writing);
  }

  /**
   * Where the page ended after which a client goes on who says this; undefined where no such page is known. Pages of the same
   * size, and of walks that have not come to their end, go first.
   */
  async endAt(s: Pick<Session, 'all'>, list: WalkedList, place: WalkedPlace, size: number): Promise<PageEnd | undefined> {
    const alike = preferred(await pagesAt(s, list, place), (page) => page.size === size);
    const pages = preferred(alike, ({ closed }) => closed === 0);
    return pages.length > 0 ? whichever(pages, place) : undefined;
  }

  /** Whether the page has to be noted: the same first page again is known. */
  isNew(list: WalkedList, page: GivenPage): boolean {
    const noted = page.from ? undefined : this.#first.get(nameOf(list, page));
    return noted?.digest !== digestOf(page) || this.#m.clock.precise() - noted.at > REMEMBERED_MS;
  }

  /** Resolves when any node can go on after the page. Where it cannot be noted, the page is good all the same. */
  async given(list: WalkedList, page: GivenPage, seen: Snapshot): Promise<void> {
    const { db } = this.#m;
    // A single statement, which a store that is asked over a wire sends with its commit.
    const written = db.write((s) => insertPage(s, this.#stored(list, page, seen)), db.together() === 'statement' ? {} : undefined).then(() => {
      if (!page.from) this.#remember(nameOf(list, page), digestOf(page));
    }, () => {});
    this.#writing.add(written);
    const done = written.finally(() => this.#writing.delete(written));
    // Where this process sees every commit nobody else is asked.
    if (!db.trustsOwnCommits()) await done;
  }

  /** The page that follows is the last one. */
  ended({ page }: PageEnd): void {
    if (page && page.walk !== 0) this.#m.db.write((s) => closeWalk(s, page)).catch(() => {});
  }

  #stored({ userId, filters }: WalkedList, { keys, size, from, next, waiting }: GivenPage, now: Snapshot): NewWalkedPage {
    const { pinned, at, chat_id } = waiting ?? keys.at(-1)!;
    const before = from?.page;
    // With rows still to come it stands for the page before it as well.
    const seen = (waiting && from?.seen) ?? now;
    const chats = [...(waiting && from ? from.chats : []), ...keys.map((key) => key.chat_id)];
    const ended = [...(before ? numbersIn(before.ended) : from?.seconds ?? [])];
    return {
      user_id: userId, filters, walk: !from ? 0 : before?.walk || randomInt(1, MOST_WALKS), size,
      next_offset: next.offset ?? null, second: next.second ?? null,
      pinned, at, chat_id, token: seen.token, seen: seenText(seen), chats: chats.join(),
      ended: [...new Set(pinned === 1 && next.second !== undefined ? [...ended, next.second] : ended)].join(), given_at: this.#m.clock.now(),
    };
  }

  #remember(name: string, digest: string): void {
    this.#first.delete(name);
    this.#first.set(name, { digest, at: this.#m.clock.precise() });
    if (this.#first.size > REMEMBERED) this.#first.delete(this.#first.keys().next().value!);
  }
}

function nameOf({ userId, filters }: WalkedList, { size, next }: GivenPage): string {
  return `${userId} ${filters} ${size} ${next.offset}`;
}

/** Where it ended, and what was on it. */
function digestOf(page: GivenPage): string {
  const { pinned, at } = page.keys.at(-1)!;
  return (page.digest ??= hash('sha1', `${pinned} ${at} ${page.keys.map((key) => key.chat_id).join()}`, 'base64'));
}

/** The better ones, if there are any. */
function preferred(pages: readonly StoredPage[], isBetter: (page: StoredPage) => boolean): readonly StoredPage[] {
  const better = pages.filter(isBetter);
  return better.length > 0 ? better : pages;
}

/** Stands for whichever of the pages the client has: what one of them lacks comes again. */
function whichever(pages: readonly StoredPage[], place: WalkedPlace): PageEnd {
  const [first, ...others] = pages as [StoredPage, ...StoredPage[]];
  const lists = others.map(({ chats }) => new Set(numbersIn(chats)));
  const token = Math.min(...pages.map((page) => page.token));
  return {
    end: pages.reduce((a, b) => (comparePositions(a, b) < 0 ? a : b)),
    seen: pages.every(({ seen }) => seen === first.seen) ? parseSeen(first.seen) : { token, top: token, open: [] },
    chats: new Set(numbersIn(first.chats).filter((id) => lists.every((chats) => chats.has(id)))),
    seconds: new Set([...pages.flatMap(({ ended }) => numbersIn(ended)), ...('second' in place ? [place.second] : [])]),
    page: others.length === 0 ? first : undefined,
  };
}

function numbersIn(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

/** Pinned first, then the last message's date, then the chat's id, all descending. */
export function comparePositions(a: RecentPosition, b: RecentPosition): number {
  return b.pinned - a.pinned || b.at - a.at || b.chat_id - a.chat_id;
}
