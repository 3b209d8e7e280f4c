/** One statement that is sent together with its begin and its commit: a unit of work that costs one round trip. */
import pg from 'pg';
import { StoreUnavailable } from '../database.ts';
import { isAway } from './postgres-errors.ts';

/** Sends something on a connection; what it throws tells what keeps the server from answering. */
type Ask = (query: string | pg.QueryConfig) => Promise<pg.QueryResult>;

/** Resolves once it is durable. @throws StoreUnavailable `uncertain` when nobody knows whether it is */
export async function askAlone(ask: Ask, begin: string, query: pg.QueryConfig): Promise<pg.QueryResult> {
  const [begun, answer, ended] = [ask(begin), ask(query), ask('commit')];
  const [, said, end] = await Promise.allSettled([begun, answer, ended]);
  if (said.status === 'rejected' && isSaid(said.reason)) throw said.reason;
  const lost = said.status === 'rejected' ? said : end;
  if (lost.status === 'rejected') throw isAway(lost.reason) ? new StoreUnavailable('uncertain', { cause: lost.reason }) : lost.reason;
  if (end.status === 'fulfilled' && end.value.command === 'ROLLBACK') throw new Error('a statement by itself was undone, and nobody said why');
  return (said as PromiseFulfilledResult<pg.QueryResult>).value;
}

/** The server itself has refused the statement: then it has changed nothing. A begin that fails leaves it without the right to. */
function isSaid(error: unknown): boolean {
  return error instanceof pg.DatabaseError || (error instanceof StoreUnavailable && error.cause instanceof pg.DatabaseError);
}
