/** Rows in an order that is kept while single rows come and go. */
import type { EncodedRow } from './recent-window.ts';

/** From so many rows at once on, ordering all anew takes less than putting each in its place. */
const MANY = 64;

/** How two rows are ordered; never 0 for two different ones. */
export type RowOrder = (a: EncodedRow, b: EncodedRow) => number;

export class OrderedRows {
  readonly #order: RowOrder;
  #rows: EncodedRow[] = [];

  constructor(order: RowOrder) {
    this.#order = order;
  }

  get all(): readonly EncodedRow[] {
    return this.#rows;
  }

  /** @param gone rows that are in it; what they are ordered by must not have changed */
  change(gone: readonly EncodedRow[], added: readonly EncodedRow[]): void {
    if (gone.length > MANY) {
      const left = new Set(gone);
      this.#rows = this.#rows.filter((row) => !left.has(row));
    } else for (const row of gone) this.#rows.splice(this.#placeOf(row), 1);
    if (added.length > MANY) this.#rows = [...this.#rows, ...added].sort(this.#order);
    else for (const row of added) this.#rows.splice(this.#placeOf(row), 0, row);
  }

  /** How many come before it. */
  #placeOf(row: EncodedRow): number {
    let [from, to] = [0, this.#rows.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#order(this.#rows[middle]!, row) < 0) from = middle + 1;
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
