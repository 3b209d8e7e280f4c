/** The database file: made for its owner alone, opened for writing with what durability rests on. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../database.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { isBusy } from './sqlite-errors.ts';
import type { Builder } from '../statement.ts';

/** Another process (the command line) may hold the write lock for the length of one small transaction. */
export const BUSY_RETRY_MS = 2;
/** How long a unit of work waits for another process, however many wait with it. */
export const BUSY_LIMIT_MS = 5000;

/**
 * What lies in it is its owner's alone; SQLite gives the log beside it the same mode. A file that exists is not opened:
 * closing it would end the locks that this process may have on it.
 */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new DatabaseError(`cannot open ${path}: ${(error as Error).message}`);
  }
}

/** Another process may be opening the same file, or writing. */
export async function openWriter(path: string, builder: Builder): Promise<SqliteConnection> {
  const giveUpAt = Date.now() + BUSY_LIMIT_MS;
  for (;;) {
    let writer: SqliteConnection | undefined;
    try {
      writer = new SqliteConnection(path, builder, false);
      prepareWriter(writer);
      syncFolder(dirname(path));
      return writer;
    } catch (error) {
      writer?.close();
      if (!isBusy(error) || Date.now() > giveUpAt) throw new DatabaseError(`cannot open ${path}: ${(error as Error).message}`);
      await sleep(BUSY_RETRY_MS);
    }
  }
}

function prepareWriter(writer: SqliteConnection): void {
  writer.exec('pragma journal_mode = wal');
  // The group sync makes commits durable; "normal" keeps the syncs that protect the log when it starts anew.
  writer.exec('pragma synchronous = normal');
  writer.exec('pragma wal_autocheckpoint = 0');
  writer.exec('pragma foreign_keys = on');
  writer.exec('pragma cache_size = -16000');
  // Writing anything makes sure that the log exists before the group sync opens it. What is written was read in the
  // same transaction: another process may be migrating.
  writer.exec('begin immediate');
  writer.exec(`pragma user_version = ${writer.pragma('user_version')}`);
  writer.exec('commit');
}

/** A new file survives power loss only once its folder's entry is on the disk too. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
