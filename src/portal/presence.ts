import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { recordWebhookUse } from '../db/portal-store.ts';
import { recordActivity } from '../db/user-store.ts';
import type { Identity } from '../rest/auth.ts';

/** A user's last activity moves at most this often: it shows in the rows of everybody who talks to them. */
const RESOLUTION_MS = 60_000;
const FLUSH_MS = 2000;

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
    const now = this.#clock.now();
    const { webhookId, userId } = identity;
    const key = webhookId || -userId;
    if (now - (this.#lastSeen.get(key) ?? -Infinity) < RESOLUTION_MS) return;
    this.#lastSeen.set(key, now);
    this.#users.set(userId, now);
    if (webhookId > 0) this.#webhooks.set(webhookId, now);
  }

  /** Writes what was collected. A failure is reported and costs only these stamps. */
  async flush(): Promise<void> {
    if (this.#users.size === 0) return;
    const [users, webhooks] = [this.#users, this.#webhooks];
    this.#users = new Map();
    this.#webhooks = new Map();
    try {
      await this.#db.write(async (s) => {
        for (const [id, at] of users) await recordActivity(s, id, at);
        for (const [id, at] of webhooks) await recordWebhookUse(s, id, at);
      });
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
