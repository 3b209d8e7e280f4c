/** Looks at rows before they go into the store: an engine would take some of what another refuses. */
import type { AnyRow } from '../db/stores/table-store.ts';
import type { Column, TableShape } from '../db/tables.ts';
import { badLine } from './format.ts';
import { planOf } from './plan.ts';

export interface RowReader {
  /** Of what is inserted. */
  columns: readonly Column[];
  /** The values in the order of the columns. @throws ExchangeFault naming the line and the column */
  read(row: AnyRow, line: number): Array<string | number | null>;
}

export function readerOf(table: string, { columns }: TableShape): RowReader {
  const fixed = planOf(table)?.fixed ?? {};
  const given = columns.filter(({ name }) => !Object.hasOwn(fixed, name));
  const names = new Set(given.map(({ name }) => name));
  return {
    columns,
    read(row, line) {
      const unknown = Object.keys(row).find((name) => !names.has(name));
      if (unknown !== undefined) throw badLine(line, `${table} has no column ${JSON.stringify(unknown)}`);
      return columns.map((column) => (Object.hasOwn(fixed, column.name) ? fixed[column.name]! : valueOf(row, column, table, line)));
    },
  };
}

function valueOf(row: AnyRow, { name, kind, nullable }: Column, table: string, line: number): string | number | null {
  const value = Object.hasOwn(row, name) ? row[name] : undefined;
  if (value === undefined) throw badLine(line, `the ${name} of the row of ${table} is missing`);
  if (value === null ? nullable : kind === 'number' ? Number.isSafeInteger(value) : isText(value)) return value;
  throw badLine(line, `the ${name} of the row of ${table} must be ${kind === 'number' ? 'a whole number' : 'text'}${nullable ? ' or null' : ''}`);
}

/** What both engines can keep. */
function isText(value: string | number): boolean {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
}
