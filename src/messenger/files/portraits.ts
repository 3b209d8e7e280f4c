/** Pictures of people and chats: made anew of what somebody sends, so that nothing else that it holds is passed on. */
import { Readable } from 'node:stream';
import { randomText } from '../../base/secrets.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Blobs } from '../../blobs/blobs.ts';
import { portraitOf } from '../../blobs/looks.ts';
import { findPortrait, type PortraitSize } from '../../db/stores/portrait-store.ts';
import type { Messenger } from '../messenger.ts';
import { USUAL_SIDE } from '../portrait-links.ts';
import { claiming } from './collecting.ts';

export type { PortraitSize };

/** A picture whose bytes are kept, for the unit that gives it to somebody. */
export interface Portrait {
  id: string;
  sizes: PortraitSize[];
}

/** Of the kind that is sent, pixels. */
const LONGEST_SIDE = 5000;
/** Bytes of a picture. */
const LONGEST = 16 * 2 ** 20;
const SIZES = [
  ...[150, USUAL_SIDE, 300].map((longest) => ({ longest, crop: true })),
  { longest: 1000, crop: false },
];

/** It is no picture that can be shown, or wider or higher than 5000 pixels. */
export type PortraitRefusal = 'type' | 'size';

/** @throws what the content fails with */
export async function keepPortrait(m: Messenger, blobs: Blobs, content: AsyncIterable<Uint8Array>): Promise<Outcome<Portrait, PortraitRefusal>> {
  const bytes = await atMost(content, LONGEST);
  const small = bytes ? await portraitOf(bytes, LONGEST_SIDE, SIZES) : 'size';
  if (typeof small === 'string') return refused(small);
  const claim = claiming(m.db, m.clock);
  const id = randomText(32);
  const sizes: PortraitSize[] = [];
  for (const [i, picture] of small.entries()) {
    sizes.push({ id, side: SIZES[i]!.longest, blob: (await blobs.put(Readable.from([picture]), Infinity, claim)).name });
  }
  return done({ id, sizes });
}

async function atMost(content: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > most) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The bytes of a picture; undefined where there is none, or no longer. */
export async function readPortrait(m: Messenger, blobs: Blobs, id: string, side: number): Promise<{ size: number; content: AsyncIterable<Uint8Array> } | undefined> {
  const blob = await m.db.read((s) => findPortrait(s, id, side));
  const size = blob === undefined ? undefined : await blobs.size(blob);
  const content = size === undefined ? undefined : await blobs.read(blob!);
  return content && { size: size!, content };
}
