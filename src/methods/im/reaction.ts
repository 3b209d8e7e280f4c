import { z } from 'zod';
import { react, REACTIONS } from '../../messenger/messages/reactions.ts';
import { error } from '../../rest/method.ts';
import { id, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { messageIdError } from '../params.ts';

const messageId = id({ description: 'Message', error: 'MESSAGE_ID_ERROR' });
const WITHOUT_CHANGES = error('WITHOUT_CHANGES', 400, 'Action completed without changes');
const LIKE_ACTIONS = { plus: 'add', minus: 'delete', auto: 'toggle' } as const;

const like = defineMethod({
  name: 'im.message.like',
  scope: 'im',
  summary: 'Likes a message, or no longer',
  params: {
    MESSAGE_ID: messageId,
    ACTION: text({ description: 'plus likes, minus takes it back, auto does what of them is a change; anything else is auto', max: 20, cut: true }),
  },
  example: { MESSAGE_ID: 12, ACTION: 'plus' },
  result: z.literal(true),
  errors: { MESSAGE_ID_ERROR: messageIdError, WITHOUT_CHANGES },
  async run({ context, caller, params, fail }) {
    const word = params.ACTION?.toLowerCase();
    const action = word === 'plus' || word === 'minus' ? LIKE_ACTIONS[word] : LIKE_ACTIONS.auto;
    const outcome = await react(context.messenger, caller, params.MESSAGE_ID, 'like', action);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'WITHOUT_CHANGES');
  },
});

const addOrDelete = defineMethod({
  name: 'tidemark.message.react',
  scope: 'im',
  summary: 'Reacts to a message, or takes the reaction back: of each kind everybody has one at most. Who reacted how is in reactions of im.dialog.messages.search',
  params: {
    MESSAGE_ID: messageId,
    REACTION: text({ description: `One of ${REACTIONS.join(', ')}`, error: 'REACTION_NOT_FOUND', max: 64 }),
    ACTION: text({ description: 'add, which is usual, or delete', max: 20, cut: true }),
  },
  example: { MESSAGE_ID: 12, REACTION: 'fire' },
  result: z.literal(true),
  errors: { MESSAGE_ID_ERROR: messageIdError, REACTION_NOT_FOUND: error('REACTION_NOT_FOUND', 400, 'There is no such reaction'), WITHOUT_CHANGES },
  async run({ context, caller, params, fail }) {
    const reaction = REACTIONS.find((code) => code === params.REACTION) ?? fail('REACTION_NOT_FOUND');
    const action = params.ACTION?.toLowerCase() === 'delete' ? 'delete' : 'add';
    const outcome = await react(context.messenger, caller, params.MESSAGE_ID, reaction, action);
    if (outcome.ok) return true as const;
    return fail(outcome.reason === 'no_message' ? 'MESSAGE_ID_ERROR' : 'WITHOUT_CHANGES');
  },
});

export const reactionMethods = [like, addOrDelete];
