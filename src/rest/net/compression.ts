/** Compresses answers off the thread that answers; what is kept for many answers only once. */
import { once } from 'node:events';
import { pipeline } from 'node:stream';
import { finished } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { areKept, madeOf, madeOnceOf } from '../../base/kept-bytes.ts';
import { Backlog, Gate } from '../../base/turns.ts';
import { type Following, RESULT_OPENS } from '../envelope.ts';
import type { JsonPieces } from '../method.ts';
import type { Coding } from './accept-encoding.ts';
import { type Beginning, codecs, LONGEST_END } from './codings.ts';

/** Bytes up to which compressing on the spot takes less of this thread than handing it to another. */
const SHORT = 32 * 1024;
/** Bytes that are handed over at a time. */
const CHUNK = 256 * 1024;
/** Answers that wait until they are compressed: while there are more, no other large one is made. One for the process, as its memory is. */
export const uncompressed = new Backlog(8 * 1024 * 1024);
/** The threads also write what is to be durable. */
const atATime = new Gate(2);

/**
 * The same body, compressed: byte for byte what `body` is once it has been decoded. Not a promise where there is nothing to wait
 * for. `size` is its length in bytes.
 */
export function compress(body: JsonPieces, size: number, coding: Coding): Buffer[] | Promise<Buffer[]> {
  const shared = sharedPart(body);
  if (shared) return onShared(shared, coding);
  if (size > SHORT) return uncompressed.during(size, () => throughStream(body, coding, false));
  return [codecs[coding].whole(Buffer.concat(body.map(bytesOf)))];
}

/** The same of a body that is still being made. Those who make one are few at a time. */
export function compressing(body: Following, coding: Coding): AsyncIterable<Uint8Array> {
  // What goes wrong comes out where the bytes do.
  return pipeline(body, codecs[coding].stream(false), () => {});
}

interface Shared {
  kept: Uint8Array;
  /** The time of the answer. */
  rest: Buffer;
}

/** An answer that consists of a kept result: only its end is its own. */
function sharedPart(body: JsonPieces): Shared | undefined {
  const [opening, kept, rest] = body;
  if (body.length !== 3 || opening !== RESULT_OPENS || typeof kept !== 'object' || typeof rest !== 'string') return undefined;
  return areKept(kept) && rest.length * 3 <= LONGEST_END ? { kept, rest: Buffer.from(rest) } : undefined;
}

function onShared({ kept, rest }: Shared, coding: Coding): Buffer[] | Promise<Buffer[]> {
  const ended = (beginning: Beginning) => [beginning.compressed, codecs[coding].end(beginning, rest)];
  const known = madeOf<Beginning>(kept, coding);
  return known ? ended(known) : madeOnceOf(kept, coding, () => begin(kept, coding), ({ compressed }) => compressed.length).then(ended);
}

async function begin(kept: Uint8Array, coding: Coding): Promise<Beginning> {
  const compressed = Buffer.concat(await uncompressed.during(kept.length, () => throughStream([RESULT_OPENS, kept], coding, true)));
  return { compressed, crc: crc32(kept, crc32(RESULT_OPENS)), length: RESULT_OPENS.length + kept.length };
}

function throughStream(body: JsonPieces, coding: Coding, open: boolean): Promise<Buffer[]> {
  return atATime.run(async () => {
    const stream = codecs[coding].stream(open);
    const compressed: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => compressed.push(chunk));
    for (const chunk of chunksOf(body)) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
    await finished(stream);
    return compressed;
  });
}

/** Each chunk costs a change of threads: small pieces are put together, large ones divided. */
function* chunksOf(body: JsonPieces): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  for (const piece of body) {
    const bytes = bytesOf(piece);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const part = bytes.subarray(at, at + CHUNK);
      gathered.push(part);
      size += part.length;
      if (size < CHUNK) continue;
      yield gathered.length === 1 ? part : Buffer.concat(gathered);
      [gathered, size] = [[], 0];
    }
  }
  if (size > 0) yield Buffer.concat(gathered);
}

function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}
