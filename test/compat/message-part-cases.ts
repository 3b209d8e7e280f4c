/** The errors of the methods about what stands beside messages and is made of them. See error-cases.ts. */
import { insertPin } from '../../src/db/stores/pin-store.ts';
import { dialogIdEmpty, each, type ErrorCase, type ErrorCases, messageIdError, noDialogAccess, unavailable } from './error-kit.ts';
import { NOBODY, type Scene } from './scene.ts';

/** A message in a chat with the guest of somebody who has left it, whom the guest does not meet any more. */
let left = { MESSAGE_ID: 0, DIALOG_ID: '' };

async function leaveGuest({ anna, clara, guest }: Scene): Promise<void> {
  const chat = await anna.call<number>('im.chat.add', { USERS: [guest.userId, clara.userId] });
  left = { DIALOG_ID: `chat${chat}`, MESSAGE_ID: await clara.call<number>('im.message.add', { CHAT_ID: chat, MESSAGE: 'said' }) };
  await clara.call('im.chat.leave', { CHAT_ID: chat });
}

/** As many as there may be, without a call for each. */
async function pinFifty({ portal, anna, chat }: Scene): Promise<void> {
  await portal.server.context.db.write(async (s) => {
    for (let i = 1; i <= 50; i++) await insertPin(s, { chatId: chat, messageId: NOBODY + i }, anna.userId, i);
  });
}

const withoutChanges = (values: readonly string[], rest: Record<string, unknown> = {}): ErrorCase => ({
  status: 400, code: 'WITHOUT_CHANGES', text: 'Action completed without changes',
  given: ({ messages }) => each('ACTION', values, { MESSAGE_ID: messages.annas, ...rest }),
});

export const messagePartCases: ErrorCases = {
  'im.message.like': { MESSAGE_ID_ERROR: messageIdError(), WITHOUT_CHANGES: withoutChanges(['minus', 'MINUS']) },
  'tidemark.message.react': {
    MESSAGE_ID_ERROR: messageIdError(() => ({ REACTION: 'fire' })),
    REACTION_NOT_FOUND: {
      status: 400, code: 'REACTION_NOT_FOUND', text: 'There is no such reaction',
      given: ({ messages }) => each('REACTION', [undefined, null, '', 'Fire', 'FIRE', 'toString', '__proto__', 'x'.repeat(65), 5, true, [], {}], { MESSAGE_ID: messages.annas }),
    },
    WITHOUT_CHANGES: withoutChanges(['delete', 'DELETE'], { REACTION: 'poo' }),
  },
  'im.message.share': {
    MESSAGE_ID_ERROR: messageIdError(({ chat }) => ({ DIALOG_ID: `chat${chat}`, TYPE: 'CHAT' })),
    DIALOG_ID_EMPTY: dialogIdEmpty(({ messages }) => ({ MESSAGE_ID: messages.annas, TYPE: 'CHAT' })),
    ACCESS_ERROR: {
      status: 403, code: 'ACCESS_ERROR', text: 'You do not have access to the specified dialog',
      given: ({ claras, messages }) => each('DIALOG_ID', [`chat${claras}`, `chat${NOBODY}`, NOBODY], { MESSAGE_ID: messages.claras, TYPE: 'CHAT' }),
    },
    NOT_ALLOWED: {
      status: 403, code: 'ACCESS_ERROR', text: 'You share no chat with whoever wrote the message', as: 'guest', before: leaveGuest,
      given: () => [{ ...left, TYPE: 'CHAT' }],
    },
    PARAMS_ERROR: {
      status: 400, code: 'PARAMS_ERROR', text: 'Incorrect params',
      given: ({ chat, messages }) => each('TYPE', [undefined, null, '', 'X', 'CHATS', 5, [], {}, true], { DIALOG_ID: `chat${chat}`, MESSAGE_ID: messages.annas }),
    },
    NOT_HERE: {
      status: 400, code: 'PARAMS_ERROR', text: 'Incorrect params: there are no tasks, posts and calendars here, a message can only become a CHAT',
      given: ({ chat, messages }) => each('TYPE', ['TASK', 'post', 'CALEND'], { DIALOG_ID: `chat${chat}`, MESSAGE_ID: messages.annas }),
    },
  },
  'tidemark.message.pin': {
    MESSAGE_ID_ERROR: messageIdError(),
    ACCESS_ERROR: { ...unavailable(({ messages }) => each('MESSAGE_ID', [messages.channel])), as: 'boris' },
    TOO_MANY_PINS: {
      status: 400, code: 'TOO_MANY_PINS', text: 'A dialog has no more than 50 pinned messages', before: pinFifty,
      given: ({ messages }) => each('MESSAGE_ID', [messages.annas]),
    },
  },
  'tidemark.comments.open': {
    MESSAGE_ID_ERROR: messageIdError(),
    NO_POST: {
      status: 400, code: 'NO_POST', text: 'Only what people post in channels has comments',
      given: ({ messages }) => each('MESSAGE_ID', [messages.annas, messages.dialog, messages.deleted]),
    },
  },
  'tidemark.message.pinned.list': { DIALOG_ID_EMPTY: dialogIdEmpty(), ACCESS_ERROR: noDialogAccess },
};
