/** Records what happens in chats for those of their members who fetch it. */
import type { WriteSession } from '../../db/database.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { insertUserEvents, subscribedSides } from '../../db/stores/user-event-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { mayMeet } from '../../messenger/access/meeting.ts';
import { viewerOf } from '../../messenger/access/viewer.ts';
import { chatData, type Reader, type Subject } from './event-data.ts';
import { eventsOf, RECORDED_EVENTS } from './events.ts';

/** Each as one of them may see it at this moment; whether they still may is asked again when it is fetched. */
export async function recordForUsers(s: WriteSession, subject: Subject, { zone, now }: Pick<Reader, 'zone' | 'now'>): Promise<void> {
  const { entry } = subject;
  const type = eventsOf(entry.what).find((code) => RECORDED_EVENTS.has(code));
  if (type === undefined) return;
  const sides = await subscribedSides(s, entry.chat_id, entry.rev);
  if (sides.length === 0) return;
  const people = new Map((await findUsers(s, sides.flatMap(({ user_id, peer_id }) => [user_id, peer_id]))).map((user) => [user.id, user]));
  const about = { type, chat_id: entry.chat_id, message_id: entry.what === 'chat.joined' ? 0 : entry.subject_id, created_at: now };
  const rows = [];
  for (const side of sides) {
    const viewer = await readerOf(s, side, people);
    const data = viewer && (await chatData(s, subject, side, { viewer, zone, now }));
    if (data) rows.push({ ...about, user_id: side.user_id, data: JSON.stringify(data) });
  }
  await insertUserEvents(s, rows);
}

/** Whose side of a chat it is, if they are still here and have access to it. */
async function readerOf(s: WriteSession, side: MemberRow, people: ReadonlyMap<number, UserRow>) {
  const user = people.get(side.user_id);
  if (user?.active !== 1) return undefined;
  const viewer = viewerOf(user);
  if (side.type !== 'P') return viewer;
  const peer = people.get(side.peer_id);
  return peer && (await mayMeet(s, viewer, peer)) ? viewer : undefined;
}
