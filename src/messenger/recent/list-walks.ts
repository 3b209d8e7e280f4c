/** The walks through im.recent.list by date that are under way, so that a page goes on where the one before really ended. */
import type { RecentPosition } from '../../db/stores/recent-store.ts';

interface Given {
  /** Where the list goes on, however it has moved since. */
  end: RecentPosition;
  /** What has been dated this or later may have come up since the walk began. Milliseconds. */
  begunAt: number;
  /** Chats of this page. */
  ids: ReadonlySet<number>;
  /** Seconds at which it ended. */
  seconds: ReadonlySet<number>;
  /** Rows that were asked for. */
  limit: number;
  before?: WalkedPage | undefined;
}

/** A page that was given, with those that came before it in the same walk. */
export class WalkedPage {
  readonly end: RecentPosition;
  readonly begunAt: number;
  readonly ids: ReadonlySet<number>;
  readonly seconds: ReadonlySet<number>;
  readonly limit: number;
  readonly before: WalkedPage | undefined;
  /** The pages of several walks that this one stands for. */
  sources: readonly WalkedPage[] = [];
  /** How many walks have got so far and not yet to the end of the list. */
  open = 0;

  constructor({ end, begunAt, ids, seconds, limit, before }: Given) {
    this.end = end;
    this.begunAt = begunAt;
    this.ids = ids;
    this.seconds = seconds;
    this.limit = limit;
    this.before = before;
  }

  /** Whether the client has the chat's row. */
  has(chatId: number): boolean {
    return pagesOf(this).some(({ ids }) => ids.has(chatId));
  }

  /** Whether a page of the walk ended at this second. No two do, so that a date tells which one is meant. */
  endedAt(second: number): boolean {
    return pagesOf(this).some(({ seconds }) => seconds.has(second));
  }

  /** Stands for whichever of the pages the client has: what one of them lacks comes again. */
  static either(pages: readonly WalkedPage[]): WalkedPage {
    const [first, ...others] = pages as [WalkedPage, ...WalkedPage[]];
    if (others.length === 0) return first;
    const ids = pagesOf(first).flatMap((page) => [...page.ids]).filter((id) => others.every((other) => other.has(id)));
    const page = new WalkedPage({
      end: pages.map(({ end }) => end).reduce((a, b) => (comparePositions(a, b) < 0 ? a : b)),
      limit: first.limit,
      begunAt: Math.min(...pages.map(({ begunAt }) => begunAt)),
      ids: new Set(ids),
      seconds: new Set(pages.flatMap((each) => pagesOf(each).flatMap(({ seconds }) => [...seconds]))),
    });
    page.sources = pages;
    return page;
  }

  /**
   * A walk has come to its end: its pages are only of use to whoever asks for one again. Whose walk it was is not known where
   * this page or one before stands for several: then none of them has ended.
   */
  close(): void {
    const pages = pagesOf(this);
    if (pages.some((page) => page.sources.length > 0)) return;
    for (const page of pages) page.open = Math.max(0, page.open - 1);
  }

  isLike(other: WalkedPage): boolean {
    if (other === this) return true;
    return this.before === other.before && this.limit === other.limit && this.ids.size === other.ids.size && comparePositions(this.end, other.end) === 0
      && [...this.ids].every((id) => other.ids.has(id));
  }
}

/** The pages of a walk, the last one first. */
function pagesOf(last: WalkedPage): WalkedPage[] {
  const pages: WalkedPage[] = [];
  for (let page: WalkedPage | undefined = last; page; page = page.before) pages.push(page);
  return pages;
}

/** Pinned first, then the last message's date, then the chat's id, all descending. */
export function comparePositions(a: RecentPosition, b: RecentPosition): number {
  return b.pinned - a.pinned || b.at - a.at || b.chat_id - a.chat_id;
}

/** Chats that all remembered pages may hold together; beyond it the lists that were asked for longest ago are forgotten. */
const REMEMBERED_CHATS = 500_000;
/** The same for the walks through one list. */
const CHATS_OF_A_LIST = 100_000;
/** Pages of one list and size that end at the same second and are told apart; of more, one stands for all. */
const SIMILAR_PAGES = 8;

/** The better ones, if there are any. */
export function preferred<P>(pages: readonly P[], isBetter: (page: P) => boolean): readonly P[] {
  const better = pages.filter(isBetter);
  return better.length > 0 ? better : pages;
}

/** The walks through one list, as one user asks for it. */
class WalkedList {
  /** By the second at which they ended. */
  readonly pages = new Map<number, WalkedPage[]>();
  chats = 0;

  add(second: number, page: WalkedPage): void {
    const similar = this.pages.get(second) ?? [];
    const same = similar.find((other) => other.isLike(page));
    (same ?? page).open += 1;
    if (same) return;
    const alike = similar.filter(({ limit }) => limit === page.limit);
    const kept = alike.length < SIMILAR_PAGES ? page : WalkedPage.either([...alike, page]);
    if (kept !== page) kept.open = alike.reduce((open, other) => open + other.open, page.open);
    this.chats += kept.ids.size;
    this.pages.set(second, [...similar.filter((other) => kept === page || !alike.includes(other)), kept]);
  }
}

/** Remembers walks in memory: after a restart a date alone must do. */
export class ListWalks {
  /** The one that was asked for last comes last. */
  readonly #lists = new Map<string, WalkedList>();
  #chats = 0;

  /**
   * The page after which a client goes on who has this date; undefined when none is remembered. Where several may be
   * meant, those of the same size and of walks that have not come to their end go first.
   */
  endedAt(list: string, second: number, limit: number): WalkedPage | undefined {
    const found = this.#lists.get(list)?.pages.get(second);
    if (!found) return undefined;
    const alike = preferred(found, (page) => page.limit === limit);
    return WalkedPage.either(preferred(alike, (page) => page.open > 0));
  }

  /** @param second of the date of the page's last row, after which there are more */
  given(list: string, second: number, page: WalkedPage): void {
    const before = this.#lists.get(list);
    const walks = before && before.chats < CHATS_OF_A_LIST ? before : new WalkedList();
    this.#lists.delete(list);
    this.#chats -= before?.chats ?? 0;
    walks.add(second, page);
    this.#lists.set(list, walks);
    this.#chats += walks.chats;
    while (this.#chats > REMEMBERED_CHATS && this.#lists.size > 1) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [list, { chats }] = this.#lists.entries().next().value!;
    this.#lists.delete(list);
    this.#chats -= chats;
  }
}
