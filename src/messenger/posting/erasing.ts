/** How a message goes: its row or its words, who liked it, and the files that nothing else shows. */
import { type ChatRow, recordBump, recordStepBack, updateChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { deleteLikes } from '../../db/stores/like-store.ts';
import { deleteMessage, type MessageRow, newestMessageUpTo, recordGone, updateMessage } from '../../db/stores/message-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import type { Messenger } from '../messenger.ts';
import { dropFiles } from './message-files.ts';

/** One's own message that others have seen leaves a line; all others, and an administrator's, leave nothing. */
function disappears(actor: Viewer, message: MessageRow): boolean {
  return message.author_id !== actor.userId || actor.admin || message.seen === 0;
}

const DELETED_TEXT = 'This message has been deleted.';

/** The caller holds the chat's lock. */
export async function eraseMessage(s: WriteSession, m: Messenger, chat: ChatRow, actor: Viewer, message: MessageRow): Promise<void> {
  await recordGone(s, message);
  await deleteLikes(s, message.id);
  await dropFiles(s, message);
  happened(s, m, 'message.deleted', actor.userId, { chatId: chat.id, subjectId: message.id });
  const goneSeq = message.counts ? Math.max(chat.gone_seq, message.count_seq) : chat.gone_seq;
  if (!disappears(actor, message)) {
    await updateMessage(s, message.id, { text: DELETED_TEXT, params: JSON.stringify({ IS_DELETED: 'Y' }), deleted: 1 });
    await updateChat(s, chat.id, { gone_seq: goneSeq });
    return touchAll(s, m, chat);
  }
  await deleteMessage(s, message);
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
