/** The errors of the methods for administrators, and how they succeed. See error-cases.ts and valid-calls.ts. */
import { addApp } from '../support/application.ts';
import { each, type ErrorCase, type ErrorCases, type Params } from './error-kit.ts';
import { NOBODY, type Scene } from './scene.ts';
import type { ValidCall } from './valid-calls.ts';

const notFound = (code: string, what: string, given: (scene: Scene) => Params[]): ErrorCase => ({ status: 400, code, text: `There is no such ${what}`, as: 'admin', given });
const noUser = notFound('USER_NOT_FOUND', 'user', () => each('ID', [NOBODY, String(NOBODY)]));
const noWebhook = notFound('WEBHOOK_NOT_FOUND', 'webhook', () => each('ID', [NOBODY]));
const noApplication = notFound('APPLICATION_NOT_FOUND', 'application', () => each('CLIENT_ID', ['local.none', 'x', "' or 1=1"], { TITLE: 'x' }));
const noChat = notFound('CHAT_NOT_FOUND', 'chat', () => each('CHAT_ID', [NOBODY]));
const emailTaken: ErrorCase = {
  status: 400, code: 'EMAIL_TAKEN', text: 'Another user has this e-mail address', as: 'admin', given: ({ email, victim }) => each('EMAIL', [email, ` ${email.toUpperCase()} `], { ID: victim.userId }),
};

/** What methods need to be called at all, so that it is rights that they are refused for. */
const PARAMS: Readonly<Record<string, Params>> = {
  'tidemark.people.change': { ID: 1 }, 'tidemark.people.password': { ID: 1 }, 'tidemark.people.link': { ID: 1 }, 'tidemark.people.signout': { ID: 1 },
  'tidemark.chats.members': { CHAT_ID: 1 }, 'tidemark.chats.delete': { CHAT_ID: 1 }, 'tidemark.webhooks.add': { USER_ID: 1 }, 'tidemark.webhooks.hold': { ID: 1 },
  'tidemark.webhooks.delete': { ID: 1 }, 'tidemark.applications.add': { TITLE: 'x' }, 'tidemark.applications.change': { CLIENT_ID: 'x' },
  'tidemark.applications.secret': { CLIENT_ID: 'x' }, 'tidemark.applications.delete': { CLIENT_ID: 'x' },
};

const OWN: ErrorCases = {
  'tidemark.people.list': {},
  'tidemark.people.add': { EMAIL_TAKEN: emailTaken },
  'tidemark.people.change': {
    USER_NOT_FOUND: noUser, EMAIL_TAKEN: emailTaken,
    LAST_ADMINISTRATOR: {
      status: 400, code: 'LAST_ADMINISTRATOR', text: 'The last active administrator must stay one', as: 'admin',
      given: ({ admin }) => [{ ID: admin.userId, ACTIVE: 'N' }, { ID: admin.userId, ADMIN: 'N' }],
    },
  },
  'tidemark.people.password': { USER_NOT_FOUND: noUser },
  'tidemark.people.link': { USER_NOT_FOUND: notFound('USER_NOT_FOUND', 'user who may sign in', () => each('ID', [NOBODY])) },
  'tidemark.people.signout': { USER_NOT_FOUND: noUser },
  'tidemark.chats.list': {},
  'tidemark.chats.members': { CHAT_NOT_FOUND: noChat },
  'tidemark.chats.delete': {
    CHAT_NOT_FOUND: noChat,
    NOT_DELETABLE: {
      status: 400, code: 'NOT_DELETABLE', text: 'A private dialog, comments, the general chat and chats of workgroups cannot be deleted', as: 'admin',
      given: ({ dialog, workgroup }) => each('CHAT_ID', [dialog, workgroup]),
    },
  },
  'tidemark.webhooks.list': {},
  'tidemark.webhooks.add': { USER_NOT_FOUND: notFound('USER_NOT_FOUND', 'user', () => each('USER_ID', [NOBODY])) },
  'tidemark.webhooks.hold': { WEBHOOK_NOT_FOUND: noWebhook },
  'tidemark.webhooks.delete': { WEBHOOK_NOT_FOUND: noWebhook },
  'tidemark.applications.list': {},
  'tidemark.applications.add': {},
  'tidemark.applications.change': { APPLICATION_NOT_FOUND: noApplication },
  'tidemark.applications.secret': { APPLICATION_NOT_FOUND: noApplication },
  'tidemark.applications.delete': { APPLICATION_NOT_FOUND: noApplication },
  'tidemark.settings.get': {},
  'tidemark.settings.set': {},
  'tidemark.rehearsals.list': {},
  'tidemark.rehearsals.set': {
    REHEARSALS_OFF: {
      status: 400, code: 'REHEARSALS_OFF', text: 'This portal does not allow it: set rehearsals first', as: 'admin',
      before: ({ admin }) => admin.call('tidemark.settings.set', { SETTINGS: { rehearsals: 'N' } }),
      given: ({ anna }) => [{ WEBHOOK: anna.url, ERROR: 'QUERY_LIMIT_EXCEEDED' }],
    },
  },
  'tidemark.rehearsals.clear': { REHEARSAL_NOT_FOUND: notFound('REHEARSAL_NOT_FOUND', 'rehearsal', () => each('ID', [NOBODY])) },
  'tidemark.deliveries.list': { APPLICATION_NOT_FOUND: noApplication },
  'tidemark.deliveries.addresses': {},
  'tidemark.deliveries.replay': {
    DELIVERY_NOT_FOUND: { status: 400, code: 'DELIVERY_NOT_FOUND', text: 'There is no such delivery, or it is being made at this moment', as: 'admin', given: () => each('ID', [NOBODY]) },
    APPLICATION_NOT_FOUND: { ...noApplication, given: () => each('CLIENT_ID', ['local.none'], { URL: 'https://app.example/' }) },
  },
  'tidemark.calls.list': {},
  'tidemark.figures.get': {},
};

