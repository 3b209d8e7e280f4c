/** References from one command of a batch to what earlier ones gave: `$result[key][0][ID]`. */
import { argumentError } from '../request-error.ts';
import { emptyMap, type Value, type ValueMap, withoutPrototypes } from '../values.ts';

export const ROOTS = ['result', 'error', 'total', 'next', 'time'] as const;
export type Root = (typeof ROOTS)[number];

/** What earlier commands have left. */
export interface Earlier {
  /** Of one command, by its key; undefined when it has left nothing there. */
  of(root: Root, key: string): Value | undefined;
  /** Of all commands, by their keys. */
  all(root: Root): Value;
}

const ROOT = /\$(result|error|total|next|time)\[/gi;
const KEY = /\[([^[\]]*)\]/g;
const WHITE_SPACE = /\s/g;

/** Most references in one command. */
const MAX_REFERENCES = 1000;
/** Most of what references may cost a whole batch: a character copied, a key followed, a value copied. */
const MAX_WORK = 2 * 1024 * 1024;
/** A value copied costs as much as so many characters. */
const VALUE_COST = 20;

/** What the references of one batch may still cost together. */
export class ReferenceBudget {
  #left = MAX_WORK;

  /** @throws RequestError once the batch has cost more than it may */
  spend(work: number): void {
    this.#left -= work;
    if (this.#left < 0) throw argumentError('CMD', `refers to more than a batch may: ${MAX_WORK} characters, or a value for ${VALUE_COST} of them`);
  }
}

/**
 * Puts what was referred to in place of the references in all values, at any depth. Time is linear in the size of the
 * values, of what is put in, and of nothing else.
 *
 * @throws RequestError for more references than a command, or costlier ones than the batch, may have
 */
export function resolveReferences(params: ValueMap, earlier: Earlier, budget: ReferenceBudget): ValueMap {
  return new Resolver(earlier, budget).map(params);
}

/** A root, then at least one key; it ends at the next white space. */
interface Token {
  start: number;
  end: number;
  root: string;
  path: string;
}

class Resolver {
  readonly #earlier: Earlier;
  readonly #budget: ReferenceBudget;
  #references = 0;

  constructor(earlier: Earlier, budget: ReferenceBudget) {
    this.#earlier = earlier;
    this.#budget = budget;
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
    const pieces: string[] = [];
    let at = 0;
    for (const token of tokensIn(text)) {
      this.#count();
      if (token.start === 0 && token.end === text.length) return this.#whole(token);
      pieces.push(text.slice(at, token.start), this.#word(token) ?? text.slice(token.start, token.end));
      at = token.end;
    }
    return at === 0 ? text : pieces.join('') + text.slice(at);
  }

  #count(): void {
    this.#references += 1;
    if (this.#references > MAX_REFERENCES) throw argumentError('CMD', `has more than ${MAX_REFERENCES} references in one command`);
  }

  #whole({ root, path }: Token): Value {
    const known = rootNamed(root);
    if (!known) return null;
    const found = this.#follow(known, path);
    return withoutPrototypes(found === undefined ? this.#earlier.all(known) : found, (value) => this.#budget.spend(VALUE_COST + textLength(value)));
  }

  /** Undefined for what cannot stand within text; all answers together never can. */
  #word({ root, path }: Token): string | undefined {
    const known = rootNamed(root);
    const found = known && this.#follow(known, path);
    if (typeof found !== 'string' && typeof found !== 'number') return undefined;
    const word = String(found);
    this.#budget.spend(word.length);
    return word;
  }

  /** Follows the keys as far as they lead: where one is missing, what was reached so far is what is meant. Undefined when already the first is. */
  #follow(root: Root, path: string): Value | undefined {
    const keys = path.matchAll(KEY);
    let reached = this.#earlier.of(root, keys.next().value?.[1] ?? '');
    for (const [, key = ''] of keys) {
      if (typeof reached !== 'object' || reached === null || !Object.hasOwn(reached, key)) break;
      this.#budget.spend(1);
      reached = (reached as ValueMap)[key]!;
    }
    return reached;
  }
}

/** Whatever is done with a copied text, such as writing it as JSON, takes time by its length. */
function textLength(value: Value): number {
  return typeof value === 'string' ? value.length : 0;
}

/** Another spelling of the root means nothing. */
function rootNamed(name: string): Root | undefined {
  return ROOTS.find((known) => known === name);
}

/** No character is looked at more than a few times: an end that was found for one token is not searched for again. */
function* tokensIn(text: string): Generator<Token> {
  let close = -1;
  let space = -1;
  for (let from = 0; ; ) {
    const found = rootAfter(text, from);
    if (!found) return;
    const [start, root] = found;
    const open = start + 1 + root.length;
    if (close < open) close = text.indexOf(']', open);
    if (close === -1) return;
    if (space < open) space = whiteSpaceAfter(text, open);
    const isToken = close < space;
    if (isToken) yield { start, end: space, root, path: text.slice(open, space) };
    from = isToken ? space : open;
  }
}

function rootAfter(text: string, at: number): [start: number, root: string] | undefined {
  ROOT.lastIndex = at;
  const found = ROOT.exec(text);
  return found ? [found.index, found[1]!] : undefined;
}

function whiteSpaceAfter(text: string, at: number): number {
  WHITE_SPACE.lastIndex = at;
  return WHITE_SPACE.exec(text)?.index ?? text.length;
}
