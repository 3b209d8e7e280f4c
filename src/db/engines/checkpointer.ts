import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Mutex } from '../../base/mutex.ts';

/** What the worker answers. */
interface CheckpointResult {
  /** Pages in the log, and how many of them are in the database file by now. */
  log: number;
  checkpointed: number;
}

type Answer = CheckpointResult | { problem: string };

/** How long commits may collect before they are copied into the database file. */
const INTERVAL_MS = 1000;
/** From this size on (pages of 4 kB) writers wait a moment so that the log can start anew instead of growing. */
const LONG_LOG_PAGES = 16_384;

/** Runs checkpoints in a worker thread whenever something was committed since the last one. */
export class Checkpointer {
  readonly #worker: Worker;
  readonly #writers: Mutex;
  readonly #timer: NodeJS.Timeout;
  readonly #onFault: (fault: unknown) => void;
  #problem = '';
  #commits = false;
  #busy: Promise<void> | undefined;

  /**
   * @param writers the lock that every write transaction holds
   * @param onFault told when checkpoints begin to fail, as on a full disk; they are tried again until they succeed
   */
  constructor(path: string, writers: Mutex, onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
    this.#writers = writers;
    this.#worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), {
      workerData: { path },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.unref();
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS).unref();
  }

  committed(): void {
    this.#commits = true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
    this.#worker.ref();
    const exited = once(this.#worker, 'exit');
    this.#worker.postMessage('close');
    await exited;
  }

  #tick(): void {
    if (!this.#commits || this.#busy) return;
    this.#commits = false;
    this.#busy = this.#run().finally(() => {
      this.#busy = undefined;
    });
  }

  async #run(): Promise<void> {
    const result = await this.#checkpoint();
    if (!result || result.log < LONG_LOG_PAGES || result.log === result.checkpointed) return;
    // Writers kept adding pages meanwhile. Catch up once more, then hold them for the short rest.
    await this.#checkpoint();
    const release = await this.#writers.acquire();
    try {
      await this.#checkpoint();
    } finally {
      release();
    }
  }

  /** Undefined when it failed; the log keeps everything then. */
  async #checkpoint(): Promise<CheckpointResult | undefined> {
    this.#worker.postMessage('checkpoint');
    const [answer] = (await once(this.#worker, 'message')) as [Answer];
    const problem = 'problem' in answer ? answer.problem : '';
    if (problem !== '' && problem !== this.#problem) this.#onFault(new Error(`a checkpoint failed: ${problem}`));
    this.#problem = problem;
    if (!('problem' in answer)) return answer;
    this.#commits = true;
    return undefined;
  }
}
