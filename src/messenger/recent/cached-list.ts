import { keepBytes, sizeMadeOf } from '../../base/kept-bytes.ts';
import type { Zone } from '../../base/dates.ts';
import type { Snapshot } from '../../db/stores/generation-store.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import { type EncodedRow, inListOrder, joinRows, packRows } from './recent-window.ts';
import { isInRange, type SyncRange } from './sync-range.ts';

/** The rows of a window in list order, and their JSON array. */
interface Whole {
  json: Buffer;
  rows: readonly EncodedRow[];
  /** Last change of the oldest row: once the window starts later, the array is void. */
  oldest: number;
}

/** Bookkeeping of a row beside its bytes, roughly: the row itself, its place in maps, orders and indexes. */
const ROW_OVERHEAD_BYTES = 700;

/**
 * One user's encoded rows, and the marks of those that must be read again. The bytes of a row are kept once: where the
 * whole list was asked for, the rows point into its JSON.
 */
export class CachedList {
  readonly userId: number;
  /** Resolves to the number of rows read, or undefined when the list is not to be kept. */
  renewal: Promise<number | undefined> | undefined;
  /** Renewals that have begun. */
  renewals = 0;
  /** Of these, those that read the whole list. */
  loads = 0;
  loaded = false;
  /** The zone of its dates. */
  zone: Zone | undefined;
  /** What is in it: all that has a lower revision than the token. */
  seen: Snapshot = { token: 0, top: 0, open: [], generation: 0 };
  /** How many commits this process had seen when it was last asked what has changed. */
  checkedAt = -1;
  /** Bytes as last counted by the cache. */
  accounted = 0;
  /** When it was last asked for, milliseconds. */
  usedAt = 0;
  readonly #rows = new Map<number, EncodedRow>();
  readonly #marked = new Set<number>();
  readonly #markedUsers = new Set<number>();
  /** The users that have looked different since the token. */
  #userRevs = new Map<number, number>();
  #sorted: EncodedRow[] | undefined;
  #whole: Whole | undefined;
  /** Bytes of the rows' JSON, and of the buffers that it lies in. */
  #rowBytes = 0;
  #bufferBytes = 0;
  /** When the rows were looked at last. */
  #freshAt = 0;
  readonly #onGrowth: () => void;

  /** @param onGrowth told when what is made of the list's bytes, such as their compressed form, takes more room */
  constructor(userId: number, onGrowth: () => void) {
    this.userId = userId;
    this.#onGrowth = onGrowth;
  }

  /** Marks what looks different. While an old transaction is open the same changes come again and again. */
  mark({ rows, users }: Changed): void {
    for (const { chatId, rev, wide } of rows) {
      const known = this.#rows.get(chatId);
      if (!known || (wide ? known.wideRev : known.rev) !== rev) this.#marked.add(chatId);
    }
    for (const { id, rev } of users) if (this.#userRevs.get(id) !== rev) this.#markedUsers.add(id);
    this.#userRevs = new Map(users.map(({ id, rev }) => [id, rev]));
  }

  /** @param commits how many this process had seen before it asked */
  knows(seen: Snapshot, commits: number): void {
    this.seen = seen;
    this.checkedAt = commits;
  }

  /** Marks the rows that show the user, once it is known which those are: rows may be on their way. */
  markUser(userId: number): void {
    this.#markedUsers.add(userId);
  }

  isFresh(now: number): boolean {
    // A clock that was set back shows days again that the window had left.
    if (now < this.#freshAt) this.loaded = false;
    this.#freshAt = now;
    if (!this.loaded) return false;
    this.#markShowing();
    return this.#marked.size === 0;
  }

  /** From here on marks count: what they concern may or may not be in the rows being read. */
  start(): void {
    this.#marked.clear();
    this.#markedUsers.clear();
  }

  takeMarked(): number[] {
    this.#markShowing();
    const marked = [...this.#marked];
    this.#marked.clear();
    return marked;
  }

  /** @param zone that of a list without rows */
  replace(rows: readonly EncodedRow[], zone: Zone): void {
    this.zone = rows[0]?.zone ?? zone;
    this.#rows.clear();
    this.#rowBytes = 0;
    this.#bufferBytes = 0;
    this.loaded = true;
    this.#put(rows);
  }

  update(chatIds: readonly number[], rows: readonly EncodedRow[]): void {
    for (const chatId of chatIds) {
      this.#rowBytes -= this.#rows.get(chatId)?.json.length ?? 0;
      this.#rows.delete(chatId);
    }
    this.#put(rows);
  }

  /** All rows, shown or not. */
  all(): Iterable<EncodedRow> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The JSON array of the accepted rows that changed at `since` or later; for windows that start later and later. */
  answer(since: number, accepts: (row: EncodedRow) => boolean): Buffer {
    const { json, rows } = this.#window(since);
    return rows.every(accepts) ? json : joinRows(rows.filter(accepts));
  }

  /** The same for whoever syncs by a date, without keeping anything. */
  changes(range: SyncRange, accepts: (row: EncodedRow) => boolean): Buffer {
    return joinRows(this.#inOrder().filter((row) => isInRange(row, range) && accepts(row)));
  }

  bytes(): number {
    return this.#bufferBytes + this.#rows.size * ROW_OVERHEAD_BYTES + (this.#whole ? sizeMadeOf(this.#whole.json) : 0);
  }

  #inOrder(): readonly EncodedRow[] {
    this.#sorted ??= [...this.#rows.values()].filter((row) => row.shown).sort(inListOrder);
    return this.#sorted;
  }

  #window(since: number): Whole {
    if (this.#whole && this.#whole.oldest >= since) return this.#whole;
    return this.#pack(since);
  }

  /** Puts all bytes together anew, the window's in the order in which they are answered. */
  #pack(since: number): Whole {
    const rows = this.#inOrder().filter((row) => row.updatedAt >= since);
    const others = this.#inOrder().filter((row) => row.updatedAt < since);
    const { bytes, json } = packRows(rows, others);
    this.#bufferBytes = bytes;
    this.#whole = { json: keepBytes(json, this.#onGrowth), rows, oldest: rows.reduce((oldest, row) => Math.min(oldest, row.updatedAt), Infinity) };
    return this.#whole;
  }

  #put(rows: readonly EncodedRow[]): void {
    for (const row of rows) {
      this.#rows.set(row.chatId, row);
      this.#rowBytes += row.json.length;
    }
    // A row that comes from a buffer shared with others would keep all of it.
    this.#bufferBytes += packRows([], rows).bytes;
    this.#sorted = undefined;
    this.#whole = undefined;
    // Rows that were replaced leave holes in the buffers of the others.
    if (this.#bufferBytes > 2 * this.#rowBytes + SMALL_BYTES) this.#pack(0);
  }

  #markShowing(): void {
    if (this.#markedUsers.size === 0) return;
    for (const row of this.#rows.values()) {
      if (row.users.some((id) => this.#markedUsers.has(id))) this.#marked.add(row.chatId);
    }
    this.#markedUsers.clear();
  }
}

/** Too little to tidy up for. */
const SMALL_BYTES = 16_384;
