/**
 * Kinds of parameters. Each reads one raw value into a typed one and says what is wrong with it by name. Scalars may
 * arrive as strings (forms, query) or as JSON numbers and booleans.
 */
import { decodeText } from './json.ts';
import { argumentError } from './request-error.ts';
import type { Value } from './values.ts';

/** What reading a parameter may need from the portal. */
export interface ParseEnv {
  /** The instant a date names, milliseconds; undefined when it is none. */
  parseDate(text: string): number | undefined;
}

/** `E` is the name of the declared error that a missing or wrong value leads to; none means ERROR_ARGUMENT. */
export interface Param<T, E extends string = never> {
  /** JSON-schema-like word for the reference: string, integer, boolean, date, array, object. */
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
  readonly error?: E;
  /** @throws RequestError or {@link BadValue} */
  parse(raw: Value | undefined, name: string, env: ParseEnv): T;
}

/** The value is wrong in a way for which the method has declared an error of its own. */
export class BadValue extends Error {
  readonly error: string;
  constructor(error: string) {
    super(error);
    this.error = error;
  }
}

export interface Options<E extends string> {
  description: string;
  /** Declared error to answer with instead of ERROR_ARGUMENT. */
  error?: E;
}

/** @throws what the options ask for */
export function wrong(options: { error?: string }, name: string, problem: string): never {
  if (options.error !== undefined) throw new BadValue(options.error);
  throw argumentError(name, problem);
}

function missing(raw: Value | undefined): raw is undefined | null | '' {
  return raw === undefined || raw === null || raw === '';
}

const ON = new Set(['y', '1', 'true']);
const OFF = new Set(['n', '0', 'false', '']);

/** `Y`/`N` and every other spelling that clients use for it. */
export function flag<D extends boolean | undefined>(options: { description: string; default: D }): Param<boolean | D> {
  return {
    type: 'boolean',
    description: options.description,
    required: false,
    parse(raw, name) {
      if (raw === undefined || raw === null) return options.default;
      if (typeof raw === 'object') throw argumentError(name, 'must be Y or N');
      const word = String(raw).toLowerCase();
      if (ON.has(word)) return true;
      if (OFF.has(word)) return word === '' ? options.default : false;
      throw argumentError(name, 'must be Y or N');
    },
  };
}

const INTEGER = /^-?\d{1,15}$/;

/** The integer a raw value spells, or undefined. */
export function toInteger(raw: Value | undefined): number | undefined {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? raw : undefined;
  if (typeof raw === 'string' && INTEGER.test(raw.trim())) return Number(raw);
  return undefined;
}

/** An integer that may be left out. `clamp` takes values outside the range to its edge instead of refusing them. */
export function int<E extends string = never>(
  options: Options<E> & { min?: number; max?: number; clamp?: boolean },
): Param<number | undefined, NoInfer<E>> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, clamp = false } = options;
  return {
    type: 'integer',
    required: false,
    ...options,
    parse(raw, name) {
      if (missing(raw)) return undefined;
      const value = toInteger(raw) ?? wrong(options, name, 'must be an integer');
      if (value >= min && value <= max) return value;
      if (clamp) return Math.min(Math.max(value, min), max);
      return wrong(options, name, value < min ? `must not be less than ${min}` : `must not be greater than ${max}`);
    },
  };
}

/** The positive number of a chat, user or message; required. */
export function id<E extends string = never>(options: Options<E>): Param<number, NoInfer<E>> {
  return {
    type: 'integer',
    required: true,
    ...options,
    parse(raw, name) {
      const value = toInteger(raw);
      if (value !== undefined && value > 0) return value;
      return wrong(options, name, missing(raw) ? 'is null or empty' : 'must be a positive integer');
    },
  };
}

/** The beginning of a text, never ending within a character that takes two UTF-16 units. */
export function cutText(text: string, max: number): string {
  const cut = text.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Text that may be left out; numbers count as their digits. Too long is refused, or cut where `cut` says so. */
export function text<E extends string = never>(
  options: Options<E> & { max: number; cut?: boolean },
): Param<string | undefined, NoInfer<E>> {
  return {
    type: 'string',
    required: false,
    ...options,
    parse(raw, name) {
      if (raw === undefined || raw === null) return undefined;
      // A number stands for its digits, but not one so large that reading it as JSON has changed them.
      const readable = typeof raw === 'string' || (typeof raw === 'number' && Math.abs(raw) <= Number.MAX_SAFE_INTEGER);
      if (!readable) return wrong(options, name, 'must be a string');
      const value = String(raw);
      if (value.includes('\0')) throw argumentError(name, 'contains a NUL character');
      if (value.length <= options.max) return value;
      if (options.cut) return cutText(value, options.max);
      return wrong(options, name, `is longer than ${options.max} characters`);
    },
  };
}

/** Text that must be there and not blank. */
export function requiredText<E extends string = never>(options: Options<E> & { max: number; cut?: boolean }): Param<string, NoInfer<E>> {
  const optional = text(options);
  return {
    ...optional,
    required: true,
    parse(raw, name, env) {
      const value = optional.parse(raw, name, env)?.trim();
      return value ? value : wrong(options, name, 'is null or empty');
    },
  };
}

/** A date, as milliseconds since 1970 UTC; an empty one is as good as none. */
export function date(options: { description: string }): Param<number | undefined> {
  return {
    type: 'date',
    required: false,
    ...options,
    parse(raw, name, env) {
      if (missing(raw)) return undefined;
      const instant = typeof raw === 'string' ? env.parseDate(raw) : undefined;
      if (instant === undefined) throw argumentError(name, 'must be a date such as 2026-02-25T18:30:00+01:00');
      return instant;
    },
  };
}

/** A list of positive ids: an array, a map with numeric keys, or a string that holds a JSON array. */
export function idList<E extends string = never>(
  options: Options<E> & { required?: boolean; max: number },
): Param<number[], NoInfer<E>> {
  return {
    type: 'array',
    required: options.required ?? false,
    description: options.description,
    ...(options.error !== undefined && { error: options.error }),
    parse(raw, name) {
      if (missing(raw)) return options.required ? wrong(options, name, 'is null or empty') : [];
      const list = toList(raw, name) ?? wrong(options, name, 'must be a list of ids');
      if (list.length > options.max) return wrong(options, name, `has more than ${options.max} ids`);
      return list.map((entry) => {
        const value = toInteger(entry);
        return value !== undefined && value > 0 ? value : wrong(options, name, 'must be a list of positive ids');
      });
    },
  };
}

function toList(raw: Value, name: string): Value[] | undefined {
  const value = decodeText(raw, name)!;
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) return value === raw ? Object.values(value) : undefined;
  return typeof value === 'number' || (typeof value === 'string' && INTEGER.test(value)) ? [value] : undefined;
}

/** A list or a map, also as text of JSON: the method looks at it itself, and at any other value. */
export function structure(options: { description: string }): Param<Value | undefined> {
  return { type: 'object', required: false, ...options, parse: (raw, name) => decodeText(raw, name) };
}

/** Anything: the method looks at it itself. */
export function anything(options: { description: string }): Param<Value | undefined> {
  return { type: 'object', required: false, ...options, parse: (raw) => raw };
}
