/** Keeps what only the past needs from growing for ever: the journal, ticks, tombstones, generations, walks. */
import type { Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import { type Database, StoreUnavailable, type WriteSession } from '../db/database.ts';
import { thinTicks, trimGenerations, trimJournal, trimTicks, trimTombstones } from '../db/stores/trim-store.ts';
import { trimOfflineEvents } from '../db/stores/offline-store.ts';
import { endSubscriptions, trimUserEvents } from '../db/stores/user-event-store.ts';
import { trimPages } from '../db/stores/walk-store.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** How long things are kept, milliseconds. */
export const KEPT_MS = {
  journal: DAY,
  tombstones: 30 * DAY,
  /** Those of a while are all kept, then one a minute, then one an hour: the longest that anybody syncs by date, and a day. */
  ticks: 31 * DAY,
  ticksOfMinutes: 2 * DAY,
  allTicks: 2 * HOUR,
  generations: 31 * DAY,
  /** How long a client may take from one page of im.recent.list to the next. */
  walks: HOUR,
  /** How long events wait to be fetched by their users. */
  userEvents: DAY,
  /** How long events wait to be fetched by their applications, reserved or not. */
  offlineEvents: 30 * DAY,
  /** How long the events of users are recorded without anybody fetching them. */
  subscriptions: 30 * DAY,
};

const EVERY_MS = 10 * MINUTE;
const AT_ONCE = 200;

/** Forgets what is too old, in short units of work: nobody waits for it, and several nodes may do it at once. */
export async function trim(db: Database, now: number, stop?: AbortSignal, kept = KEPT_MS): Promise<void> {
  const work: Array<(s: WriteSession) => Promise<number>> = [
    (s) => trimJournal(s, now - kept.journal, AT_ONCE),
    (s) => trimTombstones(s, now - kept.tombstones, AT_ONCE),
    (s) => trimTicks(s, now - kept.ticks, AT_ONCE),
    (s) => thinTicks(s, now - kept.ticksOfMinutes, HOUR, AT_ONCE),
    (s) => thinTicks(s, now - kept.allTicks, MINUTE, AT_ONCE),
    (s) => trimPages(s, now - kept.walks, AT_ONCE),
    (s) => trimUserEvents(s, now - kept.userEvents, AT_ONCE),
    (s) => trimOfflineEvents(s, now - kept.offlineEvents, AT_ONCE),
  ];
  for (const some of work) while (!stop?.aborted && (await db.write(some)) === AT_ONCE);
  if (stop?.aborted) return;
  await db.write((s) => trimGenerations(s, now - kept.generations));
  await db.write((s) => endSubscriptions(s, now - kept.subscriptions));
}

/** Trims now and then, as long as the server runs. */
export class Trimmer implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #trimming: Promise<void> | undefined;

  constructor(db: Database, clock: Clock, log: Logger) {
    const trimOnce = async () => {
      try {
        await trim(db, clock.now(), this.#stop.signal);
      } catch (fault) {
        // Whoever calls is told that the store is not available; here the next time will do.
        if (!(fault instanceof StoreUnavailable)) log.error({ err: fault }, 'could not forget what is old');
      }
    };
    this.#timer = setInterval(() => {
      this.#trimming ??= trimOnce().finally(() => (this.#trimming = undefined));
    }, EVERY_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#trimming;
  }
}
