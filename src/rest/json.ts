/** The one reader of JSON that comes from callers: bodies, and text that stands for a list or a map in a parameter. */
import { Buffer, isUtf8 } from 'node:buffer';
import { invalidJson, RequestError, tooDeep, tooManyParameters, wrongEncoding } from './request-error.ts';
import { emptyMap, MAX_DEPTH, MAX_VALUES } from './values.ts';
import type { Value, ValueMap } from './values.ts';

/**
 * Reads JSON, giving up prototypes. What it would take is known before anything is built: the depth, and the number of
 * values and keys, are those of {@link MAX_DEPTH} and {@link MAX_VALUES}. The size is the caller's to bound.
 *
 * @param parameter what the errors name; in a body the names at the root
 * @throws RequestError INVALID_JSON, WRONG_ENCODING, TOO_MANY_PARAMETERS, PARAMETERS_TOO_DEEP
 */
export function readJson(json: Uint8Array, parameter?: string): Value {
  if (!isUtf8(json)) throw wrongEncoding(parameter);
  checkJson(json, parameter);
  const root = parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
  if (parameter !== undefined) return adopt(root, parameter);
  if (Array.isArray(root)) return root.map((item, index) => adopt(item, String(index)));
  return typeof root === 'object' && root !== null ? adoptMap(root, (key) => key) : root;
}

/** A list or map given as text of JSON; anything else, text that is not JSON included, stays what it is. */
export function decodeText(value: Value | undefined, parameter: string): Value | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return readJson(Buffer.from(value), parameter);
  } catch (error) {
    if (error instanceof RequestError && error.code === 'INVALID_JSON') return value;
    throw error;
  }
}

function parse(text: string): Value {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(describeJsonError(error, text.length));
  }
}

/** Keeps only the position of a JSON.parse error, in UTF-16 units: its message quotes the body. */
function describeJsonError(error: unknown, length: number): string {
  const message = Error.isError(error) ? error.message : '';
  const position = / at position (\d+)/.exec(message)?.[1];
  const isEnd = /^(?:Unexpected end|Unterminated string)/.test(message) || Number(position) === length;
  if (isEnd) return 'it ends too early';
  return position === undefined ? 'unexpected character' : `unexpected character at position ${position}`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Bounds what JSON.parse would build and how deep it would recurse, in one pass and before it builds anything.
 *
 * @throws RequestError TOO_MANY_PARAMETERS, PARAMETERS_TOO_DEEP
 */
export function checkJson(json: Uint8Array, parameter?: string): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = skipString(json, at);
    else if (byte === COMMA) values += 1;
    else if (isOpening(byte)) {
      depth += 1;
      at = skipSpace(json, at);
      if (!isClosing(json[at + 1])) values += 1;
    } else if (isClosing(byte)) depth -= 1;
    if (depth > MAX_DEPTH) throw tooDeep(MAX_DEPTH, parameter);
    if (values > MAX_VALUES) throw tooManyParameters(MAX_VALUES, parameter);
  }
}

/** Where the string that opens at `at` closes. */
function skipString(json: Uint8Array, at: number): number {
  for (let end = json.indexOf(QUOTE, at + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let before = end;
    while (json[before - 1] === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}

/** The last of the whitespace that follows `at`, or `at`. */
function skipSpace(json: Uint8Array, at: number): number {
  let last = at;
  while (isSpace(json[last + 1])) last += 1;
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
  return adoptMap(value, () => parameter);
}

function adoptMap(given: ValueMap, parameterOf: (key: string) => string): ValueMap {
  const map = emptyMap();
  for (const [key, value] of Object.entries(given)) {
    if (!key.isWellFormed()) throw wrongEncoding(parameterOf(key));
    map[key] = adopt(value, parameterOf(key));
  }
  return map;
}
