/** A user's notifications: looking at them, reading and finding them. */
import type { Session } from '../../db/database.ts';
import {
  countNotifications, countUnreadNotifications, listNotifications, type NotificationRow, type NotificationSearch, searchNotifications, setUnread,
} from '../../db/stores/notification-store.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Zone } from '../../base/dates.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { authorsOf } from '../posting/named-users.ts';
import { NO_CHAT, NOTIFICATION_TYPE, type NoticePage, type NoticeView, viewNotification } from '../views/notification-view.ts';
import { present } from '../views/presenting.ts';
import { type UserView, viewUser } from '../views/user-view.ts';

const { confirm, user, system } = NOTIFICATION_TYPE;

export interface NoticeQuery {
  /** Where the page before ended: among the questions, or among the others. */
  after?: { id: number; among: 'questions' | 'others' } | undefined;
  limit: number;
  /** Gives the texts without codes. */
  plain: boolean;
}

/** A page of one's notifications: what asks for an answer first, then all others, newest first. */
export async function listNotices(m: Messenger, viewer: Viewer, { after, limit, plain }: NoticeQuery): Promise<NoticePage> {
  const { userId } = viewer;
  const look = { zone: (await m.settings()).zone, plain };
  return m.large.run(() => m.db.read(async (s) => {
    const [all, unread] = await Promise.all([countNotifications(s, userId), countUnreadNotifications(s, userId)]);
    const asked = after?.among === 'others' ? [] : await listNotifications(s, { userId, types: [confirm], below: after?.id, limit });
    const below = after?.among === 'others' ? after.id : undefined;
    const rows = asked.length === limit ? asked : [...asked, ...(await listNotifications(s, { userId, types: [user, system], below, limit: limit - asked.length }))];
    const counts = all > 0 ? { total_count: all, total_unread_count: unread, chat_id: NO_CHAT } : {};
    return { ...counts, ...(await viewAll(s, m, viewer, rows, look)) };
  }));
}

/** Finds among one's notifications, newest first. How many there are is told with the first page. */
export async function searchNotices(
  m: Messenger,
  viewer: Viewer,
  search: Omit<NotificationSearch, 'userId'>,
  page: { below?: number | undefined; limit: number; plain: boolean },
): Promise<NoticePage> {
  const look = { zone: (await m.settings()).zone, plain: page.plain };
  return m.large.run(() => m.db.read(async (s) => {
    const { rows, total } = await searchNotifications(s, { ...search, userId: viewer.userId }, page);
    const first = page.below === undefined ? { total_results: total } : {};
    return { chat_id: NO_CHAT, ...first, ...(await viewAll(s, m, viewer, rows, look)) };
  }));
}

/** How a page is shown. */
interface Look {
  zone: Zone;
  plain: boolean;
}

async function viewAll(s: Session, m: Messenger, viewer: Viewer, rows: readonly NotificationRow[], { zone, plain }: Look): Promise<{ notifications: NoticeView[]; users: UserView[] }> {
  const authors = await authorsOf(s, viewer, rows);
  return {
    notifications: await flatMapGently(rows, (row) => present(m, { notification: row.id }, () => viewNotification(row, zone, plain))),
    users: await flatMapGently(authors, (author) => present(m, { user: author.id }, () => viewUser(author, zone))),
  };
}

/** Reads one's notifications, or makes them unread again: those of the ids, or all from one on. @returns how many are unread then */
export function readNotices(m: Messenger, { userId }: Viewer, which: { ids: readonly number[] } | { from: number }, unread: boolean): Promise<number> {
  return m.db.write(async (s) => {
    if (!('ids' in which) || which.ids.length > 0) await setUnread(s, userId, which, unread ? 1 : 0);
    return countUnreadNotifications(s, userId);
  });
}
