/** Encoded rows put together: the bytes of a row are kept once, and answers are made of them where they lie. */
import { yieldToOthers } from '../../base/turns.ts';
import { digestOfRows, type EncodedRow, NOTHING } from './recent-window.ts';

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** Encoded rows as one JSON array. */
export function joinRows(rows: readonly EncodedRow[]): Buffer {
  return Buffer.concat([OPEN, ...rows.flatMap((row, index) => (index > 0 ? [COMMA, row.json] : [row.json])), CLOSE]);
}

/** The same array of packed rows, without copying: those that lie one after the other are one piece, with the commas between them. */
export function piecesOf(rows: readonly EncodedRow[]): Buffer[] {
  const pieces: Buffer[] = [OPEN];
  for (let i = 0; i < rows.length; ) {
    const { buffer, byteOffset, length } = rows[i]!.json;
    let end = byteOffset + length;
    for (i += 1; i < rows.length; i += 1) {
      const { json } = rows[i]!;
      if (json.buffer !== buffer || json.byteOffset !== end + COMMA.length) break;
      end += COMMA.length + json.length;
    }
    if (pieces.length > 1) pieces.push(COMMA);
    pieces.push(Buffer.from(buffer, byteOffset, end - byteOffset));
  }
  pieces.push(CLOSE);
  return pieces;
}

/** Between the array and the others, none of which may seem to follow a row of it. */
const GAP = 1;

/**
 * The rows as one JSON array, then the others' bytes, with commas between them: in one buffer of its own, into which all of them
 * point from now on.
 */
export function packRows(rows: readonly EncodedRow[], others: readonly EncodedRow[]): { bytes: number; json: Buffer } {
  const inArray = OPEN.length + sizeOf(rows) + CLOSE.length;
  const bytes = inArray + GAP + sizeOf(others);
  const buffer = Buffer.allocUnsafeSlow(bytes);
  CLOSE.copy(buffer, moveRows(rows, buffer, OPEN.copy(buffer)));
  moveRows(others, buffer, inArray + GAP);
  return { bytes, json: buffer.subarray(0, inArray) };
}

function sizeOf(rows: readonly EncodedRow[]): number {
  return rows.reduce((sum, { json }) => sum + json.length, Math.max(0, rows.length - 1) * COMMA.length);
}

function moveRows(rows: readonly EncodedRow[], buffer: Buffer, start: number): number {
  let end = start;
  for (const [index, row] of rows.entries()) {
    if (index > 0) end += COMMA.copy(buffer, end);
    if (row.json === NOTHING) continue;
    const from = end;
    end += row.json.copy(buffer, end);
    row.json = buffer.subarray(from, end);
  }
  return end;
}

const ROWS_AT_ONCE = 200;

/** The same array in pieces, and what stands for it, for lists so long that making them at once would keep other requests waiting. */
export async function joinGently(rows: readonly EncodedRow[]): Promise<{ pieces: Buffer[]; digest: string }> {
  const pieces: Buffer[] = [OPEN];
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const some = rows.slice(i, i + ROWS_AT_ONCE);
    const parts = some.flatMap((row) => [COMMA, row.json]);
    pieces.push(Buffer.concat(i === 0 ? parts.slice(1) : parts));
    // So that the digests of the rows are there.
    digestOfRows(some);
    await yieldToOthers();
  }
  pieces.push(CLOSE);
  return { pieces, digest: digestOfRows(rows) };
}
