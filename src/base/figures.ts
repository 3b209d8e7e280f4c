/** What the server is busy with, as a short history: looked at every few seconds, but only while somebody asks for it. */

/** Numbers by name. Of some the difference from one look to the next is what tells. */
export interface Sample {
  /** Milliseconds since 1970. */
  at: number;
  values: Readonly<Record<string, number>>;
}

/** Gives a sample, from what the one before left behind. */
export interface Sampler {
  look(): Promise<Sample>;
  /** Forgets what the last look has left: the next one is a first. */
  forget(): void;
}

/** Between two looks, milliseconds. */
const EVERY_MS = 2000;
/** Five minutes. */
const MOST_SAMPLES = 150;
/** Who has not asked for so long has gone, milliseconds. */
const PATIENCE_MS = 30_000;

export class Figures {
  readonly #sampler: Sampler;
  #samples: Sample[] = [];
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  #looking: Promise<void> | undefined;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  /** The samples after a time (milliseconds since 1970), oldest first. From the first question on there are more and more of them. */
  async since(after: number): Promise<Sample[]> {
    this.#asked = performance.now();
    if (!this.#timer) await this.#start();
    return this.#samples.filter(({ at }) => at > after);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#samples = [];
    this.#sampler.forget();
  }

  async #start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS).unref();
    await this.#look();
  }

  #tick(): void {
    if (performance.now() - this.#asked > PATIENCE_MS) return this.stop();
    void this.#look();
  }

  /** One look at a time: a store that does not answer delays the next. */
  #look(): Promise<void> {
    this.#looking ??= this.#sampler.look().then(
      (sample) => {
        if (this.#timer) this.#samples = [...this.#samples, sample].slice(-MOST_SAMPLES);
      },
      () => {},
    ).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }
}
