import type { Touched } from './database.ts';

/** Whoever follows the commits of this process. What a listener does wrong concerns neither the writer nor the others. */
export class CommitListeners {
  readonly #listeners: Array<(touched: Touched) => void> = [];
  readonly #onFault: (fault: unknown) => void;

  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  add(listener: (touched: Touched) => void): void {
    this.#listeners.push(listener);
  }

  publish(touched: Touched): void {
    if (touched.empty) return;
    for (const listener of this.#listeners) {
      try {
        listener(touched);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }
}
