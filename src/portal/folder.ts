/** The data folder: who owns it, and what lies in it. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The folder cannot be used; the message is for the person who started the server. */
export class FolderError extends Error {
  override name = 'FolderError';
}

export interface DataFolder {
  path: string;
  database: string;
  certificates: string;
  /** Whether the folder was missing, empty, or in use before this process came. */
  before: 'missing' | 'empty' | 'used';
}

/** Path of the embedded database in a data folder. */
export function databaseIn(path: string): string {
  return join(path, 'tidemark.db');
}

/**
 * Makes the folder where it is missing.
 *
 * @throws FolderError when it cannot be made or written to
 */
export function openFolder(path: string): DataFolder {
  const absolute = resolve(path);
  const before = !existsSync(absolute) ? 'missing' : isEmpty(absolute) ? 'empty' : 'used';
  try {
    makeFolders(absolute);
    accessSync(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new FolderError(`the data folder ${absolute} cannot be written: ${(error as Error).message}`);
  }
  return { path: absolute, database: databaseIn(absolute), certificates: join(absolute, 'tls'), before };
}

/** One level at a time: a recursive mkdir never returns where the file system refuses to make folders at all. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function isEmpty(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** Undoes a first start that failed: the folder is again as it was. One that was in use stays as it is. */
export function discardFolder(folder: DataFolder): void {
  if (folder.before === 'missing') rmSync(folder.path, { recursive: true, force: true });
  if (folder.before !== 'empty') return;
  for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name), { recursive: true, force: true });
}

/** What a server says of itself in its folder, for the commands. */
export interface ServerNote {
  pid: number;
  /** Address of its HTTP listener. */
  http: string;
}

const NOTE = 'server.json';

/** What the server that holds the folder says of itself; undefined when none does, or none that ended properly. */
export function readServerNote(path: string): ServerNote | undefined {
  const file = join(path, NOTE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ServerNote) : undefined;
}

/**
 * Holds the folder for this process. The lock is the operating system's, so it ends with the process however that dies.
 *
 * @param http address of the server, for the commands
 * @returns what releases it
 * @throws FolderError naming the process that holds it
 */
export function lockFolder(folder: DataFolder, http: string): () => void {
  const lock = new DatabaseSync(join(folder.path, 'tidemark.lock'), { timeout: 0 });
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch {
    lock.close();
    const holder = readServerNote(folder.path)?.pid ?? 'unknown';
    throw new FolderError(`the data folder ${folder.path} is in use by another server (pid ${holder})`);
  }
  const note = join(folder.path, NOTE);
  writeFileSync(`${note}.new`, `${JSON.stringify({ pid: process.pid, http } satisfies ServerNote)}\n`);
  renameSync(`${note}.new`, note);
  return () => {
    rmSync(note, { force: true });
    lock.close();
  };
}
