/** Real servers for tests: on a folder of their own, on free ports, on the engine that the run is about. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Overrides } from '../../src/context.ts';
import { createLog } from '../../src/base/log.ts';
import { openPostgres } from '../../src/db/engines/postgres.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { type Client, clientFor } from './client.ts';

/** Set by the run: addresses of PostgreSQL servers in which databases may be created, one for each worker at best. */
const POSTGRES_URLS = (process.env['TIDEMARK_TEST_DATABASE_URL'] ?? '').split(' ');
export const POSTGRES_URL = POSTGRES_URLS[Number(process.env['VITEST_POOL_ID'] ?? 0) % POSTGRES_URLS.length]!;
export const ENGINE = POSTGRES_URL ? 'postgres' : 'sqlite';

/** A clock that tests move by hand; it starts at the real time and goes on by itself. */
export class TestClock implements Clock {
  readonly #real = systemClock();
  #passed = 0;
  #set = 0;
  now(): number {
    return this.#real.now() + this.#passed + this.#set;
  }
  precise(): number {
    return this.#real.precise() + this.#passed;
  }
  /** Time passes. */
  advance(ms: number): void {
    this.#passed += ms;
  }
  /** Somebody sets the time of day, by so much from what it was; no time passes. */
  set(ms: number): void {
    this.#set += ms;
  }
}

export interface TestServer extends AsyncDisposable {
  readonly http: string;
  readonly https: string;
  readonly ca: string;
  folder: string;
  databaseUrl: string;
  clock: TestClock;
  readonly server: RunningServer;
  /** The administrator, user 1. */
  admin: Client;
  /** Adds a user and gives a client that calls as them. */
  addUser(name: string, fields?: Partial<ReturnType<typeof blankUser>>): Promise<Client>;
  /** Stops the server and starts it on what it has stored, at other ports: {@link movedTo} takes clients along. `between` runs while it stands still. */
  restart(between?: () => Promise<void>): Promise<void>;
}

/** Starts a server with an empty portal unless the settings say otherwise. */
export async function startTestServer(settings: Partial<Config> = {}, overrides: Overrides = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
  const databaseUrl = settings.databaseUrl ?? (await databaseWithTables());
  const clock = new TestClock();
  const config = { ...loadConfig({}, {}), port: 0, tlsPort: 0, data: folder, empty: true, printWebhook: true, ...settings, databaseUrl };
  const start = () => startServer(config, { clock, log: createLog(process.env['TIDEMARK_TEST_LOG'] ?? 'error'), ...overrides });
  let server = await start();
  const portal: TestServer = {
    get http() {
      return server.ready.http;
    },
    get https() {
      return server.ready.https;
    },
    get ca() {
      return server.ready.ca;
    },
    get server() {
      return server;
    },
    folder,
    databaseUrl,
    clock,
    admin: clientFor(server.ready.admin.webhook, 1),
    async addUser(name, fields = {}) {
      const { db } = server.context;
      const id = await db.write((s) => insertUser(s, { ...blankUser(clock.now()), first_name: name, ...fields }));
      const webhook = await addWebhook(db, clock, { userId: id, scopes: SCOPES, title: 'test' });
      return clientFor(`${portal.http}/rest/${id}/${webhook!.code}/`, id);
    },
    async restart(between) {
      await server[Symbol.asyncDispose]();
      await between?.();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      if (settings.databaseUrl === undefined) await dropDatabase(databaseUrl);
    },
  };
  return portal;
}

/** The same webhook where the portal is now. */
export function movedTo(portal: TestServer, client: Client): Client {
  return clientFor(client.url.replace(/^https?:\/\/[^/]+/, portal.http), client.userId);
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** A new PostgreSQL database for one server; an empty address on SQLite. `how` says what PostgreSQL is to make it of. */
export async function freshDatabase(how = ''): Promise<string> {
  if (ENGINE === 'sqlite') return '';
  const name = `tidemark_${randomBytes(6).toString('hex')}`;
  await onPostgres((client) => client.query(`create database ${name} ${how}`));
  return Object.assign(new URL(POSTGRES_URL), { pathname: `/${name}` }).href;
}

let template: Promise<string> | undefined;

/** One with all tables, copied from the first one: on PostgreSQL making them takes most of a server's start. How that goes has tests of its own. */
async function databaseWithTables(): Promise<string> {
  if (ENGINE === 'sqlite') return '';
  template ??= makeTemplate();
  return freshDatabase(`template ${await template}`);
}

/** Its name. */
async function makeTemplate(): Promise<string> {
  const url = await freshDatabase();
  const ignore = () => {};
  const db = await openPostgres(url, { onFailure: ignore, onFault: ignore });
  await db.migrate(migrations);
  await db.close();
  // A copy is not to know that it is one.
  await onPostgres((client) => client.query('drop table store_place'), url);
  return nameOf(url);
}

export async function dropDatabase(url: string): Promise<void> {
  if (url === '') return;
  await onPostgres((client) => client.query(`drop database ${nameOf(url)} with (force)`));
}

export async function onPostgres(work: (client: pg.Client) => Promise<unknown>, url = POSTGRES_URL): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client);
  await client.end();
}
