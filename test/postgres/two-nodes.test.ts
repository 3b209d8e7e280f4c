/** Two servers on one PostgreSQL: what is taken away, closed or set through one holds at the very next call of the other. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { hashSecret } from '../../src/base/secrets.ts';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { PER_MILLION } from '../../src/portal/rehearsals.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

describe('what one node does, the other goes by', () => {
  let one: TestServer;
  let other: TestServer;
  let user: Client;
  let webhook: number;
  let app: TestApp;
  let grantId: string;
  let byToken: Client;

  const db = () => one.server.context.db;
  const set = (key: string, value: string) => db().write((s) => writeSetting(s, key, value));
  const change = (what: Change) => changeApplication(db(), one.clock, app.clientId, what);

  beforeAll(async () => {
    one = await startTestServer();
    other = await startTestServer({ databaseUrl: one.databaseUrl });
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    const here = await one.addUser('Caller');
    user = movedTo(other, here);
    webhook = (await db().read((s) => webhookNamed(s, here.url)))!.id;
    app = await addApp(one);
    const { accessToken } = await app.tokens(here.userId);
    byToken = clientWith(other, accessToken, here.userId);
    grantId = (await db().read((s) => s.query((q) => q.selectFrom('oauth_token').select('grant_id').where('access_hash', '=', hashSecret(accessToken)))))[0]!.grant_id;
    // The other node has seen everything as it is now.
    for (const who of [user, byToken]) await who.call('profile');
  });

  /** Undefined for no refusal. */
  const said = async (who: Client) => (await who.raw('profile')).body.error;
  const rehearsal = () => ({
    method: '', error: 'QUERY_LIMIT_EXCEEDED', remaining: -1, per_million: PER_MILLION, delay_ms: 0, created_at: 0, webhook_id: webhook, app_id: 0,
  });

  const TAKEN: ReadonlyArray<{ what: string; take: () => Promise<unknown>; give?: () => Promise<unknown>; webhook?: string; token?: string }> = [
    { what: 'the user dismissed', take: () => db().write((s) => updateUser(s, user.userId, { active: 0 })), give: () => db().write((s) => updateUser(s, user.userId, { active: 1 })), webhook: 'authorization_error', token: 'authorization_error' },
    { what: 'the webhook deleted', take: () => db().write((s) => deleteWebhook(s, webhook)), webhook: 'INVALID_CREDENTIALS' },
    { what: 'the webhook on hold', take: () => db().write((s) => holdWebhook(s, webhook, 1)), give: () => db().write((s) => holdWebhook(s, webhook, 0)), webhook: 'OVERLOAD_LIMIT' },
    { what: 'the grant ended', take: () => db().write((s) => deleteGrant(s, grantId)), token: 'invalid_token' },
    { what: 'the application on hold', take: () => change({ held: true }), give: () => change({ held: false }), token: 'OVERLOAD_LIMIT' },
    { what: 'the application for others', take: () => change({ userIds: [1] }), give: () => change({ userIds: [] }), token: 'user_access_error' },
    { what: 'the application removed', take: () => change({ removed: true }), token: 'APPLICATION_NOT_FOUND' },
    { what: 'the portal closed', take: () => set(POLICY_KEYS.closed, '1'), give: () => set(POLICY_KEYS.closed, '0'), webhook: 'PORTAL_DELETED', token: 'PORTAL_DELETED' },
    { what: 'HTTPS required', take: () => set(POLICY_KEYS.httpsRequired, '1'), give: () => set(POLICY_KEYS.httpsRequired, '0'), webhook: 'INVALID_REQUEST', token: 'INVALID_REQUEST' },
    { what: 'no REST in the plan', take: () => set(POLICY_KEYS.restPlan, 'free'), give: () => set(POLICY_KEYS.restPlan, 'commercial'), webhook: 'ACCESS_DENIED', token: 'ACCESS_DENIED' },
  ];

  test.each(TAKEN)('$what', async ({ take, give, webhook: byWebhook, token }) => {
    await take();
    expect({ webhook: await said(user), token: await said(byToken) }).toEqual({ webhook: byWebhook, token });
    if (!give) return;
    await give();
    expect({ webhook: await said(user), token: await said(byToken) }).toEqual({ webhook: undefined, token: undefined });
  });

  test('a rehearsal, its end, and rehearsals allowed and forbidden', async () => {
    await db().write((s) => insertRehearsal(s, rehearsal()));
    expect(await said(user)).toBeUndefined();
    await set(POLICY_KEYS.rehearsals, '1');
    expect([await said(user), await said(byToken)]).toEqual(['QUERY_LIMIT_EXCEEDED', undefined]);
    await db().write((s) => deleteRehearsals(s, { webhookId: webhook, appId: 0 }));
    expect(await said(user)).toBeUndefined();
    await db().write((s) => insertRehearsal(s, rehearsal()));
    expect(await said(user)).toBe('QUERY_LIMIT_EXCEEDED');
    await set(POLICY_KEYS.rehearsals, '0');
    expect(await said(user)).toBeUndefined();
  });

  test('the zone of dates, outside and within a method', async () => {
    for (const [zone, offset] of [['Asia/Tokyo', '+09:00'], ['UTC', '+00:00']] as const) {
      await set(SETTING_KEYS.timezone, zone);
      const { body } = await user.raw('server.time');
      expect([String(body.result).slice(-6), (body['time'] as { date_start: string }).date_start.slice(-6)]).toEqual([offset, offset]);
    }
  });

  test('a plan with a rate, and without one again', async () => {
    await set(POLICY_KEYS.plan, 'standard');
    let answered = 0;
    while (answered < 200 && (await said(user)) === undefined) answered += 1;
    expect(answered).toBeGreaterThanOrEqual(50);
    expect(answered).toBeLessThan(200);
    await set(POLICY_KEYS.plan, 'self-hosted');
    expect(await said(user)).toBeUndefined();
  });

  test('a right given and taken', async () => {
    for (const admin of [1, 0] as const) {
      await db().write((s) => updateUser(s, user.userId, { admin }));
      expect([await user.call('user.admin'), await byToken.call('user.admin')]).toEqual([admin === 1, admin === 1]);
    }
  });
});
