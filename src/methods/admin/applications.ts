/** Applications: their secrets are told once, when they are made. */
import { z } from 'zod';
import { checkedDetails } from '../../identity/application-checks.ts';
import { addApplication, type ApplicationDetails, changeApplication, type Change, listApplications, renewSecret, usersOf } from '../../identity/applications.ts';
import { queueInstalled, queueUninstalled } from '../../delivery/handlers/outbox.ts';
import { atom, int as number } from '../../messenger/views/scalars.ts';
import { error } from '../../rest/method.ts';
import { flag, idList, type Param, requiredText, text } from '../../rest/params.ts';
import { adminMethod, given, unlessLeftOut } from './kit.ts';
import { codesIn, scopesParam } from './scopes.ts';

const MOST_USERS = 1000;

const list = adminMethod({
  name: 'tidemark.applications.list',
  summary: 'All applications without their secrets, the oldest first',
  params: {},
  result: z.array(z.strictObject({
    client_id: z.string(), title: z.string(), scopes: z.array(z.string()),
    redirect_uri: z.string().describe('Where a sign-in leads back to; empty where the code is shown'),
    handler: z.string().describe('Where it is told of its installation; empty for nowhere'),
    users: z.array(number).describe('Who may use it besides administrators; none for everybody'),
    held: z.boolean().describe('Blocked: its calls fail with OVERLOAD_LIMIT'), created_by: number, created: atom,
  })),
  errors: {},
  async run({ context: { messenger: m } }) {
    const { zone } = await m.settings();
    return (await listApplications(m.db)).map((app) => ({
      client_id: app.client_id, title: app.title, scopes: codesIn(app.scope), redirect_uri: app.redirect_uri, handler: app.handler_url,
      users: usersOf(app), held: app.held === 1, created_by: app.created_by, created: zone.atom(app.created_at),
    }));
  },
});

const detailParams = {
  SCOPES: scopesParam('Scopes'),
  REDIRECT_URI: text({ description: 'Where a sign-in leads back to; empty to show the code instead', max: 2000 }),
  HANDLER: text({ description: 'Where it is told of its installation; empty for nowhere', max: 2000 }),
  USERS: unlessLeftOut(idList({ description: 'Who may use it besides administrators; an empty list for everybody', max: MOST_USERS })),
};

type Given = { [K in keyof typeof detailParams]: (typeof detailParams)[K] extends Param<infer T> ? T : never };

function detailsOf({ SCOPES, REDIRECT_URI, HANDLER, USERS }: Given, title: string | undefined): Partial<ApplicationDetails> {
  return given<ApplicationDetails>({ title, scopes: SCOPES, redirectUri: REDIRECT_URI, handlerUrl: HANDLER, userIds: USERS });
}

const fields = { scope: 'SCOPES' };

const add = adminMethod({
  name: 'tidemark.applications.add',
  summary: 'Adds an application, whose secret is told this once',
  params: { TITLE: requiredText({ description: 'What users see when they sign in', max: 200 }), ...detailParams },
  example: { TITLE: 'Reports', SCOPES: ['im', 'user'], REDIRECT_URI: 'https://reports.example.org/back' },
  result: z.strictObject({ client_id: z.string(), client_secret: z.string() }),
  errors: {},
  fields,
  async run({ context: { messenger: m }, caller, params }) {
    const wanted = { scopes: ['im', 'user'], redirectUri: '', handlerUrl: '', userIds: [], ...detailsOf(params, params.TITLE), title: params.TITLE, createdBy: caller.userId };
    const { clientId, clientSecret } = await addApplication(m.db, m.clock, await checkedDetails(m.db, wanted), (s, app) => queueInstalled(s, app, m.clock.now()));
    return { client_id: clientId, client_secret: clientSecret };
  },
});

const CLIENT_ID = requiredText({ description: 'The application', max: 100 });
const APPLICATION_NOT_FOUND = error('APPLICATION_NOT_FOUND', 400, 'There is no such application');

const change = adminMethod({
  name: 'tidemark.applications.change',
  summary: 'Changes what is given of an application: also blocks and releases it. Tokens keep no scope that it has no longer',
  params: { CLIENT_ID, TITLE: text({ description: 'What users see when they sign in', max: 200 }), ...detailParams, HELD: flag({ description: 'Y blocks it: its calls fail with OVERLOAD_LIMIT', default: undefined }) },
  example: { CLIENT_ID: 'local.0123456789abcd.01234567', HELD: 'Y' },
  result: z.literal(true),
  errors: { APPLICATION_NOT_FOUND },
  fields,
  async run({ context: { messenger: m }, params, fail }) {
    const details = await checkedDetails(m.db, detailsOf(params, params.TITLE));
    const changes: Change[] = [...(params.HELD === undefined ? [] : [{ held: params.HELD }]), details];
    for (const one of changes) if (!(await changeApplication(m.db, m.clock, params.CLIENT_ID, one))) return fail('APPLICATION_NOT_FOUND');
    return true as const;
  },
});

const secret = adminMethod({
  name: 'tidemark.applications.secret',
  summary: 'Gives an application another secret, told this once; the one before stops working, tokens go on',
  params: { CLIENT_ID },
  example: { CLIENT_ID: 'local.0123456789abcd.01234567' },
  result: z.strictObject({ client_secret: z.string() }),
  errors: { APPLICATION_NOT_FOUND },
  run: async ({ context: { messenger: m }, params, fail }) => ({ client_secret: (await renewSecret(m.db, m.clock, params.CLIENT_ID)) ?? fail('APPLICATION_NOT_FOUND') }),
});

const remove = adminMethod({
  name: 'tidemark.applications.delete',
  summary: 'Removes an application, which is told so: its tokens and handlers stop working',
  params: { CLIENT_ID },
  example: { CLIENT_ID: 'local.0123456789abcd.01234567' },
  result: z.literal(true),
  errors: { APPLICATION_NOT_FOUND },
  async run({ context: { messenger: m }, params, fail }) {
    const removed = await changeApplication(m.db, m.clock, params.CLIENT_ID, { removed: true }, (s, app) => queueUninstalled(s, app, m.clock.now()));
    return removed ? (true as const) : fail('APPLICATION_NOT_FOUND');
  },
});

export const adminApplicationMethods = [list, add, change, secret, remove];
