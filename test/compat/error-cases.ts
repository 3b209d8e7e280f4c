/**
 * For every error that a method declares: calls that provoke it and what it looks like on the wire, written out here
 * and not taken from the declaration. Codes and texts are those of the methods' public pages; statuses too, where a
 * page gives one.
 */
import {
  cantEdit, chatIdEmpty, dialogIdEmpty, each, entityNotAllowed, type ErrorCase, type ErrorCases, given, grouped, lastAdministrator, messageIdError, NO_DIALOGS, NO_IDS, noDialogAccess,
  type Params, unavailable,
} from './error-kit.ts';
import { chatSettingCases } from './chat-setting-cases.ts';
import { messagePartCases } from './message-part-cases.ts';
import { dialogListCases } from './dialog-list-cases.ts';
import { peopleCases } from './people-cases.ts';
import { pullCases } from './pull-cases.ts';
import { fileCases, noFile } from './file-cases.ts';
import { notifyCases } from './notify-cases.ts';
import { eventCases } from './event-cases.ts';
import { ownCases } from './own-cases.ts';
import { adminCases } from './admin-cases.ts';
import { NOBODY, type Scene } from './scene.ts';

const BUTTON = { TEXT: 'Go', LINK: 'https://example.org/' };
const HUGE = 'x'.repeat(60_001);

/** The errors of ATTACH, KEYBOARD and MENU: the pages give them to im.message.add and im.message.update. */
function contentErrors(rest: (scene: Scene) => Params): Record<string, ErrorCase> {
  const bad = (code: string, text: string, name: string, values: unknown[]): ErrorCase => ({
    status: 400, code, text, given: (scene) => each(name, values, rest(scene)),
  });
  return {
    ATTACH_ERROR: bad('ATTACH_ERROR', 'Incorrect attach params', 'ATTACH', [
      'text', '{', 5, true, { BLOCKS: [] }, [{ NOTHING: 1 }], [{ MESSAGE: 'a', LINK: { LINK: 'https://example.org' } }],
      [{ LINK: { LINK: 'javascript:alert(1)' } }], [{ IMAGE: { LINK: '//example.org/x.png' } }], [{ USER: { LINK: 'https://example.org' } }],
    ]),
    ATTACH_OVERSIZE: bad('ATTACH_OVERSIZE', 'You have exceeded the maximum allowable size of attach', 'ATTACH', [[{ MESSAGE: HUGE }]]),
    KEYBOARD_ERROR: bad('KEYBOARD_ERROR', 'Incorrect keyboard params', 'KEYBOARD', [
      'text', '{', 5, true, { BUTTONS: [] }, [{ TEXT: 'Go' }], [{ LINK: BUTTON.LINK }], [{ ...BUTTON, COMMAND: 'go' }],
      [{ TEXT: 'Go', ACTION: 'PUT' }],
      [{ TEXT: 'Go', LINK: 'data:text/html,x' }],
    ]),
    KEYBOARD_OVERSIZE: bad(
      'KEYBOARD_OVERSIZE', 'You have exceeded the maximum allowable size of keyboard', 'KEYBOARD', [[{ ...BUTTON, TEXT: HUGE }]]
    ),
    MENU_ERROR: bad(
      'MENU_ERROR', 'Incorrect menu params', 'MENU', ['text', '{', 5, true, { ITEMS: [] }, [{ TEXT: 'Go' }], [{ TEXT: 'Go', LINK: 'x' }]]
    ),
    MENU_OVERSIZE: bad('MENU_OVERSIZE', 'You have exceeded the maximum allowable size of menu', 'MENU', [[{ ...BUTTON, TEXT: HUGE }]]),
  };
}

const inGroup = ({ chat }: Scene): Params => ({ DIALOG_ID: `chat${chat}`, MESSAGE: 'said' });
const ofAnna = ({ messages }: Scene): Params => ({ MESSAGE_ID: messages.annas, MESSAGE: 'said' });

