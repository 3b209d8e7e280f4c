/** Orders rows that come a few at a time, holding no more of them than memory should. */

/** An id, and what decides the place: one value a key. The id decides what is left undecided, ascending. */
export type Ranked = [id: number, ...values: Array<number | string>];

type Compare = (a: Ranked, b: Ranked) => number;

/** @param descending by key */
export function comparing(descending: readonly boolean[]): Compare {
  return (a, b) => {
    for (const [i, down] of descending.entries()) {
      const [x, y] = [a[i + 1]!, b[i + 1]!];
      if (x !== y) return x < y === down ? 1 : -1;
    }
    return a[0] - b[0];
  };
}

/** A text whose UTF-16 units stand in the order in which the text's code points do, as the store orders texts. */
export function sortable(text: string): string {
  return text.replaceAll(/[\ud800-\uffff]/g, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
  });
}

/** UTF-16 units of all texts that are held. */
const MOST_UNITS = 8_000_000;

/** The first so many rows in the order of all that are put in, fewer where their texts are long; of those that come after a given one, where there is one. */
export class Ranking {
  readonly #compare: Compare;
  #size: number;
  readonly #after: Ranked | undefined;
  readonly #mostUnits: number;
  #kept: Ranked[] = [];

  constructor(compare: Compare, size: number, after?: Ranked, mostUnits = MOST_UNITS) {
    this.#compare = compare;
    this.#size = size;
    this.#after = after;
    this.#mostUnits = mostUnits;
  }

  get rows(): readonly Ranked[] {
    return this.#kept;
  }

  get isFull(): boolean {
    return this.#kept.length === this.#size;
  }

  put(rows: readonly Ranked[]): void {
    const [after, last] = [this.#after, this.isFull ? this.#kept.at(-1) : undefined];
    const fresh = rows.filter((row) => (!after || this.#compare(after, row) < 0) && (!last || this.#compare(row, last) < 0));
    if (fresh.length === 0) return;
    // Two lists that are sorted are merged in linear time.
    const sorted = [...this.#kept, ...fresh.sort(this.#compare)].sort(this.#compare).slice(0, this.#size);
    const fitting = fittingIn(sorted, this.#mostUnits);
    if (fitting < sorted.length) this.#size = fitting;
    this.#kept = sorted.slice(0, this.#size);
  }
}

/** How many of the first rows hold no more text than may be held; one in any case. */
function fittingIn(rows: readonly Ranked[], most: number): number {
  let units = 0;
  for (const [index, row] of rows.entries()) {
    for (const value of row) if (typeof value === 'string') units += value.length;
    if (units > most) return Math.max(1, index);
  }
  return rows.length;
}
