/** Why calls with a token are let in or not. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let app: TestApp;
/** Anna through the application. */
let annas: Client;
let token: string;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  anna = await portal.addUser('Anna');
  app = await addApp(portal, { scopes: ['im'] });
  token = (await app.tokens(anna.userId)).accessToken;
  annas = clientWith(portal, token, anna.userId);
  await annas.call('profile');
});

const change = (what: Change) => changeApplication(portal.server.context.db, portal.clock, app.clientId, what);
const dismiss = () => portal.admin.call('user.update', { ID: anna.userId, ACTIVE: 'N' });

describe('where the token is', () => {
  const ok = (id: number) => ({ status: 200, body: { result: { ID: String(id) } } });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = { 'content-type': 'application/json' };

  test('in the query, a form, JSON or the header, as auth or access_token', async () => {
    const url = `${portal.http}/rest//profile`;
    const sendings = [
      send(`${url}?auth=${token}`), send(`${url}?access_token=${token}`), send(`${url}.json?auth=${token}`),
      send(`${url}?auth=&access_token=${token}`),
      send(url, { body: `auth=${token}`, headers: form }), send(url, { body: `access_token=${token}`, headers: form }),
      send(url, { body: JSON.stringify({ auth: token }), headers: json }), send(url, { body: JSON.stringify({ access_token: token }), headers: json }),
      send(url, { headers: { authorization: `Bearer ${token}` } }), send(url, { headers: { authorization: `bearer ${token}` }, body: '{"auth":"x"}' }),
    ];
    for (const reply of await Promise.all(sendings)) expect(reply).toMatchObject(ok(anna.userId));
  });

  test('it goes before the webhook of the address', async () => {
    expect(await send(`${portal.admin.url}profile?auth=${token}`)).toMatchObject(ok(anna.userId));
    expect(await send(`${portal.admin.url}profile?auth=wrong`)).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });

  test('a refresh token, a code and a client secret open nothing', async () => {
    const { refreshToken } = await app.tokens(anna.userId);
    for (const wrong of [refreshToken, app.clientSecret, app.clientId, token.toUpperCase(), `${token}0`]) {
      expect(await clientWith(portal, wrong, 0).fails('profile')).toEqual({ status: 401, error: 'invalid_token', text: 'Unable to get application by token' });
    }
  });
});

describe('each reason, at the very next call', () => {
  test('the application is on hold, and released', async () => {
    await change({ held: true });
    expect(await annas.fails('profile')).toEqual({ status: 503, error: 'OVERLOAD_LIMIT', text: 'REST API is blocked due to overload.' });
    await change({ held: false });
    await annas.call('profile');
  });

  test('it was removed', async () => {
    await change({ removed: true });
    expect(await annas.fails('profile')).toEqual({ status: 401, error: 'APPLICATION_NOT_FOUND', text: 'Application not found' });
    expect(await change({ held: true })).toBe(false);
  });

  test('the token has expired', async () => {
    portal.clock.advance(3600_001);
    expect(await annas.fails('profile')).toEqual({ status: 401, error: 'expired_token', text: 'The access token provided has expired' });
  });

  test('its scope does not cover the method', async () => {
    expect(await annas.fails('user.current')).toEqual({
      status: 401, error: 'insufficient_scope', text: 'The request requires higher privileges than provided by the access token',
    });
    await annas.call('im.recent.get');
  });

  test('the user was dismissed, and is back', async () => {
    await dismiss();
    expect(await annas.fails('profile')).toEqual({ status: 401, error: 'authorization_error', text: 'Unable to authorize user' });
    await portal.admin.call('user.update', { ID: anna.userId, ACTIVE: 'Y' });
    await annas.call('profile');
  });

  test('the application is for others; administrators may always', async () => {
    await change({ userIds: [999_999] });
    expect(await annas.fails('profile')).toEqual({ status: 403, error: 'user_access_error', text: 'The user does not have access to the application.' });
    await (await app.as(portal.admin)).call('profile');
    await change({ userIds: [anna.userId] });
    await annas.call('profile');
    await change({ userIds: [] });
    await annas.call('profile');
  });

  test('the portal\'s plan is without REST', async () => {
    const set = (value: string) => portal.server.context.db.write((s) => writeSetting(s, 'rest_plan', value));
    await set('free');
    expect(await annas.fails('profile')).toMatchObject({ status: 403, error: 'ACCESS_DENIED' });
    await set('commercial');
    await annas.call('profile');
  });
});

test('of several reasons the first is named', async () => {
  await change({ userIds: [999_999] });
  expect((await annas.fails('user.current')).error).toBe('insufficient_scope');
  await dismiss();
  expect((await annas.fails('profile')).error).toBe('authorization_error');
  portal.clock.advance(3600_001);
  expect((await annas.fails('user.current')).error).toBe('expired_token');
  await change({ held: true });
  expect((await annas.fails('user.current')).error).toBe('OVERLOAD_LIMIT');
  await change({ removed: true });
  expect((await annas.fails('user.current')).error).toBe('OVERLOAD_LIMIT');
  expect((await annas.fails('im.nope')).error).toBe('ERROR_METHOD_NOT_FOUND');
});

test('the rights are the user\'s, as they are now', async () => {
  expect(await annas.call('profile')).toMatchObject({ ADMIN: false });
  expect(await annas.call('scope')).toEqual(['im']);
  expect(await annas.call('methods')).not.toContain('user.get');
  await portal.server.context.db.write(async (s) => {
    await updateUser(s, anna.userId, { admin: 1 });
  });
  expect(await annas.call('user.admin')).toBe(true);
});
