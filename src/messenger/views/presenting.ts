/**
 * What is stored may be anything: written by an older release, by another program, by hand. So stored JSON is read for
 * what it should be, and what cannot be presented all the same is left out and reported, never the answer it is part of.
 */
/** Who is told of what cannot be presented: what it is about beside the fault. */
export interface Reporter {
  unpresentable(fault: unknown, what: Record<string, unknown>): void;
}

/** What `make` gives, or undefined when it throws. `what` and the ids say in the report what is left out. */
export function present<R>(reporter: Reporter, what: Record<string, unknown>, make: () => R): R | undefined {
  try {
    return make();
  } catch (fault) {
    reporter.unpresentable(fault, what);
    return undefined;
  }
}

/** A stored map; empty when the text is none. */
export function storedMap(json: string): Record<string, unknown> {
  const value = json === '' ? undefined : parsed(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The texts that a stored map has under the given names. */
export function storedTexts<K extends string>(json: string, names: readonly K[]): Partial<Record<K, string>> {
  const map = storedMap(json);
  const texts: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = Object.hasOwn(map, name) ? map[name] : undefined;
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}

/** The integers of a stored list. */
export function storedIntegers(json: string): number[] {
  const value = parsed(json);
  return Array.isArray(value) ? value.filter((item): item is number => Number.isSafeInteger(item)) : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
