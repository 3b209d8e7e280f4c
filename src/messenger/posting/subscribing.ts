import { type ChatRow, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { insertMembers, membersAmong, widenMembers } from '../../db/stores/member-store.ts';
import { NEVER_SHOWN, readersAmong } from '../../db/stores/thread-store.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import { ROLE } from '../access/rights.ts';
import type { Messenger } from '../messenger.ts';
import { WIDE_ABOVE } from './joining.ts';
import { newMember } from './posting.ts';

/**
 * Subscribes those of the users to a thread of comments who are in its channel, see its post and are not yet subscribed: they have read
 * what is there. The caller holds the channel and the thread.
 */
export async function subscribe(s: WriteSession, m: Messenger, thread: ChatRow, userIds: readonly number[]): Promise<void> {
  const [readers, subscribed] = [await readersAmong(s, thread, userIds), await membersAmong(s, thread.id, userIds)];
  const users = await findUsers(s, readers.filter((id) => !subscribed.has(id)));
  const added = users.filter(({ active }) => active === 1);
  if (added.length === 0) return;
  const at = m.stamp();
  const memberCount = thread.member_count + added.length;
  const widens = thread.wide === 0 && memberCount > WIDE_ABOVE;
  if (widens) await widenMembers(s, thread.id);
  Object.assign(thread, { member_count: memberCount, ...(widens && { wide: 1 }) });
  await updateChat(s, thread.id, { member_count: memberCount, wide: thread.wide, ...(widens && { warm: 0 }) });
  await insertMembers(s, added.map(({ id }) => ({ ...newMember(thread, id, ROLE.member, at), hidden_to: NEVER_SHOWN, sort_at: 0 })));
  for (const { id } of added) s.changes.member(id, thread.id, 'subscribe');
}
