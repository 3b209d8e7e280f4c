import type { Clock } from '../base/clock.ts';
import { type Database, StoreUnavailable, type WriteSession } from '../db/database.ts';
import { recordWebhookUse } from '../db/stores/portal-store.ts';
import { recordActivity } from '../db/stores/user-store.ts';
import type { Identity } from '../base/caller.ts';

/** A user's last activity moves at most this often: it shows in the rows of everybody who talks to them. */
const RESOLUTION_MS = 60_000;
const FLUSH_MS = 2000;
const STAMPS_AT_ONCE = 200;

/** Collects who was active and writes it down together, apart from the calls themselves. */
export class Presence {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #onFault: (fault: unknown) => void;
  /** By the webhook's id, or the negative id of a user who came with a token. */
  readonly #lastSeen = new Map<number, number>();
  #users = new Map<number, number>();
  #webhooks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database, clock: Clock, onFault: (fault: unknown) => void) {
    this.#db = db;
    this.#clock = clock;
    this.#onFault = onFault;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  seen(identity: Identity): void {
    const since = this.#clock.precise();
    const { webhookId, userId } = identity;
    const key = webhookId || -userId;
    if (since - (this.#lastSeen.get(key) ?? -Infinity) < RESOLUTION_MS) return;
    this.#lastSeen.set(key, since);
    const now = this.#clock.now();
    this.#users.set(userId, now);
    if (webhookId > 0) this.#webhooks.set(webhookId, now);
  }

  /** Writes what was collected, or later when the store is not available. Any other failure costs only these stamps. */
  async flush(): Promise<void> {
    if (this.#users.size === 0) return;
    const [users, webhooks] = [this.#users, this.#webhooks];
    this.#users = new Map();
    this.#webhooks = new Map();
    try {
      await this.#record(users, recordActivity);
      await this.#record(webhooks, recordWebhookUse);
    } catch (fault) {
      this.#onFault(fault);
      if (fault instanceof StoreUnavailable) this.#keep(users, webhooks);
    }
  }

  /** Nobody is stamped again within a minute of the last time. */
  #keep(users: ReadonlyMap<number, number>, webhooks: ReadonlyMap<number, number>): void {
    this.#users = new Map([...users, ...this.#users]);
    this.#webhooks = new Map([...webhooks, ...this.#webhooks]);
  }

  /** A part at a time, and in ascending order: two nodes that write at once wait for each other at most. */
  async #record(stamps: ReadonlyMap<number, number>, record: (s: WriteSession, id: number, at: number) => Promise<void>): Promise<void> {
    const ordered = [...stamps].sort(([a], [b]) => a - b);
    for (let from = 0; from < ordered.length; from += STAMPS_AT_ONCE) {
      await this.#db.write(async (s) => {
        for (const [id, at] of ordered.slice(from, from + STAMPS_AT_ONCE)) await record(s, id, at);
      });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
