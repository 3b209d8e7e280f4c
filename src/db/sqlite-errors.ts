/** SQLite's result codes, as far as the store tells them apart: https://sqlite.org/rescode.html */

const FULL = 13;
/** Writing, and growing the log's index: on Linux a full quota shows so, and a full disk for the index. */
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;

/** Whether a write failed because there is no room for it. */
export function isNoRoom(errcode: number): boolean {
  return (errcode & 0xff) === FULL || errcode === IOERR_WRITE || errcode === IOERR_SHMSIZE;
}
