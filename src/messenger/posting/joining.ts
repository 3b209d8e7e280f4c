import { type ChatRow, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMember, insertMembers, type MemberRow, widenMembers } from '../../db/stores/member-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { touchMeetings } from '../access/meeting.ts';
import { isOpen, ROLE } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import { inChunks, type Messenger } from '../messenger.ts';
import { newMember, post } from './posting.ts';
import { systemTexts } from './system-texts.ts';

/** A chat with more members than this is wide: what happens in it never moves into the members' rows. */
export const WIDE_ABOVE = 100;

/** Makes users members. The caller holds the chat's lock and posts the line that says so. */
export async function makeMembers(
  s: WriteSession,
  m: Messenger,
  chat: ChatRow,
  actorId: number,
  users: readonly UserRow[],
  hideHistory: boolean,
): Promise<void> {
  const at = m.stamp();
  const memberCount = chat.member_count + users.length;
  const widens = chat.wide === 0 && memberCount > WIDE_ABOVE;
  if (widens) await widenMembers(s, chat.id);
  chat.member_count = memberCount;
  if (widens) chat.wide = 1;
  if (users.some((user) => user.extranet === 1)) chat.extranet = 1;
  await updateChat(s, chat.id, { member_count: memberCount, wide: chat.wide, extranet: chat.extranet, ...(widens && { warm: 0 }) });
  const startId = hideHistory ? chat.top_message_id + 1 : 0;
  await inChunks(users, async (chunk) => {
    await insertMembers(s, chunk.map((user) => ({ ...newMember(chat, user.id, ROLE.member, at), start_id: startId })));
    for (const user of chunk) happened(s, m, 'chat.joined', actorId, { chatId: chat.id, subjectId: user.id });
  });
  await touchMeetings(s, chat, users, at);
}

/** Lets somebody who writes into an open chat become a member first. Undefined when the chat is not open to them. */
export async function joinByWriting(s: WriteSession, m: Messenger, chat: ChatRow, { userId, insider }: Viewer): Promise<MemberRow | undefined> {
  if (!isOpen(chat.type) || !insider) return undefined;
  const user = (await findUser(s, userId))!;
  await makeMembers(s, m, chat, userId, [user], false);
  await post(s, m, chat, { authorId: 0, actorId: userId, system: true, ...systemTexts.joined(user) });
  return findMember(s, userId, chat.id);
}
