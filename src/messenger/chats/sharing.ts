import { type DialogRef, openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { forwardable } from '../posting/forwarding.ts';
import { post } from '../posting/posting.ts';
import { makeChat } from './chats.ts';

export type ShareRefusal = 'no_access' | 'no_message' | 'not_allowed';

/** Makes a chat of a message of a dialog: of the viewer and whoever wrote it, with the message sent on as the first. Gives its id. */
export function shareAsChat(m: Messenger, viewer: Viewer, ref: DialogRef, messageId: number): Promise<Outcome<number, ShareRefusal>> {
  const { userId } = viewer;
  return m.db.write(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog?.chat) return refused('no_access');
    const shared = await forwardable(s, viewer, messageId);
    if (shared?.origin.chat_id !== dialog.chat.id) return refused('no_message');
    const made = await makeChat(s, m, { ownerId: userId, type: 'C', userIds: [shared.origin.author_id] });
    if (!made.ok) return refused('not_allowed');
    await post(s, m, made.value, { authorId: userId, actorId: userId, text: shared.text, params: shared.params });
    return done(made.value.id);
  });
}
