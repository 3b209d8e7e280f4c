/** What somebody who comes back has missed. */
import type { Session } from '../../db/database.ts';
import { type Snapshot, snapshot } from '../../db/stores/generation-store.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import { entriesBetween, journalBegins, markedSince } from '../../db/stores/live-store.ts';
import { readMarks } from '../../db/stores/mark-store.ts';
import { isGood, type SyncToken } from '../../messenger/recent/sync-token.ts';

/** So many entries are looked through. */
const MOST_MISSED = 5000;
/** What is told of so many entries is in memory at a time. */
const AT_ONCE = 100;

export interface Missed {
  /** Up to here. */
  seen: Snapshot;
  /** Undefined where that cannot be said: everything is to be loaded anew. */
  entries: JournalRow[] | undefined;
}

/** @param token 'unknown' for one that cannot be read */
export async function missedSince(s: Session, userId: number, token: SyncToken | 'unknown' | undefined): Promise<Missed> {
  const [seen, marks] = await Promise.all([snapshot(s), readMarks(s, userId)]);
  if (!token || token === 'unknown' || !(await isGood(s, token, seen, marks))) return { seen, entries: undefined };
  const isKept = token.since.token >= seen.token || token.since.token >= (await journalBegins(s));
  const marked = isKept ? await markedSince(s, token.since) : 'all';
  if (marked === 'all' || marked.has(userId)) return { seen, entries: undefined };
  return { seen, entries: await entriesBetween(s, token.since, seen, MOST_MISSED) };
}

/** Entries in pieces of what is told at a time. People who have joined one after another are told of together, and so are not parted. */
export function* inPieces(entries: readonly JournalRow[]): Generator<readonly JournalRow[]> {
  for (let from = 0, to = 0; from < entries.length; from = to) {
    to = from + AT_ONCE;
    while (entries[to]?.what === 'chat.joined') to += 1;
    yield entries.slice(from, to);
  }
}
