/** The token endpoint and what its tokens open. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeApplication } from '../../src/identity/applications.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { addApp, askForTokens, clientWith, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;

let portal: TestServer;
let anna: Client;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  app = await addApp(portal, { scopes: ['im', 'user'] });
});
afterAll(() => portal[Symbol.asyncDispose]());

const refresh = (refreshToken: string, application = app): Promise<Reply> =>
  askForTokens(portal, { grant_type: 'refresh_token', client_id: application.clientId, client_secret: application.clientSecret, refresh_token: refreshToken });

const invalidGrant = { status: 400, body: { error: 'invalid_grant', error_description: expect.any(String) } };
const client = (accessToken: string) => clientWith(portal, accessToken, anna.userId);

/** A refresh that must work: its tokens. */
async function refreshed(refreshToken: string): Promise<{ accessToken: string; refreshToken: string }> {
  const { status, body } = await refresh(refreshToken);
  expect(status).toBe(200);
  return { accessToken: body['access_token'] as string, refreshToken: body['refresh_token'] as string };
}

describe('where it is and how it is asked', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const params = async () => ({
    grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret,
    refresh_token: (await app.tokens(anna.userId)).refreshToken, bx24_request_id: 'f0e1',
  });

  test.each(['/oauth/token/', '/oauth/token', '//oauth/token/', '//oauth//token', '/rest/oauth/token/', '/rest//oauth/token/', '/rest//oauth/token', '/OAuth/Token/'])(
    'POST and GET %s', async (path) => {
      const posted = await send(portal.http + path, { body: new URLSearchParams(await params()).toString(), headers: form });
      expect(posted).toMatchObject({ status: 200, body: { user_id: anna.userId } });
      expect(await send(`${portal.http}${path}?${new URLSearchParams(await params())}`)).toMatchObject({ status: 200, body: { user_id: anna.userId } });
    },
  );

  test('as JSON, as multipart, and over both query and body', async () => {
    const json = { body: JSON.stringify(await params()), headers: { 'content-type': 'application/json' } };
    expect((await send(`${portal.http}/oauth/token/`, json)).status).toBe(200);
    const body = new FormData();
    for (const [name, value] of Object.entries(await params())) body.append(name, value);
    expect((await fetch(`${portal.http}/oauth/token/`, { method: 'POST', body })).status).toBe(200);
    const { grant_type, ...rest } = await params();
    const both = { body: new URLSearchParams(rest).toString(), headers: form };
    expect((await send(`${portal.http}/oauth/token/?grant_type=${grant_type}`, both)).status).toBe(200);
  });

  test('the addresses in the answer are those under which it was asked', async () => {
    const { body } = await send(`${portal.http}/oauth/token/?${new URLSearchParams(await params())}`, { headers: { host: 'chat.example.org' } });
    expect(body).toMatchObject({
      domain: 'chat.example.org', client_endpoint: 'http://chat.example.org/rest/', server_endpoint: 'http://chat.example.org/rest/',
    });
  });

  test('a preflight, and an answer that any origin may read', async () => {
    const preflight = await send(`${portal.http}/oauth/token/`, { method: 'OPTIONS' });
    expect(preflight).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, POST, OPTIONS' } });
  });
});

