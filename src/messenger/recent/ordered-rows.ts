/** Rows in an order that is kept while single rows come and go, as long as somebody asks for it between two changes. */
import type { EncodedRow } from './recent-window.ts';

/** From so many rows at once on, ordering all anew takes less than putting each in its place. */
const MANY = 64;

/** How two rows are ordered; never 0 for two different ones. */
export type RowOrder = (a: EncodedRow, b: EncodedRow) => number;

export class OrderedRows {
  readonly #order: RowOrder;
  readonly #source: () => EncodedRow[];
  /** Undefined where they have to be put in order first. */
  #rows: EncodedRow[] | undefined;
  #asked = false;

  /** @param source gives all rows there are, in any order */
  constructor(order: RowOrder, source: () => EncodedRow[]) {
    this.#order = order;
    this.#source = source;
  }

  get all(): readonly EncodedRow[] {
    this.#asked = true;
    return (this.#rows ??= this.#source().sort(this.#order));
  }

  /**
   * To be told before anybody asks again.
   *
   * @param gone rows that were in it; what they are ordered by must not have changed
   */
  change(gone: readonly EncodedRow[], added: readonly EncodedRow[]): void {
    const rows = this.#asked && gone.length <= MANY && added.length <= MANY ? this.#rows : undefined;
    this.#asked = false;
    this.#rows = rows;
    if (!rows) return;
    for (const row of gone) rows.splice(this.#placeIn(rows, row), 1);
    for (const row of added) rows.splice(this.#placeIn(rows, row), 0, row);
  }

  /** How many come before it. */
  #placeIn(rows: readonly EncodedRow[], row: EncodedRow): number {
    let [from, to] = [0, rows.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#order(rows[middle]!, row) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Adds rows up to the first one that is not meant. */
export function addWhile(found: Set<EncodedRow>, rows: readonly EncodedRow[], isMeant: (row: EncodedRow) => boolean): void {
  for (const row of rows) {
    if (!isMeant(row)) return;
    found.add(row);
  }
}
