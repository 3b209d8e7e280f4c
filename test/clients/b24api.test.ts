/** b24api from PyPI, in its first series: the second needs a newer Python than many have. httpx trusts what `SSL_CERT_FILE` names. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, TEXT, TOO_BUSY, valueOf } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import { needPython } from './tools.ts';

let python: string;
beforeAll(async () => {
  python = await needPython('b24api<1');
});

for (const scheme of ['http', 'https'] as const) {
  let everybody: number[] = [];
  const all: Check = (outcome) => void expect(valueOf(outcome)).toEqual(everybody);
  clientLane('b24api', {
    mode: `webhook over ${scheme.toUpperCase()}`,
    checks: {
      example: commonChecks['example']!,
      listBatch: commonChecks['listBatch']!,
      batchFailed: raises('ApiResponseError', 'error_method_not_found'),
      many: gives(60),
      sequential: all,
      batched: all,
      noCount: all,
      byReference: (outcome) => void expect(valueOf(outcome)).toEqual(everybody.filter((id) => id !== 1)),
      text: gives([TEXT, TEXT]),
      unknownMethod: raises('ApiResponseError', 'error_method_not_found'),
      wrongSecret: raises('ApiResponseError', 'invalid_credentials'),
      busy: async (outcome, portal) => {
        expect(valueOf(outcome)).toBeGreaterThan(90);
        expect(await portal.answersOf(BUSY_METHOD)).toEqual({ 503: 1, 200: 1 });
      },
    },
    async start(portal) {
      everybody = (await portal.addPeople(130)).everybody;
      const { url, user_id } = await portal.addWebhook();
      await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
      const input = { webhook: url.replace(portal.http, portal[scheme]), wrong: `${portal[scheme]}/rest/${user_id}/wrongwrongwrong1/`, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };
      return runScript(python, 'use_b24api.py', input, { SSL_CERT_FILE: portal.ca });
    },
  });
}
