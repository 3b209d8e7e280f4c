import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqliteQueryCompiler } from 'kysely';
import { Mutex } from '../mutex.ts';
import { Checkpointer } from './checkpointer.ts';
import { type Database, DatabaseError, pendingMigrations, type Session, Touched, type WriteSession } from './database.ts';
import { GroupSync } from './group-sync.ts';
import type { Migration, TableDialect } from './migrations/migration.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { type Builder, makeBuilder } from './statement.ts';

const dialect: TableDialect = {
  identity: 'integer primary key autoincrement',
  clustered: 'without rowid',
  hot: '',
};

const READERS = 4;
/** Another process (the command line) may hold the write lock for the length of one small transaction. */
const BUSY_RETRY_MS = 2;
const BUSY_LIMIT_MS = 10_000;

/**
 * The embedded store: one connection that writes, a few that read, the log synced in groups and checkpointed in a
 * worker. Everything but the sync runs on the event loop's thread, where a query takes microseconds.
 *
 * @param path database file; its folder exists
 * @param onFailure the disk refused to sync: acknowledge nothing more and end the process
 */
export async function openSqlite(path: string, onFailure: (error: Error) => void): Promise<Database> {
  const store = new SqliteStore(path, onFailure);
  await store.ping();
  return store;
}

/** How much may share one transaction: enough to gain by it, little enough not to keep the event loop. */
const JOBS_PER_COMMIT = 64;

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

interface Job {
  work: (s: WriteSession) => Promise<unknown>;
  settle: (outcome: Outcome) => void;
}

class SqliteStore implements Database {
  readonly engine = 'sqlite';
  readonly #writer: SqliteConnection;
  readonly #writers = new Mutex();
  readonly #queue: Job[] = [];
  #lastFailure: Outcome = { ok: false, error: undefined };
  readonly #readers: Array<{ connection: SqliteConnection; lock: Mutex }> = [];
  readonly #sync: GroupSync;
  readonly #checkpointer: Checkpointer;
  readonly #listeners: Array<(touched: Touched) => void> = [];
  #nextReader = 0;
  #seenVersion: number;
  #lookedThisTurn = false;

  constructor(path: string, onFailure: (error: Error) => void) {
    const builder = makeBuilder(new SqliteQueryCompiler());
    this.#writer = openWriter(path, builder);
    for (let i = 0; i < READERS; i++) {
      this.#readers.push({ connection: new SqliteConnection(path, builder, true), lock: new Mutex() });
    }
    this.#sync = new GroupSync(`${path}-wal`, onFailure);
    this.#checkpointer = new Checkpointer(path, this.#writers);
    this.#seenVersion = this.#writer.pragma('data_version');
  }

  async read<T>(work: (s: Session) => Promise<T>): Promise<T> {
    const reader = this.#readers[this.#nextReader++ % READERS]!;
    const release = await reader.lock.acquire();
    try {
      reader.connection.exec('begin');
      return await work(reader.connection);
    } finally {
      reader.connection.exec('commit');
      release();
    }
  }

