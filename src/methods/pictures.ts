/** Pictures of people and chats as they come with a call. */
import { refused, type Outcome } from '../base/outcome.ts';
import { keepPortrait, type Portrait, type PortraitRefusal, type PortraitSize } from '../messenger/files/portraits.ts';
import type { FileStore } from '../messenger/files/storing.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { BrokenBase64, contentOf } from '../rest/spool/content.ts';
import type { Spool } from '../rest/spool/spool.ts';
import { type Param, text } from '../rest/params.ts';
import { argumentError } from '../rest/request-error.ts';
import type { Value } from '../rest/values.ts';
import { portraitAddress } from '../messenger/portrait-links.ts';

/** Bytes of a request with a picture in base64. */
export const LONGEST_PICTURE_BODY = 24 * 2 ** 20;

/** A picture in base64. What is none is said by whoever keeps it. */
export function pictureParam(): Param<Value | undefined> {
  const description = 'The picture in base64: JPEG, PNG, WebP, GIF or AVIF, up to 5000 x 5000 pixels and 16 MB';
  return { type: 'string', required: false, description, parse: (raw) => raw };
}

/** @param given the picture in base64; anything else is none */
export async function keepGiven(m: Messenger, blobs: FileStore, given: Value | undefined, spools?: ReadonlyMap<string, Spool>): Promise<Outcome<Portrait, PortraitRefusal>> {
  if (typeof given !== 'string' || given === '') return refused('type');
  return keepPortrait(m, blobs, contentOf(given, spools)).catch((thrown: unknown) => {
    if (thrown instanceof BrokenBase64) return refused('type');
    throw thrown;
  });
}

/** What is given in place of an address. */
export interface GivenPicture {
  base64: string;
}

const address = text({ description: 'Address of a picture, http(s); or a list of its name and the picture in base64, up to 5000 x 5000 pixels', max: 2000 });

/** A picture of a person: an address, or the picture itself as a list of name and base64, also in `fileData`. */
export function photoParam(): Param<string | GivenPicture | undefined> {
  return {
    ...address,
    parse(raw, name, env) {
      const base64 = pictureIn(raw);
      if (base64 !== undefined) return { base64 };
      const value = address.parse(raw, name, env);
      if (value && (!/^https?:\/\//i.test(value) || !URL.canParse(value))) throw argumentError(name, 'must be an http(s) address');
      return value;
    },
  };
}

function pictureIn(raw: Value | undefined): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const list = (Array.isArray(raw) ? raw : Object.values(raw)) as Value[];
  if (list.length === 1) return pictureIn(list[0]);
  return list.length === 2 && typeof list[0] === 'string' && typeof list[1] === 'string' ? list[1] : undefined;
}

/** A picture that a call gives somebody: where it is to be seen, and what is kept of it. */
export interface KeptPicture {
  address: string;
  sizes: readonly PortraitSize[];
}

/** Keeps the picture where one comes along. @throws RequestError for what is none, naming the parameter */
export async function keepPicture(m: Messenger, blobs: FileStore, given: GivenPicture, origin: string, name: string): Promise<KeptPicture> {
  const kept = await keepGiven(m, blobs, given.base64);
  if (!kept.ok) throw argumentError(name, kept.reason === 'size' ? 'must not be larger than 5000 x 5000 pixels' : 'must be a picture');
  return { address: portraitAddress(origin, kept.value.id), sizes: kept.value.sizes };
}
