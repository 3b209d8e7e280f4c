import { type ChatRow, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { heirOf, leadersOf } from '../../db/stores/leader-store.ts';
import { type MemberRow, updateMember } from '../../db/stores/member-store.ts';
import { dropReminders } from '../../db/stores/reminder-store.ts';
import { unsubscribeAll } from '../../db/stores/thread-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { touchMeetings } from '../access/meeting.ts';
import { isChannel, ROLE } from '../access/rights.ts';
import type { Messenger } from '../messenger.ts';

/**
 * Turns a member's row into a tombstone and passes the chat on when it was the owner's. The caller holds the chat's lock and posts the line
 * that says so.
 *
 * @param actorId who does it
 */
export async function part(s: WriteSession, m: Messenger, actorId: number, chat: ChatRow, leaving: MemberRow, user: UserRow): Promise<void> {
  const at = m.stamp();
  s.changes.note({ what: 'chat.left', chatId: chat.id, actorId, subjectId: user.id });
  if (isChannel(chat.type)) await unsubscribeAll(s, leaving.user_id, chat.id, at);
  // Before the row: whoever writes down that they are due takes them in this order.
  await dropReminders(s, leaving.user_id, chat.id);
  await updateMember(s, leaving.user_id, chat.id, {
    left_at: at, updated_at: at, role: ROLE.member, sort_at: 0, pinned: 0, unread: 0, has_unread: 0, muted: 0, wide: 0,
  });
  await touchMeetings(s, chat, [user], at);
  const heir = leaving.role === ROLE.owner ? await heirOf(s, chat.id, leaving.user_id) : undefined;
  if (heir !== undefined) await updateMember(s, heir, chat.id, { role: ROLE.owner });
  const leaders = leaving.role > ROLE.member ? (await leadersOf(s, chat.id)).map((row) => row.user_id) : undefined;
  chat.member_count -= 1;
  await updateChat(s, chat.id, {
    member_count: chat.member_count,
    ...(leaving.role === ROLE.owner && { owner_id: heir ?? 0 }),
    ...(leaders && { manager_ids: JSON.stringify(leaders) }),
  });
}
