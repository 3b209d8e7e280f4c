/** A first-come, first-served lock for asynchronous sections. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves once the lock is held; the value releases it. */
  acquire(): Promise<() => void> {
    const previous = this.#tail;
    let release!: () => void;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    return previous.then(() => release);
  }
}
