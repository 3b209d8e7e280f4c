/** Work that cannot be interrupted is done in pieces, each as large as the machine can do soon. */
import { yieldToOthers } from '../base/turns.ts';

const FIRST = 256;
/** A piece done sooner makes the next one twice as large; one that took longer half as large. Milliseconds. */
const SOON_MS = 4;
const LONG_MS = 10;

/** How much of something one piece takes on. */
export class Pace {
  readonly #most: number;
  #size: number;

  /** @param most that a piece may take on, however soon it is done: what comes next may be costlier. Infinite where nothing has to be done in pieces */
  constructor(most: number) {
    this.#most = most;
    this.#size = most === Infinity ? most : Math.min(FIRST, most);
  }

  /** Does a piece of the size that is given to it, then lets others run. */
  async piece<T>(work: (size: number) => Promise<T>): Promise<T> {
    const began = performance.now();
    const done = await work(this.#size);
    const took = performance.now() - began;
    if (took < SOON_MS) this.#size = Math.min(this.#size * 2, this.#most);
    if (took > LONG_MS) this.#size = Math.ceil(this.#size / 2);
    await yieldToOthers();
    return done;
  }
}
