/** JSON of results of any size, written while others get their turns. */
import { Slice } from '../turns.ts';
import type { JsonPieces } from './method.ts';

/** Items that are written in one go, of lists as long as that. */
const ITEMS = 10;
/** UTF-16 units: a text up to this long is given as one piece. */
const ONE_PIECE = 256 * 1024;

/**
 * The same text as that of JSON.stringify, in one piece or more. Lists are written some items at a time, at the root and
 * one level below it: what makes an answer long is a list of rows.
 */
export async function encodeGently(value: unknown): Promise<JsonPieces> {
  if (!hasLongList(value)) return [JSON.stringify(value)];
  const writer = new Writer();
  if (Array.isArray(value)) await writer.list(value);
  else await writer.map(value);
  const { pieces } = writer;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length <= ONE_PIECE ? [pieces.join('')] : pieces;
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > ITEMS;
}

function hasLongList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? isLong(value) : Object.values(value).some(isLong) || Object.keys(value).length > ITEMS * ITEMS;
}

class Writer {
  readonly pieces: string[] = [];
  readonly #slice = new Slice();

  async list(items: readonly unknown[]): Promise<void> {
    for (let at = 0; at < items.length; at += ITEMS) {
      const json = JSON.stringify(items.slice(at, at + ITEMS));
      this.pieces.push(`${at === 0 ? '[' : ','}${json.slice(1, -1)}`);
      if (this.#slice.isOver()) await this.#slice.next();
    }
    this.pieces.push(items.length === 0 ? '[]' : ']');
  }

  async map(map: object): Promise<void> {
    let before = '{';
    for (const [key, value] of Object.entries(map)) {
      if (value === undefined) continue;
      this.pieces.push(`${before}${JSON.stringify(key)}:`);
      before = ',';
      if (isLong(value)) await this.list(value);
      else this.pieces.push(JSON.stringify(value));
      if (this.#slice.isOver()) await this.#slice.next();
    }
    this.pieces.push(before === '{' ? '{}' : '}');
  }
}
