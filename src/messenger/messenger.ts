import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { MAX_HOPS } from './happenings.ts';
import { type Settings, settingsReader } from './settings.ts';

/** What every part of the domain works with. */
export interface Messenger {
  db: Database;
  clock: Clock;
  /**
   * The portal's settings as they are now. Ask before opening a session, never within one: a session that waits for
   * another may wait for ever.
   */
  settings(): Promise<Settings>;
  /** The events that somebody wants to be told of, as of the last call of {@link settings}. */
  watched(): ReadonlySet<string>;
  /** How many events may still follow one from another through what is done with this messenger. */
  hops: number;
}

const NOTHING: ReadonlySet<string> = new Set();

/** A messenger on a store. */
export function createMessenger(db: Database, clock: Clock): Messenger {
  const settings = settingsReader(db);
  return { db, clock, settings, watched: () => settings.latest()?.events ?? NOTHING, hops: MAX_HOPS };
}

export { done, type Outcome, refused } from '../outcome.ts';

/** Lets other requests run in the middle of long work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const BREATH_MS = 8;

/** Makes something of each item, leaving out what is undefined; lets other requests run whenever it has taken a few milliseconds. */
export async function flatMapGently<T, R>(items: readonly T[], make: (item: T) => R | undefined): Promise<R[]> {
  const made: R[] = [];
  let since = performance.now();
  for (const item of items) {
    const result = make(item);
    if (result !== undefined) made.push(result);
    if (performance.now() - since < BREATH_MS) continue;
    await breathe();
    since = performance.now();
  }
  return made;
}

const AT_ONCE = 200;

/** Does something with many items, a few hundred at a time, and lets other requests run in between. */
export async function inChunks<T>(items: readonly T[], work: (chunk: readonly T[]) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) {
    if (i > 0) await breathe();
    await work(items.slice(i, i + AT_ONCE));
  }
}
