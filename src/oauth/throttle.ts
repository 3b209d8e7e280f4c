import type { Rate } from '../rest/rate-limit.ts';

interface Bucket {
  level: number;
  /** Milliseconds. */
  at: number;
}

/** Keys that are remembered; beyond it the one that has been quiet for longest is forgotten. */
const REMEMBERED = 20_000;

/** Counts failures by key: a leaky bucket that can be looked into without adding to it. */
export class Throttle {
  readonly #rate: Rate;
  /** The key that failed last comes last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Whether one more would be too many. */
  isFull(key: string, now: number): boolean {
    return this.#level(key, now) + 1 > this.#rate.threshold;
  }

  count(key: string, now: number): void {
    const level = this.#level(key, now) + 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, at: now });
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
  }

  #level(key: string, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket ? Math.max(0, bucket.level - (Math.max(0, now - bucket.at) / 1000) * this.#rate.drainPerSecond) : 0;
  }
}
