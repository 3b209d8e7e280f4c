/** Where a measured server keeps its data, on either engine. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

export type Engine = 'sqlite' | 'postgres';

export interface Home extends AsyncDisposable {
  engine: Engine;
  folder: string;
  /** Empty on SQLite. */
  databaseUrl: string;
}

/** An empty one. @param postgresUrl of a PostgreSQL server in which databases may be created; empty for SQLite */
export async function makeHome(postgresUrl = ''): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const name = `tidemark_bench_${randomBytes(6).toString('hex')}`;
  const databaseUrl = postgresUrl && Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href;
  if (postgresUrl) await ask(postgresUrl, `create database ${name}`);
  return {
    engine: postgresUrl ? 'postgres' : 'sqlite',
    folder,
    databaseUrl,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
      if (postgresUrl) await ask(postgresUrl, `drop database ${name} with (force)`);
    },
  };
}

/** Runs one statement. */
export async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export interface PostgresServer extends AsyncDisposable {
  url: string;
}

/** The one that TIDEMARK_TEST_DATABASE_URL names, or one of our own where PostgreSQL is installed; else undefined, and said so. */
export async function findPostgres(): Promise<PostgresServer | undefined> {
  const given = process.env['TIDEMARK_TEST_DATABASE_URL'];
  if (given) return { url: given, async [Symbol.asyncDispose]() {} };
  if (globSync('/usr/lib/postgresql/*/bin/initdb').length === 0) {
    process.stderr.write('\nSKIPPED: everything on PostgreSQL, because it is not installed and TIDEMARK_TEST_DATABASE_URL names none\n\n');
    return undefined;
  }
  // It runs for as long as its standard input is open.
  const script = join(import.meta.dirname, '..', '.ci', 'with-postgres');
  const child = spawn(script, ['sh', '-c', 'echo "$TIDEMARK_TEST_DATABASE_URL"; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
