import type { Changes } from './changes.ts';
import type { Database, Session } from './database.ts';

/** Something read from the store, remembered until a commit concerns it. */
export class Remembered<T extends object> {
  readonly #db: Database;
  readonly #read: (s: Session) => Promise<T>;
  #known: T | undefined;
  /** Grows whenever what is known is forgotten. */
  #version = 0;

  /** @param concerns whether a commit may have changed what `read` gives */
  constructor(db: Database, read: (s: Session) => Promise<T>, concerns: (changes: Changes) => boolean) {
    this.#db = db;
    this.#read = read;
    db.onCommit((changes) => {
      if (!changes.everything && !concerns(changes)) return;
      this.#known = undefined;
      this.#version += 1;
    });
  }

  /** The same object as long as no commit concerns it. */
  async get(): Promise<T> {
    // Asking may bring another process's commit to light, so it comes before looking at what is known.
    if (this.#db.trustsOwnCommits() && this.#known) return this.#known;
    const version = this.#version;
    const value = await this.#db.read(this.#read);
    // What was read before a commit must not be remembered after it.
    if (version === this.#version) this.#known = value;
    return value;
  }
}
