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
  #began = performance.now();

  isOver(): boolean {
    return performance.now() - this.#began >= SLICE_MS;
  }

  /** Lets others run, then begins another one. */
  async next(): Promise<void> {
    await yieldToOthers();
    this.#began = performance.now();
  }
}

/** Lets so many pieces of work go on at a time; the others wait in the order in which they came. */
export class Gate {
  readonly #places: number;
  readonly #waiting: Array<() => void> = [];
  #taken = 0;
  #begun: Promise<void> = Promise.resolve();

  constructor(places: number) {
    this.#places = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const alone = this.#taken === 0;
    if (this.#taken < this.#places) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
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
