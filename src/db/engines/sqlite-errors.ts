/** SQLite's result codes, as far as the store tells them apart: https://sqlite.org/rescode.html */
import { StoreUnavailable } from '../database.ts';

const BUSY = 5;
const FULL = 13;
/** Writing, and growing the log's index: on Linux a full quota shows so, and a full disk for the index. */
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;

/** Whether a write failed because there is no room for it. */
function isNoRoom(errcode: number): boolean {
  return (errcode & 0xff) === FULL || errcode === IOERR_WRITE || errcode === IOERR_SHMSIZE;
}

export function isBusy(error: unknown): boolean {
  return Error.isError(error) && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;
}

/** A full disk shows in whatever was to be written: the log, its index, a temporary file. */
export function asUnavailable(error: unknown): unknown {
  if (isBusy(error)) return new StoreUnavailable('busy', { cause: error });
  return Error.isError(error) && 'errcode' in error && isNoRoom(Number(error.errcode)) ? new StoreUnavailable('full', { cause: error }) : error;
}
