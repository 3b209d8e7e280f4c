/** Whether applications have been told all that there is to tell. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Database, Session } from '../db/database.ts';
import { entriesAfter, type JournalRow, readCursor, READERS } from '../db/stores/journal-store.ts';
import { wantedEvents } from '../db/stores/event-store.ts';
import { eventsOf, RECORDED_EVENTS } from '../delivery/handlers/events.ts';

const PAUSE_MS = 5;

/** Until the handlers of all applications have been told; what they refused waits until its pause is over by the portal's clock. */
export async function settled(db: Database, clock: Clock): Promise<void> {
  while ((await db.read((s) => openDeliveries(s, clock.now()))) > 0) await sleep(PAUSE_MS);
}

async function openDeliveries(s: Session, now: number): Promise<number> {
  const unread = await unreadEvents(s);
  const deliveries = await s.query((q) => q.selectFrom('delivery').select(['next_at', 'claimed_until']).where('state', '=', 'waiting'));
  return unread + deliveries.filter((row) => row.claimed_until > 0 || row.next_at <= now).length;
}

/** How many entries of the journal somebody is still to be told of. */
export async function unreadEvents(s: Session): Promise<number> {
  const cursor = await readCursor(s, READERS.handlers);
  const wanted = await wantedEvents(s);
  const entries = await entriesAfter(s, cursor, Number.MAX_SAFE_INTEGER, 10_000);
  const concerns = ({ what, hops, rev }: JournalRow) => wanted.some(({ event, offline, since }) => {
    if (since > rev || (offline === 0 && hops === 0)) return false;
    return eventsOf(what).some((code) => (event === null ? RECORDED_EVENTS.has(code) : code === event));
  });
  return entries.filter(concerns).length;
}
