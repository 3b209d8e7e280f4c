/** A store whose statements a test holds, and so decides in which order things happen. */
import type { Compilable } from 'kysely';
import type { Gathered, Database, Session, WriteSession } from '../../src/db/database.ts';
import { type Builder, makeBuilder, type Statement } from '../../src/db/statement.ts';
import { SqliteCompiler } from '../../src/db/engines/sqlite-compiler.ts';

interface Hold {
  matches: RegExp;
  /** How many that match go by before it. */
  after: number;
  reached: PromiseWithResolvers<void>;
  released: PromiseWithResolvers<void>;
}

/** A statement that waits. Whoever sent it goes on once it is released. */
export interface Held {
  /** Resolves once the statement was sent and waits. */
  reached: Promise<void>;
  release(): void;
}

export interface HeldStatement extends Held {
  /** It does not run but fails. */
  fail(error: Error): void;
}

/** Only to know what a statement says. */
const text = makeBuilder(new SqliteCompiler());

export class HeldStore {
  readonly #holds: Hold[] = [];
  /** Statements that were sent, as SQL. */
  readonly sent: string[] = [];

  /** Given to `startTestServer` as the override `store`. */
  readonly wrap = (db: Database): Database => {
    const before = (sql: string) => this.#pass(sql);
    return new Proxy(db, {
      get(target, name) {
        if (name === 'read') return <T>(work: (s: Session) => Promise<T>) => target.read((s) => work(watched(s, before)));
        if (name === 'all') return watchedAll(target, before);
        if (name === 'write') return <T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered) => target.write((s) => work(watchedWriter(s, before)), gathered);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  };

  /** Holds the next statement that matches, before it runs. @param after so many that match go by first */
  hold(matches: RegExp, after = 0): HeldStatement {
    const hold = { matches, after, reached: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() };
    this.#holds.push(hold);
    return { reached: hold.reached.promise, release: () => this.#release(hold), fail: hold.released.reject };
  }

  /** Released before it comes, it is not held. */
  #release(hold: Hold): void {
    if (this.#holds.includes(hold)) this.#holds.splice(this.#holds.indexOf(hold), 1);
    hold.released.resolve();
  }

  async #pass(sql: string): Promise<void> {
    this.sent.push(sql);
    const index = this.#holds.findIndex((hold) => hold.matches.test(sql) && hold.after-- <= 0);
    if (index < 0) return;
    const [hold] = this.#holds.splice(index, 1);
    hold!.reached.resolve();
    await hold!.released.promise;
  }
}

/** Single statements, of a session or of the store itself. */
function watchedAll(s: Pick<Session, 'all'>, before: (sql: string) => Promise<void>): Session['all'] {
  return async (statement, params) => {
    await before(statement.prepare(text).sql);
    return s.all(statement, params);
  };
}

/** Statements of a session run in the order in which they are sent: those after one that is held wait as well. */
function watched(s: Session, hold: (sql: string) => Promise<void>): Session {
  let line = Promise.resolve();
  const before = (sql: string) => (line = line.then(() => hold(sql)));
  return {
    all: watchedAll(s, before),
    first: async <P extends object, O>(statement: Statement<P, O>, params: P) => {
      await before(statement.prepare(text).sql);
      return s.first(statement, params);
    },
    query: async <O>(build: (q: Builder) => Compilable<O>) => {
      await before(build(text).compile().sql);
      return s.query(build);
    },
  };
}

function watchedWriter(s: WriteSession, before: (sql: string) => Promise<void>): WriteSession {
  return { ...watched(s, before), changes: s.changes };
}
