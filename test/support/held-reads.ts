/** A store whose reads can be held at their end, so that a commit arrives after something was read and before it is used, and waited for. */
import type { Database, Session } from '../../src/db/database.ts';
import type { Statement } from '../../src/db/statement.ts';
import type { Held } from './held-store.ts';

export class HeldReads {
  /** Reads so far. */
  count = 0;
  readonly #underWay = new Set<Promise<unknown>>();
  #hold: { at: number; reach: () => void; released: Promise<void> } | undefined;

  /** Given to `startTestServer` as the override `store`. */
  readonly wrap = (db: Database): Database =>
    new Proxy(db, {
      get: (target, name) => {
        if (name === 'read') return <T>(work: (s: Session) => Promise<T>) => this.#noted(this.#held(() => target.read(work)));
        if (name === 'all') return <P extends object, O>(statement: Statement<P, O>, params: P) => this.#noted(this.#held(() => target.all(statement, params)));
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });

  /** Holds the nth read from here on, 1 for the next one, once it has ended. Released before it comes, it is not held. */
  hold(nth: number): Held {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#hold = { at: this.count + nth, reach: reached.resolve, released: released.promise };
    const release = () => {
      this.#hold = undefined;
      released.resolve();
    };
    return { reached: reached.promise, release };
  }

  /** Resolves once the reads under way have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #noted<T>(reading: Promise<T>): Promise<T> {
    this.#underWay.add(reading);
    const end = () => this.#underWay.delete(reading);
    reading.then(end, end);
    return reading;
  }

  async #held<T>(reads: () => Promise<T>): Promise<T> {
    const number = ++this.count;
    const read = await reads();
    if (number !== this.#hold?.at) return read;
    const { reach, released } = this.#hold;
    reach();
    await released;
    return read;
  }
}
