/** What handlers are told of something that happened. */
import { findChat } from '../db/chat-store.ts';
import type { Session } from '../db/database.ts';
import type { OccurrenceRow } from '../db/event-store.ts';
import { findMessage } from '../db/message-store.ts';
import { findUser } from '../db/user-store.ts';
import { openMembership } from '../messenger/access/dialogs.ts';
import type { Zone } from '../messenger/dates.ts';
import { eventChat, eventMessage, eventUser } from '../messenger/event-views.ts';
import type { Happening, Subject } from '../messenger/happenings.ts';

/** For whom: dates in whose portal's zone, links and rights of which user. */
export interface Reader {
  userId: number;
  zone: Zone;
  now: number;
}

type Data = Record<string, unknown>;

/**
 * The event's `data` as one user may see it.
 *
 * @returns undefined when the event is not about this kind of chat, or the user has no access to it
 */
export async function eventData(s: Session, event: string, occurrence: OccurrenceRow, reader: Reader): Promise<Data | undefined> {
  const subject = JSON.parse(occurrence.subject) as Subject;
  if (event === 'ONUSERADD') return userAdded(s, subject);
  const lines = event.startsWith('ONOPENLINE');
  const chat = await findChat(s, subject.chatId!);
  const member = await openMembership(s, reader.userId, subject.chatId!);
  if (!chat || !member || (chat.type === 'L') !== lines) return undefined;
  if (subject.messageId !== undefined && subject.messageId < member.start_id) return undefined;
  if (lines) return lineData(s, occurrence.event as Happening, subject, reader);
  const user = await findUser(s, subject.userId ?? occurrence.user_id);
  const dialogId = chat.type === 'P' ? String(member.peer_id) : `chat${chat.id}`;
  const around = { chat: eventChat(chat, dialogId, reader.userId), user: user ? eventUser(user, reader.zone, reader.now) : {}, language: 'en' };
  if (event === 'ONIMV2JOINCHAT') return { dialogId, ...around };
  if (event === 'ONIMV2MESSAGEDELETE') return { messageId: subject.messageId, ...around };
  const message = await findMessage(s, subject.messageId!);
  return message && { message: eventMessage(message, reader.zone), ...around };
}

async function userAdded(s: Session, { userId }: Subject): Promise<Data | undefined> {
  const user = await findUser(s, userId!);
  if (!user) return undefined;
  const { id, active, email, first_name, last_name, work_position } = user;
  return { ID: id, ACTIVE: active === 1, EMAIL: email, NAME: first_name, LAST_NAME: last_name, WORK_POSITION: work_position };
}

async function lineData(s: Session, what: Happening, { chatId, messageId }: Subject, { zone }: Reader): Promise<Data | undefined> {
  const im = { chat_id: chatId, message_id: messageId };
  if (what === 'messageDeleted') return { DATA: { im } };
  const message = await findMessage(s, messageId!);
  if (!message) return undefined;
  const { id, created_at, text, system, author_id } = message;
  return { DATA: { im, message: { id, date: zone.atom(created_at), text, system: system === 1 ? 'Y' : 'N', user_id: author_id } } };
}
