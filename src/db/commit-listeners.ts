import type { Changes } from './changes.ts';

/** Whoever follows the commits of this process. What a listener does wrong concerns neither the writer nor the others. */
export class CommitListeners {
  readonly #listeners: Array<(changes: Changes) => void> = [];
  readonly #onFault: (fault: unknown) => void;

  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  add(listener: (changes: Changes) => void): void {
    this.#listeners.push(listener);
  }

  publish(changes: Changes): void {
    if (changes.empty) return;
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }
}
