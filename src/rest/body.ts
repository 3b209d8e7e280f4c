import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import { Buffer, isUtf8 } from 'node:buffer';
import { openMultipart } from './multipart.ts';
import { PHP_LIMITS, PhpVariables, parsePhpQuery } from './php-query.ts';
import { readJson } from './json.ts';
import { invalidMultipart, tooManyParameters, wrongEncoding } from './request-error.ts';
import type { RequestError } from './request-error.ts';
import { emptyMap } from './values.ts';
import type { ValueMap } from './values.ts';

/** Bytes of a multipart body that are parsed in one go. */
const MULTIPART_PIECE = 16 * 1024;

/**
 * Reads a request body by its Content-Type: `application/json`, `multipart/form-data`, and everything
 * else, also no type at all, as urlencoded text, because BX24.js posts forms as `text/plain`.
 * The type is compared without its parameters and without regard to case; an empty body is an empty map. A mark of the
 * byte order, which editors and PowerShell put before a text, is no part of it; that of UTF-16 says how it is encoded.
 *
 * Fails with a RequestError: INVALID_JSON, INVALID_MULTIPART, WRONG_ENCODING, TOO_MANY_PARAMETERS,
 * PARAMETERS_TOO_DEEP. The size of the body is the caller's to bound.
 */
export function parseBody(contentType: string | undefined, body: Uint8Array): ValueMap | Promise<ValueMap> {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const text = withoutMark(body);
  if (text.length === 0) return emptyMap();
  if (mediaType === 'multipart/form-data') return parseMultipart(contentType ?? '', text);
  return mediaType === 'application/json' ? parseJson(text) : parsePhpQuery(text);
}

/** The text as UTF-8 without its mark. */
function withoutMark(body: Uint8Array): Uint8Array {
  const [first, second, third] = body;
  if (first === 0xef && second === 0xbb && third === 0xbf) return body.subarray(3);
  if (first === 0xff && second === 0xfe) return fromUtf16('utf-16le', body);
  return first === 0xfe && second === 0xff ? fromUtf16('utf-16be', body) : body;
}

function fromUtf16(encoding: 'utf-16le' | 'utf-16be', body: Uint8Array): Uint8Array {
  try {
    return Buffer.from(new TextDecoder(encoding, { fatal: true }).decode(body), 'utf8');
  } catch {
    throw wrongEncoding();
  }
}

/** Query and body parameters together; a top-level name in the body replaces the one in the query. */
export function mergeParams(query: ValueMap, body: ValueMap): ValueMap {
  return Object.keys(query).length === 0 ? body : Object.assign(emptyMap(), query, body);
}

/** A list becomes a map with the keys "0", "1"…: positional methods rely on it. A root without keys is ignored. */
function parseJson(body: Uint8Array): ValueMap {
  const root = readJson(body);
  if (typeof root !== 'object' || root === null) return emptyMap();
  return Array.isArray(root) ? Object.assign(emptyMap(), root) : root;
}

/** One part of a multipart body; a part with a file name is a file. */
interface Part {
  name: string;
  fileName: string | undefined;
  chunks: Buffer[];
}

async function parseMultipart(contentType: string, body: Uint8Array): Promise<ValueMap> {
  const variables = new PhpVariables();
  const bodyIsUtf8 = isUtf8(body);
  for (const part of await readParts(contentType, body)) {
    const content = Buffer.concat(part.chunks);
    const isFile = part.fileName !== undefined;
    // The library decodes names, putting U+FFFD for wrong bytes; a sent U+FFFD is told apart by the whole body.
    const labelIsValid = bodyIsUtf8 || !`${part.name}${part.fileName ?? ''}`.includes('\ufffd');
    if (!labelIsValid || !(isFile || isUtf8(content))) throw variables.wrongEncoding(part.name);
    // A browser sends an empty file name for a file input in which nothing is chosen.
    if (part.fileName === '') continue;
    variables.add(part.name, isFile ? [part.fileName ?? '', content.toString('base64')] : content.toString('utf8'));
  }
  return variables.toMap();
}

function readParts(contentType: string, body: Uint8Array): Promise<Part[]> {
  return new Promise((resolve, reject) => {
    const parser = openMultipart(contentType);
    const parts: Part[] = [];
    const refused = new AbortController();
    const refuse = (error: RequestError): void => {
      refused.abort();
      reject(error);
    };
    parser.on('file', (name: string | undefined, stream, fileName: string | undefined) => {
      const part: Part = { name: name ?? '', fileName, chunks: [] };
      parts.push(part);
      collect(part, stream);
    });
    parser.on('partsLimit', () => refuse(tooManyParameters(PHP_LIMITS.maxVariables)));
    parser.on('error', (error) => refuse(invalidMultipart(Error.isError(error) ? error.message : 'unreadable')));
    parser.on('finish', () => resolve(parts));
    feed(parser, body, refused.signal).catch(() => refuse(invalidMultipart('unreadable')));
  });
}

/** Writes in pieces, so that a refused body, which may hold a hundred thousand parts, is not read to its end. */
async function feed(parser: BusboyInstance, body: Uint8Array, refused: AbortSignal): Promise<void> {
  for (let at = 0; at < body.length && !refused.aborted; at += MULTIPART_PIECE) {
    const piece = body.subarray(at, at + MULTIPART_PIECE);
    await new Promise<void>((resolve) => parser.write(piece, () => resolve()));
  }
  if (!refused.aborted) parser.end();
}

function collect(part: Part, stream: BusboyFileStream): void {
  stream.on('data', (chunk: Buffer) => part.chunks.push(chunk));
  // A part that is cut off also fails the parser; without a listener here the process would end.
  stream.on('error', () => undefined);
}