const messageAdd: Record<string, ErrorCase> = {
  ...contentErrors(inGroup),
  MESSAGE_EMPTY: {
    status: 400, code: 'MESSAGE_EMPTY', text: "Message can't be empty",
    given: ({ chat }) => each('MESSAGE', [undefined, null, '', '  \n', '[br]', [], {}, true], { DIALOG_ID: `chat${chat}` }),
  },
  USER_ID_EMPTY: {
    status: 400, code: 'USER_ID_EMPTY', text: "User ID can't be empty",
    given: () => [...each('DIALOG_ID', NO_DIALOGS, { MESSAGE: 'said' }), ...each('USER_ID', given(NO_IDS), { MESSAGE: 'said' })],
  },
  USER_NOT_FOUND: {
    status: 400, code: 'USER_NOT_FOUND', text: 'User not found',
    given: () => [{ DIALOG_ID: NOBODY, MESSAGE: 'said' }, { USER_ID: NOBODY, MESSAGE: 'said' }],
  },
  CHAT_ID: {
    status: 400, code: 'CHAT_ID', text: 'Error creating message',
    given: () => [
      ...each('DIALOG_ID', [`chat${NOBODY}`, `sg${NOBODY}`], { MESSAGE: 'said' }),
      ...each('CHAT_ID', [...given(NO_IDS), NOBODY], { MESSAGE: 'said' }),
    ],
  },
  ACCESS_ERROR: {
    status: 400, code: 'ACCESS_ERROR', text: 'Action unavailable', as: 'boris',
    given: ({ channel, claras, guest }) => each('DIALOG_ID', [`chat${channel}`, `chat${claras}`, guest.userId], { MESSAGE: 'said' }),
  },
  REPLY_ACCESS_ERROR: {
    status: 400, code: 'REPLY_ACCESS_ERROR', text: 'Action unavailable',
    given: (scene) => each('REPLY_ID', [...given(NO_IDS), NOBODY, scene.messages.claras, scene.messages.deleted], inGroup(scene)),
  },
  FORWARD_ACCESS_ERROR: {
    status: 400, code: 'FORWARD_ACCESS_ERROR', text: 'Action unavailable',
    given: ({ chat, messages }) => each('FORWARD_ID', [...given(NO_IDS), NOBODY, messages.claras, messages.deleted], { DIALOG_ID: `chat${chat}` }),
  },
  PARAMS_ERROR: {
    status: 400, code: 'PARAMS_ERROR', text: 'Incorrect params',
    given: (scene) => [{ FORWARD_ID: scene.messages.annas, ...inGroup(scene) }, { FORWARD_ID: scene.messages.annas, DIALOG_ID: scene.boris.userId, FILE_ID: [1] }],
  },
  REPLY_FROM_OTHER_CHAT_ERROR: {
    status: 400, code: 'REPLY_FROM_OTHER_CHAT_ERROR', text: 'You can only reply to a message within the same chat',
    given: (scene) => each('REPLY_ID', [scene.messages.channel, scene.messages.dialog], inGroup(scene)),
  },
  FILE_NOT_FOUND: noFile(inGroup),
};

const messageMethods: ErrorCases = {
  'im.message.add': messageAdd,
  'im.message.update': {
    ...contentErrors(ofAnna),
    MESSAGE_ID_ERROR: messageIdError(() => ({ MESSAGE: 'said' })),
    CANT_EDIT_MESSAGE: cantEdit('anna', ({ messages }) => each('MESSAGE_ID', [messages.boriss, messages.deleted], { MESSAGE: 'said' })),
  },
  'im.message.delete': {
    MESSAGE_ID_ERROR: messageIdError(),
    CANT_EDIT_MESSAGE: cantEdit('boris', ({ messages }) => each('MESSAGE_ID', [messages.annas, messages.dialog, messages.deleted])),
  },
  ...messagePartCases,
};

const recentMethods: ErrorCases = {
  'im.recent.get': {},
  'im.recent.list': {},
  'im.recent.pin': {
    DIALOG_ID_EMPTY: dialogIdEmpty(),
    ACCESS_ERROR: { ...noDialogAccess, status: 400, text: "You don't have permission to pin this chat" },
  },
  'im.recent.unread': { DIALOG_ID_EMPTY: dialogIdEmpty() },
  'im.recent.hide': { DIALOG_ID_EMPTY: dialogIdEmpty() },
};

const dialogMethods: ErrorCases = {
  'im.dialog.get': { DIALOG_ID_EMPTY: dialogIdEmpty(), ACCESS_ERROR: noDialogAccess },
  'im.dialog.messages.get': {
    DIALOG_ID_EMPTY: dialogIdEmpty(),
    ACCESS_ERROR: noDialogAccess,
    FIRST_ID_STRING: {
      status: 400, code: 'FIRST_ID_STRING', text: "First ID can't be string",
      given: (scene) => each('FIRST_ID', ['x', 'chat1', '1.5', 1.5, -1, [], {}, true], inGroup(scene)),
    },
    LAST_ID_STRING: {
      status: 400, code: 'LAST_ID_STRING', text: "Last ID can't be string",
      given: (scene) => each('LAST_ID', ['x', 'chat1', '1.5', 1.5, -1, [], {}, true], inGroup(scene)),
    },
  },
  'im.dialog.read': { DIALOG_ID_EMPTY: dialogIdEmpty() },
  'im.dialog.unread': {
    DIALOG_ID_EMPTY: dialogIdEmpty(({ messages }) => ({ MESSAGE_ID: messages.annas })),
    MESSAGE_ID_ERROR: {
      status: 400, code: 'MESSAGE_ID_ERROR', text: "First unread message id can't be empty",
      given: (scene) => each('MESSAGE_ID', NO_IDS, inGroup(scene)),
    },
  },
  'im.dialog.read.all': {},
  'im.counters.get': {},
};

