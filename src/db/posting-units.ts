/**
 * Messages that are sent at the same time, written together where the store is in the process: as one unit of few statements.
 * While one is made durable the next is written, and whatever comes then gathers for the one after.
 */
import { type Database, StoreUnavailable } from './database.ts';
import { postInUnit } from './stores/post-rows.ts';
import type { Posting } from './stores/post-store.ts';

/** Messages of one unit, and characters of what they say: some milliseconds of the writer. */
const MOST_POSTINGS = 64;
const MOST_CHARACTERS = 500_000;
/** Beyond this nobody is let in. */
const MOST_WAITING = 5000;
/** How long somebody waits for their turn. */
const BUSY_LIMIT_MS = 5000;
/** Those whose time is over at nearly the same moment are told together. */
const LEAST_WAIT_MS = 100;
/** One that is made durable, and one that waits for that. */
const MOST_AT_ONCE = 2;

interface Job {
  posting: Posting;
  resolve: (id: number | undefined) => void;
  reject: (error: unknown) => void;
  /** On the clock of `performance.now()`. */
  deadline: number;
}

export class PostingUnits {
  readonly #db: Database;
  readonly #stamp: (after?: number) => number;
  readonly #waiting: Job[] = [];
  #running = 0;
  #scheduled = false;

  /** @param stamp see Messenger */
  constructor(db: Database, stamp: (after?: number) => number) {
    this.#db = db;
    this.#stamp = stamp;
  }

  /** See PostingQueue. */
  add(posting: Posting): Promise<number | undefined> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(new StoreUnavailable('busy'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ posting, resolve, reject, deadline: performance.now() + BUSY_LIMIT_MS });
      this.#schedule();
    });
  }

  /** What arrives in the same turn of the event loop goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#running === MOST_AT_ONCE) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#write(this.#gather());
    });
  }

  #gather(): Job[] {
    let [count, characters] = [0, 0];
    for (; count < Math.min(this.#waiting.length, MOST_POSTINGS) && characters < MOST_CHARACTERS; count++) {
      const { text, params } = this.#waiting[count]!.posting;
      characters += text.length + params.length;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(jobs: readonly Job[]): Promise<void> {
    this.#running += 1;
    if (this.#waiting.length > 0) this.#schedule();
    try {
      const withinMs = Math.max(LEAST_WAIT_MS, jobs[0]!.deadline - performance.now());
      const posted = await this.#db.write((s) => postInUnit(s, jobs.map(({ posting }) => posting), this.#stamp), { withinMs });
      for (const [index, { resolve }] of jobs.entries()) resolve(posted[index]?.id);
    } catch (error) {
      // What one of them has met is no matter of the others: each is decided by itself.
      for (const { resolve, reject } of jobs) {
        if (error instanceof StoreUnavailable) reject(error);
        else resolve(undefined);
      }
    }
    this.#running -= 1;
    if (this.#waiting.length > 0) this.#schedule();
  }
}
