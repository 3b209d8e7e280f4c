/** The data folder: who owns it, and what lies in it. */
import { randomBytes } from 'node:crypto';
import {
  accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The folder cannot be used; the message is for the person who started the server. */
export class FolderError extends Error {
  override name = 'FolderError';
}

/** A data folder that this process holds; disposing of it lets it go. */
export interface DataFolder extends Disposable {
  path: string;
  database: string;
  certificates: string;
  /** The folder has become a portal: it stays, whatever goes wrong from now on. */
  keep(): void;
}

/** Nobody but the owner reads what is stored. */
export const OWNER_ONLY = 0o600;
const NOTE = 'server.json';
const LOCK = 'tidemark.lock';
const SQLITE_BUSY = 5;
const OURS = ['tidemark.db', 'tidemark.db-wal', 'tidemark.db-shm', LOCK, `${LOCK}-journal`, NOTE];
/** How often another start may take the folder away under our hands before we give up. */
const ATTEMPTS = 100;

/** Path of the embedded database in a data folder. */
export function databaseIn(path: string): string {
  return join(path, 'tidemark.db');
}

/** Path of the certificates in a data folder. */
export function certificatesIn(path: string): string {
  return join(path, 'tls');
}

/** The certificates and keys of a data folder, by their paths within it; not what a renewal under way has not finished. */
export function certificateFiles(path: string): string[] {
  const tls = certificatesIn(path);
  const names = existsSync(tls) ? readdirSync(tls) : [];
  return names.filter((name) => name.endsWith('.pem')).map((name) => join('tls', name));
}

/** The bytes of uploaded files, by their paths within the data folder; not what is still coming in. */
export function uploadsIn(path: string): string[] {
  const uploads = join(path, 'files');
  const shards = existsSync(uploads) ? readdirSync(uploads).filter((name) => /^[\da-f]{2}$/.test(name)) : [];
  return shards.flatMap((shard) => readdirSync(join(uploads, shard)).filter((name) => /^[\da-f]{64}$/.test(name)).map((name) => join('files', shard, name)));
}

/** Files of a data folder that others than their owner may read or write. */
export function openToOthers(path: string): string[] {
  const tls = certificatesIn(path);
  const names = existsSync(tls) ? readdirSync(tls) : [];
  const files = [...OURS.map((name) => join(path, name)), ...names.map((name) => join(tls, name))];
  return files.filter((file) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0);
}

/**
 * One level at a time: a recursive mkdir never returns where the file system refuses to make folders at all.
 *
 * @returns whether it was missing and is made by this call
 */
function makeFolders(path: string): boolean {
  if (existsSync(path)) return false;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

/** What a server says of itself in its folder, for the commands. */
export interface ServerNote {
  pid: number;
  /** Address of its HTTP listener. */
  http: string;
}

/** What the server that holds the folder says of itself; undefined when none does, or none that ended properly. */
export function readServerNote(path: string): ServerNote | undefined {
  try {
    return JSON.parse(readFileSync(join(path, NOTE), 'utf8')) as ServerNote;
  } catch (error) {
    // A machine that went down may leave anything in it.
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Holds the folder for this process, and makes it where it is missing. The lock is the operating system's, so it ends
 * with the process however that dies. A folder that was made here and never became a portal goes again; one that was
 * there before stays.
 *
 * @param http address of the server, for the commands
 * @throws FolderError when it cannot be made or written to, or naming the process that holds it
 */
export function holdFolder(path: string, http: string): DataFolder {
  const absolute = resolve(path);
  const { made, release } = lock(absolute);
  try {
    writeNote(absolute, { pid: process.pid, http });
    for (const file of openToOthers(absolute)) chmodSync(file, OWNER_ONLY);
  } catch (error) {
    release();
    throw new FolderError(`the data folder ${absolute} cannot be written: ${(error as Error).message}`);
  }
  let discard = made;
  return {
    path: absolute,
    database: databaseIn(absolute),
    certificates: certificatesIn(absolute),
    keep() {
      discard = false;
    },
    [Symbol.dispose]() {
      removeNote(absolute);
      if (discard) discardFolder(absolute);
      release();
    },
  };
}

/** Where the folder was made read-only meanwhile it stays, and says nothing that the next start does not say anew. */
function removeNote(folder: string): void {
  try {
    rmSync(join(folder, NOTE), { force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) throw error;
  }
}

/** Only while it is held. It gets another name first: whoever waits for the lock sees that this folder is gone. */
function discardFolder(path: string): void {
  const away = `${path}.${randomBytes(6).toString('hex')}.discarded`;
  renameSync(path, away);
  rmSync(away, { recursive: true, force: true });
}

/** @returns what releases the lock, and whether the folder was made for it and has nothing else in it */
function lock(folder: string): { made: boolean; release: () => void } {
  let problem = 'it is taken away again and again';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const made = makeLockFile(folder);
      const held = tryLock(folder);
      if (held) return { made: made && readdirSync(folder).every((name) => name.startsWith(LOCK)), release: () => held.close() };
    } catch (error) {
      if (error instanceof FolderError) throw error;
      problem = (error as Error).message;
      // Another start makes the folder, or one that failed takes away what it had made.
      if (!['EEXIST', 'ENOENT'].includes(codeOf(error))) break;
    }
  }
  throw new FolderError(`the data folder ${folder} cannot be written: ${problem}`);
}

/** @returns whether the folder was made too */
function makeLockFile(folder: string): boolean {
  const made = makeFolders(folder);
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const file = join(folder, LOCK);
  // Opened only when it is new: closing a descriptor of a file ends the locks that the process has on it.
  if (!existsSync(file)) closeSync(openSync(file, 'wx', OWNER_ONLY));
  return made;
}

/** Undefined when the file that was locked is not the folder's any more. @throws FolderError when somebody else holds it */
function tryLock(folder: string): DatabaseSync | undefined {
  const file = join(folder, LOCK);
  const identity = identityOf(file);
  const database = new DatabaseSync(file, { timeout: 0, open: false });
  try {
    database.open();
    database.exec('pragma locking_mode = exclusive; begin exclusive');
    if (identity !== undefined && identityOf(file) === identity) return database;
  } catch (error) {
    if (existsSync(file)) throw lockError(folder, error);
  }
  if (database.isOpen) database.close();
  return undefined;
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

function lockError(folder: string, error: unknown): FolderError {
  const busy = Error.isError(error) && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
  if (!busy) return new FolderError(`the data folder ${folder} cannot be locked: ${(error as Error).message}`);
  return new FolderError(`the data folder ${folder} is in use by another server (pid ${readServerNote(folder)?.pid ?? 'unknown'})`);
}

export function codeOf(error: unknown): string {
  return Error.isError(error) && 'code' in error ? String(error.code) : '';
}

function writeNote(folder: string, note: ServerNote): void {
  const file = join(folder, NOTE);
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`, { mode: OWNER_ONLY });
  renameSync(`${file}.new`, file);
}
