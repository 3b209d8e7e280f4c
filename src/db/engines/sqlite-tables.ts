/** The catalogue of SQLite. */
import { type RawBuilder, sql } from 'kysely';
import type { Session } from '../session.ts';
import { type Statement, statement } from '../statement.ts';
import { type CatalogueRow, type Column, shapesOf, type Tables } from '../tables.ts';

const CATALOGUE = sql<CatalogueRow>`
  select m.name as "table", c.name, c.type, c."notnull" = 0 and c.pk = 0 as nullable, c.pk as "key"
  from sqlite_master as m join pragma_table_info(m.name) as c
  where m.type = 'table' order by m.name, c.cid`;

const ask = <O>(s: Session, query: RawBuilder<O>): Promise<O[]> => s.query((q) => ({ compile: () => query.compile(q) }));

/** By the names of table and columns: a statement that is compiled anew costs more than inserting a row. */
const inserts = new Map<string, Statement<readonly unknown[], object>>();

function insertOf(table: string, columns: readonly Column[]): Statement<readonly unknown[], object> {
  const names = columns.map(({ name }) => name);
  const key = [table, ...names].join(' ');
  let insert = inserts.get(key);
  if (!insert) {
    const into = sql`insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})`;
    insert = statement((q, p: readonly unknown[]) => ({ compile: () => sql<object>`${into} values (${sql.join(names.map((_, at) => sql`${p[at]}`))})`.compile(q) }));
    inserts.set(key, insert);
  }
  return insert;
}

export const sqliteTables: Tables = {
  rowsAtOnce: 1,
  async schema(s) {
    const [row] = await ask(s, sql<{ version: number }>`select user_version as version from pragma_user_version`);
    return row!.version;
  },
  async shapes(s) {
    return shapesOf(await ask(s, CATALOGUE), (type) => (type.toLowerCase().includes('int') ? 'number' : /text|char/i.test(type) ? 'text' : 'other'));
  },
  async lastIds(s) {
    const rows = await ask(s, sql<{ name: string; seq: number }>`select name, seq from sqlite_sequence where seq > 0 order by name`);
    return new Map(rows.map(({ name, seq }) => [name, seq]));
  },
  async setLastId(s, table, id) {
    await ask(s, sql`update sqlite_sequence set seq = max(seq, ${id}) where name = ${table}`);
    await ask(s, sql`insert into sqlite_sequence (name, seq) select ${table}, ${id} where not exists (select 1 from sqlite_sequence where name = ${table})`);
  },
  async insert(s, table, columns, rows) {
    const insert = insertOf(table, columns);
    for (const row of rows) await s.all(insert, row);
  },
};
