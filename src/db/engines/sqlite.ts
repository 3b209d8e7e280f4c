import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from '../../base/mutex.ts';
import { isRefusal } from '../../base/outcome.ts';
import { Checkpointer } from './checkpointer.ts';
import { CommitListeners } from '../commit-listeners.ts';
import { Changes } from '../changes.ts';
import { type Database, type Gathered, pendingMigrations, type Session, type StoreOptions, type Together, type WriteSession } from '../database.ts';
import { FreeList } from '../free-list.ts';
import { GroupSync } from './group-sync.ts';
import type { Migration, TableDialect } from '../migrations/migration.ts';
import { SqliteCompiler } from './sqlite-compiler.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { asUnavailable, isBusy } from './sqlite-errors.ts';
import { sqliteTables } from './sqlite-tables.ts';
import { sqliteTexts, textTables } from './sqlite-texts.ts';
import { BUSY_LIMIT_MS, BUSY_RETRY_MS, createFile, openWriter } from './sqlite-file.ts';
import { type Builder, makeBuilder, type Statement } from '../statement.ts';
import { ReadUnit, WriteUnit } from '../unit-session.ts';

const dialect: TableDialect = {
  identity: 'integer primary key autoincrement',
  clustered: 'without rowid',
  hot: '',
  exactText: 'text',
  jsonNumber: (column, key) => `case when json_valid(${column}) then json_extract(${column}, '$.${key}') end`,
  revisions: [
    `create view snapshot as select
      coalesce((select rev from journal order by rev desc limit 1), 0) + 1 as token, 0 as top, '' as open,
      coalesce((select id from generation order by id desc limit 1), 0) as generation`,
  ],
  folding: [],
  longDetails: [],
  texts: textTables,
};

const MOST_READERS = 16;

/**
 * The embedded store: one connection that writes, a few that read, the log synced in groups and checkpointed in a
 * worker. Everything but the sync runs on the event loop's thread, where a query takes microseconds.
 *
 * @param path database file; its folder exists
 */
export async function openSqlite(path: string, options: StoreOptions): Promise<Database> {
  createFile(path);
  const builder = makeBuilder(new SqliteCompiler());
  const store = new SqliteStore(path, builder, await openWriter(path, builder), options);
  await store.ping();
  return store;
}

/** How much may share one transaction: enough to gain by it, little enough not to keep the event loop. */
const UNITS_PER_COMMIT = 64;
const MS_PER_COMMIT = 10;

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

/** A unit of work that waits for its turn. */
interface Job {
  work: (s: WriteSession) => Promise<unknown>;
  settle: (outcome: Outcome) => void;
  /** When waiting for another process ends, on the clock of `performance.now()`. */
  deadline: number;
}

/** What has run in the transaction that is open. */
interface Group {
  jobs: Job[];
  outcomes: Outcome[];
  changes: Changes[];
  /** Entries of the journal. */
  entries: number;
}

class SqliteStore implements Database {
  readonly engine = 'sqlite';
  readonly texts = sqliteTexts;
  readonly tables = sqliteTables;
  readonly mostScanned = 2048;
  readonly retries = 0;
  readonly roundTrips = 0;
  readonly connects = 1;
  readonly #writer: SqliteConnection;
  readonly #writers = new Mutex();
  readonly #queue: Job[] = [];
  readonly #readers: FreeList<SqliteConnection>;
  readonly #sync: GroupSync;
  readonly #checkpointer: Checkpointer;
  readonly #listeners: CommitListeners;
  readonly #onFault: (fault: unknown) => void;
  #draining: Promise<void> | undefined;
  #seenVersion: number;
  #lookedThisTurn = false;

  constructor(path: string, builder: Builder, writer: SqliteConnection, options: StoreOptions) {
    this.#writer = writer;
    this.#readers = new FreeList(MOST_READERS, () => new SqliteConnection(path, builder, true));
    this.#sync = new GroupSync(`${path}-wal`, options.onFailure);
    this.#onFault = options.onFault;
    this.#checkpointer = new Checkpointer(path, this.#writers, options.onFault);
    this.#listeners = new CommitListeners(options.onFault);
    this.#seenVersion = this.#writer.pragma('data_version');
  }

