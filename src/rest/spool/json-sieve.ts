import { Buffer } from 'node:buffer';
import { HeldValue, LONG_VALUE, type Sieve } from './held-value.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Looks for strings only; whether what is left is JSON is seen when it is read. */
export async function sift(body: AsyncIterable<Uint8Array>, sieve: Sieve): Promise<void> {
  let string: HeldValue | undefined;
  let [inString, escaped] = [false, false];
  for await (const bytes of body) {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < piece.length; ) {
      if (!inString) {
        const quote = piece.indexOf(QUOTE, at);
        const end = quote < 0 ? piece.length : quote + 1;
        sieve.kept.add(piece.subarray(at, end));
        [at, inString, escaped] = [end, quote >= 0, false];
        continue;
      }
      const found = endOfString(piece, at, escaped);
      const part = piece.subarray(at, found.end);
      [at, escaped, inString] = [found.end, found.escaped, !found.ended];
      if (found.ended && !string && part.length <= LONG_VALUE) {
        sieve.kept.add(part);
        // The quote that ends it would begin the next one.
        sieve.kept.add(piece.subarray(at, ++at));
        continue;
      }
      string ??= new HeldValue(sieve, unescaping());
      const waiting = string.add(part);
      if (waiting) await waiting;
      if (!found.ended) continue;
      string.end();
      string = undefined;
      sieve.kept.add(piece.subarray(at, ++at));
    }
  }
  string?.end();
}

/**
 * How far the string goes in this piece; it ends before its quote.
 *
 * @param escaped whether the piece before ended with a backslash that stands for itself and what follows
 */
function endOfString(piece: Buffer, from: number, escaped: boolean): { end: number; ended: boolean; escaped: boolean } {
  let at = escaped ? from + 1 : from;
  const quoteAfter = (start: number) => {
    const quote = piece.indexOf(QUOTE, start);
    return quote < 0 ? piece.length : quote;
  };
  let quote = quoteAfter(at);
  for (let slash = piece.indexOf(BACKSLASH, at); slash >= 0 && slash < quote; slash = piece.indexOf(BACKSLASH, at)) {
    at = slash + 2;
    if (at > piece.length) return { end: piece.length, ended: false, escaped: true };
    if (at > quote) quote = quoteAfter(at);
  }
  return { end: quote, ended: quote < piece.length, escaped: false };
}

const MEANT: ReadonlyMap<number, number> = new Map([...'"\\/bfnrt'].map((letter, at) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(at)]));
const UNICODE = 0x75;
/** What no text of a file may hold takes the place of what cannot be read. */
const UNREADABLE = 0;

/** What a string's escapes stand for. Those of other characters than ASCII, which nothing in base64 needs, become unreadable. */
function unescaping(): (piece: Uint8Array) => Uint8Array {
  let begun: number[] = [];
  return (piece) => {
    if (begun.length === 0 && !piece.includes(BACKSLASH)) return piece;
    const plain = Buffer.allocUnsafe(piece.length + begun.length);
    let length = 0;
    for (const byte of piece) {
      if (begun.length === 0 && byte !== BACKSLASH) plain[length++] = byte;
      else {
        begun.push(byte);
        const meant = meaning(begun);
        if (meant === undefined) continue;
        plain[length++] = meant;
        begun = [];
      }
    }
    return plain.subarray(0, length);
  };
}

/** Undefined while the escape has not ended. */
function meaning(escape: readonly number[]): number | undefined {
  const [, letter] = escape;
  if (letter === undefined) return undefined;
  if (letter !== UNICODE) return MEANT.get(letter) ?? UNREADABLE;
  if (escape.length < 6) return undefined;
  const code = Number.parseInt(String.fromCharCode(...escape.slice(2)), 16);
  return code < 0x80 ? code : UNREADABLE;
}