  write<T>(work: (s: WriteSession) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        work,
        settle: (outcome) => (outcome.ok ? resolve(outcome.value as T) : reject(outcome.error)),
      };
      this.#queue.push(job);
      // Everything that arrived in the same turn of the event loop is committed together.
      if (this.#queue.length === 1) setImmediate(() => void this.#drain());
    });
  }

  onCommit(listener: (touched: Touched) => void): void {
    this.#listeners.push(listener);
  }

  trustsOwnCommits(): boolean {
    if (!this.#lookedThisTurn) this.#lookForOthers();
    return true;
  }

  /** Another process's commit shows as a new version. Looking once in a turn of the event loop is soon enough. */
  #lookForOthers(): void {
    this.#lookedThisTurn = true;
    setImmediate(() => {
      this.#lookedThisTurn = false;
    });
    const version = this.#writer.pragma('data_version');
    if (version !== this.#seenVersion) {
      this.#seenVersion = version;
      const touched = new Touched();
      touched.everything = true;
      this.#publish(touched);
    }
  }

  async migrate(migrations: readonly Migration[]): Promise<void> {
    await this.write(async () => {
      const pending = pendingMigrations(migrations, this.#writer.pragma('user_version'));
      for (const migration of pending) {
        for (const sql of migration.up(dialect)) this.#writer.exec(sql);
        this.#writer.exec(`pragma user_version = ${migration.id}`);
      }
    });
  }

  async ping(): Promise<void> {
    this.#writer.pragma('schema_version');
  }

  async check(): Promise<string[]> {
    const rows = this.#writer.db.prepare('pragma quick_check').all() as Array<{ quick_check: string }>;
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok');
  }

  async close(): Promise<void> {
    while (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    const release = await this.#writers.acquire();
    for (const reader of this.#readers) {
      await reader.lock.acquire();
      reader.connection.close();
    }
    release();
    await this.#checkpointer.close();
    await this.#sync.flushed();
    this.#writer.close();
    this.#sync.close();
  }

  /** Runs what is queued, many jobs to a transaction: pages that several of them change are written once. */
  async #drain(): Promise<void> {
    const release = await this.#writers.acquire();
    const jobs = this.#queue.splice(0, JOBS_PER_COMMIT);
    if (this.#queue.length > 0) setImmediate(() => void this.#drain());
    try {
      await this.#commitTogether(jobs);
    } finally {
      release();
    }
  }

  async #commitTogether(jobs: readonly Job[]): Promise<void> {
    const outcomes = await this.#tryCommit(jobs);
    if (outcomes) return this.#settleWhenDurable(jobs, outcomes);
    // One of them failed and took the others' changes with it: each has its own transaction now.
    for (const job of jobs) {
      const [outcome] = (await this.#tryCommit([job])) ?? [this.#lastFailure];
      this.#settleWhenDurable([job], [outcome!]);
    }
  }

  /** All outcomes of the jobs once committed, or undefined when one of them threw and nothing was changed. */
  async #tryCommit(jobs: readonly Job[]): Promise<Outcome[] | undefined> {
    try {
      await beginImmediate(this.#writer);
      this.#writer.touched = new Touched();
      const outcomes: Outcome[] = [];
      for (const job of jobs) outcomes.push({ ok: true, value: await job.work(this.#writer) });
      this.#writer.exec('commit');
      this.#checkpointer.committed();
      this.#publish(this.#writer.touched);
      return outcomes;
    } catch (error) {
      if (this.#writer.db.isTransaction) this.#writer.exec('rollback');
      this.#lastFailure = { ok: false, error };
      return undefined;
    }
  }

  #settleWhenDurable(jobs: readonly Job[], outcomes: readonly Outcome[]): void {
    void this.#sync.flushed().then(() => jobs.forEach((job, index) => job.settle(outcomes[index]!)));
  }

  #publish(touched: Touched): void {
    if (touched.empty) return;
    for (const listener of this.#listeners) listener(touched);
  }
}

function openWriter(path: string, builder: Builder): SqliteConnection {
  try {
    const writer = new SqliteConnection(path, builder, false);
    writer.exec('pragma journal_mode = wal');
    // The group sync makes commits durable; "normal" keeps the syncs that protect the log when it starts anew.
    writer.exec('pragma synchronous = normal');
    writer.exec('pragma wal_autocheckpoint = 0');
    writer.exec('pragma foreign_keys = on');
    writer.exec('pragma cache_size = -16000');
    // Writing anything makes sure that the log exists before the group sync opens it.
    writer.exec(`pragma user_version = ${writer.pragma('user_version')}`);
    syncFolder(dirname(path));
    return writer;
  } catch (error) {
    throw new DatabaseError(`cannot open ${path}: ${(error as Error).message}`);
  }
}

/** A new file survives power loss only once its folder's entry is on the disk too. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** Waits for another process without stopping the event loop. */
async function beginImmediate(writer: SqliteConnection): Promise<void> {
  const giveUpAt = Date.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return writer.exec('begin immediate');
    } catch (error) {
      if (!isBusy(error) || Date.now() > giveUpAt) throw error;
      await sleep(BUSY_RETRY_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}
