/** What stored content is: judged by the content, never by what somebody calls it. */
import { lazily } from '../base/lazily.ts';
import type { BlobName, Blobs, StoredBlob } from './blobs.ts';
import { Pictures, type PreviewSize } from './pictures.ts';

export interface Looks {
  /** Media type; `application/octet-stream` for what is none that is known. A picture only where it could be decoded. */
  type: string;
  /** Pixels, of pictures; 0 for others. */
  width: number;
  height: number;
  /** The picture as a small WebP; empty for others. */
  preview: Uint8Array;
}

/** The types of pictures that browsers show and that are decoded here first. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);
/** Types of others that are told, besides sounds and films; all else is just bytes, or text. */
const TOLD = /^application\/(?:pdf|zip|gzip|x-7z-compressed|x-tar|x-rar-compressed|rtf|msword|epub\+zip|vnd\.(?!.*html)[\w.-]+)$|^(?:audio|video)\/[\w.-]+$/;
const UNKNOWN = 'application/octet-stream';
/** What is looked at of content that is no picture, bytes. */
const HEAD = 64 * 1024;
/** Longer ones are not decoded, bytes. */
const LONGEST_PICTURE = 32 * 2 ** 20;
/** Of a preview, pixels. */
const LONGEST_SIDE = 640;

/** One process decodes for all servers of this one. */
const pictures = new Pictures();
const types = lazily(() => import('file-type'));

/**
 * A picture at most so wide and high, as a small one of each size.
 *
 * @returns what is wrong with it instead: not of a type that is shown, or too large
 */
export async function portraitOf(bytes: Uint8Array, longest: number, sizes: readonly PreviewSize[]): Promise<Uint8Array[] | 'type' | 'size'> {
  if (!SHOWN.has(await typeOf(bytes.subarray(0, HEAD)))) return 'type';
  const small: Uint8Array[] = [];
  for (const size of sizes) {
    const picture = await pictures.look(() => Promise.resolve(bytes), size);
    if (typeof picture !== 'object') return picture === 'large' ? 'size' : 'type';
    if (Math.max(picture.width, picture.height) > longest) return 'size';
    small.push(picture.preview);
  }
  return small;
}

export async function looksOf(blobs: Blobs, blob: StoredBlob): Promise<Looks> {
  const head = await bytesOf(blobs, blob.name, HEAD);
  const type = await typeOf(head);
  const picture = SHOWN.has(type) && blob.size <= LONGEST_PICTURE ? await pictures.look(() => bytesOf(blobs, blob.name, blob.size), { longest: LONGEST_SIDE, crop: false }) : undefined;
  return typeof picture === 'object' ? picture : { type: SHOWN.has(type) ? UNKNOWN : type, width: 0, height: 0, preview: new Uint8Array() };
}

/** The media type that the beginning of some content speaks for, as far as it can do no harm to tell it. */
export async function typeOf(head: Uint8Array): Promise<string> {
  const { fileTypeFromBuffer } = await types();
  const found = (await fileTypeFromBuffer(head).catch(() => undefined))?.mime.split(';')[0];
  if (found !== undefined && isTold(found)) return found;
  return isText(head) ? 'text/plain' : UNKNOWN;
}

/** Whether a type may be told to browsers: none of these runs anything. */
export function isTold(type: string): boolean {
  return SHOWN.has(type) || TOLD.test(type);
}

/** UTF-8 without control characters; the last character may be cut. */
function isText(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  try {
    return !/[^\P{Cc}\t-\r]/u.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }));
  } catch {
    return false;
  }
}

async function bytesOf(blobs: Blobs, name: BlobName, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  if (length > 0) for await (const piece of (await blobs.read(name, { first: 0, last: length - 1 })) ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}
