import { type Compilable, DummyDriver, type Expression, Kysely, type QueryCompiler, SqliteAdapter } from 'kysely';
import type { Schema } from './schema.ts';

/** A value, or an expression that gives one. */
export type Value<T> = T | Expression<T>;

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

/** Ids that one query of a {@link ListStatement} takes at most. */
const MOST_IDS = 512;

/**
 * A statement about a list of ids, compiled once for each power of two: a list in between is filled up with its last id. Building
 * such a query anew costs more than running it.
 */
export class ListStatement<P extends object, O> {
  readonly #build: (q: Builder, p: P, ids: number[]) => Compilable<O>;
  readonly #sized = new Map<number, Statement<Record<string, unknown>, O>>();
  /** Only a type: what a row looks like. */
  declare readonly row: O;

  constructor(build: (q: Builder, p: P, ids: number[]) => Compilable<O>) {
    this.#build = build;
  }

  /** All rows, of as many queries as it takes. */
  async all(s: { all<O2>(statement: Statement<Record<string, unknown>, O2>, params: Record<string, unknown>): Promise<O2[]> }, params: P, ids: readonly number[]): Promise<O[]> {
    const found: Array<Promise<O[]>> = [];
    for (let i = 0; i < ids.length; i += MOST_IDS) {
      const part = ids.slice(i, i + MOST_IDS);
      const size = 2 ** Math.ceil(Math.log2(part.length));
      // Named by their places: an object keeps what is so named like a list.
      const values: Record<string, unknown> = {};
      Object.assign(values, params);
      for (let at = 0; at < size; at++) values[at] = part[Math.min(at, part.length - 1)];
      found.push(s.all(this.#of(size), values));
    }
    const [only = []] = found;
    return found.length < 2 ? only : (await Promise.all(found)).flat();
  }

  #of(size: number): Statement<Record<string, unknown>, O> {
    let sized = this.#sized.get(size);
    if (!sized) {
      sized = statement((q, p: Record<string, unknown>) => this.#build(q, p as P, Array.from({ length: size }, (_, at) => p[at] as number)));
      this.#sized.set(size, sized);
    }
    return sized;
  }
}

/** The values to bind, in order. */
export function bind(prepared: Prepared, params: object): unknown[] {
  const values = params as Record<string, unknown>;
  return prepared.slots.map((slot) => (slot instanceof Slot ? values[slot.name] : slot));
}
