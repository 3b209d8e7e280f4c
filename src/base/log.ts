import { destination, type Logger, pino } from 'pino';

/** Characters that wait to be written; what comes on top is dropped. */
const MOST_WAITING = 1_048_576;

/**
 * Logs JSON lines to standard error. Addresses of calls hold secrets: calls are logged by method name only.
 *
 * @param node named in every line, so that the lines of several nodes can be told apart
 */
export function createLog(level: string, node?: string): Logger {
  const output = destination({ fd: 2, sync: false, maxLength: MOST_WAITING });
  // Where nothing can be written, because the disk is full or the reader has gone, the server goes on without.
  output.on('error', () => {});
  return pino({ level, base: node === undefined ? null : { node }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}
