/** Calls that wait until something changes in somebody's list. */
import type { Database } from '../../db/database.ts';
import { membersOfAny } from '../../db/stores/member-store.ts';

/** How long changes are gathered before those who wait for them are looked for, milliseconds. */
const GATHER_MS = 10;
/** How often whoever waits looks all the same: a wake-up that gets lost costs this delay, never a change. Milliseconds. */
const LOOK_EVERY_MS = 1000;
/** More chats than this at once, and everybody looks. */
const MANY_CHATS = 500;

/** Whom a change concerns. */
export interface ListChange {
  users: readonly number[];
  /** Chats that changed for all their members. */
  chats: readonly number[];
  /** Anything may have changed. */
  all: boolean;
}

export class Waits {
  readonly #db: Database;
  /** Who waits, and what ends each wait. */
  readonly #waiting = new Map<number, Set<() => void>>();
  readonly #users = new Set<number>();
  readonly #chats = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: Database) {
    this.#db = db;
  }

  /** How many users wait. */
  get count(): number {
    return this.#waiting.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the user's list may have changed, and after a second all the same, or when the server stops. */
  next(userId: number, ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const waits = this.#waiting.get(userId) ?? new Set();
      const end = () => {
        clearTimeout(timer);
        waits.delete(end);
        if (waits.size === 0 && this.#waiting.get(userId) === waits) this.#waiting.delete(userId);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, LOOK_EVERY_MS));
      this.#waiting.set(userId, waits.add(end));
    });
  }

  /** Something was committed, here or elsewhere. */
  wake({ users, chats, all }: ListChange): void {
    if (this.#waiting.size === 0) return;
    if (all || chats.length > MANY_CHATS) return this.#wakeAll();
    for (const id of users) this.#users.add(id);
    for (const id of chats) this.#chats.add(id);
    this.#timer ??= setTimeout(() => void this.#wakeGathered(), GATHER_MS);
  }

  /** The server stops: nobody waits any longer. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wakeAll();
  }

  async #wakeGathered(): Promise<void> {
    const [users, chats] = [[...this.#users], [...this.#chats]];
    this.#timer = undefined;
    this.#users.clear();
    this.#chats.clear();
    for (const userId of users) this.#end(userId);
    if (chats.length === 0 || this.#waiting.size === 0) return;
    try {
      for (const userId of await this.#db.read((s) => membersOfAny(s, chats, [...this.#waiting.keys()]))) this.#end(userId);
    } catch {
      // Whoever waits asks the store itself, and says what is wrong with it.
      this.#wakeAll();
    }
  }

  #end(userId: number): void {
    for (const end of this.#waiting.get(userId) ?? []) end();
  }

  #wakeAll(): void {
    for (const userId of this.#waiting.keys()) this.#end(userId);
  }
}
