import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { Timeline } from '../base/timeline.ts';
import { KnownPlaces } from '../db/known-places.ts';
import { PostingQueue } from '../db/posting-queue.ts';
import { wakeOf } from '../db/wakes/wake.ts';
import { Wakes } from '../db/wakes/wakes.ts';
import { MAX_HOPS } from '../base/caller.ts';
import type { Portal } from '../portal/portal.ts';
import { settingsReader } from '../portal/settings.ts';
import { type Backlog, Gate, Slice } from '../base/turns.ts';

/** What every part of the domain works with. */
export interface Messenger extends Portal {
  /**
   * The stamp of a change, for whatever is ordered or synced by: later than every stamp before. Asked within the
   * change's transaction. `after`: what it must be later than besides, as stored.
   */
  stamp(after?: number): number;
  /** Whether a date this late has ever been given out. */
  gaveOut(date: number): boolean;
  /** Whether all that was stamped before a date could be seen by whoever saw something of that date. */
  inOrder(date: number): boolean;
  /** Told of what is stored and cannot be presented; what it is about beside the fault. */
  unpresentable: Unpresentable;
  /** How many events may still follow one from another through what is done with this messenger. */
  hops: number;
  /** By which exchange of which application it is done; empty for none. */
  via: string;
  /** Tells whoever waits that something has changed, here or on another node. */
  wakes: Wakes;
  /** Told of each message that says something new, and may hold a link; nobody waits for it. */
  linked: Set<(messageId: number) => void>;
  /** Where people wrote lately. */
  places: KnownPlaces;
  /** Writes together what is sent at the same time. */
  postings: PostingQueue;
  /** For work that holds megabytes while it goes on. Enter it before opening a session, never within one. */
  large: Gate;
}

/** Large pieces of work at a time: on one thread more of them would be done no sooner. */
const LARGE_AT_ONCE = 2;

export type Unpresentable = (fault: unknown, what: Record<string, unknown>) => void;

/** What a messenger may be given. */
export interface MessengerOptions {
  timeline?: Timeline;
  wakes?: Wakes;
  /** Large answers that were made and have not been sent on. */
  backlog?: Backlog;
  /** Whoever presents lists says where it goes. */
  unpresentable?: Unpresentable;
  /** Told of what is set on the portal whenever it has been read anew. */
  settled?: (values: ReadonlyMap<string, string>) => void;
}

/** A messenger on a store. */
export function createMessenger(db: Database, clock: Clock, options: MessengerOptions = {}): Messenger {
  const { timeline = new Timeline(clock), unpresentable = () => {}, wakes = new Wakes(), backlog, settled } = options;
  db.onCommit((changes) => {
    const wake = wakeOf(changes);
    if (wake) wakes.publish(wake);
  });
  const stamp = (after?: number) => timeline.stamp(after);
  return {
    db,
    clock,
    stamp,
    linked: new Set(),
    places: new KnownPlaces(db),
    postings: new PostingQueue(db, stamp),
    gaveOut: (date) => timeline.gaveOut(date),
    inOrder: (date) => db.trustsOwnCommits() || timeline.inOrder(date),
    settings: settingsReader(db, settled),
    unpresentable,
    hops: MAX_HOPS,
    via: '',
    wakes,
    large: new Gate(LARGE_AT_ONCE, backlog),
  };
}

/** Makes something of each item, leaving out what is undefined; lets other requests run whenever it has taken a few milliseconds. */
export async function flatMapGently<T, R>(items: readonly T[], make: (item: T) => R | undefined): Promise<R[]> {
  const made: R[] = [];
  const slice = new Slice();
  for (const item of items) {
    const result = make(item);
    if (result !== undefined) made.push(result);
    if (slice.isOver()) await slice.next();
  }
  return made;
}

const AT_ONCE = 200;

/** Does something with many items, a few hundred at a time. Within a unit of work, so it lets nobody else run in between. */
export async function inChunks<T>(items: readonly T[], work: (chunk: readonly T[]) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) await work(items.slice(i, i + AT_ONCE));
}
