/** How far somebody has read: the highest message that was seen, told to the server now and then, and never back. */

export const READ_EVERY_MS = 500;

export interface ReadTrackerOptions {
  /** Tells the server. */
  send: (upTo: number) => void;
  /** Whether the reader looks at the page: focused, visible, with nothing before it. */
  active: () => boolean;
  schedule: (work: () => void, ms: number) => unknown;
  cancel: (timer: unknown) => void;
}

export class ReadTracker {
  readonly #options: ReadTrackerOptions;
  #seen: number;
  #told: number;
  #timer: unknown;
  #visible = 0;
  #held = false;

  /** @param readUpTo what the server says is read already */
  constructor(readUpTo: number, options: ReadTrackerOptions) {
    this.#options = options;
    this.#seen = this.#told = readUpTo;
  }

  get readUpTo(): number {
    return this.#seen;
  }

  /** The highest message of which at least half shows. It counts once the reader looks. */
  shows(id: number): void {
    this.#visible = Math.max(this.#visible, id);
    this.look();
  }

  /** To be called when the reader's attention may have come back. */
  look(): void {
    if (this.#held || !this.#options.active() || this.#visible <= this.#seen) return;
    this.#seen = this.#visible;
    this.#timer ??= this.#options.schedule(() => this.flush(), READ_EVERY_MS);
  }

  /** Read elsewhere: on another device, or by an own message. */
  heard(upTo: number): void {
    this.#seen = Math.max(this.#seen, upTo);
    this.#told = Math.max(this.#told, upTo);
  }

  /** Whoever marks a chat as unread means it until they come again. */
  hold(): void {
    this.#held = true;
    this.#stop();
  }

  /** Tells what is not told yet; also when the chat is left. */
  flush(): void {
    this.#stop();
    if (this.#held || this.#seen <= this.#told) return;
    this.#told = this.#seen;
    this.#options.send(this.#seen);
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#options.cancel(this.#timer);
    this.#timer = undefined;
  }
}