const chatMethods: ErrorCases = {
  'im.chat.add': { ENTITY_NOT_ALLOWED: entityNotAllowed },
  'im.chat.user.add': {
    CHAT_ID_EMPTY: chatIdEmpty(({ clara }) => ({ USERS: [clara.userId] })),
    ACCESS_ERROR: unavailable(({ claras, clara }) => each('CHAT_ID', [claras, NOBODY], { USERS: [clara.userId] })),
    FORBIDDEN: {
      status: 403, code: 'ACCESS_ERROR', text: 'It is forbidden to add users to this chat',
      given: ({ workgroup, dialog, clara }) => each('CHAT_ID', [workgroup, dialog], { USERS: [clara.userId] }),
    },
    ACCESS_DENIED_EXTEND: {
      status: 403, code: 'ACCESS_DENIED_EXTEND', text: 'Insufficient permissions to add participants to the chat', as: 'boris',
      given: ({ strict, clara }) => [{ CHAT_ID: strict, USERS: [clara.userId] }],
    },
  },
  'im.chat.user.delete': {
    CHAT_ID_EMPTY: chatIdEmpty(({ boris }) => ({ USER_ID: boris.userId })),
    USER_ID_EMPTY: {
      status: 400, code: 'USER_ID_EMPTY', text: "User ID can't be empty", given: ({ chat }) => each('USER_ID', NO_IDS, { CHAT_ID: chat }),
    },
    ACCESS_ERROR: unavailable(({ claras, clara }) => each('CHAT_ID', [claras, NOBODY], { USER_ID: clara.userId })),
    FORBIDDEN: {
      status: 403, code: 'ACCESS_ERROR', text: 'It is forbidden to delete users of this chat',
      given: ({ workgroup, dialog, boris }) => each('CHAT_ID', [workgroup, dialog], { USER_ID: boris.userId }),
    },
    ACCESS_DENIED_KICK: {
      status: 403, code: 'ACCESS_DENIED_KICK', text: 'Insufficient rights to exclude participants from the chat', as: 'boris',
      given: ({ chat, anna }) => [{ CHAT_ID: chat, USER_ID: anna.userId }],
    },
    USER_NOT_FOUND: {
      status: 400, code: 'USER_NOT_FOUND', text: 'The specified user is not in the chat',
      given: ({ chat, clara }) => each('USER_ID', [clara.userId, NOBODY], { CHAT_ID: chat }),
    },
  },
  'im.chat.user.list': { CHAT_ID_EMPTY: chatIdEmpty(), ACCESS_ERROR: unavailable(({ claras }) => each('CHAT_ID', [claras, NOBODY])) },
  'im.chat.leave': {
    CHAT_ID_EMPTY: chatIdEmpty(),
    ACCESS_ERROR: unavailable(() => each('CHAT_ID', [NOBODY])),
    FORBIDDEN: {
      status: 403, code: 'ACCESS_ERROR', text: 'It is forbidden to delete users of this chat',
      given: ({ workgroup, dialog }) => each('CHAT_ID', [workgroup, dialog]),
    },
    ACCESS_DENIED_KICK: {
      status: 403, code: 'ACCESS_DENIED_KICK', text: 'Access denied to kick user from chat', given: ({ claras }) => each('CHAT_ID', [claras]),
    },
  },
  'im.chat.mute': {
    CHAT_ID_EMPTY: chatIdEmpty(),
    DIALOG_ID_EMPTY: { ...dialogIdEmpty(), given: () => each('DIALOG_ID', given(NO_DIALOGS)) },
    ACCESS_ERROR: {
      status: 403, code: 'ACCESS_ERROR', text: 'This chat cannot be muted',
      given: ({ claras, boris, dialog }) => [...each('CHAT_ID', [claras, dialog, NOBODY]), ...each('DIALOG_ID', [boris.userId, NOBODY])],
    },
  },
};

