import { DatabaseSync } from 'node:sqlite';
import { DatabaseError } from '../database.ts';

/** How long the copy waits for a process that is just recovering the log, milliseconds. */
const BUSY_LIMIT_MS = 5000;

/**
 * Copies the database while others write to it. Everything is read in one transaction, so the copy is what was committed
 * when it began; in WAL mode that holds no writer up. Nothing is written to the source: tables that an older release
 * made stay as they are.
 *
 * @param target an empty file
 * @returns the number of the last migration that the copy has had
 * @throws DatabaseError when the source cannot be read, or the copy written, or the copy is not sound
 */
export function copySqlite(source: string, target: string): number {
  inDatabase(source, (db) => void db.prepare('vacuum into ?').run(target));
  return inDatabase(target, (copy) => {
    const problems = copy.prepare('pragma quick_check').all().map((row) => String(row['quick_check']));
    if (problems.join() !== 'ok') throw new Error(`the copy is damaged: ${problems.join('; ')}`);
    return Number(copy.prepare('pragma user_version').get()?.['user_version']);
  });
}

function inDatabase<T>(path: string, work: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_LIMIT_MS });
    return work(db);
  } catch (error) {
    throw new DatabaseError(`${path} cannot be copied: ${(error as Error).message}`, { cause: error });
  } finally {
    db?.close();
  }
}
