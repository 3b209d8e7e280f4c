/** What dates stand for, where one process alone dates what changes. */
import type { Messenger } from '../messenger.ts';
import type { SyncRange } from './sync-range.ts';

const NOBODY: ReadonlySet<number> = new Set();

export class KnownDates {
  readonly #m: Messenger;
  /** Later than the last time that anybody, or any row that nobody wrote, came to look different, or may have. */
  #peopleAt: number;

  constructor(m: Messenger) {
    this.#m = m;
    this.#peopleAt = m.stamp();
    m.db.onCommit((changes) => {
      if (changes.everything || changes.marked || changes.has('user.changed') || changes.has('user.added')) this.#peopleAt = m.stamp();
    });
  }

  /**
   * What a client has not seen which syncs by a date, of a list of which all rows are known; undefined where the store must be asked.
   *
   * @param since the date, milliseconds
   * @param oldest where the list itself begins, milliseconds
   */
  rangeSince(since: number, oldest: number): SyncRange | undefined {
    // Asking may bring another process's commit to light.
    if (!this.#m.db.trustsOwnCommits() || since <= this.#peopleAt) return undefined;
    return { since, rev: Infinity, lowest: -Infinity, users: NOBODY, oldest };
  }
}
