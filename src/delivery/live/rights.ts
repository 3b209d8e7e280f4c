/** Whether those who listen still may: looked at again whenever something may have changed that, before anything else is told. */
import type { Clock } from '../../base/clock.ts';
import type { Changes } from '../../db/changes.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import type { Ear, People } from './people.ts';

/** Listeners who are looked at together. */
const AT_ONCE = 50;

export class Rights {
  readonly #people: People;
  readonly #clock: Clock;
  readonly #ended: (ear: Ear, last: boolean) => void;
  /** Whose right is in doubt. */
  #doubts: 'all' | Set<number> = new Set();
  #settling: Promise<void> | undefined;
  /** When the first right ends by itself, milliseconds. */
  #nextEnd = Infinity;

  /** @param ended told of each listener that was ended */
  constructor(people: People, clock: Clock, ended: (ear: Ear, last: boolean) => void) {
    this.#people = people;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** @param waited whether its right was found out a while ago */
  added({ standing, listener }: Ear, waited: boolean): void {
    this.#nextEnd = Math.min(this.#nextEnd, standing.expiresAt);
    if (waited) this.#doubt(listener.viewer.userId);
  }

  /** Whether there is something to settle. */
  anyEnds(): boolean {
    return this.#clock.now() >= this.#nextEnd || this.#doubts === 'all' || this.#doubts.size > 0;
  }

  /** After a commit of this process. */
  note(changes: Changes): void {
    if (changes.everything || changes.has('credentials') || changes.has('settings')) this.#doubts = 'all';
    else for (const userId of changes.accounts) this.#doubt(userId);
  }

  /** What other nodes have committed. */
  noteEntries(entries: readonly JournalRow[]): void {
    for (const { what, subject_id: userId } of entries) {
      if (what === 'credentials' || what === 'settings') this.#doubts = 'all';
      else if (what === 'user.changed') this.#doubt(userId);
    }
  }

  #doubt(userId: number): void {
    if (this.#doubts !== 'all') this.#doubts.add(userId);
  }

  /** Ends whoever is not entitled any more. Throws where that cannot be found out; then it is still in doubt. */
  async settle(): Promise<void> {
    this.#endExpired();
    while (this.#settling || this.#doubts === 'all' || this.#doubts.size > 0) await (this.#settling ??= this.#settleDoubts().finally(() => (this.#settling = undefined)));
  }

  #endExpired(): void {
    const now = this.#clock.now();
    if (now < this.#nextEnd) return;
    this.#nextEnd = Infinity;
    for (const ear of this.#people.ears) {
      if (ear.standing.expiresAt <= now) this.#end(ear, 'expired');
      else this.#nextEnd = Math.min(this.#nextEnd, ear.standing.expiresAt);
    }
  }

  async #settleDoubts(): Promise<void> {
    const doubts = this.#doubts;
    this.#doubts = new Set();
    const ears = [...this.#people.ears].filter((ear) => doubts === 'all' || doubts.has(ear.listener.viewer.userId));
    try {
      for (let i = 0; i < ears.length; i += AT_ONCE) {
        await Promise.all(ears.slice(i, i + AT_ONCE).map(async (ear) => {
          const reason = await ear.standing.check();
          if (reason) this.#end(ear, reason);
        }));
      }
    } catch (fault) {
      this.#doubts = 'all';
      throw fault;
    }
  }

  #end(ear: Ear, reason: Parameters<People['end']>[1]): void {
    const last = this.#people.end(ear, reason);
    if (last !== undefined) this.#ended(ear, last);
  }
}
