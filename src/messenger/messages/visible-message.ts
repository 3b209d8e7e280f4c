import { type ChatRow, lockChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, lockMessage, type MessageRow } from '../../db/stores/message-store.ts';
import { openMembership } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';

export interface VisibleMessage {
  chat: ChatRow;
  message: MessageRow;
  member: MemberRow;
}

/** A message that the actor may see, locked with its chat. */
export async function lockVisible(s: WriteSession, actor: Viewer, messageId: number): Promise<VisibleMessage | undefined> {
  const before = await findMessage(s, messageId);
  if (!before) return undefined;
  const member = await openMembership(s, actor, before.chat_id);
  if (!member || messageId < member.start_id) return undefined;
  const chat = (await lockChat(s, before.chat_id))!;
  const message = await lockMessage(s, messageId);
  return message && { chat, message, member };
}
