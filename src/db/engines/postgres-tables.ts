/** The catalogue of PostgreSQL. */
import { type RawBuilder, sql } from 'kysely';
import type { Session } from '../session.ts';
import { type CatalogueRow, type Column, shapesOf, type Tables } from '../tables.ts';

// The list of a key's columns is numbered from 0.
const CATALOGUE = sql<CatalogueRow>`
  select c.relname as "table", a.attname as name, t.typname as type, not a.attnotnull as nullable,
    coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1 as "key"
  from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type as t on t.oid = a.atttypid
    left join pg_index as i on i.indrelid = c.oid and i.indisprimary
  where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
  order by c.relname, a.attnum`;

const LAST_IDS = sql<{ table: string; last: number }>`
  select t.relname as "table", pg_sequence_last_value(s.oid) as last
  from pg_depend as d
    join pg_class as s on s.oid = d.objid and s.relkind = 'S'
    join pg_class as t on t.oid = d.refobjid
  where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
    and t.relnamespace = current_schema()::regnamespace and pg_sequence_last_value(s.oid) > 0
  order by t.relname collate "C"`;

const TYPES: Readonly<Record<Column['kind'], string>> = { number: 'bigint', text: 'text', other: 'text' };
const KINDS: Readonly<Record<string, Column['kind']>> = { int8: 'number', text: 'text', varchar: 'text' };

const ask = <O>(s: Session, query: RawBuilder<O>): Promise<O[]> => s.query((q) => ({ compile: () => query.compile(q) }));

export const postgresTables: Tables = {
  rowsAtOnce: 1000,
  async schema(s) {
    const [there] = await ask(s, sql<{ there: boolean }>`select to_regclass('schema_version') is not null as there`);
    if (!there!.there) return 0;
    const [row] = await ask(s, sql<{ version: number }>`select coalesce(max(id), 0) as version from schema_version`);
    return row!.version;
  },
  async shapes(s) {
    return shapesOf(await ask(s, CATALOGUE), (type) => KINDS[type] ?? 'other');
  },
  async lastIds(s) {
    return new Map((await ask(s, LAST_IDS)).map(({ table, last }) => [table, last]));
  },
  async setLastId(s, table, id) {
    await ask(s, sql`select setval(pg_get_serial_sequence(${`"${table}"`}, 'id'), ${id})`);
  },
  async insert(s, table, columns, rows) {
    const names = sql.join(columns.map(({ name }) => sql.ref(name)));
    const lists = sql.join(columns.map(({ kind }, at) => sql`${rows.map((row) => row[at])}::${sql.raw(TYPES[kind])}[]`));
    await ask(s, sql`insert into ${sql.table(table)} (${names}) select ${names} from unnest(${lists}) as listed (${names})`);
  },
};
