import { deleteLike, insertLike } from '../../db/stores/like-store.ts';
import { findMessage, lockMessage } from '../../db/stores/message-store.ts';
import { openMembership } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';

/** `auto` likes what is not liked, and the other way round. */
export type LikeAction = 'plus' | 'minus' | 'auto';

/** Likes a message that the viewer may see, or no longer. Rows of the list do not show it, so none is touched. */
export function likeMessage(m: Messenger, viewer: Viewer, messageId: number, action: LikeAction): Promise<Outcome<true, 'no_message' | 'unchanged'>> {
  const { userId } = viewer;
  return m.db.write(async (s) => {
    const found = await findMessage(s, messageId);
    const member = found && (await openMembership(s, viewer, found.chat_id));
    if (!member || messageId < member.start_id) return refused('no_message');
    // Whoever deletes the message waits, or has done it: no like is left behind.
    const message = await lockMessage(s, messageId);
    if (!message || message.deleted === 1) return refused('no_message');
    if (action !== 'plus' && (await deleteLike(s, messageId, userId))) return done(true);
    const liked = action !== 'minus' && (await insertLike(s, messageId, userId, m.stamp()));
    return liked ? done(true) : refused('unchanged');
  });
}