const accessDenied = (params: (scene: Scene) => Params): ErrorCase => ({
  status: 400, code: 'ERROR_CORE', text: 'access_denied', given: (scene) => [params(scene)],
});
const WRONG_ADDRESSES = ['', ' ', 'x', '@', 'a@', '@b', 'a b@c', `${'a'.repeat(65)}@b`];

const userMethods: ErrorCases = {
  'im.user.get': {
    ID_EMPTY: { status: 400, code: 'ID_EMPTY', text: "User ID can't be empty", given: () => each('ID', [0, -1, '-1', 'x', 1.5, [], {}, true]) },
    USER_NOT_EXISTS: { status: 400, code: 'USER_NOT_EXISTS', text: 'User does not exist', given: () => [{ ID: NOBODY }] },
    ACCESS_DENIED: {
      status: 400, code: 'ACCESS_DENIED', text: 'You can request only users who are part of your extranet group', as: 'guest',
      given: ({ boris }) => [{ ID: boris.userId }],
    },
  },
  'im.user.list.get': {
    INVALID_FORMAT: {
      status: 400, code: 'INVALID_FORMAT', text: 'A wrong format for the ID field is passed',
      given: () => each('ID', [undefined, null, '', 'x', '{}', '[1', [0], [-1], ['x'], [1.5], [[1]], true, { 0: 'x' }]),
    },
  },
  'user.current': {},
  'user.get': {},
  'user.search': {},
  'user.fields': {},
  'department.get': {},
  'user.add': {
    ACCESS_DENIED: accessDenied(() => ({ EMAIL: 'new@example.org' })),
    WRONG_EMAIL: {
      status: 400, code: 'ERROR_ARGUMENT', text: 'wrong_email', as: 'admin',
      given: () => each('EMAIL', [undefined, null, ...WRONG_ADDRESSES]),
    },
    EMAIL_TAKEN: {
      status: 400, code: 'ERROR_ARGUMENT', text: 'A user with this email already exists', as: 'admin',
      given: ({ email }) => each('EMAIL', [email, ` ${email.toUpperCase()} `]),
    },
    GROUP_ID: grouped('ERROR_GROUPID', 'Group code not specified', ['x', [0], [-1], ['x'], [[1]], Array.from({ length: 101 }, (_, i) => i + 1)]),
    NO_GROUP: grouped('ERROR_NO_GROUP', 'Group is specified incorrectly', [[NOBODY], NOBODY]),
  },
  'user.update': {
    ACCESS_DENIED: accessDenied(({ anna }) => ({ ID: anna.userId, NAME: 'New' })),
    WRONG_EMAIL: {
      status: 400, code: 'ERROR_ARGUMENT', text: 'wrong_email', as: 'admin',
      given: ({ anna }) => each('EMAIL', WRONG_ADDRESSES, { ID: anna.userId }),
    },
    EMAIL_TAKEN: {
      status: 400, code: 'ERROR_ARGUMENT', text: 'A user with this email already exists', as: 'admin',
      given: ({ boris, email }) => [{ ID: boris.userId, EMAIL: email }],
    },
    LAST_ADMINISTRATOR: lastAdministrator,
  },
};

const noApplication: ErrorCase = {
  status: 403, code: 'ACCESS_DENIED', text: 'Access denied! Application context required', given: () => [{ OPTION: 'a', OPTIONS: { a: 1 } }],
};

const applicationMethods: ErrorCases = {
  'app.info': {}, 'method.get': {}, 'user.admin': {}, 'user.access': {}, 'access.name': {},
  'feature.get': {
    CODE_EMPTY: { status: 400, code: 'CODE_EMPTY', text: "CODE can't be empty", given: () => each('CODE', [undefined, null, '', ' ', [], {}, true]) },
  },
  'app.option.get': { NO_APPLICATION: noApplication },
  'app.option.set': {
    NO_APPLICATION: noApplication,
    NO_ADMIN: {
      status: 403, code: 'ACCESS_DENIED', text: 'Access denied! Administrator authorization required', as: 'annasApp',
      given: () => [{ OPTIONS: { a: 1 } }],
    },
  },
  'user.option.get': { NO_APPLICATION: noApplication },
  'user.option.set': { NO_APPLICATION: noApplication },
};

export const errorCases: ErrorCases = { ...recentMethods, ...dialogMethods, ...dialogListCases, ...messageMethods, ...chatMethods, ...chatSettingCases, ...fileCases, ...userMethods, ...notifyCases, ...peopleCases, ...applicationMethods, ...eventCases, ...pullCases, ...ownCases, ...adminCases };
