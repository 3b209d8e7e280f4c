/** Bytes that are kept because many answers share them, and what is made of them once, such as their compressed forms. */

/** What was made of some bytes; it goes when they go. */
interface Kept {
  made: Map<string, Promise<unknown>>;
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
  kept.set(bytes, { made: new Map(), size: 0, onGrowth });
  return bytes;
}

export function areKept(bytes: Uint8Array): boolean {
  return kept.has(bytes);
}

/** How many bytes what was made of them takes. */
export function sizeMadeOf(bytes: Uint8Array): number {
  return kept.get(bytes)?.size ?? 0;
}

/** The one thing of this name that is made of the bytes, however many ask at once; what fails is made anew for the next. */
export function madeOnceOf<T>(bytes: Uint8Array, name: string, make: () => Promise<T>, sizeOf: (made: T) => number): Promise<T> {
  const entry = kept.get(bytes);
  if (!entry) return make();
  const known = entry.made.get(name) as Promise<T> | undefined;
  if (known) return known;
  const making = make();
  entry.made.set(name, making);
  making.then(
    (made) => {
      entry.size += sizeOf(made);
      entry.onGrowth();
    },
    () => entry.made.delete(name),
  );
  return making;
}
