/** How long the methods of one webhook or application have run during the last ten minutes. */

const MINUTE_MS = 60_000;
const BUCKETS = 10;
const WINDOW_S = 600;
/** Shorter calls do not count. Seconds. */
const SHORTEST_S = 0.1;
/** Keys that are remembered; beyond it the one that has been quiet for longest is forgotten. */
const REMEMBERED = 50_000;

/** The calls of one minute of the clock that nobody sets. */
export interface OperatingMinute {
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

/** Sums of run times by a key of caller and method, of this node or of all. */
export interface OperatingTimes {
  /** Learns what the others have counted; undefined when there is nothing to wait for. Asked before the sum is what decides. */
  refresh(key: string, now: number): Promise<void> | undefined;
  /** Adds a call that began at `start`, by the clock that nobody sets, and ran for `ms`. */
  record(key: string, start: number, ms: number): void;
  /**
   * @param now by the clock that nobody sets, milliseconds
   * @param date what callers are told the time is
   */
  report(key: string, now: number, date?: number): Operating;
}

/** Whether a call is long enough to count. */
export function counts(ms: number): boolean {
  return ms / 1000 > SHORTEST_S;
}

/** What one node knows. */
export class OperatingTime implements OperatingTimes {
  /** The key that was recorded last comes last. */
  readonly #keys = new Map<string, OperatingMinute[]>();

  refresh(): undefined {}

  record(key: string, start: number, ms: number): void {
    if (!counts(ms)) return;
    const minutes = this.#live(key, start);
    const minute = Math.floor(start / MINUTE_MS);
    const current = minutes.find((each) => each.minute === minute);
    if (current) current.seconds += ms / 1000;
    else minutes.push({ minute, first: start, seconds: ms / 1000 });
    this.set(key, minutes);
  }

  /** Puts other minutes in the place of those that are known. */
  set(key: string, minutes: OperatingMinute[]): void {
    this.#keys.delete(key);
    if (minutes.length > 0) this.#keys.set(key, minutes);
    if (this.#keys.size > REMEMBERED) this.#keys.delete(this.#keys.keys().next().value!);
  }

  report(key: string, now: number, date = now): Operating {
    const minutes = this.#live(key, now);
    const seconds = minutes.reduce((sum, each) => sum + each.seconds, 0);
    const oldest = minutes.reduce((first, each) => Math.min(first, each.first), now);
    return { seconds, resetAt: Math.floor((date - now + oldest) / 1000) + WINDOW_S };
  }

  #live(key: string, now: number): OperatingMinute[] {
    const oldest = Math.floor(now / MINUTE_MS) - BUCKETS;
    return (this.#keys.get(key) ?? []).filter(({ minute }) => minute > oldest);
  }
}
