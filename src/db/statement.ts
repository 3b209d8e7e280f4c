import { type Compilable, DummyDriver, Kysely, type QueryCompiler, SqliteAdapter } from 'kysely';
import type { Schema } from './schema.ts';

/** Builds queries only; running them is the session's business. */
export type Builder = Kysely<Schema>;

/** A builder for the dialect that the compiler writes. */
export function makeBuilder(compiler: QueryCompiler): Builder {
  return new Kysely<Schema>({
    dialect: {
      // Only asked by Kysely's own migrations and drivers, which are not used.
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: () => {
        throw new Error('not used');
      },
      createQueryCompiler: () => compiler,
    },
  });
}

/** SQL text with the names of its parameters in order of appearance, or literal values where the query has any. */
export interface Prepared {
  sql: string;
  slots: readonly unknown[];
}

/** Stands in for a parameter while a statement is compiled. Its value is not known yet, so nothing can be computed of it. */
export class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError(`the statement computes with its parameter ${this.name}: let the database do it, or whoever calls`);
  }

  toJSON(): never {
    return this[Symbol.toPrimitive]();
  }
}

const slots: object = new Proxy({}, { get: (_target, name) => new Slot(String(name)) });

/**
 * A query that is built and compiled once for each engine and then only bound. Building a query costs several times
 * what running it on SQLite does, so every query on a hot path is a statement.
 */
export class Statement<P, O> {
  readonly #build: (q: Builder, p: P) => Compilable<O>;
  readonly #prepared = new WeakMap<Builder, Prepared>();
  /** Only a type: what a row looks like. */
  declare readonly row: O;

  constructor(build: (q: Builder, p: P) => Compilable<O>) {
    this.#build = build;
  }

  prepare(builder: Builder): Prepared {
    let prepared = this.#prepared.get(builder);
    if (!prepared) {
      const query = this.#build(builder, slots as P).compile();
      if (query.parameters.includes(undefined)) throw new TypeError(`the statement asks its parameters for what they do not have: ${query.sql}`);
      prepared = { sql: query.sql, slots: query.parameters };
      this.#prepared.set(builder, prepared);
    }
    return prepared;
  }
}

/** Declares a statement; `p` gives each parameter by name. */
export function statement<P, O>(build: (q: Builder, p: P) => Compilable<O>): Statement<P, O> {
  return new Statement(build);
}

/** The values to bind, in order. */
export function bind(prepared: Prepared, params: object): unknown[] {
  const values = params as Record<string, unknown>;
  return prepared.slots.map((slot) => (slot instanceof Slot ? values[slot.name] : slot));
}
