/** The errors of the events, and of what the portal says of itself. */
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import type { Client } from '../support/client.ts';
import { each, type ErrorCase, type ErrorCases, type Params } from './error-kit.ts';

const BOUND = { EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example/handler' };
const wrongAuthType: ErrorCase = {
  status: 403, code: 'WRONG_AUTH_TYPE', text: 'Current authorization type is denied for this method', given: () => [BOUND],
};
const eventNotFound: ErrorCase = {
  status: 400, code: 'ERROR_EVENT_NOT_FOUND', text: 'Event not found', as: 'annasApp', given: () => each('EVENT', ['ONNOTHING', 'x', 5], BOUND),
};
const othersHandler = (verb: string): ErrorCase => ({
  status: 403, code: 'ACCESS_DENIED', text: `Access denied! Event ${verb} with AUTH_TYPE requires administrator access rights`, as: 'annasApp',
  given: ({ boris }) => each('AUTH_TYPE', [0, '0', boris.userId, 999_999], BOUND),
});

const offlineDenied = (verb: string): ErrorCase => ({
  status: 403, code: 'ACCESS_DENIED', text: `Access denied! Offline events ${verb} requires administrator access rights`, as: 'annasApp',
  given: () => each('EVENT_TYPE', ['offline', 'OFFLINE'], BOUND),
});
const eventType: ErrorCase = {
  status: 400, code: 'ERROR_ARGUMENT', text: 'Value must be one of {online|offline}', as: 'annasApp', given: () => each('EVENT_TYPE', ['x', 'off', 'onlineoffline', 5], BOUND),
};

const PROCESS = { PROCESS_ID: 'a'.repeat(32) };
const offline = (rest: Params): Record<string, ErrorCase> => ({
  WRONG_AUTH_TYPE: { ...wrongAuthType, as: 'admin', given: () => [rest] },
  ACCESS_DENIED: { status: 403, code: 'ACCESS_DENIED', text: 'Access denied!', as: 'annasApp', given: () => [rest] },
});

const MOST_HANDLERS = 500;
const AT_ONCE = 50;

async function fillHandlers(caller: Client): Promise<void> {
  for (let bound = 0; bound < MOST_HANDLERS; bound += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, index) => bound + index);
    await Promise.all(numbers.map((number) => caller.raw('event.bind', { ...BOUND, HANDLER: `https://app.example/${number}` })));
  }
}

export const eventCases: ErrorCases = {
  events: { WRONG_AUTH_TYPE: { ...wrongAuthType, given: () => [{}] } },
  'event.get': { WRONG_AUTH_TYPE: { ...wrongAuthType, given: () => [{}] } },
  'event.test': { WRONG_AUTH_TYPE: { ...wrongAuthType, given: () => [{}] } },
  'event.bind': {
    WRONG_AUTH_TYPE: wrongAuthType,
    ERROR_EVENT_NOT_FOUND: eventNotFound,
    EVENT_TYPE: eventType,
    OFFLINE_DENIED: offlineDenied('binding'),
    NEVER_OFFLINE: {
      status: 400, code: 'ERROR_ARGUMENT', text: 'Offline event cannot be registered for this event.', as: 'adminsApp',
      given: () => each('EVENT', ['ONAPPTEST', 'ONAPPINSTALL', 'ONOFFLINEEVENT'], { EVENT_TYPE: 'offline' }),
    },
    ERROR_UNSUPPORTED_PROTOCOL: {
      status: 400, code: 'ERROR_UNSUPPORTED_PROTOCOL', text: 'Unsupported handler protocol', as: 'annasApp',
      given: () => each('HANDLER', ['ftp://app.example/', 'javascript:alert(1)', 'file:///etc/passwd', 'data:text/plain,x'], BOUND),
    },
    ERROR_WRONG_HANDLER_URL: {
      status: 400, code: 'ERROR_WRONG_HANDLER_URL', text: 'Wrong handler URL', as: 'annasApp',
      given: () => each('HANDLER', ['handler', '//app.example/', 'http://', 'http://localhost/', 'http://127.0.0.1/', 'http://192.168.1.1/', 'http://[::1]/'], BOUND),
    },
    ALREADY_BOUND: {
      status: 400, code: 'ERROR_CORE', text: 'Unable to set event handler: Handler already binded', as: 'annasApp',
      before: async ({ annasApp }) => void (await annasApp.raw('event.bind', BOUND)),
      given: () => [BOUND, { ...BOUND, EVENT: BOUND.EVENT.toLowerCase() }],
    },
    ACCESS_DENIED: othersHandler('binding'),
    TOO_MANY_HANDLERS: {
      status: 400, code: 'TOO_MANY_HANDLERS', text: 'The application has bound too many handlers', as: 'annasApp',
      before: ({ annasApp }) => fillHandlers(annasApp),
      given: () => [{ ...BOUND, HANDLER: 'https://app.example/one-more' }],
    },
  },
  'event.unbind': {
    WRONG_AUTH_TYPE: wrongAuthType, ERROR_EVENT_NOT_FOUND: eventNotFound, EVENT_TYPE: eventType, ACCESS_DENIED: othersHandler('unbinding'),
    OFFLINE_DENIED: offlineDenied('unbinding'),
  },
  'event.offline.get': {
    ...offline({}),
    LIMIT: { status: 400, code: 'ERROR_ARGUMENT', text: 'Value must be positive integer', as: 'adminsApp', given: () => each('LIMIT', [0, -1, '0', 'x', 1.5]) },
    WRONG_LICENSE: {
      status: 403, code: 'WRONG_LICENSE', text: 'This feature is not enabled for the current license: extended offline events handling', as: 'adminsApp',
      before: ({ portal }) => portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.plan, 'standard')),
      given: () => each('CLEAR', [0, 'N', false]),
    },
  },
  'event.offline.list': offline({}),
  'event.offline.clear': offline(PROCESS),
  'event.offline.error': offline(PROCESS),
  'tidemark.manifest.get': {
    ERROR_MANIFEST_IS_NOT_AVAILABLE: {
      status: 404, code: 'ERROR_MANIFEST_IS_NOT_AVAILABLE', text: 'Manifest is not available',
      before: ({ portal }) => portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.docs, '0')),
      given: () => [{}],
    },
  },
};
