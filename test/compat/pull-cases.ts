/** The errors of the push methods. */
import { updateApp } from '../../src/db/stores/app-store.ts';
import { each, type ErrorCase, type ErrorCases } from './error-kit.ts';
import { NOBODY, type Scene } from './scene.ts';

const CONFIG_DENIED = 'Get access to application config available only for application authorization.';
const wrongAuthType = (status: number, text: string, given: ErrorCase['given'] = () => [{}]): ErrorCase => ({ status, code: 'WRONG_AUTH_TYPE', text, given });
const notOfApplication = (rest: Record<string, unknown>) =>
  wrongAuthType(400, 'Get application public channel available only for application authorization.', () => each('APPLICATION', ['Y', true, 1], rest));
const EVENT = { COMMAND: 'told', PARAMS: { a: 1 } };
const formatError = (name: string, text: string, values: readonly unknown[]): ErrorCase => ({
  status: 400, code: `${name}_ERROR`, text, as: 'annasApp', given: () => each(name, values, EVENT),
});

async function forgetTitle({ portal, adminsApp }: Scene): Promise<void> {
  const { ID } = await adminsApp.call<{ ID: number }>('app.info');
  await portal.server.context.db.write((s) => updateApp(s, ID, { title: '' }));
}

export const pullCases: ErrorCases = {
  'pull.config.get': {
    WRONG_AUTH_TYPE: { ...wrongAuthType(403, 'Method not available for OAuth authorization.'), as: 'annasApp' },
  },
  'pull.application.config.get': { WRONG_AUTH_TYPE: wrongAuthType(403, CONFIG_DENIED) },
  'pull.channel.public.get': {
    WRONG_AUTH_TYPE: notOfApplication({ USER_ID: 1 }),
    USER_NOT_EXISTS: { status: 400, code: 'USER_NOT_EXISTS', text: 'User does not exist', given: ({ guest }) => each('USER_ID', [NOBODY, guest.userId]), as: 'clara' },
  },
  'pull.channel.public.list': {
    WRONG_AUTH_TYPE: notOfApplication({ USERS: [1] }),
    INVALID_FORMAT: {
      status: 400, code: 'INVALID_FORMAT', text: 'A wrong format for the USERS field is passed', given: () => each('USERS', [undefined, null, '', 'x', '{}', '[1', [0], [-1], ['x'], [1.5], [[1]], true, { 0: 'x' }]),
    },
  },
  'pull.api.user.getLastSeen': {},
  'pull.watch.extend': {},
  'pull.application.event.add': {
    WRONG_AUTH_TYPE: wrongAuthType(403, CONFIG_DENIED, () => [EVENT]),
    USER_ID_ACCESS_ERROR: {
      status: 400, code: 'USER_ID_ACCESS_ERROR', text: 'Only admin can send notifications to other channels', as: 'annasApp',
      given: ({ anna, boris }) => each('USER_ID', [boris.userId, String(boris.userId), [anna.userId, boris.userId], 1], EVENT),
    },
    MODULE_ID_ERROR: formatError('MODULE_ID', 'Module ID format error', ['', 'Application', 'a b', 'a-b', true, [], { a: 1 }]),
    COMMAND_ERROR: formatError('COMMAND', 'Command format error', [undefined, null, '', 'a b', 'a/b', 'команда', true, [], { a: 1 }]),
    PARAMS_ERROR: formatError('PARAMS', 'Params format error', ['x', 5, true, '"x"', '5']),
  },
  'pull.application.push.add': {
    WRONG_AUTH_TYPE: wrongAuthType(403, 'Send push notifications available only for application authorization.', () => [{ USER_ID: 1, TEXT: 'told' }]),
    ACCESS_ERROR: {
      status: 400, code: 'ACCESS_ERROR', text: 'You do not have access to send push notifications', as: 'annasApp', given: () => [{ USER_ID: 1, TEXT: 'told' }],
    },
    TEXT_ERROR: {
      status: 400, code: 'TEXT_ERROR', text: "Text can't be empty", as: 'adminsApp', given: () => each('TEXT', [undefined, null, '', ' ', [], {}, true], { USER_ID: 1 }),
    },
    EMPTY_APP_NAME: {
      status: 400, code: 'EMPTY_APP_NAME', text: "For send push-notification application name can't be empty", as: 'adminsApp',
      before: forgetTitle, given: () => [{ USER_ID: 1, TEXT: 'told' }],
    },
  },
};
