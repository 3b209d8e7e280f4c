import type { Clock } from './clock.ts';

/** A restart begins at most this much ahead of the clock, and only after a crash. */
const RESERVED_MS = 10_000;
const RENEWED_MS = 5000;
/** The same while the order is ahead of the clock, where each change takes one millisecond. */
const RESERVED_AHEAD_MS = 1000;
const RENEWED_AHEAD_MS = 500;

/** Stretches of disorder that are told apart. */
const MOST_STRETCHES = 500;

/** Keeps a mark over restarts. */
export interface MarkKeeper {
  /** @param reached what has been given out so far, to be asked as late as the keeper needs it */
  save(mark: number, reached: () => number): Promise<void>;
}

/**
 * The order of what happens, in milliseconds that look like the time of day. It never goes back and never stands still,
 * whatever the clock does: a change is stamped later than every change before it, and not before any date that a client
 * was told as the start of a call. Where the clock is behind, the order goes on in steps of a millisecond until the
 * clock has caught up.
 *
 * So that this holds over a restart too, a mark that nothing given out has passed is kept in the store: ahead of time,
 * every few seconds, and only while calls come.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #keeper: MarkKeeper | undefined;
  /** Newest stamp. */
  #latest: number;
  /** Latest date that a client was told, or might be told while a change is under way. */
  #told = 0;
  #mark: number;
  #saving: Promise<void> | undefined;
  /** What may be stamped in changes that have ended. */
  #ended = 0;
  /** Stretches of stamps of which a change ended later than one that was stamped later. */
  readonly #disorder: Array<{ from: number; to: number }> = [];
  /** Changes under way, by what their stamps cannot be before; the oldest first. */
  readonly #changes = new Set<{ from: number }>();

  /** @param seed what the order must be past, milliseconds: the mark of the run before */
  constructor(clock: Clock, seed = 0, keeper?: MarkKeeper) {
    this.#clock = clock;
    this.#keeper = keeper;
    this.#latest = this.#mark = seed;
  }

  /** The stamp of a change, to be asked within its transaction. Later than `after` as well, which another node may have written. */
  stamp(after = 0): number {
    this.#latest = Math.max(this.#latest + 1, this.#told, this.#clock.now(), after + 1);
    return this.#latest;
  }

  /** The date of a call that begins now: whoever asks for what has changed since then misses nothing that this call does not show. */
  told(): number {
    const [oldest] = this.#changes;
    const at = Math.min(this.#clock.now(), oldest?.from ?? Infinity);
    this.#told = Math.max(this.#told, at);
    // A mark that cannot be saved now is tried again with the next call.
    if (this.#spare() < this.#wanted()) this.#save().catch(() => {});
    return at;
  }

  /** Resolves once the mark is past what the call that begins now is told, or cannot be; undefined when it is. */
  reserved(): Promise<void> | undefined {
    return this.#spare() < 0 ? this.#reserve(0).catch(() => {}) : undefined;
  }

  /** Whether a date this late has ever been given out. */
  gaveOut(date: number): boolean {
    return date <= Math.max(this.#latest, this.#told);
  }

  /**
   * Runs a change: what it stamps counts as unseen until it has ended.
   *
   * @param dated whether it may have stamped anything, asked when it has ended
   */
  async change<T>(work: () => Promise<T>, dated: () => boolean = () => true): Promise<T> {
    if (this.#spare() <= 0) await this.#reserve(1);
    this.#told = Math.max(this.#told, this.#clock.now());
    const change = { from: this.#told };
    const before = this.#latest;
    this.#changes.add(change);
    try {
      return await work();
    } finally {
      this.#changes.delete(change);
      if (dated()) this.#end(before);
    }
  }

  #end(before: number): void {
    if (this.#ended > before) this.#noteDisorder(before, this.#ended);
    this.#ended = this.#latest;
  }

  /** Whether nothing that is stamped before this date, to the second, has ended after something stamped later was there to be seen. */
  inOrder(date: number): boolean {
    return !this.#disorder.some(({ from, to }) => from < date + 1000 && date <= to);
  }

  /** Of many stretches the oldest become one. */
  #noteDisorder(from: number, to: number): void {
    this.#disorder.push({ from, to });
    if (this.#disorder.length <= MOST_STRETCHES) return;
    const { from: before, to: until } = this.#disorder.shift()!;
    const oldest = this.#disorder[0]!;
    Object.assign(oldest, { from: Math.min(before, oldest.from), to: Math.max(until, oldest.to) });
  }

  /** What has been given out: the order goes on after it. */
  async reached(): Promise<{ latest: number; mark: number }> {
    await this.#saving?.catch(() => {});
    return { latest: Math.max(this.#latest, this.#told), mark: this.#mark };
  }

  /** How far the mark is ahead of all that was given out. */
  #spare(): number {
    return this.#keeper ? this.#mark - Math.max(this.#latest, this.#told, this.#clock.now()) : Infinity;
  }

  #wanted(): number {
    return this.#latest > this.#clock.now() ? RENEWED_AHEAD_MS : RENEWED_MS;
  }

  /** A mark that was being saved already may be behind by the time it is. */
  async #reserve(least: number): Promise<void> {
    do await this.#save();
    while (this.#spare() < least);
  }

  #save(): Promise<void> {
    const mark = Math.max(this.#clock.now() + RESERVED_MS, Math.max(this.#latest, this.#told) + RESERVED_AHEAD_MS);
    this.#saving ??= this.#keeper!.save(mark, () => Math.max(this.#latest, this.#told, this.#clock.now())).then(() => {
      this.#mark = Math.max(this.#mark, mark);
    }).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }
}
