/** The official Python SDK. It speaks HTTPS only, and trusts what `REQUESTS_CA_BUNDLE` names. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, retried, TEXT, valueOf } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import type { ClientPortal } from './portal.ts';
import { needPython } from './tools.ts';

let python: string;
beforeAll(async () => {
  python = await needPython('b24pysdk');
});

const annas = (expected: (id: number) => unknown): Check => (outcome, { anna }) => void expect(valueOf(outcome)).toEqual(expected(anna.userId));

const checks: Record<string, Check> = {
  ...commonChecks,
  exampleByName: commonChecks['example']!,
  typedBatch: gives({ names: ['me', 'recent'], errors: 0, timed: ['me', 'recent'] }),
  batchHalted: gives({ result: [], failed: ['bad'] }),
  batches: gives(60),
  profile: annas((id) => ({ id, name: 'Anna', admin: false })),
  timing: gives(true),
  unknownMethod: raises('BitrixAPIMethodNotFound'),
  ownError: raises('BitrixAPIBadRequest', 'DIALOG_ID'),
  busy: retried,
};

function run(portal: ClientPortal, input: object) {
  const common = { domain: new URL(portal.https).host, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };
  return runScript(python, 'use_b24pysdk.py', { ...common, ...input }, { REQUESTS_CA_BUNDLE: portal.ca });
}

clientLane('b24pysdk', {
  mode: 'webhook over HTTPS',
  checks: { ...checks, wrongSecret: raises('BitrixAPIInvalidCredentials') },
  async start(portal) {
    const { url, secret, user_id } = await portal.addWebhook();
    await portal.makeBusy(['--webhook', url], BUSY_METHOD);
    return run(portal, { webhook: `${user_id}/${secret}` });
  },
});

clientLane('b24pysdk', {
  mode: 'OAuth over HTTPS',
  checks: {
    ...checks,
    codeExchange: annas((user) => ({ user, scope: ['im', 'user'], ID: String(user) })),
    appInfo: annas((user) => ({ client: expect.any(String), user, status: 'L', scope: ['im', 'user'] })),
    wrongSecret: raises('BitrixOAuthInvalidClient'),
    invalidToken: raises('BitrixAPIInvalidToken'),
    expiredToken: gives({ rows: 2, renewed: true, expired: false }),
    expiryKnown: annas((id) => ({ ID: String(id), renewed: true })),
    expiredBatch: annas(String),
    noRefreshToken: raises('BitrixAPIExpiredToken'),
  },
  async start(portal) {
    const app = await portal.addApplication();
    await portal.makeBusy(['--app', app.client_id], BUSY_METHOD);
    const [fresh, expired] = [await portal.tokensFor(app), await portal.expiredTokensFor(app)];
    return run(portal, { app, fresh, expired, code: await portal.codeFor(app) });
  },
});
