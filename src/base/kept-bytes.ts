/** Bytes that are kept because many answers share them, and what is made of them once, such as their compressed forms. */

/** What was made of some bytes; it goes when they go. */
interface Kept {
  making: Map<string, Promise<unknown>>;
  made: Map<string, unknown>;
  size: number;
  onGrowth: () => void;
}

/** By identity: the bytes pass through layers that know of nothing but bytes. */
const kept = new WeakMap<Uint8Array, Kept>();

/**
 * From now on what is made of these bytes is remembered. They must never change.
 *
 * @param onGrowth told when there is more of it, for budgets
 */
export function keepBytes<T extends Uint8Array>(bytes: T, onGrowth: () => void = () => {}): T {
  kept.set(bytes, { making: new Map(), made: new Map(), size: 0, onGrowth });
  return bytes;
}

export function areKept(bytes: Uint8Array): boolean {
  return kept.has(bytes);
}

/** How many bytes what was made of them takes. */
export function sizeMadeOf(bytes: Uint8Array): number {
  return kept.get(bytes)?.size ?? 0;
}

/** What was made of the bytes under this name; undefined before it is. */
export function madeOf<T>(bytes: Uint8Array, name: string): T | undefined {
  return kept.get(bytes)?.made.get(name) as T | undefined;
}

/** The one thing of this name that is made of the bytes, however many ask at once; what fails is made anew for the next. */
export function madeOnceOf<T>(bytes: Uint8Array, name: string, make: () => Promise<T>, sizeOf: (made: T) => number): Promise<T> {
  const entry = kept.get(bytes);
  if (!entry) return make();
  const known = entry.making.get(name) as Promise<T> | undefined;
  if (known) return known;
  const making = make();
  entry.making.set(name, making);
  making.then(
    (made) => {
      entry.made.set(name, made);
      entry.size += sizeOf(made);
      entry.onGrowth();
    },
    () => entry.making.delete(name),
  );
  return making;
}
