/** The list under its filters. Each filter is a list of its own, loaded page by page as far as somebody has scrolled. */
import { computed, signal } from '@preact/signals';
import type { Params } from '../../lib/api.ts';
import { inOrder, type Row } from './row.ts';

export type Filter = 'all' | 'unread' | 'dialogs' | 'groups' | 'channels' | 'lines';

interface Terms {
  /** For the server. */
  params: Params;
  has(row: Row): boolean;
}

export const FILTERS: Readonly<Record<Filter, Terms>> = {
  all: { params: {}, has: () => true },
  unread: { params: { UNREAD_ONLY: 'Y' }, has: (row) => row.counter > 0 || row.unread },
  dialogs: { params: { SKIP_CHAT: 'Y', SKIP_OPENLINES: 'Y' }, has: (row) => row.kind === 'user' },
  groups: { params: { SKIP_DIALOG: 'Y', SKIP_OPENLINES: 'Y' }, has: (row) => row.kind === 'group' },
  channels: { params: { ONLY_CHANNEL: 'Y' }, has: (row) => row.kind === 'channel' },
  lines: { params: { SKIP_CHAT: 'Y', SKIP_DIALOG: 'Y' }, has: (row) => row.kind === 'lines' },
};

export type Loading = 'no' | 'first' | 'more' | 'failed';

/** Rows in the server's order, down to the last one that was loaded: what comes after it is not known yet. */
export class View {
  readonly filter: Filter;
  /** Ids in order. Another array whenever it changes. */
  readonly order = signal<readonly string[]>([]);
  readonly loading = signal<Loading>('no');
  /** Whether the last row is the last there is. */
  readonly complete = signal(false);
  /** Where the next page goes on; undefined before the first. */
  token: string | undefined;
  /** The last loaded row, as it was then. */
  #end: Row | undefined;
  readonly #rowOf: (id: string) => Row | undefined;
  /** By what each id stands in the order. */
  readonly #placed = new Map<string, Row>();
  /** Known rows of the filter that are not shown: from another list that was loaded further down, or told while this one was not. */
  readonly #beyond = new Set<string>();
  /** What pages have brought since the first: dates are told in seconds, so that the order of rows of one second is not quite known here. */
  readonly #given = new Set<string>();
  /** Stays although the filter no longer has it: the chat that is open. */
  #held = '';

  constructor(filter: Filter, rowOf: (id: string) => Row | undefined) {
    this.filter = filter;
    this.#rowOf = rowOf;
  }

  #shows(row: Row): boolean {
    if (!FILTERS[this.filter].has(row) && !(row.id === this.#held && this.#placed.has(row.id))) return false;
    return this.complete.peek() || this.#given.has(row.id) || (this.#end !== undefined && inOrder(row, this.#end) <= 0);
  }

  /**
   * A page has come.
   * @param all every row that is known
   * @param last of the page; undefined when there are no more pages
   * @param given what the page brought
   */
  loaded(all: Iterable<Row>, last: Row | undefined, given: readonly string[] = []): void {
    const isFirst = this.token === undefined;
    this.#end = last;
    this.complete.value = !last;
    for (const id of given) this.#given.add(id);
    if (isFirst) this.rebuild(all);
    else this.moved(new Set([...this.#beyond, ...given]));
  }

  /**
   * Known rows that belong between the last row before a page and the last of it: they are on the page, or there is no such row any
   * more. Only for the first page all are gone through: later none of them is shown.
   */
  within(all: Iterable<Row>, last: Row | undefined): Row[] {
    const candidates = this.token === undefined ? [...all] : [...this.#beyond].flatMap((id) => this.#rowOf(id) ?? []);
    return candidates.filter((row) => this.#isWithin(row, last));
  }

  #isWithin(row: Row, last: Row | undefined): boolean {
    if (this.#given.has(row.id)) return false;
    const isAfter = this.token === undefined || this.#end === undefined || inOrder(row, this.#end) > 0;
    return isAfter && FILTERS[this.filter].has(row) && (!last || inOrder(row, last) <= 0);
  }

  rebuild(all: Iterable<Row>): void {
    const known = [...all];
    const rows = known.filter((row) => this.#shows(row)).sort(inOrder);
    this.#placed.clear();
    for (const row of rows) this.#placed.set(row.id, row);
    this.#beyond.clear();
    for (const row of known) this.#noteBeyond(row.id, row);
    this.order.value = rows.map(({ id }) => id);
  }

  /** Begins with the first page again; what is shown stays until that has come. */
  restart(): void {
    this.token = undefined;
    this.#given.clear();
  }

  /** Puts rows where they belong by now. */
  moved(ids: Iterable<string>): void {
    let order: string[] | undefined;
    for (const id of ids) {
      const [before, row] = [this.#placed.get(id), this.#rowOf(id)];
      if (before && row && inOrder(before, row) === 0 && this.#shows(row)) {
        this.#placed.set(id, row);
        continue;
      }
      if (before) this.#given.delete(id);
      const after = row && this.#shows(row) ? row : undefined;
      if (before || after) order ??= [...this.order.peek()];
      if (order && before) {
        order.splice(this.#indexIn(order, before), 1);
        this.#placed.delete(id);
      }
      if (order && after) {
        order.splice(this.#indexIn(order, after), 0, id);
        this.#placed.set(id, after);
      }
      this.#noteBeyond(id, row);
    }
    if (order) this.order.value = order;
  }

  #noteBeyond(id: string, row: Row | undefined): void {
    if (row && FILTERS[this.filter].has(row) && !this.#placed.has(id)) this.#beyond.add(id);
    else this.#beyond.delete(id);
  }

  /** Where a row stands in the order, or would. */
  #indexIn(order: readonly string[], row: Row): number {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inOrder(this.#placed.get(order[middle]!)!, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param id of the chat that is open; empty for none */
  hold(id: string): void {
    const before = this.#held;
    this.#held = id;
    if (before !== id && this.filter === 'unread') this.moved([before]);
  }
}

export const filter = signal<Filter>('all');
export const makeViews = (rowOf: (id: string) => Row | undefined): Readonly<Record<Filter, View>> => {
  const views = {} as Record<Filter, View>;
  for (const name of Object.keys(FILTERS) as Filter[]) views[name] = new View(name, rowOf);
  return views;
};

export const currentOf = (views: Readonly<Record<Filter, View>>) => computed(() => views[filter.value]);
