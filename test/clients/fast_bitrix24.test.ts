/** fast_bitrix24, the most used client from PyPI. aiohttp trusts what `SSL_CERT_FILE` names. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, TEXT, TOO_BUSY, valueOf } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import type { ClientPortal } from './portal.ts';
import { needPython } from './tools.ts';

let python: string;
beforeAll(async () => {
  python = await needPython('fast_bitrix24');
});

/** More than two pages of 50. */
const PEOPLE = 120;

function checksFor(known: Known): Record<string, Check> {
  return {
    example: commonChecks['example']!,
    namedBatch: commonChecks['namedBatch']!,
    batchFailed: raises('ErrorInServerResponseException', 'ERROR_METHOD_NOT_FOUND'),
    everyone: (outcome) => void expect(valueOf(outcome)).toEqual(known.everybody),
    active: (outcome) => void expect(valueOf(outcome)).toEqual(known.active),
    filtered: (outcome) => void expect(valueOf(outcome)).toEqual(known.active.slice(2)),
    byId: (outcome, { annaId }) => void expect(valueOf(outcome)).toEqual({ 1: 1, [annaId]: annaId }),
    many: (outcome) => void expect(valueOf(outcome)).toEqual(Array.from({ length: 60 }, (_, at) => 1 + (at % 2))),
    text: gives([TEXT, TEXT]),
    unknownMethod: raises('ClientResponseError', '404'),
    wrongSecret: raises('ClientResponseError', '401'),
    busy: retriedSoon,
  };
}

interface Known {
  everybody: number[];
  active: number[];
}

/** It waits for less than a second. */
const retriedSoon: Check = async (outcome, portal) => {
  expect(valueOf(outcome)).toBeGreaterThan(0);
  expect(await portal.answersOf(BUSY_METHOD)).toEqual({ 503: 1, 200: 1 });
};

async function fill(portal: ClientPortal, known: Known): Promise<void> {
  Object.assign(known, await portal.addPeople(PEOPLE));
}

for (const scheme of ['http', 'https'] as const) {
  const known: Known = { everybody: [], active: [] };
  clientLane('fast_bitrix24', {
    mode: `webhook over ${scheme.toUpperCase()}`,
    checks: checksFor(known),
    async start(portal) {
      await fill(portal, known);
      const { url, user_id } = await portal.addWebhook();
      await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
      const address = url.replace(portal.http, portal[scheme]);
      const input = { address, wrong: `${portal[scheme]}/rest/${user_id}/wrongwrongwrong1`, anna: portal.annaId, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };
      return runScript(python, 'use_fast_bitrix24.py', input, { SSL_CERT_FILE: portal.ca });
    },
  });
}

const known: Known = { everybody: [], active: [] };
clientLane('fast_bitrix24', {
  mode: 'tokens over HTTPS',
  checks: { ...checksFor(known), tokensUsed: gives(2) },
  async start(portal) {
    await fill(portal, known);
    const app = await portal.addApplication();
    await portal.rehearse(['--app', app.client_id], TOO_BUSY, BUSY_METHOD);
    const tokens = [(await portal.expiredTokensFor(app)).access_token, (await portal.tokensFor(app)).access_token];
    const input = {
      address: `${portal.https}/rest/`, wrong: `${portal.https}/rest/1/wrongwrongwrong1`, tokens, anna: portal.annaId, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD,
    };
    return runScript(python, 'use_fast_bitrix24.py', input, { SSL_CERT_FILE: portal.ca });
  },
});
