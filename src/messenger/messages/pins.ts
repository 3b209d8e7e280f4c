import { countPins, deletePin, insertPin, pinnedMessages } from '../../db/stores/pin-store.ts';
import { reactionsOf } from '../../db/stores/reaction-store.ts';
import { hindrance } from '../access/actions.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { authorsOf } from '../posting/named-users.ts';
import { type PinnedPage, viewMessage } from '../views/message-view.ts';
import { present } from '../views/presenting.ts';
import { viewUser } from '../views/user-view.ts';
import { isUnread } from './history.ts';
import { lockVisible } from '../posting/visible-message.ts';

/** How many messages a chat may have pinned: all of them are shown at once. */
export const PIN_LIMIT = 50;

/** Pins a message in its chat for everybody, or no longer. No row of the list shows it; the journal tells of it. */
export function pinMessage(m: Messenger, actor: Viewer, messageId: number, pin: boolean): Promise<Outcome<true, 'no_message' | 'not_allowed' | 'too_many'>> {
  return m.db.write(async (s) => {
    const found = await lockVisible(s, actor, messageId);
    if (!found || found.message.deleted === 1) return refused('no_message');
    const { chat, member } = found;
    if (hindrance('pinMessages', chat, member.role)) return refused('not_allowed');
    const of = { chatId: chat.id, messageId };
    const changed = pin ? await insertPin(s, of, actor.userId, m.stamp()) : await deletePin(s, of);
    if (pin && changed && (await countPins(s, chat.id)) > PIN_LIMIT) return refused('too_many');
    if (changed) s.changes.note({ what: pin ? 'message.pinned' : 'message.unpinned', chatId: chat.id, actorId: actor.userId, subjectId: messageId });
    return done(true);
  });
}

/** The pinned messages of a dialog that the viewer may see, the last pinned first. */
export async function listPinned(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<Outcome<PinnedPage, 'no_access'>> {
  const { zone } = await m.settings();
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog) return refused('no_access');
    const { chat, member } = dialog;
    const rows = chat ? await pinnedMessages(s, chat.id, member?.start_id ?? 0) : [];
    const [authors, reactions] = await Promise.all([authorsOf(s, viewer, rows), reactionsOf(s, rows.map(({ id }) => id))]);
    const pins = rows.flatMap((row) => {
      const likes = reactions.get(row.id)?.get('like');
      const message = present(m, { message: row.id }, () => viewMessage(row, zone, isUnread(row, member), likes));
      return message ? [{ message, pinned_by: row.pinned_by, pinned_date: zone.atom(row.pinned_at) }] : [];
    });
    return done({ chat_id: chat?.id ?? 0, pins, users: authors.flatMap((user) => present(m, { user: user.id }, () => viewUser(user, zone)) ?? []) });
  });
}
