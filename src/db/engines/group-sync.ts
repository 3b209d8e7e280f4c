import { closeSync, fdatasync, fstatSync, openSync } from 'node:fs';

/**
 * Makes commits durable together: whoever asks while one sync runs shares the next one. The sync runs off the event
 * loop, so the loop goes on taking requests whose commits the next sync will cover.
 */
export class GroupSync {
  readonly #fd: number;
  readonly #onFailure: (error: Error) => void;
  #running = false;
  #waiting: Array<() => void> = [];

  /**
   * @param path the write-ahead log; it must exist and stays the same file while the database is open
   * @param onFailure called when the disk refuses a sync, or somebody has deleted the log: nothing can be promised any
   *   more, the process must end
   */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.#fd = openSync(path, 'r+');
    this.#onFailure = onFailure;
  }

  /** Resolves once everything written before the call is on the disk. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#running) this.#sync();
    });
  }

  #sync(): void {
    const covered = this.#waiting;
    this.#waiting = [];
    this.#running = true;
    fdatasync(this.#fd, (error) => {
      this.#running = false;
      const fault = error ?? this.#lost();
      if (fault) return this.#onFailure(fault);
      for (const resolve of covered) resolve();
      if (this.#waiting.length > 0) this.#sync();
    });
  }

  /** What is written to a file without a name is gone with the process. */
  #lost(): Error | undefined {
    return fstatSync(this.#fd).nlink === 0 ? new Error('the log of the database has been deleted') : undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
