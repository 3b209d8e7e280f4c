/** Reads what `export.ts` has written into a store without a portal: all of it, or nothing. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '../blobs/blobs.ts';
import { FolderBlobs } from '../blobs/folder-blobs.ts';
import { type Database, StoreUnavailable, type WriteSession } from '../db/database.ts';
import { prepareForBulk } from '../db/stores/bulk-store.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { emptyTable, indexAllTexts } from '../db/stores/table-store.ts';
import type { Column } from '../db/tables.ts';
import type { Watch } from './export.ts';
import { putAs } from './files.ts';
import { badLine, type End, ExchangeFault, FILES_FOLDER, type Head, parseHead, parseLine, type RowLine, ROWS_FILE } from './format.ts';
import { linesOf } from './lines.ts';
import { EXPORTED } from './plan.ts';
import { readerOf, type RowReader } from './rows.ts';

/** What a new store has in tables that are imported: it goes before the rows come. */
const PRESET = ['clock_mark', 'journal_reader'];
/** Characters of the rows of one statement, about. */
const LARGEST_BATCH = 4_000_000;

export interface Imports {
  /** Name of the portal. */
  name: string;
  rows: number;
  files: number;
}

/** @throws ExchangeFault for what is no export, or one of a later release. @param newest the last migration that this release knows */
export async function readHead(folder: string, newest: number): Promise<Head> {
  for await (const { text } of linesOf(join(folder, ROWS_FILE))) {
    const head = parseHead(text);
    if (head.schema > newest) throw badLine(1, `the export was written by a newer Tidemark (${head.release}, schema ${head.schema}; this release knows ${newest})`);
    return head;
  }
  throw new ExchangeFault(`${ROWS_FILE} is empty`);
}

/**
 * Imports a portal in one transaction, the bytes of files before it: what fails, or is killed, leaves no portal, and can be done again.
 *
 * @param db its tables are those of the export's schema
 * @throws ExchangeFault naming the line, or what the store and the disk fail with
 */
export async function importPortal(db: Database, blobs: Blobs, folder: string, watch: Watch): Promise<Imports> {
  const files = await putFiles(join(folder, FILES_FOLDER), blobs, watch);
  let name = '';
  const end = await db.write(async (s) => {
    if ((await readSettings(s)).size > 0) throw new ExchangeFault('there is a portal already: it can only be imported into a new one');
    await prepareForBulk(s, db.engine);
    for (const table of PRESET) await emptyTable(s, table);
    const rows = new RowWriter(s, db, new Map(Array.from(await db.tables.shapes(s), ([table, shape]) => [table, readerOf(table, shape)])));
    const last = await readRows(join(folder, ROWS_FILE), rows, watch);
    if (last.files !== files) throw new ExchangeFault(`of the ${last.files} files of the export ${files} are there`);
    for (const [table, id] of Object.entries(last.last_ids)) await db.tables.setLastId(s, table, id);
    await indexAllTexts(s);
    name = (await readSettings(s)).get('name') ?? '';
    return last;
  });
  return { name, files, rows: Object.values(end.rows).reduce((sum, count) => sum + count, 0) };
}

/** Keeps the bytes of all files. @returns how many there are @throws ExchangeFault naming one that is damaged */
async function putFiles(folder: string, to: Blobs, watch: Watch): Promise<number> {
  if (!existsSync(folder)) return 0;
  const from = new FolderBlobs(folder);
  let files = 0;
  for await (const { name } of from.list()) {
    if (!(await putAs(name, (await from.read(name))!, to))) throw new ExchangeFault(`the file ${name} is damaged: its bytes are not what was exported`);
    files += 1;
    watch('files', files, files + 1);
  }
  if (files > 0) watch('files', files, files);
  return files;
}

/** @returns the end, once everything before it is there */
async function readRows(path: string, rows: RowWriter, watch: Watch): Promise<End> {
  const { size } = await stat(path);
  let end: End | undefined;
  for await (const { number, text, end: at } of linesOf(path)) {
    if (number === 1) continue;
    if (end) throw badLine(number, 'something follows the end');
    const line = parseLine(text, number);
    if ('end' in line) end = line.end;
    else await rows.add(line, number, text.length);
    if (number % 1000 === 0) watch('rows', at, size);
  }
  if (!end) throw new ExchangeFault(`${ROWS_FILE} is cut off: it has no end`);
  await rows.flush();
  rows.expect(end);
  watch('rows', size, size);
  return end;
}

/** Puts rows into their tables, some at a time where the store takes some at a time. */
class RowWriter {
  readonly #s: WriteSession;
  readonly #db: Database;
  readonly #readers: ReadonlyMap<string, RowReader>;
  readonly #counts = new Map<string, number>();
  readonly #exported = new Set(EXPORTED.map(({ table }) => table));
  #table = '';
  #columns: readonly Column[] = [];
  #batch: Array<readonly unknown[]> = [];
  #length = 0;
  #first = 0;
  #last = 0;

  constructor(s: WriteSession, db: Database, readers: ReadonlyMap<string, RowReader>) {
    this.#s = s;
    this.#db = db;
    this.#readers = readers;
  }

  /** @param number of the line; @param length its characters @throws ExchangeFault */
  async add({ table, row }: RowLine, number: number, length: number): Promise<void> {
    const reader = this.#exported.has(table) ? this.#readers.get(table) : undefined;
    if (!reader) throw badLine(number, `there is no table ${JSON.stringify(table)} to import`);
    if (table !== this.#table) await this.flush();
    [this.#table, this.#columns] = [table, reader.columns];
    if (this.#batch.length === 0) this.#first = number;
    this.#batch.push(reader.read(row, number));
    this.#last = number;
    this.#length += length;
    this.#counts.set(table, (this.#counts.get(table) ?? 0) + 1);
    if (this.#batch.length >= this.#db.tables.rowsAtOnce || this.#length >= LARGEST_BATCH) await this.flush();
  }

  /** @throws ExchangeFault for rows that the store refuses */
  async flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const rows = this.#batch;
    [this.#batch, this.#length] = [[], 0];
    try {
      await this.#db.tables.insert(this.#s, this.#table, this.#columns, rows);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      throw new ExchangeFault(`${ROWS_FILE}, ${this.#where()}: the store refuses ${rows.length === 1 ? 'the row' : 'one of the rows'}: ${(error as Error).message}`);
    }
  }

  /** @throws ExchangeFault where lines are missing, or have come twice */
  expect({ rows }: End): void {
    for (const table of new Set([...this.#counts.keys(), ...Object.keys(rows)])) {
      const [found, counted] = [this.#counts.get(table) ?? 0, rows[table] ?? 0];
      if (found !== counted) throw new ExchangeFault(`${ROWS_FILE} has ${found} rows of ${table}, its end says ${counted}`);
    }
  }

  #where(): string {
    return this.#first === this.#last ? `line ${this.#first}` : `lines ${this.#first} to ${this.#last}`;
  }
}
