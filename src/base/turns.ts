/** Shares the event loop among pieces of long work: while they take turns, whoever calls is answered in between. */

/** How long work goes on before it lets others run, milliseconds. */
const SLICE_MS = 8;

const waiting: Array<() => void> = [];

/**
 * Lets others run in the middle of long work. Those who wait go on in the order in which they came, about a slice of
 * them in one turn of the event loop: a hundred long calls at once stop the loop no longer than one does.
 */
export function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(goOn);
  });
}

function goOn(): void {
  const began = performance.now();
  const next = (): void => {
    const resume = waiting.shift();
    resume?.();
    if (waiting.length === 0) return;
    // Comes after the work that was resumed, which goes on in a microtask queued before this one.
    queueMicrotask(() => (performance.now() - began < SLICE_MS ? next() : setImmediate(goOn)));
  };
  next();
}

/** A stretch of work, which is over when it is others' turn. */
export class Slice {
  readonly #longest: number;
  #began = performance.now();

  /** @param longest milliseconds */
  constructor(longest = SLICE_MS) {
    this.#longest = longest;
  }

  isOver(): boolean {
    return performance.now() - this.#began >= this.#longest;
  }

  /** Lets others run, then begins another one. */
  async next(): Promise<void> {
    await yieldToOthers();
    this.#began = performance.now();
  }
}

/** What was made and waits for something to be done with it. Whoever would make more waits while it is too much. */
export class Backlog {
  readonly #most: number;
  readonly #waiting: Array<() => void> = [];
  #bytes = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts the bytes until the work on them is done. */
  async during<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    this.#bytes += bytes;
    try {
      return await work();
    } finally {
      this.#bytes -= bytes;
      for (const resume of this.#waiting.splice(0)) resume();
    }
  }

  get isFull(): boolean {
    return this.#bytes >= this.#most;
  }

  /** Resolves when some of it is done. */
  less(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Lets so many pieces of work go on at a time; the others wait in the order in which they came. */
export class Gate {
  readonly #places: number;
  readonly #backlog: Backlog | undefined;
  readonly #waiting: Array<() => void> = [];
  #taken = 0;
  #begun: Promise<void> = Promise.resolve();

  /** @param backlog of what the work makes */
  constructor(places: number, backlog?: Backlog) {
    this.#places = places;
    this.#backlog = backlog;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const alone = this.#taken === 0;
    if (this.#taken < this.#places) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      while (this.#backlog?.isFull) await this.#backlog.less();
      if (!alone) await this.#turn();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken -= 1;
    }
  }

  /** Pieces often begin with what takes long, such as a query: each begins in a turn of the event loop of its own. */
  #turn(): Promise<void> {
    this.#begun = this.#begun.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#begun;
  }
}
