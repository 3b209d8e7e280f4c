/** Values by key, of which some are watched: each watched one by a signal of its own, however many there are in all. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';

export class Keyed<K, V> {
  readonly #values = new Map<K, V>();
  readonly #watched = new Map<K, Signal<V | undefined>>();

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  /** Changes when the value does; undefined while there is none. */
  signal(key: K): ReadonlySignal<V | undefined> {
    const known = this.#watched.get(key);
    if (known) return known;
    const made = signal(this.#values.get(key));
    this.#watched.set(key, made);
    return made;
  }

  set(key: K, value: V): void {
    this.#values.set(key, value);
    const watched = this.#watched.get(key);
    if (watched) watched.value = value;
  }

  delete(key: K): void {
    this.#values.delete(key);
    const watched = this.#watched.get(key);
    if (watched) watched.value = undefined;
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  get size(): number {
    return this.#values.size;
  }
}
