import { z } from 'zod';
import type { ReactionsByCode } from '../../db/stores/reaction-store.ts';
import { int } from './scalars.ts';

/** The reactions to one message. */
export const reactionShape = z.strictObject({
  messageId: int,
  reactionCounters: z.record(z.string(), int).describe('How many there are of each, by code'),
  reactionUsers: z.record(z.string(), z.array(int)).describe('Whose they are, by code, in the order in which they came'),
  ownReactions: z.array(z.string()).describe('Codes of the caller\'s own'),
});

export type Reaction = z.infer<typeof reactionShape>;

export function viewReaction(messageId: number, byCode: ReactionsByCode, viewerId: number): Reaction {
  const codes = [...byCode];
  return {
    messageId,
    reactionCounters: Object.fromEntries(codes.map(([code, userIds]) => [code, userIds.length])),
    reactionUsers: Object.fromEntries(codes),
    ownReactions: codes.flatMap(([code, userIds]) => (userIds.includes(viewerId) ? [code] : [])),
  };
}
