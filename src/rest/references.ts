/** References from one command of a batch to what earlier ones gave: `$result[key][0][ID]`. */
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
const REFERENCE = /\$(result|error|total|next|time)(\[\S*)/gi;
const KEY = /\[([^\]]*)\]/g;

/** Puts what was referred to in place of the references in all values, at any depth. */
export function resolveReferences(params: ValueMap, earlier: Earlier): ValueMap {
  const resolved = emptyMap();
  for (const [name, value] of Object.entries(params)) resolved[name] = resolve(value, earlier);
  return resolved;
}

function resolve(value: Value, earlier: Earlier): Value {
  if (typeof value === 'string') return value.includes('$') ? resolveText(value, earlier) : value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, earlier));
  return typeof value === 'object' && value !== null ? resolveReferences(value, earlier) : value;
}

/** A reference that is the whole value keeps its type; within other text only words and numbers can stand. */
function resolveText(text: string, earlier: Earlier): Value {
  const [first] = text.matchAll(REFERENCE);
  if (first?.[0] === text) return withoutPrototypes(lookUp(first[1]!, first[2]!, earlier));
  return text.replace(REFERENCE, (token, root: string, path: string) => {
    const found = lookUp(root, path, earlier);
    return typeof found === 'string' || typeof found === 'number' ? String(found) : token;
  });
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
