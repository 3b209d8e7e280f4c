/** The requests of n8n's HTTP Request node, made by the library that it makes them with. */
import { beforeAll } from 'vitest';
import { annas, commonChecks, EXAMPLE, gives, raises, TEXT } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import { needNpm } from './tools.ts';

let folder: string;
beforeAll(async () => {
  folder = await needNpm('axios');
});

const example = commonChecks['example']!;
const checks: Record<string, Check> = {
  form: example, formWithSuffix: example, multipart: example, json: example, query: example, emptyForm: example,
  namedBatch: commonChecks['namedBatch']!,
  multipartBatch: commonChecks['namedBatch']!,
  users: gives(['Anna']),
  text: gives([TEXT, TEXT]),
  unknownMethod: raises('ERROR_METHOD_NOT_FOUND', '404'),
};

for (const scheme of ['http', 'https'] as const) {
  clientLane('n8n', {
    mode: `webhook over ${scheme.toUpperCase()}`,
    checks,
    async start(portal) {
      const { url } = await portal.addWebhook();
      const input = { folder, address: url.replace(portal.http, portal[scheme]), example: EXAMPLE, text: TEXT };
      return runScript(process.execPath, 'n8n-shapes.mjs', input, { NODE_EXTRA_CA_CERTS: portal.ca });
    },
  });
}

clientLane('n8n', {
  mode: 'OAuth2 credential over HTTP',
  checks: { ...checks, refreshInBody: annas((user) => user), refreshInHeader: annas((user) => user) },
  async start(portal) {
    const app = await portal.addApplication();
    const { access_token: token, refresh_token: refresh } = await portal.tokensFor(app);
    const input = { folder, address: `${portal.http}/rest/`, tokenAddress: `${portal.http}/oauth/token/`, app, token, refresh, example: EXAMPLE, text: TEXT };
    return runScript(process.execPath, 'n8n-shapes.mjs', input);
  },
});
