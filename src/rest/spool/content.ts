/** The bytes of a file that a call brings along, as text in base64 or beside the request. */
import { Buffer } from 'node:buffer';
import type { Spool } from './spool.ts';

/** The text is not base64. */
export class BrokenBase64 extends Error {}

const PIECE = 64 * 1024;
const BASE64 = /^[A-Za-z\d+/]*={0,2}$/;
const LINE_ENDS = /[\r\n]+/g;

/** @param given a parameter's value, or the word in its place */
export function contentOf(given: string, spools: ReadonlyMap<string, Spool> | undefined): AsyncIterable<Uint8Array> {
  const spool = spools?.get(given);
  if (!spool) return decoded(piecesOf(given));
  return spool.raw ? spool.read() : decoded(textOf(spool));
}

function* piecesOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE);
}

async function* textOf(spool: Spool): AsyncIterable<string> {
  for await (const piece of spool.read()) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
}

/** Line ends are no part of it, and it need not be filled up at its end. @throws BrokenBase64 */
async function* decoded(pieces: Iterable<string> | AsyncIterable<string>): AsyncIterable<Uint8Array> {
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece.replaceAll(LINE_ENDS, '');
    if (!BASE64.test(text)) throw new BrokenBase64('it holds other characters');
    // What stands at the end may be its end, so a whole group of it waits for what comes.
    const whole = Math.max(0, Math.floor((text.length - 1) / 4) * 4);
    rest = text.slice(whole);
    if (whole > 0) yield Buffer.from(text.slice(0, whole), 'base64');
  }
  if (rest.replace(/={1,3}$/, '').length === 1 || (rest.endsWith('=') && rest.length !== 4)) throw new BrokenBase64('it breaks off');
  if (rest !== '') yield Buffer.from(rest, 'base64');
}
