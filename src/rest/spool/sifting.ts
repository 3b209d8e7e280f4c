/** Takes the long values out of a request body while it comes in, so that what is left can be read like any other. */
import { randomBytes } from 'node:crypto';
import { Slice } from '../../base/turns.ts';
import { bodyTooLarge, RequestError } from '../request-error.ts';
import type { ValueMap } from '../values.ts';
import { sift as siftForm } from './form-sieve.ts';
import { Kept, type Sieve } from './held-value.ts';
import { sift as siftJson } from './json-sieve.ts';
import { sift as siftMultipart } from './multipart-sieve.ts';
import type { Spool, Spools } from './spool.ts';

/** A body, and what was taken out of it. */
export interface Sifted {
  /** With a word in the place of each long value. */
  body: Uint8Array;
  /** The parameters, of a body in which they are not text. */
  params?: ValueMap;
  /** By the words in their place, which nobody could guess. */
  spools: ReadonlyMap<string, Spool>;
}

/** Known clients send one. */
const MOST_TAKEN = 16;

/**
 * @param most bytes that may be left over
 * @throws RequestError, and whatever the body breaks off with; nothing is kept then
 */
export async function sift(contentType: string | undefined, body: AsyncIterable<Uint8Array>, spools: Spools, most: number): Promise<Sifted> {
  const taken = new Map<string, Spool>();
  const kept = new Kept(most, bodyTooLarge);
  const take = async (raw: boolean) => {
    const spool = taken.size < MOST_TAKEN ? await spools.open(raw) : undefined;
    if (!spool) throw new RequestError(503, 'TOO_MANY_UPLOADS', 'Too many files are being received. Try again in a moment.');
    const word = randomBytes(18).toString('hex');
    taken.set(word, spool);
    return { word, spool };
  };
  try {
    const params = await sieveFor(contentType)(gently(body), { take, kept }, contentType ?? '');
    return { body: kept.bytes(), ...(params && { params }), spools: taken };
  } catch (error) {
    await release(taken);
    throw error;
  }
}

/** Ends what was taken out. */
export async function release(spools: Sifted['spools']): Promise<void> {
  for (const spool of spools.values()) await spool[Symbol.asyncDispose]();
}

/** Lets others run now and then: what has come in already is read without a wait. */
async function* gently(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const slice = new Slice();
  for await (const piece of body) {
    yield piece;
    if (slice.isOver()) await slice.next();
  }
}

type Sift = (body: AsyncIterable<Uint8Array>, sieve: Sieve, contentType: string) => Promise<ValueMap | void>;

/** As in `parseBody`. */
function sieveFor(contentType = ''): Sift {
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (mediaType === 'multipart/form-data') return siftMultipart;
  return mediaType === 'application/json' ? siftJson : siftForm;
}
