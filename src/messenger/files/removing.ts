/** Files that go. Those of a chat leave the messages that show them. */
import { lockChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { deleteObject, type DiskObject, findObject, lockObject } from '../../db/stores/disk-store.ts';
import { messagesShowing, unlinkFile } from '../../db/stores/message-file-store.ts';
import { lockMessage, updateMessage } from '../../db/stores/message-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { mayDeleteObject } from '../access/disk.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import type { Messenger } from '../messenger.ts';
import { eraseMessage, touchAll } from '../posting/erasing.ts';
import { paramsWithout } from '../posting/message-files.ts';
import { hasContent } from '../posting/posting.ts';
import { lockVisible } from '../posting/visible-message.ts';
import type { DiskRefusal } from './disk.ts';

/** Messages that are changed in one unit of work. */
const AT_ONCE = 50;

/** Deletes a file. Of the messages that showed it those go too that showed nothing else. */
export async function deleteFile(m: Messenger, actor: Viewer, fileId: number): Promise<Outcome<true, DiskRefusal>> {
  for (;;) {
    const some = await m.db.write(async (s) => {
      const file = await findObject(s, fileId);
      if (file?.kind !== 'file') return refused('not_found');
      if (!(await mayDeleteObject(s, actor, file))) return refused('not_allowed');
      return done(await removeSome(s, m, actor, file));
    });
    if (!some.ok) return some;
    if (some.value === 'gone') return done(true);
  }
}

/** Locks in the order in which all are taken: chat, messages, file. */
async function removeSome(s: WriteSession, m: Messenger, actor: Viewer, file: DiskObject): Promise<'gone' | 'more'> {
  const shown = file.owner_kind === 'chat' && (await lockChat(s, file.owner_id)) ? await messagesShowing(s, file.id) : [];
  for (const id of shown.slice(0, AT_ONCE)) await takeOut(s, m, actor, id, file.id);
  if (shown.length > AT_ONCE) return 'more';
  if (await lockObject(s, file.id)) await deleteObject(s, file.id);
  return 'gone';
}

/** A message from before the actor's part of the history shows the file no longer either, and stays. */
async function takeOut(s: WriteSession, m: Messenger, actor: Viewer, messageId: number, fileId: number): Promise<void> {
  const found = await lockVisible(s, actor, messageId);
  const message = found?.message ?? (await lockMessage(s, messageId));
  if (!message) return;
  const params = paramsWithout(message, fileId);
  if (found && message.text === '' && !hasContent(params)) return eraseMessage(s, m, actor, found);
  await unlinkFile(s, message.id, fileId);
  await updateMessage(s, message.id, { params: Object.keys(params).length > 0 ? JSON.stringify(params) : '' });
  if (found && found.chat.last_message_id === message.id) await touchAll(s, m, found.chat);
  happened(s, m, 'message.updated', actor.userId, { chatId: message.chat_id, subjectId: message.id });
}
