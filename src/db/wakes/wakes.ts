/** Wakes whoever waits for changes: on this node at once, on the others a few milliseconds later. */
import { randomBytes } from 'node:crypto';
import { Channel, type OpenLine } from './channel.ts';
import { decodeWake, encodeSignals, encodeWake, LONGEST_SIGNAL, mergeWakes, type Signal, type Wake, WAKE_ALL } from './wake.ts';

/** The other nodes hear from this one no more often than this; what happens in between is told together. Milliseconds. */
const GAP_MS = 15;

/** Signals that wait to be sent to the other nodes; beyond it the oldest are lost. */
const MOST_SIGNALS = 1000;

export type WakeListener = (wake: Wake) => void;
export type SignalListener = (topic: string, detail: string) => void;

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
  readonly #signalListeners = new Set<SignalListener>();
  readonly #self = randomBytes(8).toString('hex');
  #channel: Channel | undefined;
  #pending: Wake | undefined;
  #timer: NodeJS.Timeout | undefined;
  #signals: Signal[] = [];
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

  /**
   * Tells all nodes, this one at once, what is worth nothing a few seconds later: it is kept nowhere, and may be lost. Never within
   * a transaction.
   *
   * @param detail no longer than {@link LONGEST_SIGNAL} with the topic; a longer one is heard here only
   */
  signal(topic: string, detail: string): void {
    this.#tellSignals([{ topic, detail }]);
    if (!this.#channel || topic.length + detail.length > LONGEST_SIGNAL) return;
    this.#signals.push({ topic, detail });
    if (this.#signals.length > MOST_SIGNALS) this.#signals.shift();
    this.#schedule();
  }

  /** @returns ends it */
  subscribeSignals(listener: SignalListener): () => void {
    this.#signalListeners.add(listener);
    return () => void this.#signalListeners.delete(listener);
  }

  /** From now on hears the other nodes and is heard by them. Does not wait for the connection. */
  join(open: OpenLine): void {
    this.#channel = new Channel({
      open,
      onText: (text) => this.#hear(text),
      onConnected: () => {
        this.#tell(WAKE_ALL);
        if (this.#pending || this.#signals.length > 0) this.#schedule();
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
    const { sender, wake, signals } = decodeWake(text);
    if (sender === this.#self) return;
    this.#heard += 1;
    if (signals) this.#tellSignals(signals);
    else this.#tell(wake);
  }

  #tellSignals(signals: readonly Signal[]): void {
    for (const { topic, detail } of signals) {
      for (const listener of this.#signalListeners) this.#safely(() => listener(topic, detail));
    }
  }

  #tell(wake: Wake): void {
    for (const listener of this.#listeners) this.#safely(() => listener(wake));
  }

  #safely(tell: () => void): void {
    try {
      tell();
    } catch (fault) {
      this.#options.onFault?.(fault);
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
    if ((!wake && this.#signals.length === 0) || this.#sending) return;
    this.#pending = undefined;
    this.#sending = true;
    this.#sentAt = performance.now();
    try {
      if (wake) await this.#sendText(encodeWake(this.#self, wake));
    } catch {
      this.#pending = mergeWakes(this.#pending, wake!);
    }
    try {
      while (this.#signals.length > 0) await this.#sendText(encodeSignals(this.#self, this.#signals));
    } catch {
      // What is worth nothing later is not sent later.
      this.#signals = [];
    }
    this.#sending = false;
    if (this.#pending || this.#signals.length > 0) this.#schedule();
  }

  async #sendText(text: string): Promise<void> {
    await this.#channel?.send(text);
    this.#sent += 1;
  }
}
