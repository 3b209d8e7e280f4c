import { createHash } from 'node:crypto';
import type { Compilable } from 'kysely';
import type pg from 'pg';
import { type Gathered, type Session, StoreUnavailable } from '../database.ts';
import { askAlone } from './postgres-alone.ts';
import { asUnavailable } from './postgres-errors.ts';
import { bind, type Builder, type Statement } from '../statement.ts';

/** Counts how often somebody has sent something and waited for the answer; what is sent while somebody waits goes along. */
export class RoundTrips {
  count = 0;
}

/**
 * One connection for as long as a unit of work has it. Statements are planned once on it, by name, and are sent without
 * waiting for those before: the first one goes out together with the `begin`.
 */
export class PostgresConnection implements Session {
  readonly #client: pg.PoolClient;
  readonly #builder: Builder;
  readonly #trips: RoundTrips;
  readonly #begin: string | undefined;
  readonly #commits: boolean;
  #begun: Promise<unknown> | undefined;
  #waiting = 0;

  /**
   * @param begin sent before the first statement; nothing for a statement by itself
   * @param commits the one statement is sent with its commit
   */
  constructor(client: pg.PoolClient, builder: Builder, trips: RoundTrips, begin?: string, commits = false) {
    this.#client = client;
    this.#builder = builder;
    this.#trips = trips;
    this.#begin = begin;
    this.#commits = commits;
  }

  async all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    const prepared = statement.prepare(this.#builder);
    const { rows } = await this.#ask({ name: nameOf(prepared.sql), text: prepared.sql, values: bind(prepared, params) });
    return rows as O[];
  }

  async first<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O | undefined> {
    return (await this.all(statement, params))[0];
  }

  async query<O>(build: (q: Builder) => Compilable<O>): Promise<O[]> {
    const query = build(this.#builder).compile();
    const { rows } = await this.#ask({ text: query.sql, values: [...query.parameters] });
    return rows as O[];
  }

  /** Ends what has begun, if anything has. Gives the command that the server has carried out. */
  async end(command: 'commit' | 'rollback'): Promise<string | undefined> {
    return this.#begun && (await this.#wait(ask(this.#client, command))).command;
  }

  /** The same where nothing depends on the answer: whoever has the connection next is answered after it. */
  endSoon(command: 'commit' | 'rollback'): void {
    if (this.#begun) ask(this.#client, command).catch(() => {});
  }

  /** A server that does not even begin has refused all that was sent after it: see {@link READ_ONLY}. */
  #ask(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const begin = this.#begin;
    if (begin !== undefined && this.#commits) return this.#wait(askAlone((what) => ask(this.#client, what), begin, query));
    if (begin !== undefined) this.#begun ??= ask(this.#client, begin).catch(cannotBegin);
    const answer = ask(this.#client, query);
    return this.#wait(Promise.all([this.#begun, answer]).then(([, result]) => result));
  }

  async #wait<T>(answer: Promise<T>): Promise<T> {
    if (this.#waiting === 0) this.#trips.count += 1;
    this.#waiting += 1;
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/**
 * What every connection is set to. A statement is sent before the answer to the `begin` is known: should that fail, the
 * statement runs by itself, and must not change anything.
 */
export const READ_ONLY = 'set default_transaction_read_only = on';
export const BEGIN_READ = 'begin isolation level repeatable read read only';
export const BEGIN_WRITE = 'begin read write';

/** For a statement that is planned once, whatever it is about: planning it for just these values costs more than running it. */
export function beginAlone({ withinMs }: Gathered): string {
  const limit = withinMs === undefined ? '' : `; set local statement_timeout = ${Math.ceil(withinMs)}`;
  return `${BEGIN_WRITE}; set local plan_cache_mode = force_generic_plan${limit}`;
}

function cannotBegin(error: unknown): never {
  throw error instanceof StoreUnavailable ? error : new StoreUnavailable('away', { cause: error });
}

const names = new Map<string, string>();

/** A named query is planned once per connection. */
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (!name) {
    name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
    names.set(sql, name);
  }
  return name;
}

/** Runs a query; what keeps the server from answering it is told apart from what it answers. */
function ask(client: pg.PoolClient, query: string | pg.QueryConfig): Promise<pg.QueryResult> {
  return client.query(query as pg.QueryConfig).catch((error: unknown) => {
    throw asUnavailable(error);
  });
}
