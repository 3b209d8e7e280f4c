/** The errors of the methods about what a chat looks like, whom it belongs to and who may do what in it. See error-cases.ts. */
import { chatIdEmpty, dialogIdEmpty, each, type ErrorCase, type ErrorCases, given, NO_DIALOGS, NO_IDS, type Params, unavailable } from './error-kit.ts';
import { largePng } from '../support/pictures.ts';
import { NOBODY, type Scene } from './scene.ts';

/** What all of them ask of CHAT_ID and DIALOG_ID. */
function chatErrors(rest: (scene: Scene) => Params): Record<string, ErrorCase> {
  return {
    CHAT_ID_EMPTY: chatIdEmpty(rest),
    DIALOG_ID_EMPTY: { ...dialogIdEmpty(), given: (scene) => each('DIALOG_ID', [...given(NO_DIALOGS), scene.boris.userId, 'sg17'], rest(scene)) },
  };
}

/** Of one pixel. */
export const PICTURE = largePng(1, 1, 1).toString('base64');
const toBoris = ({ boris }: Scene): Params => ({ USER_ID: boris.userId });
const userIdEmpty: ErrorCase = {
  status: 400, code: 'USER_ID_EMPTY', text: "User ID can't be empty", given: ({ chat }) => each('USER_ID', NO_IDS, { CHAT_ID: chat }),
};

export const chatSettingCases: ErrorCases = {
  'im.chat.get': {},
  'im.chat.updateTitle': {
    ...chatErrors(() => ({ TITLE: 'New' })),
    TITLE_EMPTY: {
      status: 400, code: 'TITLE_EMPTY', text: "Title can't be empty",
      given: ({ chat }) => each('TITLE', [undefined, null, '', ' \n ', [], {}, true], { CHAT_ID: chat }),
    },
    ACCESS_ERROR: unavailable(({ claras }) => each('CHAT_ID', [claras, NOBODY], { TITLE: 'New' })),
    NOT_RENAMABLE: {
      status: 403, code: 'ACCESS_ERROR', text: 'This chat cannot be renamed',
      given: ({ workgroup, dialog }) => each('CHAT_ID', [workgroup, dialog], { TITLE: 'New' }),
    },
  },
  'im.chat.updateColor': {
    ...chatErrors(() => ({ COLOR: 'MINT' })),
    ACCESS_ERROR: unavailable(({ claras, workgroup, dialog }) => each('CHAT_ID', [claras, workgroup, dialog, NOBODY], { COLOR: 'MINT' })),
    WRONG_COLOR: {
      status: 400, code: 'WRONG_COLOR', text: 'This color currently unavailable',
      given: ({ chat }) => each('COLOR', [undefined, null, '', 'ORANGE', 'black', '#4ba984', [], {}, true, 'x'.repeat(21)], { CHAT_ID: chat }),
    },
    WRONG_REQUEST: {
      status: 400, code: 'WRONG_REQUEST', text: "This color currently set or chat doesn't exist",
      before: ({ anna, chat }) => anna.raw('im.chat.updateColor', { CHAT_ID: chat, COLOR: 'LIME' }),
      given: ({ chat }) => each('COLOR', ['LIME', 'lime'], { DIALOG_ID: `chat${chat}` }),
    },
  },
  'im.chat.updateAvatar': {
    ...chatErrors(() => ({ AVATAR: PICTURE })),
    ACCESS_DENIED: {
      status: 400, code: 'ACCESS_DENIED', text: 'Access denied', as: 'boris',
      before: ({ anna, chat }) => anna.raw('tidemark.chat.permissions.set', { CHAT_ID: chat, MANAGE_UI: 'owner' }),
      given: ({ chat }) => each('CHAT_ID', [chat], { AVATAR: PICTURE }),
    },
    ACCESS_ERROR: { ...unavailable(({ claras }) => each('CHAT_ID', [claras, NOBODY], { AVATAR: PICTURE })), status: 400 },
    NOT_PICTURED: {
      status: 400, code: 'ACCESS_ERROR', text: 'The avatar of this chat cannot be changed',
      given: ({ workgroup, dialog }) => each('CHAT_ID', [workgroup, dialog], { AVATAR: PICTURE }),
    },
    AVATAR_TYPE: {
      status: 400, code: 'AVATAR_ERROR', text: 'Avatar incorrect type',
      given: ({ chat }) => each('AVATAR', [undefined, null, '', 'aGVsbG8=', '§', [], {}, true, 5], { CHAT_ID: chat }),
    },
    AVATAR_SIZE: {
      status: 400, code: 'AVATAR_ERROR', text: 'Avatar incorrect size (max 5000x5000)',
      given: ({ chat }) => each('AVATAR', [largePng(60_000, 60_000).toString('base64')], { CHAT_ID: chat }),
    },
  },
  'im.chat.setOwner': {
    ...chatErrors(toBoris),
    USER_ID_EMPTY: userIdEmpty,
    ACCESS_ERROR: unavailable((scene) => each('CHAT_ID', [scene.claras, scene.workgroup, scene.dialog, NOBODY], toBoris(scene))),
    WRONG_REQUEST: {
      status: 400, code: 'WRONG_REQUEST', text: 'Change owner can only owner and user must be member in chat',
      given: ({ chat, clara }) => each('USER_ID', [clara.userId, NOBODY], { CHAT_ID: chat }),
    },
  },
  'im.chat.setManager': {
    ...chatErrors(toBoris),
    USER_ID_EMPTY: userIdEmpty,
    ACCESS_ERROR: unavailable((scene) => each('CHAT_ID', [scene.claras, scene.dialog, NOBODY], toBoris(scene))),
    WRONG_REQUEST: {
      status: 400, code: 'WRONG_REQUEST', text: 'Change manager can only owner and user must be member in chat', as: 'boris',
      given: (scene) => [{ CHAT_ID: scene.chat, ...toBoris(scene) }, { CHAT_ID: scene.chat, USER_ID: scene.anna.userId }],
    },
  },
  'tidemark.chat.permissions.set': {
    ...chatErrors(() => ({ CAN_POST: 'member' })),
    ACCESS_ERROR: { ...unavailable(({ chat, claras, dialog }) => each('CHAT_ID', [chat, claras, dialog, NOBODY], { CAN_POST: 'member' })), as: 'boris' },
  },
};
