/** How a message goes: its row or its words, who reacted to it, and the files that nothing else shows. */
import { type ChatRow, recordBump, recordStepBack, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { deleteMessage, newestMessageUpTo, recordGone, updateMessage } from '../../db/stores/message-store.ts';
import { deletePin } from '../../db/stores/pin-store.ts';
import { deleteReactions } from '../../db/stores/reaction-store.ts';
import { closeThread } from '../../db/stores/thread-store.ts';
import { canPost, erasesTraces } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import type { Messenger } from '../messenger.ts';
import { dropFiles } from './message-files.ts';
import type { VisibleMessage } from './visible-message.ts';

/** Nothing is left of others' messages, of an administrator's, of what nobody else has seen, and of what one has posted in a channel or the general chat; comments always leave a line. */
function disappears(actor: Viewer, { chat, message, member }: VisibleMessage): boolean {
  if (actor.admin) return true;
  if (chat.type === 'T') return false;
  if (message.author_id !== actor.userId) return true;
  return message.seen === 0 || (erasesTraces(chat) && canPost(chat, member.role));
}

const DELETED_TEXT = 'This message has been deleted.';

/** The caller holds the chat's lock. */
export async function eraseMessage(s: WriteSession, m: Messenger, actor: Viewer, found: VisibleMessage): Promise<void> {
  const { chat, message, thread } = found;
  await recordGone(s, message);
  await deleteReactions(s, message.id);
  await dropFiles(s, message);
  await deletePin(s, { chatId: chat.id, messageId: message.id });
  happened(s, m, 'message.deleted', actor.userId, { chatId: chat.id, subjectId: message.id });
  const goneSeq = message.counts ? Math.max(chat.gone_seq, message.count_seq) : chat.gone_seq;
  if (!disappears(actor, found)) {
    await updateMessage(s, message.id, { text: DELETED_TEXT, params: JSON.stringify({ IS_DELETED: 'Y' }), deleted: 1 });
    await updateChat(s, chat.id, { gone_seq: goneSeq });
    return touchAll(s, m, chat);
  }
  await deleteMessage(s, message);
  if (thread) await closeThread(s, thread.id, m.stamp());
  await updateChat(s, chat.id, { gone_seq: goneSeq, message_count: chat.message_count - 1 });
  if (chat.last_message_id === message.id) return stepBack(s, m, chat);
  return touchAll(s, m, chat);
}

/** Makes the message before the deleted one the chat's last again. */
async function stepBack(s: WriteSession, m: Messenger, chat: ChatRow): Promise<void> {
  const at = m.stamp(chat.bumped_at);
  const previous = await newestMessageUpTo(s, chat.id, chat.last_message_id);
  const lastAt = previous?.created_at ?? at;
  await recordStepBack(s, { id: chat.id, last_message_id: previous?.id ?? 0, last_message_at: lastAt, bumped_at: at });
}

/** Tells every member's sync that the row looks different now. */
export function touchAll(s: WriteSession, m: Messenger, chat: ChatRow): Promise<void> {
  return recordBump(s, chat, m.stamp);
}
