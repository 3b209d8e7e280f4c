import type { Changes } from './changes.ts';
import type { Database, Session } from './database.ts';

/** Something read from the store, remembered until a commit concerns it. */
export class Remembered<T extends object> {
  readonly #db: Database;
  readonly #read: (s: Session) => Promise<T>;
  #known: T | undefined;
  /** The version that was seen before it was read. */
  #version: number | undefined;
  /** Grows whenever what is known is forgotten. */
  #forgotten = 0;

  /** @param concerns whether a commit may have changed what `read` gives */
  constructor(db: Database, read: (s: Session) => Promise<T>, concerns: (changes: Changes) => boolean) {
    this.#db = db;
    this.#read = read;
    db.onCommit((changes) => {
      if (!changes.everything && !concerns(changes)) return;
      this.#known = undefined;
      this.#forgotten += 1;
    });
  }

  /** As it was read last, while no commit of this process has concerned it. */
  get known(): T | undefined {
    return this.#known;
  }

  /**
   * The same object as long as no commit concerns it.
   *
   * @param version what the store has just said: as long as it says the same, nobody has changed what was read
   */
  async get(version?: number): Promise<T> {
    // Asking may bring another process's commit to light, so it comes before looking at what is known.
    const trusted = this.#db.trustsOwnCommits();
    if (this.#known && (trusted || (version !== undefined && version === this.#version))) return this.#known;
    const forgotten = this.#forgotten;
    const value = await this.#db.read(this.#read);
    // What was read before a commit must not be remembered after it; what was read at no known version cannot be told to stand.
    if (forgotten === this.#forgotten && (trusted || version !== undefined)) [this.#known, this.#version] = [value, version];
    return value;
  }
}
