import { createHash } from 'node:crypto';
import type { Compilable } from 'kysely';
import type pg from 'pg';
import type { Session } from '../database.ts';
import { asUnavailable } from './postgres-errors.ts';
import { bind, type Builder, type Statement } from '../statement.ts';

/** One connection: statements are planned once on it, by name. */
export class PostgresConnection implements Session {
  readonly #builder: Builder;
  readonly #client: pg.PoolClient;

  constructor(client: pg.PoolClient, builder: Builder) {
    this.#client = client;
    this.#builder = builder;
  }

  async all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    const prepared = statement.prepare(this.#builder);
    const name = nameOf(prepared.sql);
    const { rows } = await ask(this.#client, { name, text: prepared.sql, values: bind(prepared, params) });
    return rows as O[];
  }

  async first<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O | undefined> {
    return (await this.all(statement, params))[0];
  }

  async query<O>(build: (q: Builder) => Compilable<O>): Promise<O[]> {
    const query = build(this.#builder).compile();
    const { rows } = await ask(this.#client, { text: query.sql, values: [...query.parameters] });
    return rows as O[];
  }
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
export function ask(client: pg.PoolClient, query: string | pg.QueryConfig): Promise<pg.QueryResult> {
  return client.query(query as pg.QueryConfig).catch((error: unknown) => {
    throw asUnavailable(error);
  });
}
