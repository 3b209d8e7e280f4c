/** What handlers are told of something that happened. */
import { findChat } from '../../db/stores/chat-store.ts';
import type { Session } from '../../db/database.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import { findMessage } from '../../db/stores/message-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
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

type Data = Record<string, unknown>;

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
export async function eventData(s: Session, event: string, entry: JournalRow, reader: Reader): Promise<EventData | undefined> {
  const data = event === 'ONUSERADD' ? await userAdded(s, entry, reader) : await chatData(s, event, entry, reader);
  return data && { chatId: entry.chat_id, data };
}

async function chatData(s: Session, event: string, entry: JournalRow, reader: Reader): Promise<Data | undefined> {
  const lines = event.startsWith('ONOPENLINE');
  const joined = entry.what === 'chat.joined';
  const chat = await findChat(s, entry.chat_id);
  const member = await openMembership(s, reader.viewer, entry.chat_id);
  if (!chat || !member || (chat.type === 'L') !== lines) return undefined;
  if (!joined && entry.subject_id < member.start_id) return undefined;
  if (lines) return lineData(s, entry, reader);
  const user = await findUser(s, joined ? entry.subject_id : entry.actor_id);
  const seen = user && (await mayMeet(s, reader.viewer, user)) ? eventUser(user, reader.zone) : {};
  const dialogId = chat.type === 'P' ? String(member.peer_id) : `chat${chat.id}`;
  const around = { chat: eventChat(chat, dialogId, reader.viewer.userId), user: seen, language: 'en' };
  if (joined) return { dialogId, ...around };
  if (entry.what === 'message.deleted') return { messageId: entry.subject_id, ...around };
  const message = await findMessage(s, entry.subject_id);
  return message && { ...reactionOf(entry), message: eventMessage(message, reader.zone), ...around };
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

async function lineData(s: Session, { what, chat_id, subject_id: messageId }: JournalRow, { zone }: Reader): Promise<Data | undefined> {
  const im = { chat_id, message_id: messageId };
  if (what === 'message.deleted') return { DATA: { im } };
  const message = await findMessage(s, messageId);
  if (!message) return undefined;
  const { id, created_at, text, system, author_id } = message;
  return { DATA: { im, message: { id, date: zone.atom(created_at), text, system: system === 1 ? 'Y' : 'N', user_id: author_id } } };
}
