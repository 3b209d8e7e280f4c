/** Where a test's portal keeps what it knows: a folder and, on PostgreSQL, a database of its own; and copies of it. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copySqlite } from '../db/engines/sqlite-backup.ts';
import { databaseIn, uploadsIn } from '../portal/folder.ts';

export interface Place extends AsyncDisposable {
  data: string;
  /** Empty on SQLite. */
  databaseUrl: string;
  /** Copies what is there; on PostgreSQL only while nobody is connected. */
  copy(): Promise<string>;
  /** Puts a copy in its place, while no server runs. */
  putBack(copy: string): Promise<void>;
}

/** @param server address of a PostgreSQL server in which databases may be made; undefined for SQLite */
export async function makePlace(server: string | undefined): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-portal-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // A test that is killed by its runner leaves nothing behind.
  process.on('exit', remove);
  const database = server === undefined ? onFiles(folder) : await onServer(server);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  return {
    data,
    databaseUrl: database.url,
    async copy() {
      const name = `copy_${randomBytes(6).toString('hex')}`;
      await database.copy(data, name);
      copyUploads(data, join(folder, name));
      return name;
    },
    async putBack(name) {
      await database.putBack(data, name);
      copyUploads(join(folder, name), data);
    },
    async [Symbol.asyncDispose]() {
      await database.drop();
      remove();
      process.off('exit', remove);
    },
  };
}

/** What bytes are called says what they are: what lies there already is the same. */
function copyUploads(from: string, to: string): void {
  for (const name of uploadsIn(from)) {
    if (existsSync(join(to, name))) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true, mode: 0o700 });
    copyFileSync(join(from, name), join(to, name));
  }
}

interface Base {
  url: string;
  copy(data: string, name: string): Promise<void>;
  putBack(data: string, name: string): Promise<void>;
  drop(): Promise<void>;
}

function onFiles(folder: string): Base {
  return {
    url: '',
    async copy(data, name) {
      mkdirSync(join(folder, name), { mode: 0o700 });
      copySqlite(databaseIn(data), databaseIn(join(folder, name)));
    },
    async putBack(data, name) {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${databaseIn(data)}${suffix}`, { force: true });
      copyFileSync(databaseIn(join(folder, name)), databaseIn(data));
    },
    drop: async () => {},
  };
}

async function onServer(server: string): Promise<Base> {
  const name = `tidemark_${randomBytes(6).toString('hex')}`;
  const made = [name];
  const make = async (database: string, template?: string) => {
    await onPostgres(server, `create database ${database}${template ? ` template ${template}` : ''}`);
    if (!made.includes(database)) made.push(database);
  };
  await make(name);
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    copy: (_data, copy) => make(copy, name),
    async putBack(_data, copy) {
      await onPostgres(server, `drop database ${name} with (force)`);
      await make(name, copy);
    },
    async drop() {
      for (const database of made) await onPostgres(server, `drop database if exists ${database} with (force)`);
    },
  };
}

async function onPostgres(server: string, statement: string): Promise<void> {
  const { onPostgresServer } = await import('../db/engines/postgres-databases.ts');
  await onPostgresServer(server, statement);
}
