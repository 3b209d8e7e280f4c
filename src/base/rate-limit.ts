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
export class LeakyBuckets {
  /** The key that was counted last comes last. */
  readonly #buckets = new Map<string, Bucket>();

  /** Counts a call; false when it is one too many, which is then not counted. */
  take(key: string, rate: Rate, now: number): boolean {
    if (this.isFull(key, rate, now)) return false;
    this.count(key, rate, now);
    return true;
  }

  /** Whether one more would be too many. */
  isFull(key: string, rate: Rate, now: number): boolean {
    return this.#level(key, rate, now) + 1 > rate.threshold;
  }

  count(key: string, rate: Rate, now: number): void {
    const level = this.#level(key, rate, now) + 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, at: now });
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
  }

  /** Takes a counted call back, as if it had not been made. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.level = Math.max(0, bucket.level - 1);
  }

  #level(key: string, { drainPerSecond }: Rate, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket ? Math.max(0, bucket.level - (Math.max(0, now - bucket.at) / 1000) * drainPerSecond) : 0;
  }
}
