import type { Logger } from 'pino';
import type { Clock } from './base/clock.ts';
import { StoreUnavailable, type Unavailability } from './db/database.ts';

const SAID_EVERY_MS = 10_000;

/** Says that the store is not available: once in a while, not once for each call and worker that meets it. */
export class OutageLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #said = new Map<Unavailability, { at: number; unsaid: number }>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param what who met it */
  met(fault: StoreUnavailable, what: object): void {
    const { reason, cause } = fault;
    const now = this.#clock.precise();
    const before = this.#said.get(reason);
    if (before && now - before.at < SAID_EVERY_MS) {
      before.unsaid += 1;
      return;
    }
    this.#said.set(reason, { at: now, unsaid: 0 });
    const why = Error.isError(cause) ? cause.message : undefined;
    this.#log.warn({ ...what, reason, why, unsaid: before?.unsaid ?? 0 }, 'the store is not available');
  }
}
