import type { Compilable } from 'kysely';
import { Changes } from './changes.ts';
import type { Session, WriteSession } from './database.ts';
import { insertEntries } from './stores/journal-store.ts';
import type { Builder, Statement } from './statement.ts';

/** The session of one unit of work. A connection serves many; a unit that has ended must not reach into the next one's. */
export class ReadUnit implements Session {
  #connection: Session | undefined;
  #statements = 0;

  constructor(connection: Session) {
    this.#connection = connection;
  }

  /** How many it was asked to run. */
  get statements(): number {
    return this.#statements;
  }

  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    this.#statements += 1;
    return this.#connection ? this.#connection.all(statement, params) : Promise.reject(ended());
  }

  first<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O | undefined> {
    this.#statements += 1;
    return this.#connection ? this.#connection.first(statement, params) : Promise.reject(ended());
  }

  query<O>(build: (q: Builder) => Compilable<O>): Promise<O[]> {
    this.#statements += 1;
    return this.#connection ? this.#connection.query(build) : Promise.reject(ended());
  }

  /** From now on every use throws. */
  end(): void {
    this.#connection = undefined;
  }
}

export class WriteUnit extends ReadUnit implements WriteSession {
  readonly changes = new Changes();

  /**
   * Writes the entries to the journal: the last thing a unit does.
   *
   * @param seq of the first entry
   * @param now milliseconds
   * @returns how many there were
   */
  async writeJournal(seq: number, now: number): Promise<number> {
    const entries = this.changes.entries();
    if (entries.length > 0) await insertEntries(this, entries, seq, now);
    return entries.length;
  }
}

function ended(): Error {
  return new Error('a session was used after its unit of work had ended');
}
