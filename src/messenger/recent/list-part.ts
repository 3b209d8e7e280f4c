/** What is asked for of a kept list, and what is answered out of it. */
import { sizeMadeOf } from '../../base/kept-bytes.ts';
import type { RecentPosition } from '../../db/stores/recent-store.ts';
import { digestOfRows, type EncodedRow } from './recent-window.ts';

/** Rows that are answered together, and their JSON array in one or more pieces; of a page with what stands around it. */
export class ListPart {
  readonly pieces: readonly Buffer[];
  readonly rows: readonly EncodedRow[];
  /** Of a page: whether more rows follow. */
  readonly hasMore: boolean;
  /** Last change of the oldest row, milliseconds: once a window starts later, the part is void. */
  readonly oldest: number;
  #digest: string | undefined;
  /** Names of choices that leave nothing out. */
  readonly #whole = new Set<string>();

  constructor(pieces: readonly Buffer[], rows: readonly EncodedRow[], hasMore = false) {
    this.pieces = pieces;
    this.rows = rows;
    this.hasMore = hasMore;
    this.oldest = rows.reduce((oldest, row) => Math.min(oldest, row.updatedAt), Infinity);
  }

  /** Whether all rows are among the chosen ones. */
  isAll({ name, accepts }: RowChoice): boolean {
    if (this.#whole.has(name)) return true;
    if (!this.rows.every(accepts)) return false;
    this.#whole.add(name);
    return true;
  }

  /** Bytes of what was made of it, such as its compressed forms. */
  get made(): number {
    return this.pieces.reduce((sum, piece) => sum + sizeMadeOf(piece), 0);
  }

  /** Stands for the rows: equal ones have equal digests. */
  get digest(): string {
    this.#digest ??= digestOfRows(this.rows);
    return this.#digest;
  }
}

/** What of the user's list is in memory: rows of which none is missing. */
export interface Coverage {
  /** All that changed at this date or later, milliseconds; Infinity where that is not known. */
  since: number;
  /** All that have this revision or a higher one. */
  rev: number;
  /** All down to this place in the list's order; undefined where it is all of them. */
  end: RecentPosition | undefined;
}

/** Which rows somebody asks for. Two that are named alike accept the same rows. */
export interface RowChoice {
  name: string;
  accepts(row: EncodedRow): boolean;
}

/** One that goes by the types of chats alone. */
export interface TypeChoice extends RowChoice {
  accepts(row: Pick<EncodedRow, 'type'>): boolean;
}

/** What stands before and after the rows of a page. */
export type Around = (hasMore: boolean) => readonly [before: string, after: string];

/** What became of the requests for lists. */
export interface LookUps {
  /** Answered from memory. */
  kept: number;
  /** Some rows had to be read again. */
  renewed: number;
  /** The whole list had to be read. */
  loaded: number;
  /** Not kept: a guest's, too long, or no room. */
  passed: number;
}
