/**
 * Whoever comes back is told what they have missed, a few at a time; the others wait in the order in which they came, and cost nothing
 * meanwhile but their connection.
 */
import { yieldToOthers } from '../../base/turns.ts';
import type { SyncToken } from '../../messenger/recent/sync-token.ts';
import type { Ending, Listener } from './happening.ts';

/** How many are told at a time: what each has missed is in memory. */
const PLACES = 8;
/** A peer that takes longer to read a piece lets others go on meanwhile, milliseconds. */
const PATIENCE_MS = 5000;

/** It is somebody's turn. */
export interface Turn {
  place: Place;
  /** Whether it has been a while since they came. */
  waited: boolean;
}

/** Somebody who comes back, and what they know; 'unknown' where that cannot be read. */
export interface Resume extends Turn {
  since: SyncToken | 'unknown';
}

interface Waiting {
  begin(): void;
  leave(): void;
}

export class Resumes {
  /** In the order in which they came. */
  readonly #waiting = new Map<Listener, Waiting>();
  readonly #ofUser = new Map<number, number>();
  /** Those in the middle of it that have let others go on: they come first. */
  readonly #returning: Array<() => void> = [];
  #free = PLACES;

  get count(): number {
    return this.#waiting.size;
  }

  /** How many of a user wait. */
  of(userId: number): number {
    return this.#ofUser.get(userId) ?? 0;
  }

  /** Does the work once it is the listener's turn, unless that has left before. The next one comes when its peer has taken what it was told. */
  run(listener: Listener, work: (turn: Turn) => Promise<void>): Promise<void> {
    const { userId } = listener.viewer;
    const waited = this.#free === 0;
    this.#ofUser.set(userId, this.of(userId) + 1);
    const done = new Promise<void>((resolve) => {
      // Begun at once: whoever leaves either waits or is at it.
      this.#waiting.set(listener, { begin: () => resolve(this.#run(listener, waited, work)), leave: resolve });
    });
    if (!waited) {
      this.#free -= 1;
      void this.#comeNext();
    }
    return done;
  }

  async #run(listener: Listener, waited: boolean, work: (turn: Turn) => Promise<void>): Promise<void> {
    const place = new Place(listener, () => void this.#comeNext(), () => this.#return());
    try {
      await work({ place, waited });
      void place.taken().then(() => place.leave());
    } catch (fault) {
      place.leave();
      throw fault;
    }
  }

  /** It waits no longer. @returns whether it did */
  leave(listener: Listener): boolean {
    const waiting = this.#take(listener);
    waiting?.leave();
    return waiting !== undefined;
  }

  /** Those who wait hear that their connection lives. */
  comfort(): void {
    for (const listener of this.#waiting.keys()) listener.wait?.();
  }

  end(reason: Ending): void {
    for (const listener of this.#waiting.keys()) if (this.leave(listener)) listener.end(reason);
  }

  #take(listener: Listener): Waiting | undefined {
    const waiting = this.#waiting.get(listener);
    if (!waiting) return undefined;
    const { userId } = listener.viewer;
    this.#waiting.delete(listener);
    if (this.of(userId) > 1) this.#ofUser.set(userId, this.of(userId) - 1);
    else this.#ofUser.delete(userId);
    return waiting;
  }

  /** To a place that is free; whoever calls meanwhile is answered first. */
  async #comeNext(): Promise<void> {
    await yieldToOthers();
    const [returning, [next]] = [this.#returning.shift(), this.#waiting.keys()];
    if (returning) returning();
    else if (next) this.#take(next)!.begin();
    else this.#free += 1;
  }

  #return(): Promise<void> {
    if (this.#free === 0) return new Promise((resolve) => this.#returning.push(resolve));
    this.#free -= 1;
    return Promise.resolve();
  }
}

/** One of those that are told what they have missed. */
export class Place {
  readonly #listener: Listener;
  readonly #next: () => void;
  readonly #return: () => Promise<void>;
  #held = true;

  constructor(listener: Listener, next: () => void, comeBack: () => Promise<void>) {
    this.#listener = listener;
    this.#next = next;
    this.#return = comeBack;
  }

  /** Lets the next one come; once only counts. */
  leave(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#next();
  }

  /** Resolves once the peer has taken what it was told; where that takes long others come meanwhile. */
  async taken(): Promise<void> {
    const patience = setTimeout(() => this.leave(), PATIENCE_MS).unref();
    await this.#listener.taken?.();
    clearTimeout(patience);
  }

  /** Goes on with it. */
  async goOn(): Promise<void> {
    if (!this.#held) await this.#return();
    this.#held = true;
  }
}
