/** Things of which each serves one user at a time; they are made when none is free, up to a limit. */
export class FreeList<T> {
  readonly #make: () => T;
  readonly #limit: number;
  readonly #all: T[] = [];
  /** The one that was used last is used next: its caches are warm. */
  readonly #free: T[] = [];
  readonly #waiting: Array<(item: T) => void> = [];

  constructor(limit: number, make: () => T) {
    this.#limit = limit;
    this.#make = make;
  }

  /** Uses a free one, or the first that becomes free. */
  async use<R>(work: (item: T) => Promise<R>): Promise<R> {
    const item = this.#take() ?? (await this.#next());
    try {
      return await work(item);
    } finally {
      this.#giveBack(item);
    }
  }

  /** Waits until nobody uses any of them, and gives them all. */
  async drain(): Promise<readonly T[]> {
    for (let taken = 0; taken < this.#all.length; taken++) if (!this.#free.pop()) await this.#next();
    return this.#all;
  }

  #take(): T | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#all.length === this.#limit) return free;
    const made = this.#make();
    this.#all.push(made);
    return made;
  }

  #next(): Promise<T> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(item: T): void {
    const next = this.#waiting.shift();
    if (next) next(item);
    else this.#free.push(item);
  }
}
