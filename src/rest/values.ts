import { tooDeep, tooManyParameters } from './request-error.ts';

/**
 * A request value as it arrives: JSON types, or only strings, lists and maps when the request is form encoded.
 * No string or key holds a lone surrogate: every string can be written out as UTF-8.
 */
export type Value = string | number | boolean | null | Value[] | ValueMap;

/**
 * A map whose keys come from the caller. Build it with {@link emptyMap}: without a prototype a key such as
 * `__proto__` is an ordinary key, and asking for `constructor` or `toString` finds nothing that was not sent.
 */
export interface ValueMap {
  [key: string]: Value;
}

/** A new map without a prototype. */
export function emptyMap(): ValueMap {
  return Object.create(null) as ValueMap;
}

/** Most levels of lists and maps in a value. */
export const MAX_DEPTH = 64;
/** Most list items and map entries in a value, on all levels together. */
export const MAX_VALUES = 10_000;

/**
 * A copy of parsed JSON without prototypes.
 *
 * @param onValue told of each value before it is copied; may throw
 * @throws RequestError TOO_MANY_PARAMETERS, PARAMETERS_TOO_DEEP
 */
export function withoutPrototypes(value: Value, onValue: (value: Value) => void): Value {
  let left = MAX_VALUES + 1;
  const copy = (item: Value, depth: number): Value => {
    onValue(item);
    left -= 1;
    if (left < 0) throw tooManyParameters(MAX_VALUES);
    if (typeof item !== 'object' || item === null) return item;
    if (depth >= MAX_DEPTH) throw tooDeep(MAX_DEPTH);
    if (Array.isArray(item)) return item.map((each) => copy(each, depth + 1));
    const map = emptyMap();
    for (const key in item) map[key] = copy(item[key]!, depth + 1);
    return map;
  };
  return copy(value, 0);
}

const orders = new WeakMap<ValueMap, readonly string[]>();

/** Remembers the order in which the keys of a map were sent: JavaScript lists those that are integers in ascending order. */
export function keepOrder(map: ValueMap, keys: readonly string[]): void {
  if (Object.keys(map).some((key, index) => key !== keys[index])) orders.set(map, keys);
}

/** The entries of a list or map in the order in which they were sent, as far as that is known. */
export function entriesInOrder(value: Value[] | ValueMap): Array<[string, Value]> {
  const order = Array.isArray(value) ? undefined : orders.get(value);
  return order ? order.map((key) => [key, (value as ValueMap)[key]!]) : Object.entries(value);
}
