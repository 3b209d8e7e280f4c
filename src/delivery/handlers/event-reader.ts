/** Reads the journal for whoever is bound to an event. */
import type { Changes, What } from '../../db/changes.ts';
import type { Database, Session } from '../../db/database.ts';
import { wantedEvents } from '../../db/stores/event-store.ts';
import {
  advanceCursor, BEFORE_ALL, below, comparePositions, entriesAfter, type JournalRow, type Position, READERS, readCursor,
} from '../../db/stores/journal-store.ts';
import { eventsOf, JOURNAL_EVENTS, RECORDED_EVENTS } from './events.ts';

const ENTRIES_AT_ONCE = 500;

/** What {@link EventReader.next} finds. */
export interface Batch {
  /** Entries that may lead to an event that somebody has bound, in order. */
  entries: JournalRow[];
  /** How far it has looked. */
  end: Position;
  /** Whether there may be more at once. */
  more: boolean;
  /** Whether there are entries that may be read only when a transaction that began before them has ended. */
  behind: boolean;
}

interface Wanted {
  /** What handlers are told of. */
  told: ReadonlySet<string>;
  /** What is recorded for applications or users who fetch it. */
  fetched: ReadonlySet<string>;
  /** The lowest revision that anybody is to be told of. */
  since: number;
}

/**
 * The place up to which all nodes together have told everything is the cursor in the store; it moves with what is told.
 * What is of interest to nobody is only looked at, and passed now and then.
 */
export class EventReader {
  readonly #db: Database;
  /** Up to here this node has looked, and what was to be told is told. */
  #seen = BEFORE_ALL;
  #wanted: Wanted = { told: new Set(), fetched: new Set(), since: Infinity };

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether there may be something to tell after a commit. */
  concerns(changes: Changes): boolean {
    if (changes.has('handlers')) return true;
    return isAnything(this.#wanted) && changes.entries().some(({ what, hops }) => leads(what, hops, this.#wanted));
  }

  async next(): Promise<Batch> {
    const { wanted, batch } = await this.#db.read(async (s) => {
      const found = await wantedIn(s);
      return { wanted: found, batch: isAnything(found) ? await lookOn(s, this.#seen, found) : nothing(this.#seen) };
    });
    this.#wanted = wanted;
    return batch;
  }

  /** What a batch holds is told. */
  done({ end }: Batch): void {
    this.#seen = end;
  }

  /** Moves the cursor past what is of interest to nobody: what it has passed may be trimmed, and is not looked at again after a restart. */
  async pass(): Promise<void> {
    const [cursor, to] = await this.#db.read(async (s) => {
      const at = await readCursor(s, READERS.handlers);
      return [at, isAnything(await wantedIn(s)) ? this.#seen : below(at.token)] as const;
    });
    if (comparePositions(cursor, to) < 0) await this.#db.write((s) => advanceCursor(s, READERS.handlers, to));
  }
}

function isAnything({ told, fetched }: Wanted): boolean {
  return told.size > 0 || fetched.size > 0;
}

/** What is fetched is told whatever it follows from: only what handlers are told of leads to more by itself. */
function leads(what: What, hops: number, { told, fetched }: Wanted): boolean {
  return eventsOf(what).some((event) => (hops > 0 && told.has(event)) || fetched.has(event));
}

/** Of what the journal may lead to. */
async function wantedIn(s: Session): Promise<Wanted> {
  const wanted = (await wantedEvents(s)).filter(({ event }) => event === null || JOURNAL_EVENTS.has(event));
  const codes = (offline: 0 | 1) => wanted.filter((row) => row.offline === offline).flatMap(({ event }) => event ?? [...RECORDED_EVENTS]);
  return { told: new Set(codes(0)), fetched: new Set(codes(1)), since: Math.min(...wanted.map(({ since }) => since)) };
}

/** Handlers that are bound after this snapshot are told of nothing that is below its token. */
async function lookOn(s: Session, seen: Position, wanted: Wanted): Promise<Batch> {
  const cursor = await readCursor(s, READERS.handlers);
  const from = [seen, cursor, below(wanted.since)].sort(comparePositions)[2]!;
  const rows = await entriesAfter(s, from, cursor.token, ENTRIES_AT_ONCE);
  const { rev, seq } = rows.at(-1) ?? from;
  return {
    entries: rows.filter(({ what, hops }) => leads(what, hops, wanted)),
    end: { rev, seq }, more: rows.length === ENTRIES_AT_ONCE, behind: cursor.newest >= cursor.token,
  };
}

function nothing(end: Position): Batch {
  return { entries: [], end, more: false, behind: false };
}
