/** Which kept lists show a user. */
import { Watchers } from '../../base/watchers.ts';
import type { CachedList } from './cached-list.ts';
import type { EncodedRow } from './recent-window.ts';

/** More than this many users besides two a row are watched in vain. */
const MANY_USERS = 64;

export class ListWatchers extends Watchers<CachedList> {
  /** Rows of the list have been read: it shows these users as well. */
  follow(list: CachedList, rows: Iterable<EncodedRow>): void {
    this.#watch(list, rows);
    // Authors of last messages come and go.
    if (this.count(list) <= 2 * list.size + MANY_USERS) return;
    this.forget(list);
    this.#watch(list, list.all());
  }

  #watch(list: CachedList, rows: Iterable<EncodedRow>): void {
    for (const { users } of rows) for (const id of users) this.watch(id, list);
  }
}
