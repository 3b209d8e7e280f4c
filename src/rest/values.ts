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
