/**
 * Reading of the structured parts of a message: attachment, keyboard, menu. They come out of JSON or out of a form,
 * where every scalar is a string and a list is a map with numeric keys.
 *
 * One rule decides what a bad value does. Where it carries meaning (structure, links, ids, required fields) the part
 * is refused; where it only decorates (colours, sizes, display hints) the value is dropped and its default applies.
 */

/** Longest serialised attachment, keyboard or menu, in UTF-16 units, as on the page "Message attachments ATTACH". */
export const MAX_CONTENT_CHARS = 60_000;

/** Turns one given value into what is kept; undefined means not given or, for decoration, not usable. */
export type Reader<T> = (value: unknown) => T | undefined;

type Readers = Record<string, Reader<unknown>>;
type Read<S extends Readers> = { [K in keyof S]?: S[K] extends Reader<infer T> ? T : never };

/** What a set of field readers yields: fields given and usable, the required ones always. */
export type Fields<S extends Readers, R extends keyof S> = Read<S> & Required<Pick<Read<S>, R>>;

/** Thrown by readers on a value that makes the whole part unusable; `parseContent` turns it into `'invalid'`. */
export class InvalidContent extends Error {}

/**
 * Whether a parameter value asks for the part to be removed: `N`, an empty string, list or map, null or false. As on
 * the page im.message.update.
 */
export function clearsContent(value: unknown): boolean {
  if (typeof value === 'string') return ['', 'N', '[]', '{}'].includes(value.trim().toUpperCase());
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false;
}

/** Runs a reader over a value; tells a refused value and one over the size limit from a good one. */
export function parseContent<T>(value: unknown, read: (value: unknown) => T): T | 'invalid' | 'oversize' {
  try {
    const content = read(value);
    return JSON.stringify(content).length > MAX_CONTENT_CHARS ? 'oversize' : content;
  } catch (error) {
    if (error instanceof InvalidContent) return 'invalid';
    throw error;
  }
}

/** A map with its keys in upper case. An empty list counts as an empty map: PHP encodes both the same way. */
export function readMap(value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new InvalidContent();
  const entries = Object.entries(value);
  if (Array.isArray(value) && entries.length > 0) throw new InvalidContent();
  return new Map(entries.map(([key, field]) => [key.toUpperCase(), field]));
}

/** A list as such or as a map with numeric keys, gaps allowed; undefined for anything else. */
export function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.keys(value).every((key) => /^\d+$/.test(key)) ? Object.values(value) : undefined;
}

/** Reads every item of a list with at least one; a lone item stands for a list of itself. */
export function someOf<T>(read: (value: unknown) => T): (value: unknown) => T[] {
  return (value) => {
    const items = listOf(value) ?? [value];
    if (items.length === 0) throw new InvalidContent();
    return items.map((item) => read(item));
  };
}

/** Reads the known fields of a map and drops the others; throws when a required one is missing. */
export function shape<S extends Readers, R extends keyof S>(
  readers: S,
  required: readonly R[],
): (value: unknown) => Fields<S, R> {
  return (value) => {
    const given = readMap(value);
    const fields: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(readers)) {
      const field = read(given.get(name));
      if (field !== undefined) fields[name] = field;
    }
    if (required.some((name) => fields[name as string] === undefined)) throw new InvalidContent();
    return fields as Fields<S, R>;
  };
}

/** Text that may be empty. Numbers and booleans become text the way PHP does it. */
export function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value ? '1' : '';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw new InvalidContent();
  return value;
}

/** Text that means something: a blank one counts as not given. */
export function word(value: unknown): string | undefined {
  const given = text(value);
  return given?.trim() ? given : undefined;
}

/**
 * A link: absolute http(s) or starting at the root of this site. Anything else throws: other schemes, relative paths,
 * and forms a browser would take to another host, such as `//host` or a path that hides control characters.
 */
export function link(value: unknown): string | undefined {
  const given = word(value)?.trim();
  if (given === undefined) return undefined;
  const absolute = /^https?:\/\//i.test(given) && URL.canParse(given);
  const fromRoot = /^\/(?![/\\])/.test(given);
  if (!(absolute || fromRoot) || /\p{Cc}/u.test(given)) throw new InvalidContent();
  return given;
}

/** A positive id; empty and 0 mean not given, anything else throws. */
export function id(value: unknown): number | undefined {
  const given = word(value);
  if (given === undefined) return undefined;
  const number = wholeNumber(given);
  if (number === undefined) throw new InvalidContent();
  return number === 0 ? undefined : number;
}

/** A size in pixels or bytes: decoration, so what is not a whole number from 0 up is dropped. */
export function size(value: unknown): number | undefined {
  return wholeNumber(decoration(value));
}

/** `#RGB` or `#RRGGBB`; other values are dropped. */
export function colour(value: unknown): string | undefined {
  const given = decoration(value);
  return /^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(given) ? given : undefined;
}

/** One of the given words, whatever its case; other values are dropped. */
export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (value) => {
    const given = decoration(value).toLowerCase();
    return words.find((candidate) => candidate.toLowerCase() === given);
  };
}

/** The same where the word carries meaning: other values but an empty one throw. */
export function knownWord<const W extends string>(words: readonly W[]): Reader<W> {
  const read = oneOf(words);
  return (value) => {
    const known = read(value);
    if (known === undefined && word(value) !== undefined) throw new InvalidContent();
    return known;
  };
}

/** `Y` or `N` from any spelling of a flag; other values are dropped. */
export function yesNo(value: unknown): 'Y' | 'N' | undefined {
  const given = decoration(value).toLowerCase();
  if (['y', '1', 'true'].includes(given)) return 'Y';
  return ['n', '0', 'false'].includes(given) ? 'N' : undefined;
}

/** Colour scheme names shared by attachments and buttons. */
export const colourToken = oneOf(['primary', 'secondary', 'alert', 'base']);

function decoration(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim() : '';
}

function wholeNumber(given: string): number | undefined {
  const number = /^\d{1,16}$/.test(given.trim()) ? Number(given) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}
