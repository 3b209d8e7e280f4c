/** Writes all of a portal into a folder, as lines of JSON and files, in a form that no engine knows better than another. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Blobs } from '../blobs/blobs.ts';
import { INCOMING, openFolderBlobs, syncFolder } from '../blobs/folder-blobs.ts';
import type { Database, Session } from '../db/database.ts';
import { READERS, readCursor } from '../db/stores/journal-store.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { type AnyRow, highestOf, rowsAfter } from '../db/stores/table-store.ts';
import type { TableShape } from '../db/tables.ts';
import { putAs } from './files.ts';
import { type End, ExchangeFault, FILES_FOLDER, FORMAT, type Head, parseLine, ROWS_FILE } from './format.ts';
import { linesOf, type LineWriter, writeLines } from './lines.ts';
import { EXPORTED, type Exported } from './plan.ts';

/** Rows of one query. */
const ROWS_AT_ONCE = 500;

/** Told how far something has come. */
export type Watch = (what: string, done: number, all: number) => void;

export interface ExportOptions {
  /** The store of files; undefined where their bytes are left out. */
  blobs: Blobs | undefined;
  /** Of Tidemark. */
  release: string;
  watch: Watch;
}

export interface Exports {
  path: string;
  /** Rows of all tables. */
  rows: number;
  files: number;
  /** Names of files whose bytes are not there, or not what was uploaded; they are not in the export. */
  damaged: string[];
}

/**
 * Exports a portal, also while servers write to it: what is written is what was committed when it began. Everything is written beside the
 * folder, which gets its name last: whatever has that name is whole. What fails leaves nothing; what is killed leaves a folder whose name ends in
 * `.unfinished`. The bytes of a file are there before it is, and stay for a day after.
 *
 * @param target must not exist
 * @throws ExchangeFault or what the store and the disk fail with
 */
export async function exportPortal(db: Database, target: string, options: ExportOptions): Promise<Exports> {
  const path = resolve(target);
  if (existsSync(path)) throw new ExchangeFault(`${path} exists already: an export overwrites nothing`);
  if (!existsSync(dirname(path))) throw new ExchangeFault(`there is no folder ${dirname(path)}`);
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.unfinished`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    const made = await writeAll(db, unfinished, options);
    await syncFolder(unfinished);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return { path, ...made };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function writeAll(db: Database, folder: string, { blobs, release, watch }: ExportOptions): Promise<Omit<Exports, 'path'>> {
  const file = join(folder, ROWS_FILE);
  await using lines = await writeLines(file);
  const { rows, last_ids } = await db.read(async (s) => {
    await lines.write(await headOf(s, db, { release, files: blobs !== undefined }));
    return { rows: await writeTables(s, db, lines, watch), last_ids: await lastIdsOf(s, db) };
  });
  await lines.finish();
  const { files, damaged } = blobs ? await copyFiles(file, blobs, join(folder, FILES_FOLDER), rows['blob'] ?? 0, watch) : { files: 0, damaged: [] };
  await lines.write({ end: { rows, last_ids, files } satisfies End });
  await lines.finish();
  return { rows: Object.values(rows).reduce((sum, count) => sum + count, 0), files, damaged };
}

async function headOf(s: Session, db: Database, { release, files }: { release: string; files: boolean }): Promise<Head> {
  const name = (await readSettings(s)).get('name') ?? '';
  return { tidemark: 'export', format: FORMAT, schema: await db.tables.schema(s), release, name, made_at: new Date().toISOString(), files };
}

/** @returns how many rows of each table were written */
async function writeTables(s: Session, db: Database, lines: LineWriter, watch: Watch): Promise<Record<string, number>> {
  const shapes = await db.tables.shapes(s);
  const newest = await highestOf(s, 'journal', 'rev');
  const read = await readCursor(s, READERS.handlers);
  const rows: Record<string, number> = {};
  for (const { table, plan } of EXPORTED) {
    const shape = shapes.get(table);
    if (!shape) continue;
    const exported = withoutColumns(shape, plan);
    // What all have been told of says nothing any more: who comes with a token begins anew.
    const after = table === 'journal' ? [read.rev, read.seq] : undefined;
    rows[table] = await writeTable(s, { table, shape: exported, plan, newest, after }, lines, watch);
  }
  return rows;
}

/** @returns how many were written */
async function writeTable(s: Session, table: TableReading, lines: LineWriter, watch: Watch): Promise<number> {
  let count = 0;
  for await (const rows of pagesOf(s, table, watch)) {
    for (const row of rows) {
      const written = table.plan.write ? table.plan.write(row) : row;
      if (!written) continue;
      await lines.write({ table: table.table, row: written });
      count += 1;
    }
  }
  return count;
}

interface TableReading {
  table: string;
  shape: TableShape;
  plan: Exported;
  /** The journal's newest revision. */
  newest: number;
  /** Only rows that come after this one. */
  after: ReadonlyArray<string | number> | undefined;
}

async function* pagesOf(s: Session, { table, shape, newest, after: first }: TableReading, watch: Watch): AsyncGenerator<AnyRow[]> {
  const { key } = shape;
  const highest = await highestOf(s, table, key[0]!);
  for (let after = first; ; ) {
    const rows = await rowsAfter(s, table, shape, after, ROWS_AT_ONCE);
    after = key.map((name) => rows.at(-1)?.[name] as string | number);
    const done = typeof after[0] === 'number' ? after[0] : 0;
    yield rows.map((row) => ('rev' in row ? { ...row, rev: placeOf(row['rev'] as number, newest) } : row));
    if (rows.length < ROWS_AT_ONCE) return;
    watch(table, done, highest);
  }
}

/**
 * A revision by its place before the journal's newest, which is 0: no other database will give those, and they keep their order. What is newer
 * than the journal is 1: the next change, wherever that is.
 */
function placeOf(rev: number, newest: number): number {
  return Math.min(rev - newest, 1);
}

function withoutColumns({ columns, key }: TableShape, { fixed = {} }: Exported): TableShape {
  return { columns: columns.filter(({ name }) => !Object.hasOwn(fixed, name)), key };
}

/** Of what is exported, so that a number is given to nobody twice. */
async function lastIdsOf(s: Session, db: Database): Promise<Record<string, number>> {
  const names = new Set(EXPORTED.map(({ table }) => table));
  return Object.fromEntries([...await db.tables.lastIds(s)].filter(([table]) => names.has(table)));
}

/** Copies what the rows at the beginning of the file name. */
async function copyFiles(file: string, from: Blobs, folder: string, all: number, watch: Watch): Promise<{ files: number; damaged: string[] }> {
  await using to = await openFolderBlobs(folder);
  let files = 0;
  const damaged: string[] = [];
  for await (const name of namesIn(file)) {
    if (await copyFile(name, from, to)) files += 1;
    else damaged.push(name);
    watch('files', files + damaged.length, all);
  }
  await rmdir(join(folder, INCOMING));
  return { files, damaged };
}

async function* namesIn(file: string): AsyncGenerator<string> {
  for await (const { number, text } of linesOf(file)) {
    if (number === 1) continue;
    const line = parseLine(text, number);
    if ('end' in line || line.table !== 'blob') return;
    yield String(line.row['name']);
  }
}

/** @returns false where the bytes are not there, or others than the name says */
async function copyFile(name: string, from: Blobs, to: Blobs): Promise<boolean> {
  const content = await from.read(name);
  return content !== undefined && (await putAs(name, content, to));
}