  async read<T>(work: (s: Session) => Promise<T>): Promise<T> {
    return this.#readers.use(async (reader) => {
      reader.command('begin');
      const session = new ReadUnit(reader);
      try {
        return await work(session);
      } catch (error) {
        throw asUnavailable(error);
      } finally {
        session.end();
        if (reader.db.isTransaction) reader.command('commit');
      }
    });
  }

  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    return this.#readers.use((reader) => reader.all(statement, params)).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  write<T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome) => (outcome.ok ? resolve(outcome.value as T) : reject(outcome.error));
      this.#queue.push({ work, settle, deadline: performance.now() + Math.min(BUSY_LIMIT_MS, gathered?.withinMs ?? Infinity) });
      this.#draining ??= this.#drain(gathered !== undefined);
    });
  }

  onCommit(listener: (changes: Changes) => void): void {
    this.#listeners.add(listener);
  }

  together(): Together {
    return 'unit';
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
      const changes = new Changes();
      changes.everything = true;
      this.#listeners.publish(changes);
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
    await this.#draining;
    const release = await this.#writers.acquire();
    for (const reader of await this.#readers.drain()) reader.close();
    release();
    await this.#checkpointer.close();
    await this.#sync.flushed();
    this.#writer.close();
    this.#sync.close();
  }

  /**
   * Everything that arrived in the same turn of the event loop is committed together: shared pages are written once.
   *
   * @param gathered whether it has arrived
   */
  async #drain(gathered: boolean): Promise<void> {
    for (let now = gathered; this.#queue.length > 0; now = false) {
      if (!now) await nextTurn();
      const release = await this.#writers.acquire();
      try {
        if (await this.#begin()) await this.#commitTogether();
      } finally {
        release();
      }
    }
    this.#draining = undefined;
  }

  /** Waits for another process without stopping the event loop. False when nobody waits any longer. */
  async #begin(): Promise<boolean> {
    for (;;) {
      try {
        this.#rollBack();
        this.#writer.command('begin immediate');
        this.#writer.countTransaction();
        return true;
      } catch (error) {
        this.#giveUp(isBusy(error) ? performance.now() : Infinity, asUnavailable(error));
      }
      if (this.#queue.length === 0) return false;
      await sleep(BUSY_RETRY_MS);
    }
  }

  /** Ends the wait of those whose deadline has passed. */
  #giveUp(now: number, error: unknown): void {
    while (this.#queue.length > 0 && this.#queue[0]!.deadline <= now) this.#queue.shift()!.settle({ ok: false, error });
  }

  /** Runs what is queued in the open transaction, each unit of work on a savepoint of its own, and commits. */
  async #commitTogether(): Promise<void> {
    const group: Group = { jobs: [], outcomes: [], changes: [], entries: 0 };
    try {
      const end = performance.now() + MS_PER_COMMIT;
      do {
        const job = this.#queue.shift()!;
        group.jobs.push(job);
        group.outcomes.push(await this.#runUnit(job, group));
      } while (this.#writer.db.isTransaction && this.#queue.length > 0 && group.jobs.length < UNITS_PER_COMMIT && performance.now() < end);
      if (this.#writer.db.isTransaction) this.#writer.command('commit');
    } catch (error) {
      // The transaction is lost, and everything that was done in it.
      this.#rollBack();
      for (const job of group.jobs) job.settle({ ok: false, error: asUnavailable(error) });
      return;
    }
    this.#checkpointer.committed();
    for (const changes of group.changes) this.#listeners.publish(Object.assign(changes, { rev: this.#writer.revision }));
    this.#settleWhenDurable(group);
  }

  /** SQLite may have done it already; where even that fails, it is done before the next transaction. */
  #rollBack(): void {
    try {
      if (this.#writer.db.isTransaction) this.#writer.command('rollback');
    } catch (error) {
      this.#onFault(error);
    }
  }

  /**
   * Runs one unit; nothing of it stays when it throws or is refused. Without anything before it to be kept the transaction ends
   * then: a savepoint would copy every page that the unit changes.
   *
   * @throws what ended the transaction, when SQLite has ended it
   */
  async #runUnit(job: Job, group: Group): Promise<Outcome> {
    const alone = group.changes.length === 0;
    if (!alone) this.#writer.command('savepoint unit');
    const session = new WriteUnit(this.#writer);
    let entries = 0;
    const outcome = await attempt(async () => {
      const value = await job.work(session);
      if (!isRefusal(value)) entries = await session.writeJournal(group.entries, Date.now());
      return value;
    });
    session.end();
    if (!this.#writer.db.isTransaction) throw outcome.ok ? new Error('the transaction ended within a unit of work') : outcome.error;
    if (outcome.ok && !isRefusal(outcome.value)) {
      group.changes.push(session.changes);
      group.entries += entries;
    } else this.#writer.command(alone ? 'rollback' : 'rollback to unit');
    if (!alone) this.#writer.command('release unit');
    return outcome;
  }

  #settleWhenDurable({ jobs, outcomes }: Group): void {
    void this.#sync.flushed().then(() => jobs.forEach((job, index) => job.settle(outcomes[index]!)));
  }
}

async function attempt(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: asUnavailable(error) };
  }
}
