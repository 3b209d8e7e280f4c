/** How fast a portal may be asked. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What the smallest plan of the original takes for long: requests in a second, and how many at once. */
const PER_SECOND = 2;
const AT_ONCE = 20;

/** Lets a request through as soon as there is room for it. */
export class Pace {
  readonly #now: () => number;
  readonly #perSecond: number;
  #room = AT_ONCE;
  #at: number;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number, perSecond = PER_SECOND) {
    this.#now = now;
    this.#perSecond = perSecond;
    this.#at = now();
  }

  async turn(stop?: AbortSignal): Promise<void> {
    this.#fill();
    this.#room -= 1;
    if (this.#room < 0) await sleep((-this.#room * 1000) / this.#perSecond, undefined, stop && { signal: stop });
  }

  /** The portal has had enough: for now there is no room but what comes with time. */
  exhausted(): void {
    this.#fill();
    this.#room = Math.min(this.#room, 0);
  }

  #fill(): void {
    const now = this.#now();
    this.#room = Math.min(AT_ONCE, this.#room + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}
