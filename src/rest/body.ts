import { Busboy } from '@fastify/busboy';
import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import { Buffer, isUtf8 } from 'node:buffer';
import { PHP_LIMITS, PhpVariables, parsePhpQuery } from './php-query.ts';
import { invalidJson, invalidMultipart, tooDeep, tooManyParameters, wrongEncoding } from './request-error.ts';
import type { RequestError } from './request-error.ts';
import { emptyMap, MAX_DEPTH, MAX_VALUES } from './values.ts';
import type { Value, ValueMap } from './values.ts';

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
  if (mediaType === 'multipart/form-data' && body.length > 0) return parseMultipart(contentType ?? '', body);
  const text = withoutMark(body);
  if (text.length === 0) return emptyMap();
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
  return Object.assign(emptyMap(), query, body);
}

/** A list becomes a map with the keys "0", "1"…: positional methods rely on it. A root without keys is ignored. */
function parseJson(body: Uint8Array): ValueMap {
  if (!isUtf8(body)) throw wrongEncoding();
  checkJsonSize(body);
  const root = readJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  const params = emptyMap();
  if (typeof root !== 'object' || root === null) return params;
  for (const [key, value] of Object.entries(root)) {
    if (!key.isWellFormed()) throw wrongEncoding(key);
    params[key] = adopt(value, key);
  }
  return params;
}

function readJson(text: string): Value {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(describeJsonError(error, text.length));
  }
}

/** Keeps only the position of a JSON.parse error, in UTF-16 units: its message quotes the body. */
function describeJsonError(error: unknown, length: number): string {
  const message = error instanceof Error ? error.message : '';
  const position = / at position (\d+)/.exec(message)?.[1];
  const isEnd = /^(?:Unexpected end|Unterminated string)/.test(message) || Number(position) === length;
  if (isEnd) return 'it ends too early';
  return position === undefined ? 'unexpected character' : `unexpected character at position ${position}`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Bounds what JSON.parse would build and how deep it would recurse, in one pass and before it builds anything. */
function checkJsonSize(body: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = skipString(body, at);
    else if (byte === COMMA) values += 1;
    else if (isOpening(byte)) {
      depth += 1;
      at = skipSpace(body, at);
      if (!isClosing(body[at + 1])) values += 1;
    } else if (isClosing(byte)) depth -= 1;
    if (depth > MAX_DEPTH) throw tooDeep(MAX_DEPTH);
    if (values > MAX_VALUES) throw tooManyParameters(MAX_VALUES);
  }
}

/** Where the string that opens at `at` closes. */
function skipString(body: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < body.length && body[end] !== QUOTE) end += body[end] === BACKSLASH ? 2 : 1;
  return end;
}

/** The last of the whitespace that follows `at`, or `at`. */
function skipSpace(body: Uint8Array, at: number): number {
  let last = at;
  while (isSpace(body[last + 1])) last += 1;
  return last;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isOpening(byte: number | undefined): boolean {
  return byte === 0x5b || byte === 0x7b;
}

function isClosing(byte: number | undefined): boolean {
  return byte === 0x5d || byte === 0x7d;
}

/** Copies a parsed JSON value, giving up prototypes and refusing the lone surrogates that `\ud800` escapes make. */
function adopt(value: Value, parameter: string): Value {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw wrongEncoding(parameter);
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => adopt(item, parameter));
  const map = emptyMap();
  for (const [key, item] of Object.entries(value)) {
    if (!key.isWellFormed()) throw wrongEncoding(parameter);
    map[key] = adopt(item, parameter);
  }
  return map;
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
    parser.on('error', (error) => refuse(invalidMultipart(error instanceof Error ? error.message : 'unreadable')));
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

/** Every part is opened as a file, because only files arrive as bytes; fields would be decoded without a check. */
function openMultipart(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: () => true,
      limits: { parts: PHP_LIMITS.maxVariables },
    });
  } catch {
    throw invalidMultipart('its boundary is missing');
  }
}

function collect(part: Part, stream: BusboyFileStream): void {
  stream.on('data', (chunk: Buffer) => part.chunks.push(chunk));
  // A part that is cut off also fails the parser; without a listener here the process would end.
  stream.on('error', () => undefined);
}
