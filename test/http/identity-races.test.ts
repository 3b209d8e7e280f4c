/**
 * Forced races of what is remembered between calls: a read is held after it has seen its snapshot, then what it read is
 * revoked or set anew, and only then it goes on. Every later call must go by what is stored.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { PER_MILLION } from '../../src/portal/rehearsals.ts';
import { hashSecret } from '../../src/base/secrets.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { HeldReads } from '../support/held-reads.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const store = new HeldReads();
let portal: TestServer;
const db = () => portal.server.context.db;

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  await db().write((s) => writeSetting(s, POLICY_KEYS.rehearsals, '1'));
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Caller {
  user: Client;
  webhook: number;
  app: TestApp;
  token: string;
  byToken: Client;
}

async function newCaller(): Promise<Caller> {
  const user = await portal.addUser('Caller');
  const webhook = (await db().read((s) => webhookNamed(s, user.url)))!.id;
  const app = await addApp(portal);
  const token = (await app.tokens(user.userId)).accessToken;
  return { user, webhook, app, token, byToken: clientWith(portal, token, user.userId) };
}

async function endGrant({ token }: Caller): Promise<void> {
  const [row] = await db().read((s) => s.query((q) => q.selectFrom('oauth_token').select('grant_id').where('access_hash', '=', hashSecret(token))));
  await db().write((s) => deleteGrant(s, row!.grant_id));
}

const dismiss = ({ user }: Caller) => db().write((s) => updateUser(s, user.userId, { active: 0 }));
const change = ({ app }: Caller, what: Change) => changeApplication(db(), portal.clock, app.clientId, what);

const WEBHOOK: Record<string, Act> = {
  'the user dismissed': dismiss,
  'the webhook deleted': ({ webhook }) => db().write((s) => deleteWebhook(s, webhook)),
  'the webhook put on hold': ({ webhook }) => db().write((s) => holdWebhook(s, webhook, 1)),
};

const TOKEN: Record<string, Act> = {
  'the user dismissed': dismiss,
  'the grant ended': endGrant,
  'the application put on hold': (caller) => change(caller, { held: true }),
  'the application for others only': (caller) => change(caller, { userIds: [1] }),
  'the application removed': (caller) => change(caller, { removed: true }),
};

type Act = (caller: Caller) => Promise<unknown>;

/**
 * Calls while each read is held in turn, until a call needs no further one.
 *
 * @param check made by whoever calls after it has happened
 * @returns how many reads the call needed
 */
async function holdEach(prepare: () => Promise<Caller>, call: Act, happen: Act, check: Act): Promise<number> {
  for (let nth = 1, tries = 1; ; nth++) {
    const caller = await prepare();
    const held = store.hold(nth);
    const answer = call(caller);
    if ((await Promise.race([held.reached.then(() => 'held'), answer])) !== 'held') {
      held.release();
      // The first read may have been one that the server made of its own accord.
      if (nth > 1 || tries++ === 5) return nth - 1;
      nth = 0;
      continue;
    }
    await happen(caller);
    const meanwhile = check(caller);
    held.release();
    await answer;
    await meanwhile;
    await check(caller);
  }
}

const REFUSED = [401, 403, 503];

describe.each([
  ['a webhook', WEBHOOK, ({ user }: Caller) => user],
  ['a token', TOKEN, ({ byToken }: Caller) => byToken],
] as const)('%s that is being looked up is not remembered', (_what, happenings, clientOf) => {
  test.each(Object.entries(happenings))('%s', async (_happening, happen) => {
    const refused = async (caller: Caller) => {
      const { status } = await clientOf(caller).raw('profile');
      expect(REFUSED).toContain(status);
    };
    expect(await holdEach(newCaller, (caller) => clientOf(caller).raw('profile'), happen, refused)).toBeGreaterThan(0);
  });

  test.each(Object.entries(happenings))('nor after it was remembered: %s', async (_happening, happen) => {
    const caller = await newCaller();
    await clientOf(caller).call('profile');
    await happen(caller);
    expect(REFUSED).toContain((await clientOf(caller).raw('profile')).status);
  });
});

test('a right that is given or taken while it is looked up', async () => {
  const promote: Act = ({ user }) => db().write((s) => updateUser(s, user.userId, { admin: 1 }));
  const isAdmin: Act = async ({ user }) => expect(await user.call('user.admin')).toBe(true);
  const holds = await holdEach(newCaller, ({ user }) => user.raw('user.admin'), promote, isAdmin);
  expect(holds).toBeGreaterThan(0);
});

/** A setting that is set makes the next call read all of them. */
async function withSettingsForgotten(): Promise<Caller> {
  const caller = await newCaller();
  await caller.user.call('profile');
  await db().write((s) => writeSetting(s, SETTING_KEYS.timezone, 'UTC'));
  return caller;
}

test('settings that are being read and set meanwhile', async () => {
  const inTokyo = async ({ user }: Caller) => {
    const { body } = await user.raw('profile');
    expect((body as { time?: { date_start: string } }).time?.date_start).toMatch(/\+09:00$/);
  };
  const move = () => db().write((s) => writeSetting(s, SETTING_KEYS.timezone, 'Asia/Tokyo'));
  const holds = await holdEach(withSettingsForgotten, ({ user }) => user.raw('profile'), move, inTokyo);
  expect(holds).toBeGreaterThan(0);
});

test('rehearsals that are being read and ended meanwhile', async () => {
  const prepare = async () => {
    const caller = await newCaller();
    await caller.user.call('profile');
    const forever = { method: '', error: 'QUERY_LIMIT_EXCEEDED', remaining: -1, per_million: PER_MILLION, delay_ms: 0, created_at: 0 };
    await db().write((s) => insertRehearsal(s, { ...forever, webhook_id: caller.webhook, app_id: 0 }));
    return caller;
  };
  const end = ({ webhook }: Caller) => db().write((s) => deleteRehearsals(s, { webhookId: webhook, appId: 0 }));
  const holds = await holdEach(prepare, ({ user }) => user.raw('profile'), end, ({ user }) => user.call('profile'));
  expect(holds).toBeGreaterThan(0);
});
