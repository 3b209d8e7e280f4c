/** How fast a source may call: its bucket holds `threshold` calls and loses `drainPerSecond` of them each second. */
export interface Rate {
  drainPerSecond: number;
  threshold: number;
}

interface Bucket {
  level: number;
  /** Milliseconds. */
  at: number;
}

/** Sources that are remembered; beyond it the one that has been quiet for longest is forgotten. */
const REMEMBERED = 50_000;

/** Leaky buckets by source address. */
export class LeakyBuckets {
  /** The source that called last comes last. */
  readonly #buckets = new Map<string, Bucket>();

  /** Counts a call; false when it is one too many, which is then not counted. */
  take(source: string, rate: Rate, now: number): boolean {
    const before = this.#buckets.get(source);
    const level = before ? drained(before, rate, now) : 0;
    if (level + 1 > rate.threshold) return false;
    this.#buckets.delete(source);
    this.#buckets.set(source, { level: level + 1, at: now });
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
    return true;
  }
}

function drained(bucket: Bucket, rate: Rate, now: number): number {
  return Math.max(0, bucket.level - (Math.max(0, now - bucket.at) / 1000) * rate.drainPerSecond);
}
