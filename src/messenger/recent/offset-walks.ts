/** The walks through im.recent.list by OFFSET that are under way: a page goes on where the one before really ended. */
import { preferred, WalkedPage } from './list-walks.ts';

interface Reached {
  page: WalkedPage;
  /** Milliseconds by the clock that nobody sets. */
  at: number;
}

/** Chats that all remembered pages may hold together; beyond it the places that were reached longest ago are forgotten. */
const REMEMBERED_CHATS = 500_000;
/** Pages that are remembered of walks which have reached the same offset; beyond it the oldest is forgotten. */
const PAGES_OF_AN_OFFSET = 64;
/** While there are walks that came to an offset within this time, older ones count as given up. */
const UNDER_WAY_MS = 600_000;

/**
 * An offset does not tell which of a user's walks is meant. Where several may be, the next page goes on with what any of
 * them lacks: rows may come again, none is lost. In memory: after a restart, or on another node, an offset is only a number.
 */
export class OffsetWalks {
  /** By list, size of the pages and offset; the place that was reached last comes last. */
  readonly #places = new Map<string, Reached[]>();
  #chats = 0;

  /** @param list as one user asks for it, at this size of the pages */
  at(list: string, offset: number, now: number): WalkedPage | undefined {
    const found = this.#places.get(`${list} ${offset}`);
    if (!found) return undefined;
    const recent = preferred(found, ({ at }) => now - at < UNDER_WAY_MS).map(({ page }) => page);
    return WalkedPage.either(preferred(recent, (page) => page.open > 0));
  }

  /** @param offset of the page that comes next */
  reached(list: string, offset: number, page: WalkedPage, now: number): void {
    const place = `${list} ${offset}`;
    const before = this.#places.get(place) ?? [];
    const same = before.find((other) => other.page.isLike(page));
    const kept = same?.page ?? page;
    kept.open += 1;
    const after = [...before.filter((other) => other !== same), { page: kept, at: now }].slice(-PAGES_OF_AN_OFFSET);
    this.#places.delete(place);
    this.#places.set(place, after);
    this.#chats += chatsOf(after) - chatsOf(before);
    while (this.#chats > REMEMBERED_CHATS && this.#places.size > 1) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [place, pages] = this.#places.entries().next().value!;
    this.#places.delete(place);
    this.#chats -= chatsOf(pages);
  }
}

function chatsOf(pages: readonly Reached[]): number {
  return pages.reduce((sum, { page }) => sum + page.ids.size, 0);
}
