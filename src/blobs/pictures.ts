/** What pictures look like and small ones made of them, by a process that has nothing to lose. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inTime, Late } from '../base/in-time.ts';
import { Mutex } from '../base/mutex.ts';

export interface Picture {
  /** Media type, by its content. */
  type: string;
  /** Pixels, the way up that it is shown. */
  width: number;
  height: number;
  /** The same as a small WebP. */
  preview: Uint8Array;
}

export interface PreviewSize {
  /** Pixels. */
  longest: number;
  /** To a square, as far in as that takes. */
  crop: boolean;
}

type Answer = { looks: Picture | 'large' } | { problem: string } | { broke: string };

/** For one picture; what takes longer is no picture. */
const LONGEST_MS = 20_000;
/** Without a picture; then the process ends. */
const QUIET_MS = 10_000;

export class Pictures {
  readonly #turns = new Mutex();
  readonly #longestMs: number;
  #child: ChildProcess | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(longestMs = LONGEST_MS) {
    this.#longestMs = longestMs;
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Decodes all of it, one picture at a time.
   *
   * @param read gives its bytes when its turn has come
   * @returns `large` where it would take too much memory; undefined for what is no picture that can be shown: of another kind, or broken
   */
  async look(read: () => Promise<Uint8Array>, size: PreviewSize): Promise<Picture | 'large' | undefined> {
    const release = await this.#turns.acquire();
    try {
      clearTimeout(this.#quiet);
      const message = { bytes: await read(), preview: size.longest, crop: size.crop };
      const begun = this.#child !== undefined;
      let answer = await this.#ask(message);
      // It may have died of something else since the last one.
      if (begun && 'broke' in answer) answer = await this.#ask(message);
      return 'looks' in answer ? answer.looks : undefined;
    } finally {
      this.#quiet = setTimeout(() => this.#end(), QUIET_MS).unref();
      release();
    }
  }

  async #ask(message: object): Promise<Answer> {
    const child = (this.#child ??= this.#begin());
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const answered = once(child, 'message', { signal }) as Promise<[Answer]>;
      const gone = once(child, 'exit', { signal }).then((): [Answer] => [{ broke: 'the process' }]);
      gone.catch(() => {});
      child.send(message);
      const [answer] = await inTime(Promise.race([answered, gone]), this.#longestMs);
      return answer;
    } catch (fault) {
      this.#end();
      return fault instanceof Late ? { problem: fault.message } : { broke: (fault as Error).message };
    } finally {
      settled.abort();
    }
  }

  /** It knows nothing of ours: neither variables nor open files. */
  #begin(): ChildProcess {
    const child = fork(fileURLToPath(new URL('./picture-process.js', import.meta.url)), {
      serialization: 'advanced', env: { VIPS_CONCURRENCY: '1', MALLOC_ARENA_MAX: '2' }, execArgv: ['--max-old-space-size=64'], stdio: 'ignore',
    });
    child.unref();
    child.channel?.unref();
    const forget = (): void => {
      if (this.#child === child) this.#child = undefined;
    };
    // Whoever has asked it something hears of it too.
    child.on('exit', forget).on('error', forget);
    return child;
  }

  #end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