/** Neither an ordinary user, nor a guest, nor an application of an administrator. */
const accessDenied = (method: string, as: 'anna' | 'guest' | 'adminsApp'): ErrorCase => ({
  status: 403, code: 'ACCESS_DENIED', text: 'Only an administrator may do this, and no application for them', as, given: () => [PARAMS[method] ?? {}],
});

const REFUSED = ['anna', 'guest', 'adminsApp'] as const;

export const adminCases: ErrorCases = Object.fromEntries(
  Object.entries(OWN).map(([method, cases], index) => [method, { ...cases, ACCESS_DENIED: accessDenied(method, REFUSED[index % REFUSED.length]!) }]),
);

export const adminMethodNames = Object.keys(OWN);
export const paramsFor = (method: string): Params => PARAMS[method] ?? {};

let emails = 0;
const added = async ({ admin }: Scene): Promise<number> => (await admin.call<{ id: number }>('tidemark.webhooks.add', { USER_ID: admin.userId })).id;
const application = async ({ portal }: Scene): Promise<Params> => ({ CLIENT_ID: (await addApp(portal)).clientId });
const victim = ({ victim: { userId } }: Scene): Params => ({ ID: userId });

export const adminCalls: Readonly<Record<string, ValidCall>> = Object.fromEntries(Object.entries<Omit<ValidCall, 'as'>>({
  'tidemark.people.list': {},
  'tidemark.people.add': { params: () => ({ EMAIL: () => `added${emails++}@example.org` }) },
  'tidemark.people.change': { params: victim },
  'tidemark.people.password': { params: (scene) => ({ ...victim(scene), PASSWORD: 'long enough' }) },
  'tidemark.people.link': { params: victim },
  'tidemark.people.signout': { params: victim },
  'tidemark.chats.list': {},
  'tidemark.chats.members': { params: ({ chat }) => ({ CHAT_ID: chat }) },
  'tidemark.chats.delete': { params: async ({ clara }) => ({ CHAT_ID: await clara.call<number>('im.chat.add', { TITLE: 'To be deleted' }) }) },
  'tidemark.webhooks.list': {},
  'tidemark.webhooks.add': { params: ({ anna }) => ({ USER_ID: anna.userId }) },
  'tidemark.webhooks.hold': { params: async (scene) => ({ ID: await added(scene) }) },
  'tidemark.webhooks.delete': { params: async (scene) => ({ ID: await added(scene) }) },
  'tidemark.applications.list': {},
  'tidemark.applications.add': { params: () => ({ TITLE: 'Added' }) },
  'tidemark.applications.change': { params: application },
  'tidemark.applications.secret': { params: application },
  'tidemark.applications.delete': { params: application },
  'tidemark.settings.get': {},
  'tidemark.settings.set': { params: () => ({ SETTINGS: { 'code-ttl': 31 } }) },
  'tidemark.rehearsals.list': {},
  'tidemark.rehearsals.set': {
    params: async (scene) => {
      await scene.admin.call('tidemark.settings.set', { SETTINGS: { rehearsals: 'Y' } });
      return { WEBHOOK: await added(scene), ERROR: 'QUERY_LIMIT_EXCEEDED' };
    },
    oneOf: ['WEBHOOK', 'CLIENT_ID'],
  },
  'tidemark.rehearsals.clear': { params: async (scene) => ({ WEBHOOK: await added(scene) }), oneOf: ['ID', 'WEBHOOK', 'CLIENT_ID'] },
  'tidemark.deliveries.list': {},
  'tidemark.deliveries.addresses': {},
  'tidemark.deliveries.replay': { params: () => ({ URL: 'https://app.example/' }), oneOf: ['ID', 'URL'] },
  'tidemark.calls.list': {},
  'tidemark.figures.get': {},
}).map(([method, call]) => [method, { ...call, as: 'admin' as const }]));
