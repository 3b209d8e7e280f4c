import type { Changes } from './changes.ts';
import type { Migration } from './migrations/migration.ts';
import type { Session, WriteSession } from './session.ts';
import type { Statement } from './statement.ts';
import type { Tables } from './tables.ts';
import type { TextIndex } from './text-index.ts';

export type { Session, WriteSession };

/** A unit into which what came at the same time has been gathered: see {@link Database.together}. */
export interface Gathered {
  /** How long it may wait for others, milliseconds; without it as long as any. */
  withinMs?: number;
}

/** One statement that does all of a unit's work, or a unit of few statements. */
export type Together = 'statement' | 'unit';

/** The store on one engine. Both engines behave alike: the same suite runs on both. */
export interface Database {
  readonly engine: 'sqlite' | 'postgres';
  /** Finds messages by parts of their texts. */
  readonly texts: TextIndex;
  /** What the tables are like. */
  readonly tables: Tables;
  /** Most rows that a statement should look through: where the store is in the process everybody waits meanwhile. Infinite where it is not. */
  readonly mostScanned: number;
  /** Reads on a snapshot that no commit in between can change. */
  read<T>(work: (s: Session) => Promise<T>): Promise<T>;
  /** Reads with one statement by itself: the shortest way to an answer that needs no other on the same snapshot. */
  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]>;
  /**
   * Runs `work` as one unit and resolves once it is durable: on the disk, power loss included. Work that throws or ends
   * with a refusal (outcome.ts) leaves nothing behind. It may run again after a conflict with another writer, so it has
   * no effects besides its queries; it waits for nothing but them, and is short: long work is a chain of units.
   *
   * @param gathered the unit need not wait for more that comes in this turn of the event loop. Where {@link Database.together}
   *   asks for a statement it is one, which also writes the journal. It is sent together with its commit, so whatever the work
   *   does with the answer is done to what is durable; it never runs again
   * @throws StoreUnavailable when it could not be done now; nothing was changed then
   */
  write<T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered): Promise<T>;
  /** How what people send at the same time is best written together: a statement costs a wait, but not where the store is in the process. Undefined for not at all. */
  together(): Together | undefined;
  /** Called after every commit of this process with what each unit of work in it changed. */
  onCommit(listener: (changes: Changes) => void): void;
  /**
   * Whether what this process knows from its own commits is all there is to know. Notices another process's commit
   * (and publishes it as `everything`) on SQLite; always false on PostgreSQL, where other nodes write too.
   */
  trustsOwnCommits(): boolean;
  /** Applies the migrations that are missing, all or none, under a lock. Throws {@link DatabaseError}. */
  migrate(migrations: readonly Migration[]): Promise<void>;
  /** How often a unit of work has run again because of a conflict with another writer. */
  readonly retries: number;
  /** How often this process has sent something to the store and waited for its answer; none where the store is in the process. */
  readonly roundTrips: number;
  /** How many connections to the store this process has made. */
  readonly connects: number;
  /** A trivial query, to tell whether the store answers. */
  ping(): Promise<void>;
  /** Looks the stored data over; names what is damaged. */
  check(): Promise<string[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The disk refused to sync: nothing more may be acknowledged, the process must end. */
  onFailure(error: Error): void;
  /** Told of what goes wrong in somebody who follows the commits. */
  onFault(fault: unknown): void;
}

/** The store cannot be used as it is; the message is for the person who started the server. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
}

/**
 * Why the store cannot do it now: another writer holds it, it does not answer, the disk is full, or it went away while
 * it committed, so that nobody knows whether it did.
 */
export type Unavailability = 'busy' | 'away' | 'full' | 'uncertain';

const WHY: Readonly<Record<Unavailability, string>> = {
  busy: 'it is busy',
  away: 'it does not answer',
  full: 'there is no room left on the disk',
  uncertain: 'it went away before it said whether the change was made',
};

/** The store cannot do it now, but may later: unless it is uncertain nothing was changed, and whoever asked may try again. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
  readonly reason: Unavailability;

  constructor(reason: Unavailability, options?: ErrorOptions) {
    super(`the database cannot be used now: ${WHY[reason]}`, options);
    this.reason = reason;
  }
}

/** Refuses a store written by a newer release: this one would not understand what it reads. */
export function pendingMigrations(all: readonly Migration[], applied: number): readonly Migration[] {
  const newest = all.at(-1)?.id ?? 0;
  if (applied > newest) {
    throw new DatabaseError(`the database was written by a newer Tidemark (schema ${applied}, this release knows ${newest})`);
  }
  return all.filter((migration) => migration.id > applied);
}
