/** A store that stops whoever comes to a chosen place in their unit of work: before a statement, or before the commit. */
import type { Database, Session, WriteSession } from '../../src/db/database.ts';
import type { Held } from '../support/held-store.ts';

/** The nth stop from here on, 1 for the next one; or the end of the next write, when all but its commit is done. */
export type Place = number | 'commit';

interface Hold {
  place: Place;
  reached: PromiseWithResolvers<void>;
  released: PromiseWithResolvers<void>;
}

export class StatementGate {
  #hold: Hold | undefined;
  #stops = 0;

  /** Given to a server as the override `store`. */
  readonly wrap = (db: Database): Database =>
    new Proxy(db, {
      get: (target, name) => {
        if (name === 'read') return <T>(work: (s: Session) => Promise<T>) => target.read((s) => work(this.#watched(s)));
        if (name === 'write') return <T>(work: (s: WriteSession) => Promise<T>) => target.write((s) => this.#write(s, work));
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });

  /** Holds one at a time; released before it was reached, it holds nobody. */
  hold(place: Place): Held {
    const hold: Hold = {
      place: place === 'commit' ? place : this.#stops + place,
      reached: Promise.withResolvers<void>(),
      released: Promise.withResolvers<void>(),
    };
    this.#hold = hold;
    const release = () => {
      if (this.#hold === hold) this.#hold = undefined;
      hold.released.resolve();
    };
    return { reached: hold.reached.promise, release };
  }

  async #write<T>(s: WriteSession, work: (s: WriteSession) => Promise<T>): Promise<T> {
    const result = await work(this.#watched(s));
    await this.#pass('commit');
    return result;
  }

  /** Statements that are sent without waiting for one another keep their order. */
  #watched<S extends Session>(session: S): S {
    let before = Promise.resolve();
    return new Proxy(session, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const run = member.bind(target) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          before = before.then(() => this.#pass(undefined));
          await before;
          return run(...args);
        };
      },
    });
  }

  async #pass(end: 'commit' | undefined): Promise<void> {
    this.#stops += 1;
    const hold = this.#hold;
    if (!hold || (hold.place === 'commit' ? end === undefined : this.#stops < hold.place)) return;
    this.#hold = undefined;
    hold.reached.resolve();
    await hold.released.promise;
  }
}
