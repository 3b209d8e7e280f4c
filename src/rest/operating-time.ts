/** How long the methods of one webhook or application have run during the last ten minutes. */

const MINUTE_MS = 60_000;
const BUCKETS = 10;
const WINDOW_S = 600;
/** Shorter calls do not count. Seconds. */
const SHORTEST_S = 0.1;
/** Keys that are remembered; beyond it the one that has been quiet for longest is forgotten. */
const REMEMBERED = 50_000;

interface Bucket {
  minute: number;
  /** Start of the first call in it, milliseconds. */
  first: number;
  seconds: number;
}

/** What `time` says of it: seconds counted, and the Unix time at which the oldest of them drop out. */
export interface Operating {
  seconds: number;
  resetAt: number;
}

/** Sums of run times in one-minute buckets, by a key of caller and method. */
export class OperatingTime {
  /** The key that was recorded last comes last. */
  readonly #keys = new Map<string, Bucket[]>();

  /** Adds a call that began at `start`, by the clock that nobody sets, and ran for `ms`. */
  record(key: string, start: number, ms: number): void {
    if (ms / 1000 <= SHORTEST_S) return;
    const buckets = this.#live(key, start);
    const minute = Math.floor(start / MINUTE_MS);
    const current = buckets.find((bucket) => bucket.minute === minute);
    if (current) current.seconds += ms / 1000;
    else buckets.push({ minute, first: start, seconds: ms / 1000 });
    this.#keys.delete(key);
    this.#keys.set(key, buckets);
    if (this.#keys.size > REMEMBERED) this.#keys.delete(this.#keys.keys().next().value!);
  }

  /**
   * @param now by the clock that nobody sets, milliseconds
   * @param date what callers are told the time is
   */
  report(key: string, now: number, date = now): Operating {
    const buckets = this.#live(key, now);
    const seconds = buckets.reduce((sum, bucket) => sum + bucket.seconds, 0);
    const oldest = buckets.reduce((first, bucket) => Math.min(first, bucket.first), now);
    return { seconds, resetAt: Math.floor((date - now + oldest) / 1000) + WINDOW_S };
  }

  #live(key: string, now: number): Bucket[] {
    const oldest = Math.floor(now / MINUTE_MS) - BUCKETS;
    return (this.#keys.get(key) ?? []).filter((bucket) => bucket.minute > oldest);
  }
}
