/** The official JavaScript SDK, its newest version and the one before the rewrite of its OAuth. */
import { expect } from 'vitest';
import { annas, BUSY_METHOD, commonChecks, EXAMPLE, gives, raises, retried, TEXT, TOO_BUSY, valueOf, workChecks } from './checks.ts';
import { type Check, clientLane, runScript } from './lane.ts';
import type { ClientPortal } from './portal.ts';

const PEOPLE = 120;
/** More than a page, so that lists are fetched in several calls. */
const people: { everybody: number[]; active: number[] } = { everybody: [], active: [] };

const checks: Record<string, Check> = {
  callList: (outcome) => void expect(valueOf(outcome)).toEqual(people.active),
  fetchList: (outcome) => void expect(valueOf(outcome)).toEqual(people.everybody),
  listBatchOrdered: (outcome) => void expect(valueOf(outcome)).toEqual(people.everybody.toReversed().slice(0, 50)),
  ...commonChecks,
  ...workChecks,
  exampleNewStyle: commonChecks['example']!,
  batchHalted: gives({ isSuccess: false, data: {} }),
  byChunk: gives(60),
  lists: gives({ all: 120, different: 120, chunks: [50, 50, 20], fields: ['ID', 'NAME'] }),
  health: gives(true),
  ping: (outcome) => void expect(valueOf(outcome)).toBeGreaterThanOrEqual(0),
  unknownMethod: raises('ERROR_METHOD_NOT_FOUND'),
  ownError: raises('DIALOG_ID_EMPTY'),
  busy: retried,
};

/** As many again, by the name that the script looks for. All of them are {@link people}. */
async function addEverybody(portal: ClientPortal): Promise<void> {
  const { everybody, active } = await portal.addPeople(PEOPLE);
  const group: number[] = [];
  for (let i = 0; i < PEOPLE; i += 40) {
    const cmd = Array.from({ length: 40 }, (_, k) => `user.add?EMAIL=member${i + k}@example.org&NAME=${i + k}&LAST_NAME=${encodeURIComponent('Группа')}`);
    const { result } = await portal.admin.call<{ result: Array<string | number> }>('batch', { cmd });
    group.push(...result.map(Number));
  }
  Object.assign(people, { everybody: [...everybody, ...group], active: [...active, ...group] });
}

for (const name of ['@bitrix24/b24jssdk', 'b24jssdk-1']) {
  clientLane(name, {
    mode: 'webhook over HTTPS',
    checks: { ...checks, helper: annas((id) => ({ id, name: 'Anna' })), wrongSecret: raises('INVALID_CREDENTIALS') },
    async start(portal) {
      await addEverybody(portal);
      const { url, secret, user_id } = await portal.addWebhook();
      await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
      const input = { package: name, webhook: `${portal.https}/rest/${user_id}/${secret}`, example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD };
      return runScript(process.execPath, 'use-b24jssdk.mjs', input, { NODE_EXTRA_CA_CERTS: portal.ca });
    },
  });

  clientLane(name, {
    mode: 'OAuth over HTTP',
    checks: {
      ...checks,
      helper: annas((id) => ({ id, name: 'Anna', code: expect.any(String), status: expect.any(String), selfHosted: true, colour: 'Größe' })),
      // Whatever the token endpoint says, the SDK wraps it without its code.
      wrongSecret: raises('JSSDK_UNKNOWN_ERROR', 'Invalid client credentials'),
      invalidToken: raises('JSSDK_UNKNOWN_ERROR', 'The code or token is invalid or has expired'),
      expiredToken: gives({ rows: 2, renewed: true, lasts: true }),
      expiryKnown: annas((id) => ({ ID: String(id), renewed: true })),
      expiredTogether: annas((id) => Array(5).fill(String(id))),
      expiredBatch: annas(String),
      isAdmin: gives(false),
    },
    async start(portal) {
      await addEverybody(portal);
      const app = await portal.addApplication();
      await portal.rehearse(['--app', app.client_id], TOO_BUSY, BUSY_METHOD);
      const input = {
        package: name, app, fresh: await portal.tokensFor(app), expired: await portal.expiredTokensFor(app),
        example: EXAMPLE, text: TEXT, busyMethod: BUSY_METHOD,
      };
      return runScript(process.execPath, 'use-b24jssdk.mjs', input);
    },
  });
}
