/** A store whose writes can be held before they begin: so that a commit arrives after a call was let in and before it changes anything. */
import type { Gathered, Database, WriteSession } from '../../src/db/database.ts';
import type { Held } from './held-store.ts';

export class HeldWrites {
  #hold: { reach: () => void; released: Promise<void> } | undefined;

  /** Given to `startTestServer` as the override `store`. */
  readonly wrap = (db: Database): Database =>
    new Proxy(db, {
      get: (target, name) => {
        if (name === 'write') return <T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered) => this.#write(target, work, gathered);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });

  /** Holds the next write before it begins; those after it go on. */
  hold(): Held {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#hold = { reach: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  async #write<T>(db: Database, work: (s: WriteSession) => Promise<T>, gathered: Gathered | undefined): Promise<T> {
    const hold = this.#hold;
    this.#hold = undefined;
    hold?.reach();
    await hold?.released;
    return db.write(work, gathered);
  }
}
