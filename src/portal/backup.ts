/** A copy of a portal that a server can be started on, made while another server runs on the original. */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync, writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { copySqlite } from '../db/engines/sqlite-backup.ts';
import { certificateFiles, codeOf, databaseIn, FolderError, OWNER_ONLY, uploadsIn } from './folder.ts';

export interface Backup {
  path: string;
  engine: 'sqlite' | 'postgres';
  /** Whether the database is in it. */
  database: boolean;
  /** The last migration of the copied tables; undefined without a database. */
  schema?: number;
  /** How many uploaded files are in it; none where they do not lie in the folder. */
  files: number;
  /** Names of those whose bytes are not what was uploaded; they are copied as they are. */
  damaged: string[];
  /** Of all files together. */
  bytes: number;
  /** ISO 8601. */
  made_at: string;
}

/** In every backup: when and of what it was made. A server does not read it. */
export const MANIFEST = 'backup.json';
/** Bytes that are copied at once. */
const PIECE = 1024 * 1024;

/**
 * Copies a data folder to a path that does not exist yet. Everything is written beside it, checked and brought to the disk, and gets
 * its name last: whatever has that name is whole. The database comes first: the bytes of a file are there before it is, and stay for a day
 * after. What fails leaves nothing; what is killed leaves a folder whose name ends in `.unfinished`.
 *
 * @param withDatabase whether the database lies in the folder
 * @throws FolderError or DatabaseError with a message for whoever asked for it
 */
export function makeBackup(data: string, target: string, withDatabase: boolean): Backup {
  const path = resolve(target);
  refuse(data, path, withDatabase);
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.unfinished`;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    const schema = withDatabase ? copyDatabase(data, unfinished) : undefined;
    for (const name of certificateFiles(data)) copyFile(join(data, name), join(unfinished, name));
    const uploads = copyUploads(data, unfinished);
    const made = {
      engine: withDatabase ? 'sqlite' : 'postgres', database: withDatabase, ...(schema !== undefined && { schema }), ...uploads, made_at: new Date().toISOString(),
    } as const;
    writeFileSync(join(unfinished, MANIFEST), `${JSON.stringify(made)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    const bytes = syncAll(unfinished);
    renameSync(unfinished, path);
    syncOne(dirname(path));
    return { path, ...made, bytes };
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (Error.isError(error) && 'syscall' in error) throw new FolderError(`the backup ${path} cannot be made: ${error.message}`);
    throw error;
  }
}

function refuse(data: string, path: string, withDatabase: boolean): void {
  if (existsSync(path)) throw new FolderError(`${path} exists already: a backup overwrites nothing`);
  if (!existsSync(dirname(path))) throw new FolderError(`there is no folder ${dirname(path)}`);
  const needed = withDatabase ? databaseIn(data) : data;
  if (!existsSync(needed)) throw new FolderError(`there is no portal in ${resolve(data)}`);
}

function copyDatabase(data: string, unfinished: string): number {
  const copy = databaseIn(unfinished);
  writeFileSync(copy, '', { mode: OWNER_ONLY, flag: 'wx' });
  const schema = copySqlite(databaseIn(data), copy);
  if (schema === 0) throw new FolderError(`there is no portal in ${resolve(data)} yet: its first start has not finished`);
  return schema;
}

/** Whatever the mode of the original, the copy is its owner's alone. */
function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  writeFileSync(to, readFileSync(from), { mode: OWNER_ONLY, flag: 'wx' });
}

/** The bytes of uploaded files, each looked at on the way: its name is what they hash to. */
function copyUploads(data: string, unfinished: string): { files: number; damaged: string[] } {
  let files = 0;
  const damaged: string[] = [];
  for (const name of uploadsIn(data)) {
    const hash = copyHashed(join(data, name), join(unfinished, name));
    if (hash !== undefined) files += 1;
    if (hash !== undefined && hash !== basename(name)) damaged.push(name);
  }
  return { files, damaged };
}

/** @returns the SHA-256 of what was copied; undefined where it has been removed meanwhile, as nothing refers to it any more */
function copyHashed(from: string, to: string): string | undefined {
  const source = openExisting(from);
  if (source === undefined) return undefined;
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const copy = openSync(to, 'wx', OWNER_ONLY);
  try {
    const [hash, piece] = [createHash('sha256'), Buffer.allocUnsafe(PIECE)];
    for (let read = readSync(source, piece); read > 0; read = readSync(source, piece)) {
      hash.update(piece.subarray(0, read));
      for (let done = 0; done < read;) done += writeSync(copy, piece, done, read - done);
    }
    return hash.digest('hex');
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Brings a folder to the disk. @returns the size of its files */
function syncAll(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += syncAll(path);
    else {
      syncOne(path);
      bytes += statSync(path).size;
    }
  }
  syncOne(folder);
  return bytes;
}

function syncOne(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
