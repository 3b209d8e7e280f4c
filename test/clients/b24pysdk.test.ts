/** The official Python SDK. It speaks HTTPS only, and trusts what `REQUESTS_CA_BUNDLE` names. */
import { beforeAll, expect } from 'vitest';
import { annas, BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, retried, TEXT, TOO_BUSY, valueOf, workChecks } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import type { Caller, ClientPortal } from './portal.ts';
import { needPython } from './tools.ts';

let python: string;
beforeAll(async () => {
  python = await needPython('b24pysdk');
});

const PEOPLE = 120;
const people: { everybody: number[]; active: number[] } = { everybody: [], active: [] };

const checks: Record<string, Check> = {
  callList: (outcome) => void expect(valueOf(outcome)).toEqual(people.active),
  callListFast: (outcome) => void expect(valueOf(outcome)).toEqual(people.everybody),
  callListFastDescending: (outcome) => void expect(valueOf(outcome)).toEqual(people.everybody.toReversed()),
  ...commonChecks,
  ...workChecks,
  exampleByName: commonChecks['example']!,
  typedBatch: gives({ names: ['me', 'recent'], errors: 0, timed: ['me', 'recent'] }),
  batchHalted: gives({ result: [], failed: ['bad'] }),
  batches: gives(60),
  profile: annas((id) => ({ id, name: 'Anna', admin: false })),
  timing: gives(true),
  unknownMethod: raises('BitrixAPINotFound', 'ERROR_METHOD_NOT_FOUND'),
  ownError: raises('BitrixAPIBadRequest', 'DIALOG_ID_EMPTY'),
  busy: retried,
  overtime: raises('BitrixAPIOperationTimeLimit', 'OPERATION_TIME_LIMIT'),
};

const OVERTIME_METHOD = 'im.user.get';

async function run(portal: ClientPortal, caller: Caller, input: object) {
  Object.assign(people, await portal.addPeople(PEOPLE));
  await portal.rehearse(caller, TOO_BUSY, BUSY_METHOD);
  await portal.rehearse(caller, 'OPERATION_TIME_LIMIT', OVERTIME_METHOD);
  const common = { domain: new URL(portal.https).host, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD, overtimeMethod: OVERTIME_METHOD };
  return runScript(python, 'use_b24pysdk.py', { ...common, ...input }, { REQUESTS_CA_BUNDLE: portal.ca });
}

clientLane('b24pysdk', {
  mode: 'webhook over HTTPS',
  checks: { ...checks, wrongSecret: raises('BitrixAPIInvalidCredentials') },
  async start(portal) {
    const { url, secret, user_id } = await portal.addWebhook();
    return run(portal, ['--webhook', url], { webhook: `${user_id}/${secret}` });
  },
});

clientLane('b24pysdk', {
  mode: 'OAuth over HTTPS',
  checks: {
    ...checks,
    codeExchange: annas((user) => ({ user, scope: ['im', 'user'], ID: String(user) })),
    appInfo: annas((user) => ({ client: expect.any(String), user, status: 'L', scope: ['im', 'user'] })),
    validated: gives(true),
    installEvent: annas((user) => ({ event: 'ONAPPINSTALL', user, ID: String(user) })),
    wrongSecret: raises('BitrixOAuthInvalidClient', 'invalid_client'),
    invalidToken: raises('BitrixAPIInvalidToken'),
    expiredToken: gives({ rows: 2, renewed: true, expired: false }),
    expiryKnown: annas((id) => ({ ID: String(id), renewed: true })),
    expiredBatch: annas(String),
    noRefreshToken: raises('BitrixAPIExpiredToken'),
  },
  async start(portal) {
    const app = await portal.addApplication();
    const [fresh, expired] = [await portal.tokensFor(app), await portal.expiredTokensFor(app)];
    const { app: installed, event } = await portal.addInstalledApplication();
    return run(portal, ['--app', app.client_id], { app, fresh, expired, installed, event, code: await portal.codeFor(app) });
  },
});
