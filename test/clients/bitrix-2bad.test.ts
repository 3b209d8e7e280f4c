/** `@2bad/bitrix` from npm: everything by GET, parameters by qs. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, TEXT, TOO_BUSY, valueOf } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import { needNpm } from './tools.ts';

let folder: string;
beforeAll(async () => {
  folder = await needNpm('@2bad/bitrix');
});

interface Known {
  everybody: number[];
  active: number[];
}

function checksFor(known: Known): Record<string, Check> {
  return {
    example: commonChecks['example']!,
    namedBatch: commonChecks['namedBatch']!,
    listBatch: commonChecks['listBatch']!,
    batchFailed: raises('Error', 'failed to process'),
    many: gives(60),
    users: gives(['Anna']),
    userFields: gives(true),
    everyone: (outcome) => void expect(valueOf(outcome)).toEqual(known.everybody),
    filtered: (outcome) => void expect(valueOf(outcome)).toEqual(known.active.slice(2)),
    text: gives([TEXT, TEXT]),
    time: commonChecks['time']!,
    unknownMethod: raises('HTTPError', 'ERROR_METHOD_NOT_FOUND'),
    /** got tries again after a second. */
    busy: async (outcome, portal) => {
      expect(valueOf(outcome)).toBeGreaterThan(900);
      expect(await portal.answersOf(BUSY_METHOD)).toEqual({ 503: 1, 200: 1 });
    },
  };
}

const common = { example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };

for (const scheme of ['http', 'https'] as const) {
  const known: Known = { everybody: [], active: [] };
  clientLane('@2bad/bitrix', {
    mode: `webhook over ${scheme.toUpperCase()}`,
    checks: checksFor(known),
    async start(portal) {
      Object.assign(known, await portal.addPeople(70));
      const { url } = await portal.addWebhook();
      await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
      const address = url.replace(portal.http, portal[scheme]).replace(/\/$/, '');
      return runScript(process.execPath, 'use-2bad-bitrix.mjs', { ...common, folder, address, anna: portal.annaId }, { NODE_EXTRA_CA_CERTS: portal.ca });
    },
  });
}
