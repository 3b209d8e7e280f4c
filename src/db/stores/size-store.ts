/** How much room the database takes. */
import { type Compilable, sql } from 'kysely';
import type { Database, Session } from '../database.ts';
import type { Builder } from '../statement.ts';

const ofSqlite = { compile: (q: Builder) => sql<{ bytes: number }>`select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`.compile(q) };
const ofPostgres = { compile: (q: Builder) => sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.compile(q) };

/** Bytes. */
export async function databaseSize(s: Session, engine: Database['engine']): Promise<number> {
  const asked = engine === 'postgres' ? ofPostgres : ofSqlite;
  const [row] = await s.query((q) => ({ compile: () => asked.compile(q) }) as Compilable<{ bytes: number }>);
  return Number(row!.bytes);
}
