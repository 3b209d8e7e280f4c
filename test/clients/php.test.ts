/** PHP's http_build_query and curl, sending what CRest sends. CRest itself is in no package registry. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gaveUp, gives, raises, TEXT, TOO_BUSY, valueOf, workChecks } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import { needPhp } from './tools.ts';

beforeAll(needPhp);

const checks: Record<string, Check> = {
  ...commonChecks,
  ...workChecks,
  flags: gives(1),
  rawAddress: gives('Привет, мир!'),
  unknownMethod: raises('ERROR_METHOD_NOT_FOUND'),
  busy: gaveUp(TOO_BUSY),
};

const common = { example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };

clientLane('PHP', {
  mode: 'webhook over HTTP',
  checks: { ...checks, withoutParameters: commonChecks['example']!, wrongSecret: raises('INVALID_CREDENTIALS') },
  async start(portal) {
    const { url } = await portal.addWebhook();
    await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
    return runScript('php', 'crest-shapes.php', { ...common, webhook: url });
  },
});

clientLane('PHP', {
  mode: 'OAuth over HTTP',
  checks: {
    ...checks,
    expiredToken: (outcome, { annaId }) => void expect(valueOf(outcome)).toEqual([String(annaId), true]),
    wrongSecret: raises('invalid_client'),
  },
  async start(portal) {
    const app = await portal.addApplication();
    await portal.rehearse(['--app', app.client_id], TOO_BUSY, BUSY_METHOD);
    const input = { ...common, app, expired: await portal.expiredTokensFor(app), tokenAddress: `${portal.http}/oauth/token/` };
    return runScript('php', 'crest-shapes.php', input);
  },
});
