import type { Compilable } from 'kysely';
import type { Changes } from './changes.ts';
import type { Builder, Statement } from './statement.ts';

/** Runs queries on one consistent snapshot, until the unit of work it was made for has ended. */
export interface Session {
  /** Runs a statement compiled once. */
  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]>;
  first<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O | undefined>;
  /** Builds and runs a query whose shape depends on its input. */
  query<O>(build: (q: Builder) => Compilable<O>): Promise<O[]>;
}

/** A session that may also write, and says what it changes. */
export interface WriteSession extends Session {
  readonly changes: Changes;
}
