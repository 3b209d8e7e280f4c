/** Answers as those decoders read them that ship with Node. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Coding } from '../../src/rest/net/accept-encoding.ts';
import type { Reply } from './http.ts';

export const CODINGS: readonly Coding[] = ['gzip', 'br', 'zstd'];

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync, identity: (bytes) => Buffer.from(bytes),
};

/** @throws Error when the bytes are not what the coding says, or there is anything after their end */
export function decode(coding: string, bytes: Uint8Array): Buffer {
  return DECODERS[coding]!(bytes);
}

/** The body as the caller sees it, whatever its coding. */
export function decoded({ headers, bytes }: Reply): string {
  return decode(headers['content-encoding'] ?? 'identity', bytes).toString();
}
