/** What each engine says of the tables themselves, for who copies all of them. */
import type { Session, WriteSession } from './session.ts';

export interface Column {
  name: string;
  kind: 'number' | 'text' | 'other';
  nullable: boolean;
}

export interface TableShape {
  /** In the order in which they were added. */
  columns: readonly Column[];
  /** Columns of the primary key, in order. */
  key: readonly string[];
}

export interface Tables {
  /** Id of the last migration; 0 for a store without tables. */
  schema(s: Session): Promise<number>;
  /** All tables by their names. */
  shapes(s: Session): Promise<Map<string, TableShape>>;
  /** By table the last number that was given to a row, whether or not that is still there; without those that have given none. */
  lastIds(s: Session): Promise<Map<string, number>>;
  /** The next row of the table gets a higher number than this. */
  setLastId(s: WriteSession, table: string, id: number): Promise<void>;
  /** A statement that inserts rows, each a list of values in the order of the columns. At most `rowsAtOnce` of them. */
  insert(s: WriteSession, table: string, columns: readonly Column[], rows: ReadonlyArray<readonly unknown[]>): Promise<void>;
  readonly rowsAtOnce: number;
}

/** A row as a catalogue names a column. */
export interface CatalogueRow {
  table: string;
  name: string;
  type: string;
  nullable: number | boolean;
  /** Place in the primary key, from 1 on; 0 for none. */
  key: number;
}

/** @param rows in the order of the columns */
export function shapesOf(rows: readonly CatalogueRow[], kindOf: (type: string) => Column['kind']): Map<string, TableShape> {
  const shapes = new Map<string, TableShape>();
  for (const [table, columns] of Map.groupBy(rows, (row) => row.table)) {
    const key = columns.filter(({ key: place }) => place > 0).sort((a, b) => a.key - b.key);
    shapes.set(table, {
      columns: columns.map(({ name, type, nullable }) => ({ name, kind: kindOf(type), nullable: Boolean(nullable) })),
      key: key.map(({ name }) => name),
    });
  }
  return shapes;
}
