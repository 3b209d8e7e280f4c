import type { Clock } from '../base/clock.ts';
import { type Database, StoreUnavailable, type WriteSession } from '../db/database.ts';
import { recordWebhookUse } from '../db/stores/portal-store.ts';
import { recordActivity } from '../db/stores/user-store.ts';
import type { Identity } from '../base/caller.ts';

/** A user's last activity moves at most this often: it shows in the rows of everybody who talks to them. */
const RESOLUTION_MS = 60_000;
const FLUSH_MS = 2000;
const STAMPS_AT_ONCE = 200;

/** What other nodes have written down of late. Keys are those of {@link Presence}. */
export interface OtherNodes {
  /** How long the stamps that they have made need no renewal, milliseconds by key; none where that is not known. */
  rests(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Tells them of stamps that need none for so many milliseconds. */
  wrote(keys: readonly string[], ms: number): void;
}

/** Collects who was active and writes it down together, apart from the calls themselves. */
export class Presence {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #onFault: (fault: unknown) => void;
  readonly #others: OtherNodes | undefined;
  /** By the webhook's id, or the user's negative id. */
  readonly #lastSeen = new Map<number, number>();
  #users = new Map<number, number>();
  #webhooks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database, clock: Clock, onFault: (fault: unknown) => void, others?: OtherNodes) {
    this.#db = db;
    this.#clock = clock;
    this.#onFault = onFault;
    this.#others = others;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  seen({ webhookId, userId }: Pick<Identity, 'webhookId' | 'userId'>): void {
    const since = this.#clock.precise();
    if (this.#isDue(-userId, since)) this.#users.set(userId, this.#clock.now());
    if (webhookId > 0 && this.#isDue(webhookId, since)) this.#webhooks.set(webhookId, this.#clock.now());
  }

  #isDue(key: number, since: number): boolean {
    if (since - (this.#lastSeen.get(key) ?? -Infinity) < RESOLUTION_MS) return false;
    this.#lastSeen.set(key, since);
    return true;
  }

  /** Writes what was collected, or later when the store is not available. Any other failure costs only these stamps. */
  async flush(): Promise<void> {
    if (this.#users.size + this.#webhooks.size === 0) return;
    const [users, webhooks] = [this.#users, this.#webhooks];
    this.#users = new Map();
    this.#webhooks = new Map();
    try {
      await this.#leaveToOthers(users, (id) => -id);
      await this.#leaveToOthers(webhooks, (id) => id);
      await this.#record(users, recordActivity);
      await this.#record(webhooks, recordWebhookUse);
      this.#others?.wrote([...[...users.keys()].map((id) => name(-id)), ...[...webhooks.keys()].map(name)], RESOLUTION_MS);
    } catch (fault) {
      this.#onFault(fault);
      if (fault instanceof StoreUnavailable) this.#keep(users, webhooks);
    }
  }

  /** Takes out those whom another node has stamped within the minute; they are stamped here when that one's minute is over. */
  async #leaveToOthers(stamps: Map<number, number>, keyOf: (id: number) => number): Promise<void> {
    if (!this.#others || stamps.size === 0) return;
    const rests = await this.#others.rests([...stamps.keys()].map((id) => name(keyOf(id))));
    for (const id of stamps.keys()) {
      const rest = rests.get(name(keyOf(id)));
      if (rest === undefined) continue;
      stamps.delete(id);
      this.#lastSeen.set(keyOf(id), this.#clock.precise() + rest - RESOLUTION_MS);
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

function name(key: number): string {
  return key < 0 ? `user ${-key}` : `webhook ${key}`;
}
