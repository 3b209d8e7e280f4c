import { destination, type Logger, pino } from 'pino';

/** Logs JSON lines to standard error. Addresses of calls hold secrets: calls are logged by method name only. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ fd: 2, sync: false }));
}
