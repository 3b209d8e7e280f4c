/** Which watchers each id concerns, and which ids concern each watcher. */
export class Watchers<W> {
  readonly #byId = new Map<number, Set<W>>();
  readonly #ids = new Map<W, Set<number>>();

  watch(id: number, watcher: W): void {
    put(this.#byId, id, watcher);
    put(this.#ids, watcher, id);
  }

  of(id: number): Iterable<W> {
    return this.#byId.get(id) ?? [];
  }

  /** How many ids concern the watcher. */
  count(watcher: W): number {
    return this.#ids.get(watcher)?.size ?? 0;
  }

  forget(watcher: W): void {
    for (const id of this.#ids.get(watcher) ?? []) {
      const watchers = this.#byId.get(id)!;
      watchers.delete(watcher);
      if (watchers.size === 0) this.#byId.delete(id);
    }
    this.#ids.delete(watcher);
  }
}

function put<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}
