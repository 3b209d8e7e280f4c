import { type ChatRow, findChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { lockMember, type MemberRow, updateMember } from '../../db/stores/member-store.ts';
import { readThreads } from '../../db/stores/thread-store.ts';
import { type DialogRef, openDialog } from './dialogs.ts';
import { isChannel } from './rights.ts';
import type { Viewer } from './viewer.ts';

/** The viewer's own row of a dialog, kept from other writers; what others do to the chat meanwhile stays visible. */
export async function lockOwnSide(
  s: WriteSession,
  viewer: Viewer,
  ref: DialogRef,
): Promise<{ chat: ChatRow; member: MemberRow } | undefined> {
  const dialog = await openDialog(s, viewer, ref);
  if (!dialog?.chat) return undefined;
  const member = await lockMember(s, viewer.userId, dialog.chat.id);
  const chat = member && (await findChat(s, dialog.chat.id));
  return chat && { chat, member };
}

/** Brings the user's own row to the end of the chat, and what they are subscribed to in a channel. The caller has locked it. */
export async function readWhole(s: WriteSession, chat: ChatRow, member: MemberRow, at: number): Promise<void> {
  await updateMember(s, member.user_id, chat.id, {
    last_id: Math.max(member.last_id, chat.last_message_id),
    read_count_seq: Math.max(member.read_count_seq, chat.count_seq),
    own_seq: 0,
    unread: 0,
    has_unread: 0,
    updated_at: at,
  });
  if (isChannel(chat.type)) await readThreads(s, member.user_id, chat.id, at);
}
