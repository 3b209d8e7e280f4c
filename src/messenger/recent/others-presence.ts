/** Who was active of late, where other nodes write it down. */
import { activeSince } from '../../db/stores/change-store.ts';
import type { Messenger } from '../messenger.ts';

/** How often other nodes' users are asked for, who may have been active; and how late they may have written it down. */
const PRESENCE_EVERY_MS = 2000;
const PRESENCE_LATE_MS = 10_000;

/** Activity has no revision: what other nodes write down is looked for every few seconds, apart from the calls. */
export class OthersPresence {
  readonly #m: Messenger;
  readonly #onActive: (userId: number) => void;
  #lookedAt = -Infinity;
  /** When users were active last, as far as they have been asked for. */
  #active = new Map<number, number>();

  constructor(m: Messenger, onActive: (userId: number) => void) {
    this.#m = m;
    this.#onActive = onActive;
  }

  /** Begins to look, unless that was done just now. */
  look(): void {
    const since = this.#m.clock.precise();
    if (since - this.#lookedAt < PRESENCE_EVERY_MS) return;
    this.#lookedAt = since;
    // Missed now, it is found the next time.
    this.#m.db.read((s) => activeSince(s, this.#m.clock.now() - PRESENCE_LATE_MS)).then((found) => {
      for (const { id, last_activity_at: at } of found) if (this.#active.get(id) !== at) this.#onActive(id);
      this.#active = new Map(found.map((user) => [user.id, user.last_activity_at]));
    }, () => {});
  }
}
