/** A connection of its own to where the nodes hear each other, made again whenever it is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inTime } from '../../base/in-time.ts';

/** One connection, as long as it lasts. */
export interface Line {
  send(text: string): Promise<unknown>;
  /** Resolves when the other end answers. */
  check(): Promise<unknown>;
  /** Resolves once it is lost. */
  lost: Promise<unknown>;
  close(): Promise<unknown>;
}

/** Connects and listens, or throws; within seconds. */
export type OpenLine = (onText: (text: string) => void) => Promise<Line>;

export interface ChannelOptions {
  open: OpenLine;
  onText(text: string): void;
  /** Told at every connection: something may have been missed before it. */
  onConnected(): void;
  /** Told once for each time that it is lost or cannot be had. */
  onLost(fault: unknown): void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** How often the other end is asked whether it is still there, and how long it has for any answer. */
const CHECK_EVERY_MS = 2000;
const SILENCE_MS = 3000;
/** A stop does not wait for longer for a connection to end. */
const CLOSE_MS = 500;

interface Current {
  line: Line;
  /** Gives it up. */
  drop(): void;
}

export class Channel {
  readonly #options: ChannelOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #current: Current | undefined;
  #pause = FIRST_PAUSE_MS;
  #said = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  get connected(): boolean {
    return this.#current !== undefined;
  }

  /** Rejects when it is not known that anybody got it. */
  async send(text: string): Promise<void> {
    const current = this.#current;
    if (!current) throw new Error('not connected to the other nodes');
    try {
      await inTime(current.line.send(text), SILENCE_MS);
    } catch (error) {
      current.drop();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#current?.drop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#connect().catch((fault: unknown) => this.#lost(fault));
      await sleep(this.#pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {});
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    }
  }

  /** Throws once the connection is lost, or none is to be had. */
  async #connect(): Promise<void> {
    const line = await this.#options.open((text) => this.#options.onText(text));
    try {
      if (!this.#stop.signal.aborted) await this.#use(line);
    } finally {
      await inTime(line.close(), CLOSE_MS).catch(() => {});
    }
    throw new Error('the connection to the other nodes was lost');
  }

  async #use(line: Line): Promise<void> {
    const { promise: dropped, resolve: drop } = Promise.withResolvers<void>();
    this.#current = { line, drop };
    this.#pause = FIRST_PAUSE_MS;
    this.#said = false;
    this.#options.onConnected();
    const checks = setInterval(() => void inTime(line.check(), SILENCE_MS).catch(() => drop()), CHECK_EVERY_MS).unref();
    await Promise.race([line.lost, dropped]);
    clearInterval(checks);
    this.#current = undefined;
  }

  #lost(fault: unknown): void {
    if (this.#said || this.#stop.signal.aborted) return;
    this.#said = true;
    this.#options.onLost(fault);
  }
}
