/** What handlers are told of something that happened. */
import { lazily } from '../../base/lazily.ts';
import { type ChatRow, findChat } from '../../db/stores/chat-store.ts';
import type { Session } from '../../db/database.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, type MessageRow } from '../../db/stores/message-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { openMembership } from '../../messenger/access/dialogs.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Zone } from '../../base/dates.ts';
import { mayMeet } from '../../messenger/access/meeting.ts';
import { eventChat, eventMessage, eventUser } from '../../messenger/views/event-views.ts';
import { profileRow, withinScopes } from '../../messenger/views/user-row.ts';
import { isOutsider } from '../../messenger/views/user-view.ts';

/** For whom: dates in whose portal's zone, links and rights of which user, as far as which scopes go. */
export interface Reader {
  viewer: Viewer;
  scopes: ReadonlySet<string>;
  zone: Zone;
  now: number;
}

export type Data = Record<string, unknown>;

/** What an entry of the journal is about, read once however many are told of it. */
export interface Subject {
  entry: JournalRow;
  chat(): Promise<ChatRow | undefined>;
  /** Who acts, or who has joined. */
  person(): Promise<UserRow | undefined>;
  message(): Promise<MessageRow | undefined>;
}

export function subjectOf(s: Session, entry: JournalRow): Subject {
  return {
    entry,
    chat: lazily(() => findChat(s, entry.chat_id)),
    person: lazily(() => findUser(s, entry.what === 'chat.joined' ? entry.subject_id : entry.actor_id)),
    message: lazily(() => findMessage(s, entry.subject_id)),
  };
}

interface EventData {
  /** The chat that it is about, 0 for none. */
  chatId: number;
  data: Data;
}

/**
 * The event's `data` as one user may see it: what the user could read with calls of the same scopes, and no more.
 *
 * @returns undefined when the event is not about this kind of chat, or the user has no access to it
 */
export async function eventData(s: Session, event: string, subject: Subject, reader: Reader): Promise<EventData | undefined> {
  const { entry } = subject;
  if (event === 'ONUSERADD') {
    const data = await userAdded(s, entry, reader);
    return data && { chatId: 0, data };
  }
  const member = await openMembership(s, reader.viewer, entry.chat_id);
  const data = member && (event.startsWith('ONOPENLINE') ? await lineData(subject, member, reader) : await chatData(s, subject, member, reader));
  return data && { chatId: entry.chat_id, data };
}

/** @param member the reader's side of the chat, to which they have access */
export async function chatData(s: Session, subject: Subject, member: MemberRow, { viewer, zone }: Omit<Reader, 'scopes'>): Promise<Data | undefined> {
  const chat = await subject.chat();
  if (!chat || chat.type === 'L' || isBefore(subject, member)) return undefined;
  const user = await subject.person();
  const seen = user && (await mayMeet(s, viewer, user)) ? eventUser(user, zone) : {};
  const dialogId = chat.type === 'P' ? String(member.peer_id) : `chat${chat.id}`;
  const around = { chat: eventChat(chat, dialogId, viewer.userId), user: seen, language: 'en' };
  const { what, subject_id: subjectId } = subject.entry;
  if (what === 'chat.joined') return { dialogId, ...around };
  if (what === 'message.deleted') return { messageId: subjectId, ...around };
  const message = await subject.message();
  return message && { ...reactionOf(subject.entry), message: eventMessage(message, zone), ...around };
}

/** Whether it is about a message from before the member's history begins. */
function isBefore({ entry }: Subject, { start_id: start }: MemberRow): boolean {
  return entry.what !== 'chat.joined' && entry.subject_id < start;
}

function reactionOf({ what, detail }: JournalRow): Data {
  if (what !== 'reaction.added' && what !== 'reaction.deleted') return {};
  return { reaction: detail, action: what === 'reaction.added' ? 'add' : 'delete' };
}

const ADDED_FIELDS = ['ACTIVE', 'EMAIL', 'NAME', 'LAST_NAME', 'WORK_POSITION'];

/** What user.get shows of them; undefined for those whom it does not show to the reader. */
async function userAdded(s: Session, { subject_id: userId }: JournalRow, reader: Reader): Promise<Data | undefined> {
  const user = await findUser(s, userId);
  if (!user || isOutsider(user)) return undefined;
  if (!reader.viewer.insider && !(await mayMeet(s, reader.viewer, user))) return undefined;
  const row = withinScopes(profileRow(user, reader.zone, reader.now), reader.scopes);
  const shown = ADDED_FIELDS.filter((field) => row[field] !== undefined);
  return { ID: user.id, ...Object.fromEntries(shown.map((field) => [field, row[field]])) };
}

async function lineData(subject: Subject, member: MemberRow, { zone }: Reader): Promise<Data | undefined> {
  const { what, chat_id, subject_id: messageId } = subject.entry;
  if ((await subject.chat())?.type !== 'L' || isBefore(subject, member)) return undefined;
  const im = { chat_id, message_id: messageId };
  if (what === 'message.deleted') return { DATA: { im } };
  const message = await subject.message();
  if (!message) return undefined;
  const { id, created_at, text, system, author_id } = message;
  return { DATA: { im, message: { id, date: zone.atom(created_at), text, system: system === 1 ? 'Y' : 'N', user_id: author_id } } };
}
