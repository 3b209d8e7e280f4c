/** The bytes of a kept list: where its rows lie, and the whole list made of them. */
import { keepBytes } from '../../base/kept-bytes.ts';
import { ListPart } from './list-part.ts';
import { type EncodedRow, inListOrder } from './recent-window.ts';
import { packRows, piecesOf } from './row-bytes.ts';

/** Too little to tidy up for. */
const SMALL_BYTES = 16_384;
/** From so many pieces on, copying all bytes together takes less than sending them one by one. */
const MOST_PIECES = 64;

/**
 * A list that stays as it is while it is asked for again is packed: it is one piece, from which its compressed forms are made
 * once. Of one that changes between any two calls, packing would make a copy of all its bytes for each: it is sent from where the
 * rows lie.
 */
export class WholeList {
  readonly #onGrowth: () => void;
  #part: ListPart | undefined;
  #packed = false;
  /** How often it was asked for since it changed. */
  #asked = 0;
  #restless = false;
  /** Bytes of the rows' JSON, and of the buffers that it lies in. */
  #rowBytes = 0;
  #bufferBytes = 0;

  /** @param onGrowth told when what is made of it takes more room */
  constructor(onGrowth: () => void) {
    this.#onGrowth = onGrowth;
  }

  get bytes(): number {
    return this.#bufferBytes + (this.#part?.made ?? 0);
  }

  /** All rows are about to be others, so that none of the buffers stays. */
  clear(): void {
    this.#bufferBytes = 0;
  }

  /** @param left all that are in the list from now on, in its order */
  change(gone: readonly EncodedRow[], added: readonly EncodedRow[], left: readonly EncodedRow[]): void {
    for (const row of gone) this.#rowBytes -= row.json.length;
    for (const row of added) this.#rowBytes += row.json.length;
    // A row that comes from a buffer shared with others would keep all of it.
    this.#bufferBytes += packRows([], added.toSorted(inListOrder)).bytes;
    if (this.#asked > 0) this.#restless = this.#asked === 1;
    this.#asked = 0;
    this.#part = undefined;
    // Rows that were replaced leave holes in the buffers of the others.
    if (this.#bufferBytes > 2 * this.#rowBytes + SMALL_BYTES) this.#pack(left, 0);
  }

  /** The rows that changed at `since` or later; for windows that start later and later. @param rows all, in list order */
  window(rows: readonly EncodedRow[], since: number): ListPart {
    this.#asked += 1;
    if (this.#part && this.#part.oldest >= since && (this.#packed || this.#asked === 1)) return this.#part;
    const pieces = this.#restless && this.#asked === 1 ? this.#scattered(rows, since) : undefined;
    return pieces ?? this.#pack(rows, since);
  }

  #scattered(rows: readonly EncodedRow[], since: number): ListPart | undefined {
    const shown = rows.filter((row) => row.updatedAt >= since);
    const pieces = piecesOf(shown);
    if (pieces.length > MOST_PIECES) return undefined;
    this.#packed = false;
    return (this.#part = new ListPart(pieces, shown));
  }

  /** Puts all bytes together anew, the window's in the order in which they are answered. */
  #pack(rows: readonly EncodedRow[], since: number): ListPart {
    const shown = rows.filter((row) => row.updatedAt >= since);
    const { bytes, json } = packRows(shown, rows.filter((row) => row.updatedAt < since));
    this.#bufferBytes = bytes;
    this.#packed = true;
    this.#part = new ListPart([keepBytes(json, this.#onGrowth)], shown);
    this.#onGrowth();
    return this.#part;
  }
}
