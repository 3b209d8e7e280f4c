/**
 * What the model rests on. The measured part is `coefficients.json`, written by `npm run model -- --measure`; what had to
 * be assumed stands here, each with its reason.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Engine = 'sqlite' | 'postgres';
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];

/** What a call costs. */
export interface Cost {
  statements: number;
  /** Milliseconds of a processor in the server. */
  server: number;
  /** In the database's own processes; 0 on SQLite, which has none. */
  database: number;
}

export interface EngineCoefficients {
  /** Bytes of a row in the table and in its indexes. Of a message without its text. */
  bytes: Record<string, { table: number; indexes: number }>;
  /** A send into a chat of two, and what each further member adds, up to 100. */
  send: Cost;
  send_per_member: Cost;
  /** A send into a chat of more than 100. */
  send_wide: Cost;
  /** `im.recent.get` of 50 rows of which none or one has changed since the last, and a page of 50 of `im.recent.list`. */
  get_unchanged: Cost;
  get_changed: Cost;
  page: Cost;
  /** Memory of a kept row. */
  kept_row_bytes: number;
}

export interface Coefficients {
  measured: string;
  engines: Record<Engine, EngineCoefficients>;
}

const FILE = join(import.meta.dirname, 'coefficients.json');

export function readCoefficients(): Coefficients {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Coefficients;
}

export function writeCoefficients(coefficients: Coefficients): void {
  writeFileSync(FILE, `${JSON.stringify(coefficients, null, 2)}\n`);
}

export const ASSUMED = {
  /** Searchable fields of a filled-in profile: names, e-mail, position, phones, and the text that is searched. */
  fieldsPerUser: 8,
  /** The share of a day's traffic in its busiest hour: office traffic lies between 0.10 and 0.15. */
  busiestHour: 0.12,
  /** How much of a processor may be busy in the busiest hour: above it the waiting grows faster than the work. */
  busyShare: 0.6,
  /** Rows of a list that are kept in memory. */
  rowsKept: 50,
  /** The share of the day's users whose lists are in use at the same time. */
  atOnce: 0.3,
  /** How many days the journal is kept for readers that are behind. */
  journalDays: 1,
  /** Bytes up to which one file is backed up, checked and moved within minutes on common disks. */
  sqliteBytes: 50e9,
  /** Bytes of a table from which vacuum, index builds and restores take hours: time to partition it. */
  partitionBytes: 100e9,
  /** Bytes and processors up to which one PostgreSQL server is common hardware. */
  oneServerBytes: 4e12,
  oneServerCores: 32,
} as const;
