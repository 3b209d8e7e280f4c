/** The errors of the methods about who is in a dialog and what was said. See error-cases.ts. */
import { dialogIdEmpty, each, type ErrorCases, NO_IDS, noDialogAccess } from './error-kit.ts';
import { NOBODY } from './scene.ts';

export const dialogListCases: ErrorCases = {
  'im.dialog.users.list': {
    DIALOG_ID_EMPTY: dialogIdEmpty(),
    ACCESS_ERROR: noDialogAccess,
    NOT_SHOWN: { status: 403, code: 'ACCESS_ERROR', text: "You don't have access to this chat", given: ({ support }) => each('DIALOG_ID', [`chat${support}`]) },
  },
  'im.dialog.writing': {
    DIALOG_ID_EMPTY: dialogIdEmpty(),
    ACCESS_ERROR: {
      status: 403, code: 'ACCESS_ERROR', text: 'Action unavailable', as: 'boris',
      given: ({ channel, claras, guest }) => each('DIALOG_ID', [`chat${channel}`, `chat${claras}`, `chat${NOBODY}`, NOBODY, guest.userId]),
    },
  },
  'im.dialog.messages.search': {
    CHAT_ID_EMPTY: { status: 400, code: 'CHAT_ID_EMPTY', text: "CHAT_ID can't be empty", given: () => each('CHAT_ID', NO_IDS) },
    ACCESS_ERROR: { status: 403, code: 'ACCESS_ERROR', text: 'You do not have access to this chat', given: ({ claras }) => each('CHAT_ID', [claras, NOBODY]) },
  },
  'tidemark.messages.search': {},
};
