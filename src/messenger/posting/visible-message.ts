import { type ChatRow, lockChat } from '../../db/stores/chat-store.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, lockMessage, type MessageRow } from '../../db/stores/message-store.ts';
import { lockThread } from '../../db/stores/thread-store.ts';
import { isChannel } from '../access/rights.ts';
import { openMembership } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';

export interface VisibleMessage {
  chat: ChatRow;
  message: MessageRow;
  member: MemberRow;
  /** The comments on it, where it is a post of a channel and has any. */
  thread: ChatRow | undefined;
}

/** A message of a chat that the viewer is in, if it is within their part of the history. */
export async function findVisible(s: Session, viewer: Viewer, messageId: number): Promise<Pick<VisibleMessage, 'message' | 'member'> | undefined> {
  const message = await findMessage(s, messageId);
  const member = message && (await openMembership(s, viewer, message.chat_id));
  return member && messageId >= member.start_id ? { message, member } : undefined;
}

/** The same, locked with its chat and its comments. */
export async function lockVisible(s: WriteSession, actor: Viewer, messageId: number): Promise<VisibleMessage | undefined> {
  const before = await findVisible(s, actor, messageId);
  if (!before) return undefined;
  const { member } = before;
  const chat = (await lockChat(s, member.chat_id))!;
  const thread = isChannel(chat.type) ? await lockThread(s, chat.id, messageId) : undefined;
  const message = await lockMessage(s, messageId);
  return message && { chat, message, member, thread };
}
