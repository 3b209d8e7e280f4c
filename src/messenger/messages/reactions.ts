import { deleteReaction, insertReaction } from '../../db/stores/reaction-store.ts';
import { lockMessage } from '../../db/stores/message-store.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { findVisible } from '../posting/visible-message.ts';

/** The codes that clients have a picture for (page of the bots' reactions). */
export const REACTIONS = [
  'like', 'dislike', 'faceWithTearsOfJoy', 'redHeart', 'neutralFace', 'fire', 'cry', 'slightlySmilingFace', 'winkingFace', 'laugh', 'kiss', 'wonder',
  'slightlyFrowningFace', 'loudlyCryingFace', 'faceWithStuckOutTongue', 'faceWithStuckOutTongueAndWinkingEye', 'smilingFaceWithSunglasses', 'confusedFace',
  'flushedFace', 'thinkingFace', 'angry', 'smilingFaceWithHorns', 'faceWithThermometer', 'facepalm', 'poo', 'flexedBiceps', 'clappingHands', 'raisedHand',
  'smilingFaceWithHeartEyes', 'smilingFaceWithHearts', 'pleadingFace', 'relievedFace', 'foldedHands', 'okHand', 'signHorns', 'loveYouGesture', 'clownFace',
  'partyingFace', 'questionMark', 'exclamationMark', 'lightBulb', 'bomb', 'sleepingSymbol', 'crossMark', 'whiteHeavyCheckMark', 'eyes', 'handshake',
  'hundredPoints',
] as const;

export type ReactionCode = (typeof REACTIONS)[number];

/** `toggle` adds what is not there, and the other way round. */
export type ReactionAction = 'add' | 'delete' | 'toggle';

/**
 * Reacts to a message that the viewer may see, or no longer. Rows of the list do not show it, so none is touched; the
 * journal tells of it.
 */
export function react(
  m: Messenger,
  viewer: Viewer,
  messageId: number,
  reaction: ReactionCode,
  action: ReactionAction,
): Promise<Outcome<true, 'no_message' | 'unchanged'>> {
  const { userId } = viewer;
  return m.db.write(async (s) => {
    if (!(await findVisible(s, viewer, messageId))) return refused('no_message');
    // Whoever deletes the message waits, or has done it: no reaction is left behind.
    const message = await lockMessage(s, messageId);
    if (!message || message.deleted === 1) return refused('no_message');
    const own = { messageId, userId, reaction };
    const deleted = action !== 'add' && (await deleteReaction(s, own));
    if (!deleted && (action === 'delete' || !(await insertReaction(s, own, m.stamp())))) return refused('unchanged');
    happened(s, m, deleted ? 'reaction.deleted' : 'reaction.added', userId, { chatId: message.chat_id, subjectId: messageId, detail: reaction });
    return done(true);
  });
}
