/** JSON of results of any size, written while others get their turns. */
import { Slice } from '../base/turns.ts';
import type { JsonPieces } from './method.ts';

/** Shorter lists are written in one go. */
const LONG_LIST = 10;
/** So are maps of fewer entries. */
const LONG_MAP = 100;
/** UTF-16 units of a piece. */
const PIECE = 64 * 1024;

/**
 * The same text as that of JSON.stringify, in one piece or more. Lists are written item by item, at the root and one level
 * below it: what makes an answer long is a list of rows.
 */
export async function encodeGently(value: unknown): Promise<JsonPieces> {
  if (!hasLongList(value)) return [JSON.stringify(value)];
  const writer = new Writer();
  if (Array.isArray(value)) await writer.list(value);
  else await writer.map(value);
  return writer.pieces();
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > LONG_LIST;
}

function hasLongList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? isLong(value) : Object.values(value).some(isLong) || Object.keys(value).length > LONG_MAP;
}

class Writer {
  readonly #pieces: string[] = [];
  readonly #slice = new Slice();
  #text = '';

  pieces(): JsonPieces {
    return [...this.#pieces, this.#text];
  }

  async list(items: readonly unknown[]): Promise<void> {
    let before = '[';
    for (const item of items) {
      this.#add(`${before}${JSON.stringify(item) ?? 'null'}`);
      before = ',';
      if (this.#slice.isOver()) await this.#slice.next();
    }
    this.#text += ']';
  }

  async map(map: object): Promise<void> {
    let before = '{';
    for (const [key, value] of Object.entries(map)) {
      if (value === undefined) continue;
      this.#text += `${before}${JSON.stringify(key)}:`;
      before = ',';
      if (isLong(value)) await this.list(value);
      else this.#add(JSON.stringify(value));
      if (this.#slice.isOver()) await this.#slice.next();
    }
    this.#text += before === '{' ? '{}' : '}';
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length <= PIECE) return;
    this.#pieces.push(this.#text);
    this.#text = '';
  }
}
