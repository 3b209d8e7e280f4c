/** Callers who want to know the same at the same time. */

/**
 * What many ask at once is looked up once for all who came before it began: nobody gets what was seen before they asked.
 */
export class SharedLook<T> {
  #running: Promise<unknown> | undefined;
  #next: Promise<T> | undefined;

  /** Whether nobody asks at the moment. */
  get idle(): boolean {
    return this.#running === undefined;
  }

  ask(look: () => Promise<T>): Promise<T> {
    if (!this.#running) return this.#begin(look);
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#begin(look);
    });
    return this.#next;
  }

  #begin(look: () => Promise<T>): Promise<T> {
    const looking = look();
    const ended = looking.then(() => {}, () => {});
    this.#running = ended;
    void ended.then(() => {
      if (this.#running === ended) this.#running = undefined;
    });
    return looking;
  }
}
