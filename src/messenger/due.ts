/**
 * Writes down what changes by time alone when its time comes: a reminder comes due, an absence ends. What has not been
 * written down has not happened, so every list and every kind of sync shows it alike; and what has been stays so, also
 * when the clock is set back. All nodes look, whoever comes first does it.
 */
import { endAbsences, markDue, nextDue } from '../db/stores/due-store.ts';
import { touchSides } from '../db/stores/member-store.ts';
import type { Changes } from '../db/changes.ts';
import type { Messenger } from './messenger.ts';

/** How often the clock is looked at, and on a store that others write to, what they have set. */
const LOOK_EVERY_MS = 1000;
/** How long nothing is tried after a failure. */
const REST_MS = 1000;
/** Reminders, and absences, of one unit of work. */
const AT_ONCE = 200;

export class DueWriter {
  readonly #m: Messenger;
  readonly #onFault: (fault: unknown) => void;
  /** When the next thing comes due, as far as is known; until the store has been asked, now. */
  #next = -Infinity;
  /** The same of what has been set since the store was asked. */
  #set = Infinity;
  #running: Promise<void> | undefined;
  #restsUntil = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(m: Messenger, onFault: (fault: unknown) => void) {
    this.#m = m;
    this.#onFault = onFault;
    m.db.onCommit((changes) => this.#committed(changes));
    this.#wait();
  }

  /** Resolves once all that is due by the clock is written down, or cannot be now; undefined when nothing is. */
  pending(): Promise<void> | undefined {
    // Asking may bring another process's commit to light.
    this.#m.db.trustsOwnCommits();
    return this.#isPending() ? this.#catchUp() : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #isPending(): boolean {
    return this.#next <= this.#m.clock.now() && this.#m.clock.precise() >= this.#restsUntil && !this.#closed;
  }

  async #catchUp(): Promise<void> {
    while (this.#isPending()) await this.#step();
  }

  #step(): Promise<void> {
    this.#running ??= this.#lookAndWrite()
      .catch((fault: unknown) => {
        this.#restsUntil = this.#m.clock.precise() + REST_MS;
        this.#onFault(fault);
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #lookAndWrite(): Promise<void> {
    this.#set = Infinity;
    const found = await this.#m.db.read(nextDue);
    this.#next = Math.min(found, this.#set);
    const now = this.#m.clock.now();
    if (found <= now) await this.#m.db.write((s) => this.#write(s, { now, limit: AT_ONCE, at: this.#m.stamp() }));
  }

  async #write(s: Parameters<typeof endAbsences>[0], until: Parameters<typeof endAbsences>[1]): Promise<void> {
    await endAbsences(s, until);
    await touchSides(s, await markDue(s, until), until.at);
  }

  #committed({ due, everything }: Changes): void {
    const earlier = everything ? -Infinity : due;
    this.#set = Math.min(this.#set, earlier);
    if (earlier >= this.#next) return;
    this.#next = earlier;
    this.#wait();
  }

  /** Until the next thing comes due, or a while: the clock may be set, and others may set something earlier. */
  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const left = this.#isPending() ? 0 : Math.min(Math.max(this.#next - this.#m.clock.now(), 0) || LOOK_EVERY_MS, LOOK_EVERY_MS);
    this.#timer = setTimeout(() => void this.#look().finally(() => this.#wait()), left).unref();
  }

  async #look(): Promise<void> {
    if (!this.#m.db.trustsOwnCommits() && this.#m.clock.precise() >= this.#restsUntil) await this.#step();
    await this.pending();
  }
}
