import { keepBytes } from '../../base/kept-bytes.ts';
import type { Zone } from '../../base/dates.ts';
import type { Snapshot } from '../../db/stores/generation-store.ts';
import type { Changed } from '../../db/stores/change-store.ts';
import { ForeignChats } from './foreign-chats.ts';
import { type Around, type Coverage, ListPart, type RowChoice } from './list-part.ts';
import type { ListPage } from './recent-list.ts';
import { comparePositions } from './walked-pages.ts';
import type { RecentPosition } from '../../db/stores/recent-store.ts';
import { addWhile, OrderedRows } from './ordered-rows.ts';
import { type EncodedRow, inListOrder } from './recent-window.ts';
import { joinRows } from './row-bytes.ts';
import { isInRange, type SyncRange } from './sync-range.ts';
import { WholeList } from './whole-list.ts';

/** Bookkeeping of a row beside its bytes, roughly: the row itself, its place in maps, orders and indexes. */
const ROW_OVERHEAD_BYTES = 800;
/** The place of one number in a set, roughly. */
const FOREIGN_BYTES = 40;
/** Choices of rows whose answers are kept beside the whole list. */
const MOST_PARTS = 4;

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
  /** How many commits this process had seen when it was last known that none concerned it. */
  checkedAt = -1;
  /** When it last asked, by the clock that nobody sets, milliseconds. */
  askedAt = -Infinity;
  /** Bytes as last counted by the cache. */
  accounted = 0;
  /** When it was last asked for, milliseconds. */
  usedAt = 0;
  /** Chats that do not concern it. */
  readonly foreign = new ForeignChats();
  readonly #rows = new Map<number, EncodedRow>();
  readonly #markedUsers = new Set<number>();
  /** The users that have looked different since the token. */
  #userRevs = new Map<number, number>();
  #coverage: Coverage = { since: Infinity, rev: Infinity, end: undefined };
  readonly #byPlace = new OrderedRows(inListOrder, () => [...this.#rows.values()].filter(isShown));
  readonly #byDate = new OrderedRows((a, b) => b.updatedAt - a.updatedAt || b.chatId - a.chatId, () => [...this.#rows.values()]);
  readonly #byRev = new OrderedRows((a, b) => newest(b) - newest(a) || b.chatId - a.chatId, () => [...this.#rows.values()]);
  readonly #whole: WholeList;
  /** By what was asked for; what was made last comes last. */
  readonly #parts = new Map<string, ListPart>();
  /** When the rows were looked at last. */
  #freshAt = 0;
  readonly #onGrowth: () => void;

  /** @param onGrowth told when what is made of the list, such as its pages and their compressed forms, takes more room */
  constructor(userId: number, onGrowth: () => void) {
    this.userId = userId;
    this.#onGrowth = onGrowth;
    this.#whole = new WholeList(onGrowth);
  }

  /** The chats whose rows look different. While an old transaction is open the same changes come again and again. */
  changedIn({ rows, users }: Changed): number[] {
    const changed = rows.filter(({ chatId, rev, live }) => {
      const known = this.#rows.get(chatId);
      // A row that took over its chat's revision is what it was.
      return !known || (rev !== known.liveRev && (live || rev !== known.rev));
    });
    const people = users.filter(({ id, rev }) => this.#userRevs.get(id) !== rev);
    return [...changed.map(({ chatId }) => chatId), ...this.#showing(new Set(people.map(({ id }) => id)))];
  }

  /** Whether nothing has changed by what was told, which then is known. @param at by the clock that nobody sets, milliseconds */
  standsBy(told: Changed, at: number): boolean {
    if (this.changedIn(told).length > 0) return false;
    if (told.seen.token >= this.seen.token) this.knows(told, -1, at);
    return true;
  }

  /**
   * What was found has been read.
   *
   * @param commits how many this process had seen before it asked
   * @param at by the clock that nobody sets, milliseconds
   */
  knows({ seen, users }: Pick<Changed, 'seen' | 'users'>, commits: number, at: number): void {
    this.seen = seen;
    this.askedAt = at;
    this.checkedAt = commits;
    this.#userRevs = new Map(users.map(({ id, rev }) => [id, rev]));
  }

  /** Marks the rows that show the user, once it is known which those are: rows may be on their way. */
  markUser(userId: number): void {
    this.#markedUsers.add(userId);
  }

  isFresh(now: number): boolean {
    // A clock that was set back shows days again that the window had left.
    if (now < this.#freshAt) this.loaded = false;
    this.#freshAt = now;
    return this.loaded && (this.#markedUsers.size === 0 || this.#noneShown());
  }

  /** From here on marks count: what they concern may or may not be in the rows being read. */
  start(): void {
    this.#markedUsers.clear();
  }

  /** The chats whose rows show a marked user; their marks are taken away. */
  takeMarked(): number[] {
    const marked = this.#showing(this.#markedUsers);
    this.#markedUsers.clear();
    return marked;
  }

  /** @param zone that of a list without rows */
  replace(rows: readonly EncodedRow[], zone: Zone, coverage: Coverage): void {
    this.zone = rows[0]?.zone ?? zone;
    this.foreign.clear();
    this.#coverage = coverage;
    this.loaded = true;
    this.#whole.clear();
    this.#change([...this.#rows.values()], rows);
  }

  update(chatIds: readonly number[], rows: readonly EncodedRow[]): void {
    if (chatIds.length === 0) return;
    const gone = [...new Set(chatIds)].flatMap((chatId) => this.#rows.get(chatId) ?? []);
    this.#change(gone, rows);
  }

  /** All rows, shown or not. */
  all(): Iterable<EncodedRow> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  has(chatId: number): boolean {
    return this.#rows.has(chatId);
  }

  /** Whether it has all rows that changed at a date (milliseconds) or later. */
  reachesBack(since: number): boolean {
    return this.#coverage.since <= since || this.#coverage.end === undefined;
  }

  /** Whether it has all that somebody may not have seen who syncs by a date. */
  covers({ oldest, lowest, users }: SyncRange): boolean {
    return this.reachesBack(oldest) || (users.size === 0 && this.#coverage.rev <= lowest);
  }

  /** The chosen rows that changed at `since` or later; for windows that start later and later. */
  answer(since: number, choice: RowChoice): ListPart {
    const whole = this.#whole.window(this.#byPlace.all, since);
    if (whole.isAll(choice)) return whole;
    return this.#part(choice.name, since, () => ({ rows: whole.rows.filter((row) => choice.accepts(row)), hasMore: false }));
  }

  /** The same for whoever syncs by a date, without keeping anything. */
  changes(range: SyncRange, choice: RowChoice): ListPart {
    const found = new Set<EncodedRow>();
    const { since, rev, users } = range;
    addWhile(found, this.#byDate.all, (row) => row.updatedAt >= since);
    addWhile(found, this.#byRev.all, (row) => newest(row) >= rev);
    if (users.size > 0) for (const row of this.#rows.values()) found.add(row);
    const rows = [...found].filter((row) => row.shown && isInRange(row, range) && choice.accepts(row)).sort(inListOrder);
    return new ListPart([joinRows(rows)], rows);
  }

  /**
   * The first chosen rows of the list; undefined where some of them may not be in memory.
   *
   * @param around what stands before and after them in the answer; always the same
   */
  page(limit: number, choice: RowChoice, around: Around): ListPart | undefined {
    const name = `${limit} ${choice.name}`;
    const known = this.#parts.get(name);
    if (known) return known;
    const rows = this.#first(limit + 1, choice);
    return rows && this.#part(name, -Infinity, () => ({ rows: rows.slice(0, limit), hasMore: rows.length > limit }), around);
  }

  /** Whether some of the page may be in memory. */
  mayHold({ offset, after }: Pick<ListPage, 'offset' | 'after'>): boolean {
    const { end } = this.#coverage;
    return end === undefined || (after === undefined ? offset < this.#byPlace.all.length : after > end.at || end.pinned === 1);
  }

  /** The shown rows in list order, and the place down to which none is missing; undefined where none is. */
  inOrder(): { rows: readonly EncodedRow[]; end: RecentPosition | undefined } {
    return { rows: this.#byPlace.all, end: this.#coverage.end };
  }

  bytes(): number {
    const parts = [...this.#parts.values()].reduce((sum, { made, pieces }) => sum + made + pieces[0]!.length, 0);
    return this.#whole.bytes + this.#rows.size * ROW_OVERHEAD_BYTES + parts + this.foreign.size * FOREIGN_BYTES;
  }

  #first(count: number, { accepts }: RowChoice): EncodedRow[] | undefined {
    const { end } = this.#coverage;
    const rows: EncodedRow[] = [];
    for (const row of this.#byPlace.all) {
      if (rows.length === count) break;
      if (end && comparePositions({ ...row, chat_id: row.chatId }, end) > 0) return undefined;
      if (accepts(row)) rows.push(row);
    }
    return rows.length === count || end === undefined ? rows : undefined;
  }

  #part(name: string, since: number, make: () => Pick<ListPart, 'rows' | 'hasMore'>, around: Around = () => ['', '']): ListPart {
    const known = this.#parts.get(name);
    if (known && known.oldest >= since) return known;
    const { rows, hasMore } = make();
    const [before, after] = around(hasMore);
    const json = Buffer.concat([Buffer.from(before), joinRows(rows), Buffer.from(after)]);
    const part = new ListPart([keepBytes(json, this.#onGrowth)], rows, hasMore);
    this.#parts.delete(name);
    this.#parts.set(name, part);
    const [first] = this.#parts.keys();
    if (this.#parts.size > MOST_PARTS) this.#parts.delete(first!);
    this.#onGrowth();
    return part;
  }

  #change(gone: readonly EncodedRow[], rows: readonly EncodedRow[]): void {
    for (const row of gone) this.#rows.delete(row.chatId);
    for (const row of rows) this.#rows.set(row.chatId, row);
    this.#byPlace.change(gone.filter(isShown), rows.filter(isShown));
    this.#byDate.change(gone, rows);
    this.#byRev.change(gone, rows);
    this.#whole.change(gone, rows, this.#byPlace.all);
    this.#parts.clear();
  }

  #showing(users: ReadonlySet<number>): number[] {
    if (users.size === 0) return [];
    return [...this.#rows.values()].filter((row) => row.users.some((id) => users.has(id))).map((row) => row.chatId);
  }

  /** Forgets marks that concern no row. */
  #noneShown(): boolean {
    if (this.#showing(this.#markedUsers).length > 0) return false;
    this.#markedUsers.clear();
    return true;
  }
}

/** The higher of a row's revisions. */
function newest({ rev, liveRev }: EncodedRow): number {
  return Math.max(rev, liveRev);
}

function isShown({ shown }: EncodedRow): boolean {
  return shown;
}
