import { Buffer } from 'node:buffer';
import type { Spool } from './spool.ts';

/** Values of more bytes than this are taken out. */
export const LONG_VALUE = 256 * 1024;

/** What the sieves work with. */
export interface Sieve {
  /**
   * Opens a place for one more value.
   *
   * @param raw whether it is the bytes of a file, not a text that stands for them
   * @throws RequestError while there is no room
   */
  take(raw: boolean): Promise<{ word: string; spool: Spool }>;
  /** What is not taken out. */
  kept: Kept;
}

/** Bytes in one piece, which grows: a body may come in a million bits. */
export class Kept {
  readonly #most: number;
  readonly #tooMuch: (most: number) => Error;
  #buffer = Buffer.allocUnsafe(4096);
  #size = 0;

  /** @param most bytes; @param tooMuch made and thrown for more */
  constructor(most: number, tooMuch: (most: number) => Error) {
    this.#most = most;
    this.#tooMuch = tooMuch;
  }

  add(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#most) throw this.#tooMuch(this.#most);
    if (size > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#size);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#size);
    this.#size = size;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }
}

/** Changes the bytes of a value as they come: a piece may end anywhere. */
export type Decode = (piece: Uint8Array) => Uint8Array;

/**
 * A value that is being read: held as it came until it turns out to be long, from then on decoded and written beside the
 * request.
 */
export class HeldValue {
  readonly #sieve: Sieve;
  readonly #decode: Decode;
  readonly #raw: boolean;
  #held: Uint8Array[] = [];
  #size = 0;
  #taken: { word: string; spool: Spool } | undefined;

  /** @param raw see {@link Sieve.take} */
  constructor(sieve: Sieve, decode: Decode, raw = false) {
    this.#sieve = sieve;
    this.#decode = decode;
    this.#raw = raw;
  }

  /** Resolves when more can be taken. Not a promise where nothing is to be waited for. */
  add(piece: Uint8Array): Promise<void> | undefined {
    if (this.#taken) return this.#taken.spool.write(this.#decode(piece));
    this.#held.push(piece);
    this.#size += piece.length;
    return this.#size > LONG_VALUE ? this.#take() : undefined;
  }

  async #take(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#taken = await this.#sieve.take(this.#raw);
    for (const piece of held) await this.#taken.spool.write(this.#decode(piece));
  }

  /** Leaves the value as it came, or the word in its place. */
  end(): void {
    const { word, held } = this.result();
    for (const piece of word === undefined ? held : [Buffer.from(word)]) this.#sieve.kept.add(piece);
  }

  /** The word, of a value that was taken out. */
  result(): { word: string | undefined; held: readonly Uint8Array[] } {
    return { word: this.#taken?.word, held: this.#held };
  }
}
