import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync } from 'node:fs';

/** Handing a sync to another thread and hearing of its end takes about 0.1 ms of processor: more than a quick disk takes. Milliseconds. */
const QUICK_MS = 0.4;
/** How much of what is usual the last sync makes. */
const WEIGHT = 1 / 8;

/**
 * Makes commits durable together: whoever asks while one sync runs shares the next one. The sync runs off the event
 * loop, so the loop goes on taking requests whose commits the next sync will cover. On a disk that has been quick of late a
 * commit that is alone is synced at once: nobody is there whom another thread would let go on.
 */
export class GroupSync {
  readonly #fd: number;
  readonly #onFailure: (error: Error) => void;
  readonly #quickMs: number;
  #running = false;
  #waiting: Array<() => void> = [];
  /** How long syncs have taken of late, milliseconds. */
  #usual = 1;

  /**
   * @param path the write-ahead log; it must exist and stays the same file while the database is open
   * @param onFailure called when the disk refuses a sync, or somebody has deleted the log: nothing can be promised any
   *   more, the process must end
   * @param quickMs syncs that take less than this are quick, milliseconds
   */
  constructor(path: string, onFailure: (error: Error) => void, quickMs = QUICK_MS) {
    this.#fd = openSync(path, 'r+');
    this.#onFailure = onFailure;
    this.#quickMs = quickMs;
  }

  /**
   * Resolves once everything written before the call is on the disk.
   *
   * @param alone whether nobody else has anything to write
   */
  flushed(alone = false): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#running) return;
      if (alone && this.#usual < this.#quickMs) this.#syncHere();
      else this.#sync();
    });
  }

  #sync(): void {
    const covered = this.#waiting;
    const began = performance.now();
    this.#waiting = [];
    this.#running = true;
    fdatasync(this.#fd, (error) => {
      this.#running = false;
      this.#ended(error, began, covered);
      if (this.#waiting.length > 0) this.#sync();
    });
  }

  #syncHere(): void {
    const covered = this.#waiting;
    const began = performance.now();
    let fault: Error | null = null;
    this.#waiting = [];
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      fault = error as Error;
    }
    this.#ended(fault, began, covered);
  }

  #ended(error: Error | null, began: number, covered: ReadonlyArray<() => void>): void {
    const fault = error ?? this.#lost();
    if (fault) return this.#onFailure(fault);
    this.#usual += (performance.now() - began - this.#usual) * WEIGHT;
    for (const resolve of covered) resolve();
  }

  /** What is written to a file without a name is gone with the process. */
  #lost(): Error | undefined {
    return fstatSync(this.#fd).nlink === 0 ? new Error('the log of the database has been deleted') : undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
