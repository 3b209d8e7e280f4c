/** How large tables and their indexes are, by the engines' own account. */
import { DatabaseSync } from 'node:sqlite';
import { databaseIn } from '../../src/portal/folder.ts';
import { ask, type Home } from '../home.ts';

export interface Measured {
  rows: number;
  bytes: number;
  indexBytes: number;
}

export type Sizes = Record<string, Measured>;

/** Of a store that nobody has open. */
export function sizesOf(home: Home): Promise<Sizes> {
  return home.engine === 'sqlite' ? Promise.resolve(ofSqlite(databaseIn(home.folder))) : ofPostgres(home.databaseUrl);
}

function ofSqlite(file: string): Sizes {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const parts = db.prepare(`select m.tbl_name as "table", m.type, sum(s.pgsize) as bytes from sqlite_schema as m join dbstat as s on s.name = m.name group by m.name`).all() as Array<{ table: string; type: string; bytes: number }>;
    const sizes: Sizes = {};
    for (const { table, type, bytes } of parts) {
      sizes[table] ??= { rows: Number(db.prepare(`select count(*) as n from "${table}"`).get()!['n']), bytes: 0, indexBytes: 0 };
      sizes[table][type === 'table' ? 'bytes' : 'indexBytes'] += bytes;
    }
    return sizes;
  } finally {
    db.close();
  }
}

async function ofPostgres(url: string): Promise<Sizes> {
  const tables = await ask<{ name: string; bytes: string; index_bytes: string }>(
    url, `select relname as name, pg_table_size(oid) as bytes, pg_indexes_size(oid) as index_bytes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const sizes: Sizes = {};
  for (const { name, bytes, index_bytes: indexBytes } of tables) {
    const [{ n }] = (await ask<{ n: string }>(url, `select count(*) as n from "${name}"`)) as [{ n: string }];
    sizes[name] = { rows: Number(n), bytes: Number(bytes), indexBytes: Number(indexBytes) };
  }
  return sizes;
}
