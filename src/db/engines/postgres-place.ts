/** Where the tables lie. Revisions are numbers of one server's transactions: in a restored copy they mean nothing. */
import type pg from 'pg';

const PLACE = `select (select system_identifier from pg_control_system()) || '/' || d.oid || '/' || 'generation'::regclass::oid as place
  from pg_database as d where d.datname = current_database()`;

const SHIFTED = ['member', 'chat', '"user"', 'event_handler', 'event_subscriber', 'journal', 'journal_reader'];

/**
 * Notices that the tables were copied or restored from a dump. Their revisions are then put below all that this server
 * will give, in the same order, and every token and date begins anew. Within the transaction that migrates.
 */
export async function settleIn(client: pg.Client): Promise<void> {
  const { rows: [tables] } = await client.query<{ there: boolean }>(`select to_regclass('generation') is not null as there`);
  if (!tables!.there) return;
  await client.query('create table if not exists store_place (place text primary key)');
  const { rows: [here] } = await client.query<{ place: string }>(PLACE);
  const { rows: [before] } = await client.query<{ place: string }>('select place from store_place');
  if (before?.place === here!.place) return;
  await client.query('delete from store_place');
  await client.query('insert into store_place (place) values ($1)', [here!.place]);
  if (before) await beginAnew(client);
}

async function beginAnew(client: pg.Client): Promise<void> {
  await client.query('delete from generation');
  await client.query('delete from tick');
  await client.query('delete from walked_page');
  const highest = `greatest(0, (select max(rev) from journal), (select max(rev) from member), (select max(rev) from "user")) + 1`;
  // Below what an earlier copy has put below 0: no two entries of the journal meet on the way.
  const { rows } = await client.query<{ by: string }>(`select ${highest} - least(0, (select min(rev) from journal)) as by`);
  for (const table of SHIFTED) await client.query(`update ${table} set rev = rev - $1`, [rows[0]!.by]);
  // A snapshot of the other server says nothing about this one's transactions.
  await client.query(`update chat set rev_seen = ''`);
}
