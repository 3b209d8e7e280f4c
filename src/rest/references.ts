/** References from one command of a batch to what earlier ones gave: `$result[key][0][ID]`. */
import { argumentError } from './request-error.ts';
import { emptyMap, type Value, type ValueMap, withoutPrototypes } from './values.ts';

export const ROOTS = ['result', 'error', 'total', 'next', 'time'] as const;
export type Root = (typeof ROOTS)[number];

/** What earlier commands have left. */
export interface Earlier {
  /** Of one command, by its key; undefined when it has left nothing there. */
  of(root: Root, key: string): Value | undefined;
  /** Of all commands, by their keys. */
  all(root: Root): Value;
}

/** A root, then at least one key; the token ends at the next white space. */
const REFERENCE = /\$(result|error|total|next|time)(\[[^\]\s]*\]\S*)/gi;
const KEY = /\[([^[\]]*)\]/g;

/** Most references in one command. */
const MAX_REFERENCES = 1000;
/** Longest text that references may make, UTF-16 units: as much as a request may hold. */
const MAX_TEXT = 2 * 1024 * 1024;

/**
 * Puts what was referred to in place of the references in all values, at any depth.
 *
 * @throws RequestError for more references, or longer texts, than a command may have
 */
export function resolveReferences(params: ValueMap, earlier: Earlier): ValueMap {
  return new Resolver(earlier).map(params);
}

class Resolver {
  readonly #earlier: Earlier;
  #references = 0;
  #added = 0;

  constructor(earlier: Earlier) {
    this.#earlier = earlier;
  }

  map(params: ValueMap): ValueMap {
    const resolved = emptyMap();
    for (const [name, value] of Object.entries(params)) resolved[name] = this.#value(value);
    return resolved;
  }

  #value(value: Value): Value {
    if (typeof value === 'string') return value.includes('$') ? this.#text(value) : value;
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    return typeof value === 'object' && value !== null ? this.map(value) : value;
  }

  /** A reference that is the whole value keeps its type; within other text only words and numbers can stand. */
  #text(text: string): Value {
    const first = REFERENCE.exec(text);
    REFERENCE.lastIndex = 0;
    if (first?.[0] === text) return withoutPrototypes(this.#found(first[1]!, first[2]!));
    return text.replace(REFERENCE, (token, root: string, path: string) => {
      const found = this.#found(root, path);
      if (typeof found !== 'string' && typeof found !== 'number') return token;
      this.#added += String(found).length;
      if (this.#added > MAX_TEXT) throw argumentError('CMD', `refers to more than ${MAX_TEXT} characters`);
      return String(found);
    });
  }

  #found(root: string, path: string): Value {
    this.#references += 1;
    if (this.#references > MAX_REFERENCES) throw argumentError('CMD', `has more than ${MAX_REFERENCES} references in one command`);
    return lookUp(root, path, this.#earlier);
  }
}

/** Follows the keys as far as they lead: where one is missing, what was reached so far is what is meant. */
function lookUp(name: string, path: string, earlier: Earlier): Value {
  const root = ROOTS.find((known) => known === name);
  // Another spelling of the root means nothing.
  if (!root) return null;
  const [first = '', ...rest] = Array.from(path.matchAll(KEY), ([, key = '']) => key);
  let reached = earlier.of(root, first);
  if (reached === undefined) return earlier.all(root);
  for (const key of rest) {
    if (typeof reached !== 'object' || reached === null || !Object.hasOwn(reached, key)) break;
    reached = (reached as ValueMap)[key]!;
  }
  return reached;
}
