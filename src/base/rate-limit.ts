/** How fast a source may call: its bucket holds `threshold` calls and loses `drainPerSecond` of them each second. */
export interface Rate {
  drainPerSecond: number;
  threshold: number;
}

/** What a call counts against. */
export interface Limit {
  key: string;
  rate: Rate;
}

/** Leaky buckets, this node's own or those of all nodes. What is known here is answered at once, not with a promise. */
export interface Limits {
  /** Counts a call in all the buckets; false, and counts it in none, when it is one too many for any of them. `now` in milliseconds. */
  take(limits: readonly Limit[], now: number): boolean | Promise<boolean>;
  /** Whether one more would be too many. */
  isFull(limit: Limit, now: number): boolean | Promise<boolean>;
  count(limit: Limit, now: number): void;
  /** Takes a counted call back, as if it had not been made. */
  giveBack(limits: readonly Limit[]): void;
}

interface Bucket {
  level: number;
  /** Milliseconds. */
  at: number;
}

/** Keys that are remembered; beyond it the one that has been quiet for longest is forgotten. */
const REMEMBERED = 50_000;

/** What a source address is counted by: who has one IPv6 address has the 2^64 beside it too. */
export function networkOf(source: string): string {
  if (!source.includes(':') || source.includes('.')) return source;
  const [head = '', tail] = source.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - before!.length - after!.length;
  return [...before!, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...after!].slice(0, 4).join(':');
}

/** Leaky buckets by key, such as a source address. */
export class LeakyBuckets implements Limits {
  /** The key that was counted last comes last. */
  readonly #buckets = new Map<string, Bucket>();

  take(limits: readonly Limit[], now: number): boolean {
    if (limits.some((limit) => this.isFull(limit, now))) return false;
    for (const limit of limits) this.count(limit, now);
    return true;
  }

  isFull(limit: Limit, now: number): boolean {
    return this.level(limit, now) + 1 > limit.rate.threshold;
  }

  count(limit: Limit, now: number): void {
    const { key } = limit;
    const level = this.level(limit, now) + 1;
    const at = Math.max(now, this.#buckets.get(key)?.at ?? now);
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, at });
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
  }

  giveBack(limits: readonly Limit[]): void {
    for (const { key } of limits) {
      const bucket = this.#buckets.get(key);
      if (bucket) bucket.level = Math.max(0, bucket.level - 1);
    }
  }

  /** Calls in the bucket. */
  level({ key, rate: { drainPerSecond } }: Limit, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket ? Math.max(0, bucket.level - (Math.max(0, now - bucket.at) / 1000) * drainPerSecond) : 0;
  }
}
