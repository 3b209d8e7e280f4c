/** What PostgreSQL and the way to it may say, as far as the store tells it apart. */
import pg from 'pg';
import { StoreUnavailable } from '../database.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const QUERY_CANCELED = '57014';
const DISK_FULL = '53100';
/** Connection exceptions, lack of resources, shut down or starting, and a transaction that was ended for its idleness. */
const AWAY = /^(?:08|53|57P|25P03|25006)/;

/** Whatever does not come from the server is about the way to it. */
export function asUnavailable(error: unknown): unknown {
  const code = codeOf(error);
  if (!(error instanceof pg.DatabaseError)) return new StoreUnavailable('away', { cause: error });
  if (code === QUERY_CANCELED) return new StoreUnavailable('busy', { cause: error });
  if (code === DISK_FULL) return new StoreUnavailable('full', { cause: error });
  return AWAY.test(code) ? new StoreUnavailable('away', { cause: error }) : error;
}

export function isAway(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.reason === 'away';
}

/** The server did not refuse: it said nothing at all. The text is the only sign that the driver gives. */
export function isSilence({ cause }: StoreUnavailable): boolean {
  const reason = cause instanceof StoreUnavailable ? cause.cause : cause;
  return Error.isError(reason) && reason.message === 'Query read timeout';
}

export function codeOf(error: unknown): string {
  return Error.isError(error) && 'code' in error ? String(error.code) : '';
}
