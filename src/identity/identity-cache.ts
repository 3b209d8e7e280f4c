import type { Identity } from '../base/caller.ts';
import type { Database } from '../db/database.ts';
import type { Changed } from '../db/stores/change-store.ts';

/** Identities that are remembered; beyond it all are looked up again. */
const REMEMBERED = 10_000;

/** Whom a secret stands for, and at which version of the portal that was looked up; no version where it was not. */
export interface Sought<T extends Identity = Identity> {
  identity: T | undefined;
  version: number | undefined;
  /** What the store was like: see stillness.ts. */
  state?: string | undefined;
  /** What has changed in their list, where that was asked for with them. */
  changed?: Changed | undefined;
}

/** Remembers what secrets stand for, by their hashes, while no other process can have changed it. */
export class IdentityCache<T extends Identity> {
  readonly #db: Database;
  readonly #known = new Map<string, T>();
  /** Grows whenever something is forgotten. */
  #forgotten = 0;

  constructor(db: Database) {
    this.#db = db;
    db.onCommit((changes) => {
      if (changes.everything || changes.has('credentials')) this.#forget(undefined);
      else if (changes.accounts.size > 0) this.#forget(changes.accounts);
    });
  }

  async find(secretHash: string, lookUp: () => Promise<Sought<T>>): Promise<Sought<T>> {
    const known = this.#db.trustsOwnCommits() ? this.#known.get(secretHash) : undefined;
    if (known) return { identity: known, version: undefined };
    const forgotten = this.#forgotten;
    const sought = await lookUp();
    // What was read before a commit must not be remembered after it.
    if (sought.identity && this.#db.trustsOwnCommits() && forgotten === this.#forgotten) this.#remember(secretHash, sought.identity);
    return sought;
  }

  #remember(secretHash: string, identity: T): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(secretHash, identity);
  }

  #forget(userIds: ReadonlySet<number> | undefined): void {
    this.#forgotten += 1;
    for (const [secretHash, identity] of this.#known) {
      if (!userIds || userIds.has(identity.userId)) this.#known.delete(secretHash);
    }
  }
}
