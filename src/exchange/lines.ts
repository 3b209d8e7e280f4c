/** Reads and writes files line by line: whatever their size, a few pieces are in memory. */
import { open } from 'node:fs/promises';
import { badLine, ExchangeFault, LONGEST_LINE, ROWS_FILE } from './format.ts';

/** Bytes that are read, or gathered to be written, at once. */
const PIECE = 256 * 1024;
const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;

export interface Line {
  /** From 1 on. */
  number: number;
  text: string;
  /** Where it ends in the file, bytes. */
  end: number;
}

/** @throws ExchangeFault for a line that is too long, no UTF-8, or not ended */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const handle = await openForReading(path);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [rest, number, at]: [Buffer[], number, number] = [[], 0, 0];
  try {
    for await (const piece of handle.createReadStream({ highWaterMark: PIECE, autoClose: false }) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let to = piece.indexOf(NEWLINE); to >= 0; to = piece.indexOf(NEWLINE, from)) {
        number += 1;
        const bytes = Buffer.concat([...rest, piece.subarray(from, to)]);
        if (bytes.length > LONGEST_LINE) throw tooLong(number);
        at += bytes.length + 1;
        yield { number, text: decode(decoder, bytes, number), end: at };
        [rest, from] = [[], to + 1];
      }
      if (from < piece.length) rest.push(piece.subarray(from));
      if (rest.reduce((sum, { length }) => sum + length, 0) > LONGEST_LINE) throw tooLong(number + 1);
    }
  } finally {
    await handle.close();
  }
  if (rest.length > 0) throw badLine(number + 1, 'the file is cut off here');
}

async function openForReading(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new ExchangeFault(`there is no ${ROWS_FILE} that can be read: ${(error as Error).message}`);
  }
}

function tooLong(number: number): ExchangeFault {
  return badLine(number, `it is longer than ${LONGEST_LINE} bytes`);
}

function decode(decoder: TextDecoder, bytes: Buffer, number: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badLine(number, 'this is no UTF-8');
  }
}

export interface LineWriter extends AsyncDisposable {
  write(value: object): Promise<void>;
  /** Brings all to the disk. */
  finish(): Promise<void>;
}

/** Writes a new file that only its owner may read. */
export async function writeLines(path: string): Promise<LineWriter> {
  const handle = await open(path, 'wx', OWNER_ONLY);
  let gathered: string[] = [];
  let length = 0;
  const flush = async () => {
    await handle.writeFile(gathered.join(''));
    [gathered, length] = [[], 0];
  };
  return {
    async write(value) {
      const text = `${JSON.stringify(value)}\n`;
      gathered.push(text);
      length += text.length;
      if (length >= PIECE) await flush();
    },
    async finish() {
      await flush();
      await handle.sync();
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
