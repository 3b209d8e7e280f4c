/** pybitrix24 from PyPI. It speaks HTTPS only, through urllib, which trusts what `SSL_CERT_FILE` names. */
import { beforeAll, expect } from 'vitest';
import { annas, commonChecks, EXAMPLE, gives, raises, TEXT, valueOf } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import { needPython } from './tools.ts';

let python: string;
beforeAll(async () => {
  python = await needPython('pybitrix24');
});

/** The one person whom its filter finds. */
let paula = 0;

const checks: Record<string, Check> = {
  example: commonChecks['example']!,
  withoutParameters: gives(2),
  namedBatch: commonChecks['namedBatch']!,
  batchWithFailure: commonChecks['batchWithFailure']!,
  filtered: (outcome) => void expect(valueOf(outcome)).toEqual([[paula], [paula]]),
  text: gives([TEXT, TEXT]),
  serverTime: commonChecks['time']!,
  unknownMethod: raises('Refused', 'ERROR_METHOD_NOT_FOUND'),
};

const common = { example: EXAMPLE, text: TEXT };

clientLane('pybitrix24', {
  mode: 'webhook over HTTPS',
  checks: { ...checks, wrongSecret: raises('Refused', 'INVALID_CREDENTIALS') },
  async start(portal) {
    paula = (await portal.addPeople(1)).active.at(-1)!;
    const { secret, user_id } = await portal.addWebhook();
    const input = { ...common, host: new URL(portal.https).host, user: user_id, code: secret };
    return runScript(python, 'use_pybitrix24.py', input, { SSL_CERT_FILE: portal.ca });
  },
});

clientLane('pybitrix24', {
  mode: 'OAuth over HTTPS',
  checks: {
    ...checks,
    codeExchange: annas((user) => ({ user, ID: String(user) })),
    refresh: annas((user) => ({ user, renewed: true, ID: String(user) })),
    authorizationPage: (outcome) => void expect(valueOf(outcome)).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/oauth\/authorize\/\?/),
    wrongSecret: raises('Refused', 'invalid_client'),
  },
  async start(portal) {
    paula = (await portal.addPeople(1)).active.at(-1)!;
    const app = await portal.addApplication();
    const input = { ...common, host: new URL(portal.https).host, user: portal.annaId, app, authorization: await portal.codeFor(app) };
    return runScript(python, 'use_pybitrix24.py', input, { SSL_CERT_FILE: portal.ca });
  },
});
