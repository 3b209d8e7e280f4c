import { existsSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import type { MovableClock } from '../base/movable-clock.ts';
import type { Database, StoreOptions } from '../db/database.ts';
import { addMissingRoot } from '../db/stores/department-store.ts';
import { migrations } from '../db/migrations/index.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { refillUserIndex } from '../db/stores/user-index.ts';
import { portalClock } from './moving-clock.ts';
import { SETTING_KEYS } from './settings.ts';
import { databaseIn } from './folder.ts';

/** Where a portal keeps what it knows. */
export interface DataPlace {
  /** Path of the data folder. */
  data: string;
  /** Empty for the SQLite file in the folder. */
  databaseUrl: string;
}

/** A command cannot be done as asked; the message is for the person who gave it. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** Opens the store that the configuration names and brings its tables up to date. */
export async function openStore(place: DataPlace, databasePath: string, options: StoreOptions): Promise<Database> {
  const db = await open(place, databasePath, options);
  try {
    await db.migrate(migrations);
    await refillUserIndex(db);
    await addMissingRoot(db, systemClock().now());
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Loads only the engine that is used. */
async function open({ databaseUrl }: DataPlace, databasePath: string, options: StoreOptions): Promise<Database> {
  if (databaseUrl) return (await import('../db/engines/postgres.ts')).openPostgres(databaseUrl, options);
  return (await import('../db/engines/sqlite.ts')).openSqlite(databasePath, options);
}

/** Works on the store of a portal that exists, whether or not a server runs on it. */
export async function onPortal<T>(place: DataPlace, work: (db: Database, clock: MovableClock) => Promise<T>): Promise<T> {
  const path = databaseIn(place.data);
  const none = () => new CommandError(`there is no portal in ${place.databaseUrl ? 'this database' : place.data} yet: start the server once`);
  if (!place.databaseUrl && !existsSync(path)) throw none();
  const db = await openStore(place, path, { onFailure: fail, onFault: fail });
  try {
    // A first start may be under way: what comes before it would be in its way.
    if (!(await db.read(readSettings)).has(SETTING_KEYS.memberId)) throw none();
    return await work(db, await db.read((s) => portalClock(s, systemClock())));
  } finally {
    await db.close();
  }
}

function fail(fault: unknown): never {
  throw fault;
}
