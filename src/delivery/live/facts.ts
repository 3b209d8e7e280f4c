/** What entries of the journal are about, as it is now: asked set by set, however many entries there are and however many hear of them. */
import type { Session } from '../../db/database.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import { messagesAmong, noticesAmong, privateDialogsWith, type SideRow, unreadNoticesOf } from '../../db/stores/live-store.ts';
import { type MessageRow, seenMessages } from '../../db/stores/message-store.ts';
import { listNotifications, type NotificationRow } from '../../db/stores/notification-store.ts';
import { reactionsOf, type ReactionsByCode } from '../../db/stores/reaction-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { filesOf, type ShownFile } from '../../messenger/posting/message-files.ts';
import { NOTIFICATION_TYPE } from '../../messenger/views/notification-view.ts';
import { sidesOf } from './sides.ts';

/** Of notifications that have changed the newest are told. */
const NEWEST_NOTICES = 50;

export interface Facts {
  messages: ReadonlyMap<number, MessageRow>;
  files: ReadonlyMap<number, ShownFile[]>;
  reactions: ReadonlyMap<number, ReactionsByCode>;
  users: ReadonlyMap<number, UserRow>;
  notices: NoticeFacts;
  /** Of those who have read, by chat and user. */
  sides: ReadonlyMap<number, ReadonlyMap<number, SideRow>>;
  /** Messages that were seen with each reading, newest first; none where nobody is connected who is told. */
  seen: ReadonlyMap<JournalRow, readonly number[]>;
  /** Private dialogs of who listens with people who look different, by these. */
  dialogs: ReadonlyMap<number, ReadonlyArray<{ user_id: number; chat_id: number }>>;
}

interface NoticeFacts {
  /** Those that were added. */
  added: ReadonlyMap<number, NotificationRow>;
  /** By whose they are, where others have changed than were added. */
  newest: ReadonlyMap<number, NotificationRow[]>;
  /** How many are unread, by whose they are; nobody has none. */
  unread: ReadonlyMap<number, number>;
}

/** @param heard entries that somebody is told of @param tellsSeen whether anybody is told which messages are seen with a reading */
export async function loadFacts(s: Session, heard: readonly JournalRow[], listening: ReadonlySet<number>, tellsSeen: boolean): Promise<Facts> {
  const messageIds = subjects(heard, OF_MESSAGES);
  const [messages, reactions, notices, sides, seen, dialogs] = await Promise.all([
    messagesAmong(s, messageIds), reactionsOf(s, messageIds), noticesIn(s, heard), readSides(s, heard), seenIn(s, tellsSeen ? heard : []), dialogsWith(s, subjects(heard, LOOKS), listening),
  ]);
  const files = await filesOf(s, messages);
  const people = [
    ...heard.flatMap(({ what, actor_id, user_id, subject_id }) => (OF_USERS.has(what) ? [subject_id, actor_id, user_id] : [actor_id, user_id])),
    ...messages.map(({ author_id }) => author_id), ...files.map(({ created_by }) => created_by),
    ...[...notices.added.values(), ...[...notices.newest.values()].flat()].map(({ author_id }) => author_id),
  ];
  const users = await findUsers(s, new Set(people.filter((id) => id > 0)));
  return { messages: byId(messages), files: Map.groupBy(files, ({ message_id }) => message_id), reactions, users: byId(users), notices, sides, seen, dialogs };
}

const OF_MESSAGES: ReadonlySet<string> = new Set([
  'message.added', 'message.updated', 'message.deleted', 'link.previewed', 'reaction.added', 'reaction.deleted',
]);
const OF_USERS: ReadonlySet<string> = new Set(['chat.joined', 'chat.left', 'user.changed']);
const LOOKS: ReadonlySet<string> = new Set(['user.changed']);

/** Of which entries of these kinds are. */
function subjects(entries: readonly JournalRow[], kinds: ReadonlySet<string>): number[] {
  return [...new Set(entries.filter(({ what }) => kinds.has(what)).map(({ subject_id }) => subject_id))];
}

async function noticesIn(s: Session, heard: readonly JournalRow[]): Promise<NoticeFacts> {
  const entries = heard.filter(({ what }) => what.startsWith('notice.'));
  const changed = new Set(entries.filter(({ what }) => what === 'notice.changed').map(({ user_id }) => user_id));
  const [added, unread, newest] = await Promise.all([
    noticesAmong(s, entries.filter(({ what }) => what === 'notice.added').map(({ subject_id }) => subject_id)),
    unreadNoticesOf(s, [...new Set(entries.map(({ user_id }) => user_id))]),
    Promise.all([...changed].map(async (userId) => [userId, await listNotifications(s, { userId, types: Object.values(NOTIFICATION_TYPE), limit: NEWEST_NOTICES })] as const)),
  ]);
  return { added: byId(added), unread, newest: new Map(newest) };
}

function readSides(s: Session, heard: readonly JournalRow[]): Promise<Map<number, Map<number, SideRow>>> {
  const read = heard.filter(({ what, detail }) => what === 'member.changed' && (detail === 'read' || detail === 'unread'));
  const byReader = Map.groupBy(read, ({ user_id }) => user_id);
  return sidesOf(s, [...byReader].map(([userId, entries]) => [userId, new Set(entries.map(({ chat_id }) => chat_id))]));
}

async function seenIn(s: Session, heard: readonly JournalRow[]): Promise<Facts['seen']> {
  const reading = heard.filter(({ what, detail, subject_id }) => what === 'member.changed' && detail === 'read' && subject_id > 0);
  return new Map(await Promise.all(reading.map(async (entry) => [entry, await seenMessages(s, entry.chat_id, entry.user_id, entry.subject_id)] as const)));
}

async function dialogsWith(s: Session, userIds: readonly number[], listening: ReadonlySet<number>): Promise<Facts['dialogs']> {
  return new Map(await Promise.all(userIds.map(async (id) => [id, await privateDialogsWith(s, id, [...listening])] as const)));
}

function byId<T extends { id: number }>(rows: readonly T[]): Map<number, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