describe('what it refuses', () => {
  const CLIENT = () => ({ client_id: app.clientId, client_secret: app.clientSecret });
  const cases: Array<[string, () => Record<string, string>, number, string, string]> = [
    ['no client_id', () => ({ grant_type: 'refresh_token' }), 400, 'invalid_request', 'No "client_id" parameter found'],
    ['no client_secret', () => ({ client_id: app.clientId }), 400, 'invalid_request', 'No "client_secret" parameter found'],
    ['no grant_type', CLIENT, 400, 'invalid_request', 'No "grant_type" parameter found'],
    ['no code', () => ({ ...CLIENT(), grant_type: 'authorization_code' }), 400, 'invalid_request', 'No "code" parameter found'],
    ['no refresh_token', () => ({ ...CLIENT(), grant_type: 'refresh_token', refresh_token: '' }), 400, 'invalid_request', 'No "refresh_token" parameter found'],
    ['another grant_type', () => ({ ...CLIENT(), grant_type: 'password' }), 400, 'unsupported_grant_type', 'The "grant_type" must be authorization_code or refresh_token'],
    ['an unknown application', () => ({ ...CLIENT(), client_id: 'local.x.1' }), 200, 'wrong_client', 'Wrong client'],
    ['a wrong secret', () => ({ ...CLIENT(), client_secret: 'x' }), 400, 'invalid_client', 'Invalid client credentials'],
    ['an unknown code', () => ({ ...CLIENT(), grant_type: 'authorization_code', code: 'x' }), 400, 'invalid_grant', 'The code or token is invalid or has expired'],
    ['an unknown token', () => ({ ...CLIENT(), grant_type: 'refresh_token', refresh_token: 'x' }), 400, 'invalid_grant', 'The code or token is invalid or has expired'],
  ];

  test.each(cases)('%s', async (_, params, status, error, error_description) => {
    const reply = await askForTokens(portal, params());
    expect({ status: reply.status, body: reply.body }).toEqual({ status, body: { error, error_description } });
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
  });

  test('what cannot be read', async () => {
    const url = `${portal.http}/oauth/token/`;
    const json = { 'content-type': 'application/json' };
    expect(await send(url, { body: '{"client_id":', headers: json })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await send(url, { body: JSON.stringify({ client_id: { a: 1 } }), headers: json })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await send(`${url}?client_id=%FF`)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await send(url, { body: 'x'.repeat(3_000_000), headers: json })).toMatchObject({ status: 413 });
  });

  test('guessing a secret is slowed down, for who guesses and for that application only', async () => {
    const target = await addApp(portal);
    const guess = (i: number) => askForTokens(portal, { grant_type: 'refresh_token', client_id: target.clientId, client_secret: `guess${i}`, refresh_token: 'x' });
    const statuses = [];
    for (let i = 0; i < 21; i += 1) statuses.push((await guess(i)).status);
    expect(statuses).toEqual([...Array<number>(20).fill(400), 503]);
    expect(await guess(21)).toMatchObject({ body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' } });
    const { refreshToken } = await target.tokens(anna.userId);
    expect((await refresh(refreshToken, target)).status).toBe(503);
    await refreshed((await app.tokens(anna.userId)).refreshToken);
    portal.clock.advance(11_000);
    expect((await refresh(refreshToken, target)).status).toBe(200);
  });

  test('plain HTTP, where the portal wants HTTPS', async () => {
    const { db } = portal.server.context;
    await db.write((s) => writeSetting(s, 'https_required', '1'));
    expect(await askForTokens(portal, { client_id: app.clientId })).toMatchObject({ status: 400, body: { error: 'invalid_request', error_description: 'Https required.' } });
    expect(await send(`${portal.http}/oauth/authorize/?client_id=${app.clientId}`)).toMatchObject({ status: 400, headers: { 'content-type': 'text/html; charset=utf-8' } });
    await db.write((s) => writeSetting(s, 'https_required', '0'));
  });
});

describe('refreshing', () => {
  test('a chain in quick succession: each gives a new pair, and all of them work', async () => {
    let { refreshToken } = await app.tokens(anna.userId);
    const seen = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      const pair = await refreshed(refreshToken);
      seen.add(pair.accessToken).add(pair.refreshToken);
      expect(await client(pair.accessToken).call('profile')).toMatchObject({ ID: String(anna.userId) });
      refreshToken = pair.refreshToken;
    }
    expect(seen.size).toBe(10);
  });

  test('the access token expires after an hour, the refresh token gives another', async () => {
    const { accessToken, refreshToken } = await app.tokens(anna.userId);
    portal.clock.advance(HOUR - 1000);
    await client(accessToken).call('profile');
    portal.clock.advance(1001);
    for (let i = 0; i < 2; i += 1) {
      expect(await client(accessToken).fails('profile')).toEqual({ status: 401, error: 'expired_token', text: 'The access token provided has expired' });
    }
    await client((await refreshed(refreshToken)).accessToken).call('profile');
    expect(await client(accessToken).fails('profile')).toMatchObject({ status: 401 });
  });

  test('a client that lost the answer may ask again at once', async () => {
    const { refreshToken } = await app.tokens(anna.userId);
    const first = await refreshed(refreshToken);
    portal.clock.advance(29_000);
    const second = await refreshed(refreshToken);
    for (const pair of [first, second]) await client(pair.accessToken).call('profile');
    await refreshed(second.refreshToken);
  });

  test('many at once all get tokens', async () => {
    const { refreshToken } = await app.tokens(anna.userId);
    const replies = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(replies.map(({ body }) => body['access_token'])).size).toBe(5);
  });

  test('a token used again later was stolen: nothing of its chain works any more, other chains do', async () => {
    const [stolen, other] = [await app.tokens(anna.userId), await app.tokens(anna.userId)];
    const next = await refreshed(stolen.refreshToken);
    const last = await refreshed(next.refreshToken);
    await client(last.accessToken).call('profile');
    portal.clock.advance(31_000);
    expect(await refresh(stolen.refreshToken)).toMatchObject(invalidGrant);
    for (const pair of [stolen, next, last]) {
      expect(await client(pair.accessToken).fails('profile')).toMatchObject({ status: 401, error: 'invalid_token' });
      expect(await refresh(pair.refreshToken)).toMatchObject(invalidGrant);
    }
    await client(other.accessToken).call('profile');
  });

  test('a refresh token lasts 180 days from its issue', async () => {
    const { refreshToken } = await app.tokens(anna.userId);
    portal.clock.advance(179 * DAY);
    const renewed = await refreshed(refreshToken);
    portal.clock.advance(179 * DAY);
    const again = await refreshed(renewed.refreshToken);
    portal.clock.advance(180 * DAY);
    expect(await refresh(again.refreshToken)).toMatchObject(invalidGrant);
  });

  test('another application cannot use it, and does not spoil it', async () => {
    const other = await addApp(portal);
    const { refreshToken } = await app.tokens(anna.userId);
    expect(await refresh(refreshToken, other)).toMatchObject(invalidGrant);
    await refreshed(refreshToken);
  });

  test('nobody who was dismissed gets another; a removed application is told so', async () => {
    const leaver = await portal.addUser('Leaver');
    const { refreshToken } = await app.tokens(leaver.userId);
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' });
    expect(await refresh(refreshToken)).toMatchObject(invalidGrant);
    const removed = await addApp(portal);
    const pair = await removed.tokens(anna.userId);
    await changeApplication(portal.server.context.db, portal.clock, removed.clientId, { removed: true });
    expect(await refresh(pair.refreshToken, removed)).toMatchObject({ status: 401, body: { error: 'NOT_INSTALLED', error_description: 'Application not installed' } });
  });

  test('times are settings of the portal', async () => {
    const { db } = portal.server.context;
    const set = (accessTtl: string, refreshTtl: string) =>
      db.write(async (s) => {
        await writeSetting(s, 'access_ttl', accessTtl);
        await writeSetting(s, 'refresh_ttl', refreshTtl);
      });
    await set('60', '120');
    const first = await app.tokens(anna.userId);
    const { body } = await refresh(first.refreshToken);
    await set('3600', '15552000');
    expect(body['expires_in']).toBe(60);
    portal.clock.advance(60_001);
    expect(await client(body['access_token'] as string).fails('profile')).toMatchObject({ error: 'expired_token' });
    portal.clock.advance(60_001);
    expect(await refresh(body['refresh_token'] as string)).toMatchObject(invalidGrant);
  });

  test('what nobody can use any more is deleted, used refresh tokens after a week', async () => {
    const count = () => portal.server.context.db.read((s) => s.query((q) => q.selectFrom('oauth_token').select('id')));
    let { refreshToken } = await app.tokens(anna.userId);
    for (let i = 0; i < 200; i += 1) refreshToken = (await refreshed(refreshToken)).refreshToken;
    portal.clock.advance(9 * DAY);
    for (let i = 0; i < 65; i += 1) await app.tokens(anna.userId);
    expect((await count()).length).toBeLessThan(140);
    await refreshed(refreshToken);
  });

  test('the store holds no token or secret as it is', async () => {
    const pair = await app.tokens(anna.userId);
    const rows = await portal.server.context.db.read(async (s) => [
      await s.query((q) => q.selectFrom('oauth_token').selectAll()), await s.query((q) => q.selectFrom('app').selectAll()),
    ]);
    for (const secret of [pair.accessToken, pair.refreshToken, app.clientSecret]) expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
