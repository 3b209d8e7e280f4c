/** Whether anything was committed since something was read, by whichever process: for whoever would find the same again. */
import { sql } from 'kysely';
import { SharedLook } from '../base/shared-look.ts';
import type { Database } from './database.ts';
import { revisionSnapshot } from './revision.ts';
import { statement } from './statement.ts';

/** What a statement has seen of all transactions, as text; always the same where the store is in the process. */
export const stateSeen = revisionSnapshot.as('state');

const stateNow = statement((q, _p: object) => q.selectFrom(sql<{ one: number }>`(select 1 as one)`.as('look')).select(stateSeen));

export class Stillness {
  readonly #db: Database;
  readonly #look = new SharedLook<string>();
  #last: string | undefined;
  /** What was seen twice in a row: while it changes all the time, looking for itself only costs. */
  #still: string | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A statement that looked for something else has just seen this. @returns by what it is asked later whether it still stands */
  saw(state: string): string {
    // After a crash of the server numbers of transactions that left nothing may be given again: no connection outlives it.
    const seen = `${this.#db.connects} ${state}`;
    this.#still = seen === this.#last ? seen : undefined;
    this.#last = seen;
    return seen;
  }

  /** Whether nothing has been committed since the state was seen. Where that is not likely, says no without looking. */
  async since(state: string): Promise<boolean> {
    if (this.#still !== state) return false;
    const now = await this.#look.ask(async () => this.saw((await this.#db.all(stateNow, {}))[0]!.state));
    return now === state;
  }
}
