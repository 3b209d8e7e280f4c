import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Compilable } from 'kysely';
import type { Session } from '../database.ts';
import { bind, type Builder, type Statement } from '../statement.ts';

type Bound = string | number | null;

const KEPT_AD_HOC_STATEMENTS = 200;

/** One connection: prepares each SQL text once and runs it at once; the promises only fit the common interface. */
export class SqliteConnection implements Session {
  readonly db: DatabaseSync;
  readonly #builder: Builder;
  readonly #statements = new Map<string, { run: StatementSync; returnsRows: boolean }>();
  readonly #adHoc = new Map<string, true>();
  /** Of the open transaction. */
  #revision = 0;
  #counted = false;

  constructor(path: string, builder: Builder, readOnly: boolean) {
    this.db = new DatabaseSync(path, { readOnly, timeout: 0 });
    this.#builder = builder;
    this.#defineRevisions();
  }

  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    return atOnce(() => {
      const prepared = statement.prepare(this.#builder);
      return this.#run<O>(prepared.sql, bind(prepared, params) as Bound[]);
    });
  }

  /** What it writes is written before it gives the first row. */
  first<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O | undefined> {
    return atOnce(() => {
      const prepared = statement.prepare(this.#builder);
      return this.#prepare(prepared.sql).run.get(...(bind(prepared, params) as Bound[])) as O | undefined;
    });
  }

  query<O>(build: (q: Builder) => Compilable<O>): Promise<O[]> {
    return atOnce(() => {
      const query = build(this.#builder).compile();
      this.#keepFew(query.sql);
      return this.#run<O>(query.sql, query.parameters as Bound[]);
    });
  }

  exec(sql: string): void {
    this.db.exec(sql);
  }

  /** Runs a command that is given often, such as `begin`. */
  command(sql: string): void {
    this.#prepare(sql).run.get();
  }

  /** Of the last transaction that was counted. */
  get revision(): number {
    return this.#revision;
  }

  /** Numbers the transaction that has just begun, after the last one that is in the journal. */
  countTransaction(): void {
    this.#counted ||= this.#prepare(`select 1 from sqlite_master where name = 'snapshot'`).run.get() !== undefined;
    if (this.#counted) this.#revision = (this.#prepare('select token from snapshot').run.get() as { token: number }).token;
  }

  pragma(name: string): number {
    const row = this.#prepare(`pragma ${name}`).run.get() as Record<string, number>;
    return Number(Object.values(row)[0]);
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }

  /** One transaction follows another: what was before is seen, and of two the later one counts. */
  #defineRevisions(): void {
    const options = { deterministic: true, directOnly: true };
    this.db.function('current_revision', options, () => this.#revision);
    this.db.function('revision_snapshot', options, () => '');
    this.db.function('folded_revision', options, (own, bump, _seen, _saw) => Math.max(Number(own), Number(bump)));
  }

  #run<O>(sql: string, values: Bound[]): O[] {
    const { run, returnsRows } = this.#prepare(sql);
    if (returnsRows) return run.all(...values) as O[];
    // Not run(), which fails where the last row written has a number beyond 2^53: the index of texts has such rows.
    run.get(...values);
    return [];
  }

  #prepare(sql: string): { run: StatementSync; returnsRows: boolean } {
    let statement = this.#statements.get(sql);
    if (!statement) {
      const run = this.db.prepare(sql);
      statement = { run, returnsRows: run.columns().length > 0 };
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Queries of variable shape would otherwise fill the memory with prepared statements. */
  #keepFew(sql: string): void {
    this.#adHoc.delete(sql);
    this.#adHoc.set(sql, true);
    if (this.#adHoc.size <= KEPT_AD_HOC_STATEMENTS) return;
    const [oldest] = this.#adHoc.keys();
    if (oldest === undefined) return;
    this.#adHoc.delete(oldest);
    this.#statements.delete(oldest);
  }
}

/** A promise of what is known at once, without a function that could wait. */
function atOnce<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
