import type { Mutex } from '../../base/mutex.ts';
import { type CheckpointMode, type CheckpointResult, CheckpointThread } from './checkpoint-thread.ts';

/** How long commits may collect before they are copied into the database file. */
const INTERVAL_MS = 1000;
/** From this size on (pages of 4 kB) writers wait a moment so that the log can start anew instead of growing. */
const LONG_LOG_PAGES = 16_384;
/** After so many intervals without a commit the thread ends. */
const QUIET_INTERVALS = 5;

/** Runs checkpoints in a thread of their own whenever something was committed since the last one. */
export class Checkpointer {
  readonly #thread: CheckpointThread;
  readonly #writers: Mutex;
  readonly #timer: NodeJS.Timeout;
  readonly #onFault: (fault: unknown) => void;
  #problem = '';
  #commits = false;
  #quiet = 0;
  #busy: Promise<void> | undefined;

  /**
   * @param writers the lock that every write transaction holds
   * @param onFault told when checkpoints begin to fail, as on a full disk; they are tried again until they succeed
   */
  constructor(path: string, writers: Mutex, onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
    this.#writers = writers;
    this.#thread = new CheckpointThread(path);
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS).unref();
  }

  committed(): void {
    this.#commits = true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
    await this.#thread.end();
  }

  #tick(): void {
    if (this.#busy) return;
    const commits = this.#commits;
    this.#commits = false;
    this.#quiet = commits ? 0 : this.#quiet + 1;
    if (commits) this.#begin(() => this.#run());
    else if (this.#quiet === QUIET_INTERVALS) this.#begin(() => this.#thread.end());
  }

  #begin(work: () => Promise<void>): void {
    this.#busy = work().finally(() => {
      this.#busy = undefined;
    });
  }

  async #run(): Promise<void> {
    const result = await this.#checkpoint('passive');
    if (!result || result.log < LONG_LOG_PAGES) return;
    // Writers have gone on adding pages, of which the result tells nothing. Catch up once more, then hold them for the short rest, and for those who read.
    await this.#checkpoint('passive');
    const release = await this.#writers.acquire();
    try {
      await this.#checkpoint('restart');
    } finally {
      release();
    }
  }

  /** Undefined when it failed; the log keeps everything then. */
  async #checkpoint(mode: CheckpointMode): Promise<CheckpointResult | undefined> {
    const answer = await this.#thread.checkpoint(mode);
    const problem = 'problem' in answer ? answer.problem : '';
    if (problem !== '' && problem !== this.#problem) this.#onFault(new Error(`a checkpoint failed: ${problem}`));
    this.#problem = problem;
    if (!('problem' in answer)) return answer;
    this.#commits = true;
    return undefined;
  }
}
