/** Long texts in pieces that nodes can tell each other. */
import { randomText } from '../../base/secrets.ts';

/** Characters of a piece: JSON within JSON makes two of a quotation mark. */
const PIECE = 500;
/** Texts of which the rest is still to come; beyond it the oldest is lost. */
const MOST_UNFINISHED = 200;

interface Piece {
  id: string;
  number: number;
  of: number;
  text: string;
}

export class Pieces {
  readonly #unfinished = new Map<string, Map<number, string>>();

  static of(text: string): string[] {
    const count = Math.max(1, Math.ceil(text.length / PIECE));
    const id = randomText(10);
    return Array.from({ length: count }, (_, number) => JSON.stringify({ id, number, of: count, text: text.slice(number * PIECE, (number + 1) * PIECE) } satisfies Piece));
  }

  /** @returns the text once its last piece is there */
  add(piece: string): string | undefined {
    const { id, number, of, text } = JSON.parse(piece) as Piece;
    if (of === 1) return text;
    const known = (this.#unfinished.get(id) ?? new Map<number, string>()).set(number, text);
    this.#unfinished.delete(id);
    if (known.size === of) return Array.from({ length: of }, (_, index) => known.get(index)).join('');
    this.#unfinished.set(id, known);
    const [oldest] = this.#unfinished.keys();
    if (this.#unfinished.size > MOST_UNFINISHED && oldest !== undefined) this.#unfinished.delete(oldest);
    return undefined;
  }
}
