/** The lines of an export: a head, a line for each row, and an end without which it is not whole. */
import { z } from 'zod';

/** In the folder of an export. */
export const ROWS_FILE = 'portal.jsonl';
export const FILES_FOLDER = 'files';
/** Grows when a reader of the one before would misunderstand it. */
export const FORMAT = 1;
/** Bytes of a line. */
export const LONGEST_LINE = 16 * 1024 * 1024;

const count = z.int().min(0);

const head = z.strictObject({
  tidemark: z.literal('export'),
  format: z.int(),
  /** The last migration of the tables. */
  schema: z.int().min(1),
  /** Of Tidemark. */
  release: z.string(),
  /** Of the portal. */
  name: z.string(),
  /** ISO 8601. */
  made_at: z.string(),
  /** Whether the bytes of files are in the folder. */
  files: z.boolean(),
});

const line = z.strictObject({ table: z.string(), row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) });

const end = z.strictObject({
  end: z.strictObject({
    /** By table. */
    rows: z.record(z.string(), count),
    /** By table the last number that was given to a row. */
    last_ids: z.record(z.string(), count),
    /** How many files are in the folder. */
    files: count,
  }),
});

export type Head = z.infer<typeof head>;
export type RowLine = z.infer<typeof line>;
export type End = z.infer<typeof end>['end'];

/** An export cannot be made, or read; the message is for the person who asked for it. */
export class ExchangeFault extends Error {
  override name = 'ExchangeFault';
}

/** What is wrong with a line. @param number of the line, from 1 on */
export function badLine(number: number, problem: string): ExchangeFault {
  return new ExchangeFault(`${ROWS_FILE}, line ${number}: ${problem}`);
}

export function parseHead(text: string): Head {
  const parsed = parseJson(text, 1);
  if ((parsed as { tidemark?: unknown } | null)?.tidemark !== 'export') throw badLine(1, 'this is no export of a portal');
  const { format } = parsed as { format?: unknown };
  if (format !== FORMAT) throw badLine(1, `the format of this export is ${JSON.stringify(format)}, this release reads ${FORMAT}`);
  return checked(head, parsed, 1);
}

/** A row, or the end. */
export function parseLine(text: string, number: number): RowLine | { end: End } {
  const parsed = parseJson(text, number);
  return typeof parsed === 'object' && parsed !== null && 'end' in parsed ? checked(end, parsed, number) : checked(line, parsed, number);
}

function parseJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badLine(number, 'this is no JSON');
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, number: number): T {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw badLine(number, z.prettifyError(error).replaceAll('\n', ' '));
  return data;
}
