import type { Database, Session } from '../db/database.ts';
import type { Identity } from '../base/caller.ts';

/** Identities that are remembered; beyond it all are looked up again. */
const REMEMBERED = 10_000;

/** Remembers what secrets stand for, by their hashes, while no other process can have changed it. */
export class IdentityCache<T extends Identity> {
  readonly #db: Database;
  readonly #known = new Map<string, T>();
  /** Grows whenever something is forgotten. */
  #version = 0;

  constructor(db: Database) {
    this.#db = db;
    db.onCommit((changes) => {
      if (changes.everything || changes.has('credentials')) this.#forget(undefined);
      else if (changes.accounts.size > 0) this.#forget(changes.accounts);
    });
  }

  async find(secretHash: string, lookUp: (s: Session) => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#db.trustsOwnCommits() ? this.#known.get(secretHash) : undefined;
    if (known) return known;
    const version = this.#version;
    const identity = await this.#db.read(lookUp);
    // What was read before a commit must not be remembered after it.
    if (identity && this.#db.trustsOwnCommits() && version === this.#version) this.#remember(secretHash, identity);
    return identity;
  }

  #remember(secretHash: string, identity: T): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(secretHash, identity);
  }

  #forget(userIds: ReadonlySet<number> | undefined): void {
    this.#version += 1;
    for (const [secretHash, identity] of this.#known) {
      if (!userIds || userIds.has(identity.userId)) this.#known.delete(secretHash);
    }
  }
}
