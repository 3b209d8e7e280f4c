import { type Insertable, type Selectable, sql } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import { fold } from '../fold.ts';
import type { NotificationTable } from '../schema-notices.ts';
import { Slice } from '../../base/turns.ts';

export type NotificationRow = Selectable<NotificationTable>;

export async function insertNotification(s: WriteSession, notification: Insertable<NotificationTable>): Promise<number> {
  const [row] = await s.query((q) => q.insertInto('notification').values(notification).returning('id'));
  s.changes.note({ what: 'notice.added', userId: notification.user_id, actorId: notification.author_id, subjectId: row!.id });
  return row!.id;
}

export async function findNotification(s: Session, id: number): Promise<NotificationRow | undefined> {
  const [row] = await s.query((q) => q.selectFrom('notification').selectAll().where('id', '=', id));
  return row;
}

/** @returns whether it was there */
export async function deleteNotification(s: WriteSession, id: number): Promise<boolean> {
  return noteDeleted(s, await s.query((q) => q.deleteFrom('notification').where('id', '=', id).returning(['id', 'user_id'])));
}

function noteDeleted(s: WriteSession, rows: ReadonlyArray<Pick<NotificationRow, 'id' | 'user_id'>>): boolean {
  for (const { id, user_id } of rows) s.changes.note({ what: 'notice.deleted', userId: user_id, subjectId: id });
  return rows.length > 0;
}

/** What an application calls its notifications. */
export interface Tagged {
  client: string;
  by: 'tag' | 'sub_tag';
  value: string;
  /** Only those of one user. */
  userId?: number;
}

/** @returns whether there was any */
export async function deleteTagged(s: WriteSession, { client, by, value, userId }: Tagged): Promise<boolean> {
  const rows = await s.query((q) => {
    const tagged = q.deleteFrom('notification').where('client', '=', client).where(by, '=', value).where(by, '<>', sql.lit(''));
    return (userId === undefined ? tagged : tagged.where('user_id', '=', userId)).returning(['id', 'user_id']);
  });
  return noteDeleted(s, rows);
}

export async function countNotifications(s: Session, userId: number): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom('notification').select((eb) => eb.fn.countAll<number>().as('all')).where('user_id', '=', userId));
  return row!.all;
}

export async function countUnreadNotifications(s: Session, userId: number): Promise<number> {
  const [row] = await s.query((q) =>
    q.selectFrom('notification').select((eb) => eb.fn.countAll<number>().as('unread')).where('user_id', '=', userId).where('unread', '=', sql.lit(1)),
  );
  return row!.unread;
}

/** Reads the user's notifications, or makes them unread: those of the ids, or all from one on. */
export async function setUnread(s: WriteSession, userId: number, which: { ids: readonly number[] } | { from: number }, unread: 0 | 1): Promise<void> {
  await s.query((q) => {
    const own = q.updateTable('notification').set({ unread }).where('user_id', '=', userId);
    return 'ids' in which ? own.where('id', 'in', [...which.ids]) : own.where('id', '>=', which.from);
  });
  s.changes.note({ what: 'notice.changed', userId });
}

export interface NotificationQuery {
  userId: number;
  types: readonly number[];
  /** Only older ones than this. */
  below?: number | undefined;
  limit: number;
}

/** Newest first. */
export function listNotifications(s: Session, { userId, types, below, limit }: NotificationQuery): Promise<NotificationRow[]> {
  return s.query((q) => {
    const own = q.selectFrom('notification').selectAll().where('user_id', '=', userId).where('type', 'in', [...types]);
    return (below === undefined ? own : own.where('id', '<', below)).orderBy('id', 'desc').limit(limit);
  });
}

export interface NotificationSearch {
  userId: number;
  /** What the text must hold, compared without regard to case; empty for any. */
  text: string;
  /** Earliest and latest date, both included, milliseconds. */
  from?: number | undefined;
  to?: number | undefined;
  /** Any when there is none. */
  authors: readonly number[];
  /** As it is shown; undefined for any. */
  tag?: { client: string; tag: string } | undefined;
}

const LOOKED_AT_ONCE = 500;

/** The first that match, newest first; and, where `below` is left out, how many there are in all. Its work grows with the user's notifications. */
export async function searchNotifications(s: Session, search: NotificationSearch, page: { below?: number | undefined; limit: number }): Promise<{ rows: NotificationRow[]; total: number }> {
  const wanted = fold(search.text);
  const rows: NotificationRow[] = [];
  const slice = new Slice();
  let total = 0;
  for (let { below } = page; ; ) {
    const looked = await nextNotifications(s, search, below);
    const found = looked.filter((row) => fold(row.text).includes(wanted));
    total += found.length;
    rows.push(...found.slice(0, page.limit - rows.length));
    const enough = page.below !== undefined && rows.length === page.limit;
    if (enough || looked.length < LOOKED_AT_ONCE) return { rows, total };
    below = looked.at(-1)!.id;
    if (slice.isOver()) await slice.next();
  }
}

function nextNotifications(s: Session, { userId, from, to, authors, tag }: NotificationSearch, below: number | undefined): Promise<NotificationRow[]> {
  return s.query((q) => {
    let query = q.selectFrom('notification').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').limit(LOOKED_AT_ONCE);
    if (below !== undefined) query = query.where('id', '<', below);
    if (from !== undefined) query = query.where('created_at', '>=', from);
    if (to !== undefined) query = query.where('created_at', '<=', to);
    if (authors.length > 0) query = query.where('author_id', 'in', [...authors]);
    if (tag) query = query.where('client', '=', tag.client).where('tag', '=', tag.tag);
    return query;
  });
}
