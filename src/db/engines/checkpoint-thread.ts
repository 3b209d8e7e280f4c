/** The thread in which checkpoints run. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What a checkpoint came to. */
export interface CheckpointResult {
  /** Pages in the log, and how many of them are in the database file by now. */
  log: number;
  checkpointed: number;
}

/** `restart` also waits a moment for those who still read from the log, so that whoever writes next begins it anew. */
export type CheckpointMode = 'passive' | 'restart';

/** How long it waits for them, milliseconds. */
const PATIENCE_MS = 50;

export type Answer = CheckpointResult | { problem: string };

/** Begins when it is first asked for something. One that is quiet is better ended: its heap takes 8 MB. */
export class CheckpointThread {
  readonly #path: string;
  #worker: Worker | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What goes wrong is the answer's problem; then the thread has ended, and the next question begins another one. */
  async checkpoint(mode: CheckpointMode): Promise<Answer> {
    try {
      this.#worker ??= this.#begin();
      this.#worker.postMessage(mode);
      const [answer] = (await once(this.#worker, 'message')) as [Answer];
      return answer;
    } catch (fault) {
      this.#worker = undefined;
      return { problem: (fault as Error).message };
    }
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    worker.ref();
    const exited = once(worker, 'exit');
    worker.postMessage('close');
    await exited;
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), {
      workerData: { path: this.#path, patienceMs: PATIENCE_MS },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    });
    worker.unref();
    return worker;
  }
}
