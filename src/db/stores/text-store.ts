/** How far the index of texts goes, and what is still to be put in. See indexing.ts. */
import { type Selectable, sql } from 'kysely';
import type { What } from '../changes.ts';
import type { Session, WriteSession } from '../database.ts';
import type { TextIndexTable } from '../schema-notices.ts';
import { ListStatement, statement } from '../statement.ts';
import { type Cursor, entriesAfter, type JournalRow, type Position, readCursor, READERS } from './journal-store.ts';

/** Everything whose last change is not after the cursor, and whose id is not below the floor, is in the index as it is. */
export interface Extent extends Cursor, Selectable<TextIndexTable> {}

const extent = statement((q, _p: object) => q.selectFrom('text_index').selectAll());

export async function readExtent(s: Session): Promise<Extent> {
  const [cursor, row] = await Promise.all([readCursor(s, READERS.texts), s.first(extent, {})]);
  return { ...cursor, ...row! };
}

const CHANGING: readonly What[] = ['message.added', 'message.updated', 'message.deleted'];

/** Messages that the entries are about. */
export function changedIn(entries: readonly JournalRow[]): number[] {
  return [...new Set(entries.filter(({ what }) => CHANGING.includes(what)).map(({ subject_id }) => subject_id))];
}

const ENTRIES_AT_ONCE = 2000;

/** Messages that were changed after a place in the journal, as far as this snapshot sees: of one chat or of all. In no order. */
export async function changedAfter(s: Session, place: Position, chatId: number | undefined, pause: () => Promise<void>): Promise<Set<number>> {
  const changed = new Set<number>();
  for (let at = place; ; await pause()) {
    const entries = await entriesAfter(s, at, Number.MAX_SAFE_INTEGER, ENTRIES_AT_ONCE);
    for (const id of changedIn(chatId === undefined ? entries : entries.filter((entry) => entry.chat_id === chatId))) changed.add(id);
    if (entries.length < ENTRIES_AT_ONCE) return changed;
    at = entries.at(-1)!;
  }
}

export interface StoredText {
  id: number;
  chat_id: number;
  text: string;
}

const ofIds = new ListStatement((q, _p: object, ids) => q.selectFrom('message').select(['id', 'chat_id', 'text']).where('id', 'in', ids).where('deleted', '=', sql.lit(0 as const)));

/** Of messages that are there and not deleted. */
export function textsOf(s: Session, ids: readonly number[]): Promise<StoredText[]> {
  return ofIds.all(s, {}, ids);
}

const belowId = statement((q, p: { below: number; limit: number }) =>
  q.selectFrom('message').select(['id', 'chat_id', 'text', 'deleted']).where('id', '<', p.below).orderBy('id', 'desc').limit(p.limit),
);

/** Of the last messages before one, the deleted ones included. */
export function textsBelow(s: Session, below: number, limit: number): Promise<Array<StoredText & { deleted: number }>> {
  return s.all(belowId, { below, limit });
}

const claim = statement((q, p: { holder: string; now: number; until: number }) =>
  q
    .updateTable('text_index')
    .set({ holder: p.holder, held_until: p.until })
    .where((eb) => eb.or([eb('holder', '=', p.holder), eb('held_until', '<', p.now), eb('held_until', '>', p.until)]))
    .returning('name'),
);

/** One node keeps the index; another does when that one has not said for a while that it still does. @returns whether it is this one */
export async function claimTexts(s: WriteSession, holder: string, now: number, until: number): Promise<boolean> {
  return (await s.first(claim, { holder, now, until })) !== undefined;
}

/** Leaves the index to whoever comes first. */
export async function releaseTexts(s: WriteSession, holder: string): Promise<void> {
  await s.query((q) => q.updateTable('text_index').set({ held_until: 0 }).where('holder', '=', holder));
}

/** Whether nobody has moved the index on since. The caller has claimed it, so nobody does until the unit ends. */
export async function isStillAt(s: WriteSession, { rev, seq, floor }: Extent): Promise<boolean> {
  const now = await readExtent(s);
  return now.floor === floor && now.rev === rev && now.seq === seq;
}

export async function lowerFloor(s: WriteSession, floor: number): Promise<void> {
  await s.query((q) => q.updateTable('text_index').set({ floor }));
}
