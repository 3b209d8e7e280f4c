/** What a client says on its connection: pings, acknowledgements, calls. However much that is, it is bounded. */
import { LeakyBuckets, type Rate } from '../../base/rate-limit.ts';
import type { Wire } from '../../delivery/live/vendor/frames.ts';
import type { PullClientCalls } from './client.ts';
import { answerRpc, refusedForNow } from './rpc.ts';

/** Frames of any kind: all that was missed may be acknowledged at once. */
const FRAMES: Rate = { threshold: 10_000, drainPerSecond: 500 };
/** Calls, each of which may ask the store. */
const CALLS: Rate = { threshold: 60, drainPerSecond: 20 };
/** Calls that wait for those before them. */
const MOST_WAITING = 60;
/** A frame that says no more than that what was told has come. */
const ACKNOWLEDGED = 'mack:';

export interface ConversationOptions {
  wire: Wire;
  client: PullClientCalls;
  now(): number;
  answer(frame: string | Uint8Array): void;
  /** When what is said is listened to, where that is later; until then it waits. */
  begins?: Promise<void>;
  /** Told of what went wrong here. */
  failed(fault: unknown): void;
}

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #buckets = new LeakyBuckets();
  #working: Promise<void> = Promise.resolve();
  #waiting = 0;
  #begun = true;

  constructor(options: ConversationOptions) {
    this.#options = options;
    if (options.begins) this.#wait(options.begins);
  }

  #wait(begins: Promise<void>): void {
    this.#begun = false;
    this.#working = begins.catch(() => {}).then(() => void (this.#begun = true));
  }

  /** @returns false when it is too much */
  take(frame: Uint8Array, isBinary: boolean): boolean {
    const now = this.#options.now();
    if (!this.#buckets.take([{ key: 'frames', rate: FRAMES }], now)) return false;
    const start = isBinary ? '' : Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.byteLength, ACKNOWLEDGED.length)).toString();
    if (start === ACKNOWLEDGED || start === 'pong') return true;
    if (start === 'ping' && frame.byteLength === start.length) this.#pong();
    else this.#call(frame, isBinary, now);
    return true;
  }

  #pong(): void {
    if (this.#begun) this.#options.answer('pong');
    else if (this.#waiting < MOST_WAITING) this.#inTurn(async () => this.#options.answer('pong'));
  }

  /** One after the other. */
  #call(frame: Uint8Array, isBinary: boolean, now: number): void {
    const { wire, answer } = this.#options;
    if (!isBinary && wire !== 'rpc') return;
    if (this.#waiting >= MOST_WAITING || !this.#buckets.take([{ key: 'calls', rate: CALLS }], now)) {
      if (!isBinary) answer(refusedForNow(frame));
      return;
    }
    this.#inTurn(() => this.#run(frame, isBinary));
  }

  #inTurn(work: () => Promise<void>): void {
    this.#waiting += 1;
    this.#working = this.#working.then(work).catch(this.#options.failed).finally(() => void (this.#waiting -= 1));
  }

  async #run(frame: Uint8Array, isBinary: boolean): Promise<void> {
    const { client, answer, failed } = this.#options;
    // What is no request is nobody's to be told.
    const reply = isBinary ? await client.takeBinary(frame) : await answerRpc(frame, client.methods, failed);
    if (reply !== undefined) answer(reply);
  }

  /** Once all that was said is answered. */
  settled(): Promise<void> {
    return this.#working;
  }
}
