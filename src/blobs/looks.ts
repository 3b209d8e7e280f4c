/** What stored content is. */
import type { BlobName, Blobs } from './blobs.ts';

export interface Looks {
  /** Media type; `application/octet-stream` for what is none that is known. */
  type: string;
  /** Pixels, of pictures; 0 for others. */
  width: number;
  height: number;
}

const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'], ['jpg', 'image/jpeg'], ['jpeg', 'image/jpeg'], ['gif', 'image/gif'], ['webp', 'image/webp'],
  ['mp4', 'video/mp4'], ['webm', 'video/webm'], ['mov', 'video/quicktime'],
  ['mp3', 'audio/mpeg'], ['ogg', 'audio/ogg'], ['wav', 'audio/wav'], ['m4a', 'audio/mp4'],
  ['pdf', 'application/pdf'], ['txt', 'text/plain'],
]);

/** @param fileName what whoever sent it calls it */
export async function looksOf(_blobs: Blobs, _name: BlobName, fileName: string): Promise<Looks> {
  const extension = fileName.split('.').at(-1)?.toLowerCase() ?? '';
  return { type: BY_EXTENSION.get(extension) ?? 'application/octet-stream', width: 0, height: 0 };
}
