/** What the nodes share for the sake of fairness and freshness. No call fails or waits for long because of it. */
import type { Logger } from 'pino';
import { inTime } from '../base/in-time.ts';
import type { OpenLine } from '../db/wakes/channel.ts';
import { type RedisClient, redisLine } from './redis-line.ts';

/** A call waits this long for an answer; then the node decides by what it knows itself. */
const DEADLINE_MS = 50;
/** After a failure nobody asks until it has answered a trial; the pauses before the trials, which grow while it fails. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** After this long without a failure the pauses are short again. */
const SOUND_MS = 30_000;
const CONNECT_TIMEOUT_MS = 3000;
const LONGEST_RECONNECT_MS = 2000;
/** Idle connections are tried this often; one that says nothing for the other is made anew. */
const TRY_EVERY_MS = 2000;
const SILENCE_MS = 10_000;
const SAID_EVERY_MS = 10_000;

/** A script, sent once to each server and named by its hash from then on. */
export interface Script {
  source: string;
  sha1: string;
}

export class Redis implements AsyncDisposable {
  readonly #connect: (reconnect: boolean) => RedisClient;
  readonly #client: RedisClient;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #prefix: string | undefined;
  #up = false;
  #pause = FIRST_PAUSE_MS;
  #failedAt = -Infinity;
  #saidAt = -Infinity;
  #missed = 0;

  private constructor(connect: (reconnect: boolean) => RedisClient, log: Logger) {
    this.#connect = connect;
    this.#log = log;
    this.#client = connect(true);
    this.#client.on('error', (fault: unknown) => this.#fail(fault));
    this.#client.on('ready', () => this.#try());
  }

  /** Loads the driver, which servers without Redis do not need. Does not connect yet. */
  static async load(url: string, log: Logger): Promise<Redis> {
    const redis = await import('redis');
    const strategy = (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_RECONNECT_MS) * (0.5 + Math.random() / 2);
    const connect = (reconnect: boolean) =>
      redis.createClient({
        url,
        disableOfflineQueue: true,
        socket: { connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_MS, reconnectStrategy: reconnect ? strategy : false },
      }) as unknown as RedisClient;
    return new Redis(connect, log);
  }

  /** Connects, and goes on to until it is closed. Several portals may use one server: each has its own names. */
  join(memberId: string): void {
    this.#prefix = `tidemark:{${memberId}}`;
    this.#client.connect().catch(() => {});
    this.#schedule(TRY_EVERY_MS);
  }

  /** Whether it is worth asking. */
  get answers(): boolean {
    return this.#up;
  }

  /** Questions that were not answered in time. */
  get missed(): number {
    return this.#missed;
  }

  /** A name of this portal's. Names of one portal are kept on one server of a cluster. */
  name(kind: string, name: string): string {
    return `${this.#prefix}:${kind}:${name}`;
  }

  /** How the nodes of this portal hear each other. */
  line(): OpenLine {
    return redisLine(() => this.#connect(false), this.name('wakes', 'all'));
  }

  /** What it answers; undefined when it does not in time, or has not lately. */
  async ask<T>(question: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (!this.#up) return undefined;
    try {
      return await inTime(question(this.#client), DEADLINE_MS);
    } catch (fault) {
      this.#missed += 1;
      this.#fail(fault);
      return undefined;
    }
  }

  /** Runs a script, which is one step to all others; as {@link ask}. */
  run(script: Script, keys: string[], values: readonly (string | number)[]): Promise<unknown> {
    const given = { keys, arguments: values.map(String) };
    return this.ask((client) => client.evalSha(script.sha1, given).catch((fault: unknown) => {
      if (!Error.isError(fault) || !fault.message.startsWith('NOSCRIPT')) throw fault;
      return client.eval(script.source, given);
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#prefix = undefined;
    this.#up = false;
    if (this.#client.isOpen) this.#client.destroy();
  }

  #fail(fault: unknown): void {
    if (this.#prefix === undefined) return;
    const now = performance.now();
    if (this.#up) {
      this.#pause = now - this.#failedAt > SOUND_MS ? FIRST_PAUSE_MS : Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
      this.#schedule(this.#pause);
    }
    this.#up = false;
    this.#failedAt = now;
    if (now - this.#saidAt < SAID_EVERY_MS) return;
    this.#saidAt = now;
    this.#log.warn({ why: (fault as Error).message }, 'Redis does not answer: until it does, this node goes by what it knows itself');
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#try(), ms).unref();
  }

  /** Tries whether it answers as fast as it must, without anybody waiting for it. */
  #try(): void {
    clearTimeout(this.#timer);
    if (this.#prefix === undefined) return;
    if (!this.#client.isReady) return this.#schedule(FIRST_PAUSE_MS);
    const began = performance.now();
    this.#client.ping().then(() => {
      if (performance.now() - began > DEADLINE_MS) return this.#fail(new Error(`it took ${Math.round(performance.now() - began)} ms`));
      if (!this.#up) this.#log.info('Redis answers');
      this.#up = this.#prefix !== undefined;
    }, (fault: unknown) => this.#fail(fault)).finally(() => {
      if (this.#prefix !== undefined) this.#schedule(this.#up ? TRY_EVERY_MS : this.#pause);
    });
  }
}
