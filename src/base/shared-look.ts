/** Callers who want to know the same at the same time. */
import { setImmediate as turn } from 'node:timers/promises';

/** Looks that go on at once; one that takes long keeps nobody from looking for themselves. */
const MOST_AT_ONCE = 3;

/**
 * What many ask at once is looked up once for all who came before it began, at the end of the turn of the event loop in
 * which the first of them did: nobody gets what was seen before they asked.
 */
export class SharedLook<T> {
  readonly #running = new Set<Promise<unknown>>();
  #next: Promise<T> | undefined;

  /** Whether nobody asks at the moment. */
  get idle(): boolean {
    return this.#running.size === 0 && this.#next === undefined;
  }

  ask(look: () => Promise<T>): Promise<T> {
    this.#next ??= this.#begin(look);
    return this.#next;
  }

  async #begin(look: () => Promise<T>): Promise<T> {
    await (this.#running.size < MOST_AT_ONCE ? turn() : Promise.race(this.#running));
    this.#next = undefined;
    const looking = look();
    const ended: Promise<void> = looking.then(() => {}, () => {}).then(() => void this.#running.delete(ended));
    this.#running.add(ended);
    return looking;
  }
}
