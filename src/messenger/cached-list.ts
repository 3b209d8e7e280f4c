import { type EncodedRow, inListOrder, joinRows } from './recent-window.ts';

interface Answer {
  json: Buffer;
  /** Last change of the answer's oldest row: once the window starts later, the answer is void. */
  oldest: number;
}

/** Bookkeeping of a row beside its bytes, roughly. */
const ROW_OVERHEAD_BYTES = 400;

/** One user's encoded rows, the marks of those that must be read again, and whole answers while nothing is marked. */
export class CachedList {
  readonly userId: number;
  /** Chats whose changes concern this list. */
  readonly watched = new Set<number>();
  renewal: Promise<void> | undefined;
  loaded = false;
  /** Bytes as last counted by the cache. */
  accounted = 0;
  readonly #rows = new Map<number, EncodedRow>();
  readonly #marked = new Set<number>();
  readonly #markedUsers = new Set<number>();
  readonly #answers = new Map<string, Answer>();
  #sorted: EncodedRow[] | undefined;
  #rowBytes = 0;
  #answerBytes = 0;
  #staleAt = Infinity;
  /** When the rows were looked at last. */
  #freshAt = 0;

  constructor(userId: number) {
    this.userId = userId;
  }

  mark(chatId: number): void {
    this.#marked.add(chatId);
  }

  /** Marks the rows that show one of the users; those still being read are marked when they arrive. */
  markUsers(userIds: ReadonlySet<number>): void {
    if (!this.loaded) for (const id of userIds) this.#markedUsers.add(id);
    for (const row of this.#rows.values()) {
      if (row.users.some((id) => userIds.has(id))) this.#marked.add(row.chatId);
    }
  }

  isFresh(now: number): boolean {
    // A clock that was set back shows days again that the window had left, and reminders that were not yet due.
    if (now < this.#freshAt) this.loaded = false;
    this.#freshAt = now;
    if (!this.loaded) return false;
    if (now >= this.#staleAt) this.#markStale(now);
    return this.#marked.size === 0;
  }

  /** From here on marks count: what they concern may or may not be in the rows being read. */
  start(): void {
    this.#marked.clear();
    this.#markedUsers.clear();
  }

  takeMarked(): number[] {
    const marked = [...this.#marked];
    this.#marked.clear();
    return marked;
  }

  replace(rows: readonly EncodedRow[]): void {
    this.#rows.clear();
    this.#rowBytes = 0;
    this.loaded = true;
    this.#put(rows);
    this.markUsers(this.#markedUsers);
    this.#markedUsers.clear();
  }

  update(chatIds: readonly number[], rows: readonly EncodedRow[]): void {
    for (const chatId of chatIds) {
      this.#rowBytes -= sizeOf(this.#rows.get(chatId));
      this.#rows.delete(chatId);
    }
    this.#put(rows);
  }

  /** The rows that are shown, in list order. */
  rows(): readonly EncodedRow[] {
    this.#sorted ??= [...this.#rows.values()].filter((row) => row.shown).sort(inListOrder);
    return this.#sorted;
  }

  /** Chats of all rows, shown or not. */
  chatIds(): Iterable<number> {
    return this.#rows.keys();
  }

  /** The JSON array of the accepted rows that changed at `since` or later; `key` names what `accepts` does. */
  answer(key: string, since: number, accepts: (row: EncodedRow) => boolean): Buffer {
    const known = this.#answers.get(key);
    if (known && known.oldest >= since) return known.json;
    const rows = this.rows().filter((row) => row.updatedAt >= since && accepts(row));
    const json = joinRows(rows);
    this.#answers.set(key, { json, oldest: rows.reduce((oldest, row) => Math.min(oldest, row.updatedAt), Infinity) });
    this.#answerBytes += json.length - (known?.json.length ?? 0);
    return json;
  }

  bytes(): number {
    return this.#rowBytes + this.#answerBytes;
  }

  #put(rows: readonly EncodedRow[]): void {
    for (const row of rows) {
      this.#rows.set(row.chatId, row);
      this.#rowBytes += sizeOf(row);
    }
    this.#sorted = undefined;
    this.#answers.clear();
    this.#answerBytes = 0;
    this.#staleAt = Infinity;
    for (const row of this.#rows.values()) this.#staleAt = Math.min(this.#staleAt, row.staleAt);
  }

  #markStale(now: number): void {
    for (const row of this.#rows.values()) if (row.staleAt <= now) this.#marked.add(row.chatId);
  }
}

function sizeOf(row: EncodedRow | undefined): number {
  return row ? row.json.length + ROW_OVERHEAD_BYTES : 0;
}
