import { type ChatRow, insertChat, lockChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMessage, type MessageRow } from '../../db/stores/message-store.ts';
import { findThread } from '../../db/stores/thread-store.ts';
import { openDialog } from '../access/dialogs.ts';
import { isChannel } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { emptyChat } from '../posting/posting.ts';
import { subscribe } from '../posting/subscribing.ts';

/** The thread of comments of a channel's post, made when somebody first asks for it; whoever wrote the post is subscribed. Gives its chat. */
export function openThread(m: Messenger, viewer: Viewer, messageId: number): Promise<Outcome<number, 'no_message' | 'no_post'>> {
  return m.db.write(async (s) => {
    const message = await findMessage(s, messageId);
    const dialog = message && (await openDialog(s, viewer, { kind: 'chat', id: message.chat_id }));
    if (!message || !dialog?.chat || messageId < (dialog.member?.start_id ?? 0)) return refused('no_message');
    if (!isChannel(dialog.chat.type) || message.author_id === 0 || message.deleted === 1) return refused('no_post');
    const existing = await findThread(s, dialog.chat.id, messageId);
    if (existing) return done(existing.id);
    const thread = await makeThread(s, m, dialog.chat.id, message);
    return thread ? done(thread.id) : refused('no_message');
  });
}

/** Under the channel's lock: two who ask at once get the same, and nobody gets one of a post that has just been deleted. */
async function makeThread(s: WriteSession, m: Messenger, channelId: number, post: MessageRow): Promise<ChatRow | undefined> {
  const channel = (await lockChat(s, channelId))!;
  if (!(await findMessage(s, post.id))) return undefined;
  const existing = await findThread(s, channelId, post.id);
  if (existing) return existing;
  const { title, color, extranet } = channel;
  const place = { parent_chat_id: channelId, parent_message_id: post.id, owner_id: post.author_id };
  const thread = await insertChat(s, { ...emptyChat(m.stamp()), type: 'T', title, color, extranet, ...place });
  await subscribe(s, m, thread, [post.author_id]);
  return thread;
}
