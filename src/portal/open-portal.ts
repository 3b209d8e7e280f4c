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
    await bringUpToDate(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function bringUpToDate(db: Database): Promise<void> {
  await db.migrate(migrations);
  await refillUserIndex(db);
  await addMissingRoot(db, systemClock().now());
}

/**
 * Opens a store in which there is no portal yet, with tables as they were in a release, for `fill` to put one in, and brings
 * that up to date.
 *
 * @param schema the last migration of that release
 * @throws CommandError where there is a portal, or tables of a later release
 */
export async function fillStore<T>(place: DataPlace, databasePath: string, schema: number, fill: (db: Database) => Promise<T>): Promise<T> {
  const db = await open(place, databasePath, { onFailure: fail, onFault: fail });
  try {
    const there = await db.read((s) => db.tables.schema(s));
    if (there > 0 && (await db.read(readSettings)).size > 0) throw new CommandError(`there is a portal already in ${place.databaseUrl ? 'this database' : place.data}: it can only be imported into a new one`);
    if (there > schema) throw new CommandError(`there are tables already in ${place.databaseUrl ? 'this database' : place.data}, of a later release (schema ${there}) than the export (schema ${schema})`);
    await db.migrate(migrations.filter(({ id }) => id <= schema));
    const filled = await fill(db);
    await bringUpToDate(db);
    return filled;
  } finally {
    await db.close();
  }
}

/** The last migration that this release knows. */
export const NEWEST_SCHEMA = migrations.at(-1)!.id;

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
