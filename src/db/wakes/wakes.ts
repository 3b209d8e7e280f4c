/** Wakes whoever waits for changes: on this node at once, on the others a few milliseconds later. */
import { randomBytes } from 'node:crypto';
import { Channel, type OpenLine } from './channel.ts';
import { decodeWake, encodeWake, mergeWakes, type Wake, WAKE_ALL } from './wake.ts';

/** The other nodes hear from this one no more often than this; what happens in between is told together. Milliseconds. */
const GAP_MS = 15;

export type WakeListener = (wake: Wake) => void;

export interface WakesOptions {
  /** Told of what goes wrong in a listener, which concerns nobody else. */
  onFault?(fault: unknown): void;
  /** Told once for each time that the other nodes cannot be reached. */
  onLost?(fault: unknown): void;
}

/**
 * Without a channel, as on SQLite, only this process is woken. With one, what the others publish is heard too, and
 * after each connection all are woken, as something may have been missed. Nothing rests on it but haste: whoever waits
 * looks by itself every so often.
 */
export class Wakes {
  readonly #options: WakesOptions;
  readonly #listeners = new Set<WakeListener>();
  readonly #self = randomBytes(8).toString('hex');
  #channel: Channel | undefined;
  #pending: Wake | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;
  #sentAt = -Infinity;
  #sent = 0;
  #heard = 0;

  constructor(options: WakesOptions = {}) {
    this.#options = options;
  }

  /** Whether the other nodes are heard; false also where there are none to be heard. */
  get connected(): boolean {
    return this.#channel?.connected === true;
  }

  /** Messages to the other nodes, and from them. */
  get counts(): { sent: number; heard: number } {
    return { sent: this.#sent, heard: this.#heard };
  }

  /** Called after a commit of this process; never within a transaction. */
  publish(wake: Wake): void {
    this.#tell(wake);
    if (!this.#channel) return;
    this.#pending = mergeWakes(this.#pending, wake);
    this.#schedule();
  }

  /** @returns ends it */
  subscribe(listener: WakeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** From now on hears the other nodes and is heard by them. Does not wait for the connection. */
  join(open: OpenLine): void {
    this.#channel = new Channel({
      open,
      onText: (text) => this.#hear(text),
      onConnected: () => {
        this.#tell(WAKE_ALL);
        if (this.#pending) this.#schedule();
      },
      onLost: (fault) => this.#options.onLost?.(fault),
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#channel?.connected) await this.#send();
    await this.#channel?.close();
    this.#channel = undefined;
    clearTimeout(this.#timer);
  }

  #hear(text: string): void {
    const { sender, wake } = decodeWake(text);
    if (sender === this.#self) return;
    this.#heard += 1;
    this.#tell(wake);
  }

  #tell(wake: Wake): void {
    for (const listener of this.#listeners) {
      try {
        listener(wake);
      } catch (fault) {
        this.#options.onFault?.(fault);
      }
    }
  }

  #schedule(): void {
    if (this.#timer || this.#sending || !this.connected) return;
    const wait = Math.max(0, this.#sentAt + GAP_MS - performance.now());
    this.#timer = setTimeout(() => void this.#send(), wait).unref();
  }

  /** What cannot be sent is sent after the next connection. */
  async #send(): Promise<void> {
    this.#timer = undefined;
    const wake = this.#pending;
    if (!wake || this.#sending) return;
    this.#pending = undefined;
    this.#sending = true;
    this.#sentAt = performance.now();
    try {
      await this.#channel?.send(encodeWake(this.#self, wake));
      this.#sent += 1;
    } catch {
      this.#pending = mergeWakes(this.#pending, wake);
    }
    this.#sending = false;
    if (this.#pending) this.#schedule();
  }
}
