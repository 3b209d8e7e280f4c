/** Webhooks and applications: what is told once, what is told never again, and what ends at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForTokens, addApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { Handler } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Made {
  id: number;
  secret: string;
  url: string;
}

const addWebhook = (params: Record<string, unknown>) => admin.call<Made>('tidemark.webhooks.add', params);

test('a webhook works at once, with its scopes alone, and its code is told this once', async () => {
  const made = await addWebhook({ USER_ID: anna.userId, SCOPES: 'im, user', TITLE: 'Reports' });
  expect(made.url).toBe(`${portal.http}/rest/${anna.userId}/${made.secret}/`);
  const hers = clientFor(made.url, anna.userId);
  expect(await hers.call('scope')).toEqual(['im', 'user']);
  const answer = await admin.raw('tidemark.webhooks.list');
  expect(JSON.stringify(answer.body)).not.toContain(made.secret);
  expect((answer.body.result as object[])[0]).toMatchObject({ id: made.id, user_id: anna.userId, user_name: 'Anna', user_active: true, title: 'Reports', scopes: ['im', 'user'], held: false });
});

test('it is blocked, released and ended', async () => {
  const { id, url } = await addWebhook({ USER_ID: anna.userId });
  const hers = clientFor(url, anna.userId);
  await admin.call('tidemark.webhooks.hold', { ID: id });
  expect(await hers.fails('im.user.get')).toMatchObject({ status: 503, error: 'OVERLOAD_LIMIT' });
  await admin.call('tidemark.webhooks.hold', { ID: id, HELD: 'N' });
  expect(await hers.call('im.user.get')).toMatchObject({ id: anna.userId });
  await admin.call('tidemark.webhooks.delete', { ID: id });
  expect(await hers.fails('im.user.get')).toMatchObject({ status: 401, error: 'INVALID_CREDENTIALS' });
  expect(await admin.fails('tidemark.webhooks.delete', { ID: id })).toMatchObject({ error: 'WEBHOOK_NOT_FOUND' });
});

test.each([
  ['tidemark.webhooks.add', { USER_ID: 1, SCOPES: ['im', 'nope'] }, 'SCOPES'],
  ['tidemark.webhooks.add', { USER_ID: 1, SCOPES: 7 }, 'SCOPES'],
  ['tidemark.applications.add', { TITLE: 'x', SCOPES: ['tidemark.admin'] }, 'SCOPES'],
  ['tidemark.applications.add', { TITLE: 'x', REDIRECT_URI: 'javascript:alert(1)' }, 'REDIRECT_URI'],
  ['tidemark.applications.add', { TITLE: 'x', HANDLER: 'ftp://app.example/' }, 'HANDLER'],
  ['tidemark.applications.add', { TITLE: 'x', USERS: [999_999] }, 'USERS'],
])('%s with %j is refused by name, and adds nothing', async (method, params, argument) => {
  const counts = async () => [await admin.call('tidemark.applications.list'), (await admin.raw('tidemark.webhooks.list')).body['total']];
  const before = await counts();
  expect(await admin.fails(method, params)).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
  expect(await counts()).toEqual(before);
});

test('an application is added, installed, changed, given another secret and removed; no list has its secret', async () => {
  const handler = await new Handler().start();
  await admin.call('tidemark.settings.set', { SETTINGS: { 'private-handlers': 'Y' } });
  const app = await admin.call<{ client_id: string; client_secret: string }>('tidemark.applications.add', { TITLE: 'Reports', SCOPES: ['im'], HANDLER: handler.url });
  const CLIENT_ID = app.client_id;
  expect((await handler.next('ONAPPINSTALL')).auth).toMatchObject({ user_id: '1' });
  const listed = async () => (await admin.call<Array<{ client_id: string }>>('tidemark.applications.list')).find(({ client_id }) => client_id === CLIENT_ID);
  expect(await listed()).toEqual({ client_id: CLIENT_ID, title: 'Reports', scopes: ['im'], redirect_uri: '', handler: handler.url, users: [], held: false, created_by: 1, created: expect.any(String) });
  await admin.call('tidemark.applications.change', { CLIENT_ID, TITLE: 'Numbers', USERS: [anna.userId], REDIRECT_URI: 'https://numbers.example/back', HELD: 'Y' });
  expect(await listed()).toMatchObject({ title: 'Numbers', users: [anna.userId], redirect_uri: 'https://numbers.example/back', scopes: ['im'], held: true });
  await admin.call('tidemark.applications.change', { CLIENT_ID, USERS: [], HELD: 'N' });
  expect(await listed()).toMatchObject({ users: [], held: false, title: 'Numbers' });
  const { client_secret } = await admin.call<{ client_secret: string }>('tidemark.applications.secret', { CLIENT_ID });
  const asking = (secret: string) => askForTokens(portal, { grant_type: 'authorization_code', client_id: CLIENT_ID, client_secret: secret, code: 'x' });
  expect((await asking(app.client_secret)).body).toMatchObject({ error: 'invalid_client' });
  expect((await asking(client_secret)).body).toMatchObject({ error: 'invalid_grant' });
  await admin.call('tidemark.applications.delete', { CLIENT_ID });
  await handler.next('ONAPPUNINSTALL');
  expect(await listed()).toBeUndefined();
  handler.server.closeAllConnections();
  handler.server.close();
});

test('tokens keep no scope that their application has no longer', async () => {
  const app = await addApp(portal, { scopes: ['im', 'user'] });
  const hers = await app.as(anna);
  await admin.call('tidemark.applications.change', { CLIENT_ID: app.clientId, SCOPES: ['user'] });
  expect(await hers.fails('im.user.get')).toMatchObject({ error: 'insufficient_scope' });
  expect(await hers.call('user.current')).toMatchObject({ ID: String(anna.userId) });
});
