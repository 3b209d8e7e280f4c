/** The events of chats that are recorded for users who fetch them. */
import type { Insertable, Selectable } from 'kysely';
import type { Flag } from '../flag.ts';
import type { Session, WriteSession } from '../database.ts';
import { currentRevision } from '../revision.ts';
import type { UserEventTable } from '../schema-queues.ts';
import { statement } from '../statement.ts';
import type { MemberRow } from './member-store.ts';

export type UserEventRow = Selectable<UserEventTable>;

/** Records a user's events from this revision on, or goes on doing so. */
export async function subscribe(s: WriteSession, userId: number, now: number): Promise<void> {
  const values = { user_id: userId, rev: currentRevision as never, fetched_at: now };
  const added = await s.query((q) => q.insertInto('event_subscriber').values(values).onConflict((c) => c.doNothing()).returning('user_id'));
  if (added.length > 0) s.changes.note({ what: 'handlers' });
}

export async function unsubscribe(s: WriteSession, userId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('event_subscriber').where('user_id', '=', userId));
}

const sides = statement((q, p: { chatId: number; rev: number }) =>
  q
    .selectFrom('event_subscriber as e')
    .innerJoin('member as m', 'm.user_id', 'e.user_id')
    .where('m.chat_id', '=', p.chatId)
    .where('m.left_at', '=', 0)
    .where('e.rev', '<=', p.rev)
    .selectAll('m')
    .orderBy('m.user_id'),
);

/** The sides of those members of a chat who have events recorded that have the given revision. */
export function subscribedSides(s: Session, chatId: number, rev: number): Promise<MemberRow[]> {
  return s.all(sides, { chatId, rev });
}

const ROWS_AT_ONCE = 200;

export async function insertUserEvents(s: WriteSession, rows: ReadonlyArray<Insertable<UserEventTable>>): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const values = rows.slice(i, i + ROWS_AT_ONCE);
    await s.query((q) => q.insertInto('user_event').values(values));
  }
}

/** A recorded event beside what decides whether its user may still see it. */
export type FetchedEvent = UserEventRow & {
  /** The user's side of its chat; null where they have left it. */
  side_type: string | null;
  start_id: number | null;
  /** The other one of a private dialog. */
  peer_id: number | null;
  peer_extranet: Flag | null;
};

const recorded = statement((q, p: { userId: number; from: number; since: number; limit: number }) =>
  q
    .selectFrom('user_event as e')
    .leftJoin('member as m', (join) => join.onRef('m.user_id', '=', 'e.user_id').onRef('m.chat_id', '=', 'e.chat_id').on('m.left_at', '=', 0))
    .leftJoin('user as u', 'u.id', 'm.peer_id')
    .selectAll('e')
    .select(['m.type as side_type', 'm.start_id', 'u.id as peer_id', 'u.extranet as peer_extranet'])
    .where('e.user_id', '=', p.userId)
    .where('e.id', '>=', p.from)
    .where('e.created_at', '>=', p.since)
    .orderBy('e.id')
    .limit(p.limit),
);

/** A user's events in order, beginning with an id, of those that are no older than a time. */
export function listUserEvents(s: Session, userId: number, from: number, since: number, limit: number): Promise<FetchedEvent[]> {
  return s.all(recorded, { userId, from, since, limit });
}

const subscriber = statement((q, p: { userId: number }) => q.selectFrom('event_subscriber').selectAll().where('user_id', '=', p.userId));
const lowest = statement((q, p: { userId: number }) =>
  q.selectFrom('user_event').select('id').where('user_id', '=', p.userId).orderBy('id').limit(1),
);

/** When a subscriber has last fetched, and the lowest id of what is recorded for a user; undefined where there is none. */
export async function fetchState(s: Session, userId: number): Promise<{ fetchedAt: number | undefined; lowest: number | undefined }> {
  const [own, first] = await Promise.all([s.first(subscriber, { userId }), s.first(lowest, { userId })]);
  return { fetchedAt: own?.fetched_at, lowest: first?.id };
}

/** Forgets a user's events below an id. */
export async function confirmUserEvents(s: WriteSession, userId: number, below: number): Promise<void> {
  await s.query((q) => q.deleteFrom('user_event').where('user_id', '=', userId).where('id', '<', below));
}

export async function recordFetch(s: WriteSession, userId: number, now: number): Promise<void> {
  await s.query((q) => q.updateTable('event_subscriber').set({ fetched_at: now }).where('user_id', '=', userId));
}

/** Forgets some events from before a time. @returns how many */
export async function trimUserEvents(s: WriteSession, before: number, most: number): Promise<number> {
  const old = await s.query((q) => q.selectFrom('user_event').select('id').where('created_at', '<', before).limit(most));
  if (old.length > 0) await s.query((q) => q.deleteFrom('user_event').where('id', 'in', old.map(({ id }) => id)));
  return old.length;
}

/** Ends the subscriptions of which nothing has been fetched since a time. */
export async function endSubscriptions(s: WriteSession, before: number): Promise<void> {
  await s.query((q) => q.deleteFrom('event_subscriber').where('fetched_at', '<', before));
}
