import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Mutex } from '../mutex.ts';

/** What the worker answers. */
interface CheckpointResult {
  /** Pages in the log, and how many of them are in the database file by now. */
  log: number;
  checkpointed: number;
}

/** How long commits may collect before they are copied into the database file. */
const INTERVAL_MS = 1000;
/** From this size on (pages of 4 kB) writers wait a moment so that the log can start anew instead of growing. */
const LONG_LOG_PAGES = 16_384;

/** Runs checkpoints in a worker thread whenever something was committed since the last one. */
export class Checkpointer {
  readonly #worker: Worker;
  readonly #writers: Mutex;
  readonly #timer: NodeJS.Timeout;
  #commits = false;
  #busy: Promise<void> | undefined;

  /** @param writers the lock that every write transaction holds */
  constructor(path: string, writers: Mutex) {
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
    if (result.log < LONG_LOG_PAGES || result.log === result.checkpointed) return;
    // Writers kept adding pages meanwhile. Catch up once more, then hold them for the short rest.
    await this.#checkpoint();
    const release = await this.#writers.acquire();
    try {
      await this.#checkpoint();
    } finally {
      release();
    }
  }

  async #checkpoint(): Promise<CheckpointResult> {
    this.#worker.postMessage('checkpoint');
    const [result] = (await once(this.#worker, 'message')) as [CheckpointResult];
    return result;
  }
}
