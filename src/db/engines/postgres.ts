import { PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { isRefusal } from '../../base/outcome.ts';
import { Changes } from '../changes.ts';
import { CommitListeners } from '../commit-listeners.ts';
import {
  type Database, DatabaseError, type Gathered, pendingMigrations, type Session, type StoreOptions, StoreUnavailable, type Together, type WriteSession,
} from '../database.ts';
import type { Migration } from '../migrations/migration.ts';
import { BEGIN_READ, BEGIN_WRITE, beginAlone, PostgresConnection, READ_ONLY, RoundTrips } from './postgres-connection.ts';
import { dialect } from './postgres-dialect.ts';
import { settleIn } from './postgres-place.ts';
import { postgresTables } from './postgres-tables.ts';
import { postgresTexts } from './postgres-texts.ts';
import { PostgresTimeline } from './postgres-timeline.ts';
import { codeOf, isAway, isSilence } from './postgres-errors.ts';
import { type Builder, makeBuilder, type Statement } from '../statement.ts';
import { ReadUnit, WriteUnit } from '../unit-session.ts';

const OLDEST_VERSION = 140_000;
const MIGRATION_LOCK = 7_243_711;
const POOL_SIZE = 16;
const CONNECT_TIMEOUT_MS = 5000;
const ATTEMPTS = 5;
/**
 * How long a statement may take, which is nearly always waiting for locks. lock_timeout would not do: it
 * begins anew for each of the locks that a statement waits for in the queue of a row.
 */
const BUSY_LIMIT_MS = 5000;
/** A server that says nothing for this long, not even that a statement took too long, is away. */
const SILENCE_LIMIT_MS = 6000;
/** After a silence, how long nobody asks again: a batch would wait anew for each of its commands. */
const AWAY_MS = 1000;
/** Serialization failure, deadlock, and a unique key that a concurrent transaction inserted first. */
const RETRYABLE = new Set(['40001', '40P01', '23505']);

// Ids and millisecond instants stay far below 2^53, so a bigint fits a JavaScript number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);

/** The pool waits for it before it gives a new connection out, and throws the connection away when it fails. */
function whenConnected(timeline: PostgresTimeline) {
  const onConnect = async (client: pg.ClientBase) => {
    await client.query(READ_ONLY);
    await timeline.check(client);
  };
  return { onConnect };
}

/**
 * The store on PostgreSQL 14 or newer, for several server processes. A commit is durable when the server says so
 * (synchronous_commit on).
 *
 * @throws DatabaseError when the server cannot be reached, refuses the login or is too old
 */
export async function openPostgres(url: string, options: StoreOptions): Promise<Database> {
  const listeners = new CommitListeners(options.onFault);
  const timeline = new PostgresTimeline(() => publishEverything(listeners));
  const pool = new pg.Pool({
    connectionString: url, max: POOL_SIZE, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: SILENCE_LIMIT_MS, keepAlive: true,
    statement_timeout: BUSY_LIMIT_MS, idle_in_transaction_session_timeout: BUSY_LIMIT_MS, pipeline: true,
    ...whenConnected(timeline),
  });
  // A connection that breaks is replaced by the pool; the query that needs it reports its own error.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await requireVersion(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return new PostgresStore(url, pool, listeners);
}

async function requireVersion(pool: pg.Pool): Promise<void> {
  let version: number;
  try {
    const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    version = Number(rows[0]?.version);
  } catch (error) {
    throw new DatabaseError(`cannot reach the PostgreSQL database: ${reason(error)}`);
  }
  if (version < OLDEST_VERSION) {
    throw new DatabaseError(`PostgreSQL ${Math.floor(version / 10_000)} is too old, 14 or newer is needed`);
  }
}

/** A refused connection to a name with several addresses arrives as an AggregateError without a message. */
function reason(error: unknown): string {
  if (Error.isError(error) && 'errors' in error && Array.isArray(error.errors)) return error.errors.map(reason).join('; ');
  return Error.isError(error) ? error.message : String(error);
}

class PostgresStore implements Database {
  readonly engine = 'postgres';
  readonly texts = postgresTexts;
  readonly tables = postgresTables;
  readonly mostScanned = Infinity;
  readonly #url: string;
  readonly #pool: pg.Pool;
  readonly #builder: Builder;
  readonly #listeners: CommitListeners;
  readonly #trips = new RoundTrips();
  #retries = 0;
  #connects = 0;
  #awayUntil = 0;

  constructor(url: string, pool: pg.Pool, listeners: CommitListeners) {
    this.#url = url;
    this.#pool = pool;
    this.#listeners = listeners;
    this.#builder = makeBuilder(new PostgresQueryCompiler());
    pool.on('connect', () => (this.#connects += 1));
  }

  get retries(): number {
    return this.#retries;
  }

  get connects(): number {
    return this.#connects;
  }

  get roundTrips(): number {
    return this.#trips.count;
  }

  all<P extends object, O>(statement: Statement<P, O>, params: P): Promise<O[]> {
    return this.#withClient((client) => new PostgresConnection(client, this.#builder, this.#trips).all(statement, params));
  }

  read<T>(work: (s: Session) => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      const connection = new PostgresConnection(client, this.#builder, this.#trips, BEGIN_READ);
      const result = await during(new ReadUnit(connection), work);
      connection.endSoon('commit');
      return result;
    });
  }

  together(): Together {
    return 'statement';
  }

  async write<T>(work: (s: WriteSession) => Promise<T>, gathered?: Gathered): Promise<T> {
    if (gathered) return this.#writeAlone(work, gathered);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#writeOnce(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !RETRYABLE.has(codeOf(error))) throw error;
        this.#retries += 1;
      }
    }
  }

  async #writeOnce<T>(work: (s: WriteSession) => Promise<T>): Promise<T> {
    const { result, changes } = await this.#withClient(async (client) => {
      const connection = new PostgresConnection(client, this.#builder, this.#trips, BEGIN_WRITE);
      const unit = new WriteUnit(connection);
      const { made, journal } = await during(unit, async () => {
        const done = await work(unit);
        return { made: done, journal: isRefusal(done) ? undefined : unit.writeJournal(0, Date.now()) };
      });
      if (journal) await this.#commit(connection, journal);
      else connection.endSoon('rollback');
      return { result: made, changes: unit.changes };
    });
    if (!isRefusal(result)) this.#listeners.publish(changes);
    return result;
  }

  async #writeAlone<T>(work: (s: WriteSession) => Promise<T>, gathered: Gathered): Promise<T> {
    const { result, changes } = await this.#withClient(async (client) => {
      const unit = new WriteUnit(new PostgresConnection(client, this.#builder, this.#trips, beginAlone(gathered), true));
      return { result: await during(unit, work), changes: unit.changes };
    }).catch((error: unknown) => {
      if (error instanceof StoreUnavailable && error.reason === 'uncertain') publishEverything(this.#listeners);
      throw error;
    });
    this.#listeners.publish(changes);
    return result;
  }

  onCommit(listener: (changes: Changes) => void): void {
    this.#listeners.add(listener);
  }

  trustsOwnCommits(): boolean {
    return false;
  }

  /** On a connection of its own: a migration may take its time. */
  async migrate(migrations: readonly Migration[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
      await client.query('create table if not exists schema_version (id bigint primary key)');
      const { rows } = await client.query<{ id: string }>('select coalesce(max(id), 0) as id from schema_version');
      for (const migration of pendingMigrations(migrations, Number(rows[0]!.id))) {
        for (const sql of migration.up(dialect)) await client.query(sql);
        await client.query('insert into schema_version (id) values ($1)', [migration.id]);
      }
      await settleIn(client);
      await client.query('commit');
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      throw new DatabaseError(`cannot bring the tables of the PostgreSQL database up to date: ${reason(error)}`, { cause: error });
    } finally {
      await client.end();
    }
  }

  async ping(): Promise<void> {
    await this.#pool.query('select 1');
  }

  async check(): Promise<string[]> {
    await this.ping();
    return [];
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /**
   * A server that goes away while it commits may have done it: neither acknowledged nor done again.
   *
   * @param journal the last statements, which have been sent
   */
  async #commit(connection: PostgresConnection, journal: Promise<unknown>): Promise<void> {
    let done: string | undefined;
    try {
      [done] = await Promise.all([connection.end('commit'), journal]);
    } catch (error) {
      if (!isAway(error)) throw error;
      publishEverything(this.#listeners);
      throw new StoreUnavailable('uncertain', { cause: error });
    }
    if (done === 'ROLLBACK') throw new Error('a statement of the unit of work had failed, and it went on');
  }

  /** Gives the connection back clean, or throws it away when the server is away or even the rollback fails. */
  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      await this.#giveUp(client, error);
      throw error;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (performance.now() < this.#awayUntil) throw new StoreUnavailable('away');
    try {
      return await this.#pool.connect();
    } catch (error) {
      this.#awayUntil = performance.now() + AWAY_MS;
      throw new StoreUnavailable('away', { cause: error });
    }
  }

  async #giveUp(client: pg.PoolClient, error: unknown): Promise<void> {
    if (error instanceof StoreUnavailable && error.reason !== 'busy' && error.reason !== 'full') {
      if (isSilence(error)) this.#awayUntil = performance.now() + AWAY_MS;
      return client.release(true);
    }
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
  }
}

function publishEverything(listeners: CommitListeners): void {
  const changes = new Changes();
  changes.everything = true;
  listeners.publish(changes);
}

async function during<S extends ReadUnit, T>(unit: S, work: (unit: S) => Promise<T>): Promise<T> {
  try {
    return await work(unit);
  } finally {
    unit.end();
  }
}
