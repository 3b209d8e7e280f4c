/** The errors of the methods about notifications. See error-cases.ts. */
import { each, type ErrorCase, type ErrorCases, NO_IDS, type Unreachable } from './error-kit.ts';

const NO_TEXTS = [undefined, null, '', ' \n ', [], {}, true];

const sending: Record<string, ErrorCase | Unreachable> = {
  WRONG_AUTH_TYPE: { unreachable: 'it is for calls by a page\'s session, and there are none: calls come by webhook or by token' },
  USER_ID_EMPTY: { status: 400, code: 'USER_ID_EMPTY', text: "User ID can't be empty", given: () => each('USER_ID', NO_IDS, { MESSAGE: 'told' }) },
  MESSAGE_EMPTY: { status: 400, code: 'MESSAGE_EMPTY', text: "Message can't be empty", given: ({ boris }) => each('MESSAGE', NO_TEXTS, { USER_ID: boris.userId }) },
  ATTACH_OVERSIZE: {
    status: 400, code: 'ATTACH_OVERSIZE', text: 'You have exceeded the maximum allowable size of attach',
    given: ({ boris }) => [{ USER_ID: boris.userId, MESSAGE: 'told', ATTACH: [{ MESSAGE: 'x'.repeat(60_001) }] }],
  },
  ATTACH_ERROR: {
    status: 400, code: 'ATTACH_ERROR', text: 'Incorrect attach params',
    given: ({ boris }) => each('ATTACH', ['text', '{', 5, true, { BLOCKS: [] }, [{ NOTHING: 1 }]], { USER_ID: boris.userId, MESSAGE: 'told' }),
  },
};

const idError = (rest: object): ErrorCase => ({ status: 400, code: 'ID_ERROR', text: "Notification ID can't be empty", given: () => each('NOTIFY_ID', NO_IDS, { ...rest }) });

const lastIdString: ErrorCase = {
  status: 400, code: 'LAST_ID_STRING', text: "Last notification ID can't be string",
  given: () => each('LAST_ID', ['x', 'chat1', '1.5', 1.5, -1, [], {}, true], { LAST_TYPE: 3, SEARCH_TEXT: 'told' }),
};

export const notifyCases: ErrorCases = {
  'im.notify': sending,
  'im.notify.personal.add': sending,
  'im.notify.system.add': sending,
  'im.notify.get': {
    LAST_ID_AND_LAST_TYPE: {
      status: 400, code: 'LAST_ID_AND_LAST_TYPE', text: 'Parameters LAST_ID and LAST_TYPE should be used together', given: () => [{ LAST_ID: 5 }, { LAST_TYPE: 1 }],
    },
    LAST_ID_STRING: lastIdString,
  },
  'im.notify.read': {},
  'im.notify.read.list': {
    PARAMS_ERROR: { status: 400, code: 'PARAMS_ERROR', text: 'No IDS param or it is not an array', given: () => each('IDS', [undefined, null, '', 'x', 5, true]) },
  },
  'im.notify.read.all': {},
  'im.notify.delete': {
    PARAMS_ERROR: { status: 400, code: 'PARAMS_ERROR', text: 'Incorrect params', given: () => [{}, { TAG: '' }, { SUB_TAG: ' ' }, { CLIENT_ID: 'x' }] },
    ACCESS_DENIED: {
      status: 403, code: 'ACCESS_DENIED', text: 'Access denied! Client ID not specified', given: () => [{ TAG: 'a' }, { SUB_TAG: 'a' }, { TAG: 'a', CLIENT_ID: ' ' }],
    },
  },
  'im.notify.confirm': {
    ID_ERROR: idError({ NOTIFY_VALUE: 'Y' }),
    NOTIFY_VALUE_ERROR: { status: 400, code: 'NOTIFY_VALUE_ERROR', text: "Notification Value can't be empty", given: () => each('NOTIFY_VALUE', NO_TEXTS, { NOTIFY_ID: 1 }) },
  },
  'im.notify.answer': {
    ID_ERROR: idError({ ANSWER_TEXT: 'said' }),
    ANSWER_TEXT_ERROR: { status: 400, code: 'ANSWER_TEXT_ERROR', text: "ANSWER_TEXT can't be empty", given: () => each('ANSWER_TEXT', NO_TEXTS, { NOTIFY_ID: 1 }) },
  },
  'im.notify.history.search': {
    SEARCH_TEXT_ERROR: { status: 400, code: 'SEARCH_TEXT_ERROR', text: "SEARCH_TEXT can't be less than 3 symbols", given: () => each('SEARCH_TEXT', [undefined, '', 'ab', '  ab  ', '🌊🌊']) },
    LAST_ID_STRING: lastIdString,
  },
  'im.notify.schema.get': {},
};
