/** The failures that any call may end with: what really causes each, how an administrator or a developer brings it about. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer({ trustProxy: 'true' });
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

const command = (...args: string[]) => tidemarkOn(portal, ...args);

const JSON_TYPE = 'application/json; charset=utf-8';

function expectError(reply: Reply, status: number, error: string, text: string): void {
  expect({ status: reply.status, body: reply.body }).toEqual({ status, body: { error, error_description: text } });
  expect(reply.headers).toMatchObject({ 'content-type': JSON_TYPE, 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' });
}

describe('who calls', () => {
  test('NO_AUTH_FOUND: nobody', async () => {
    expectError(await send(`${portal.http}/rest/profile`), 401, 'NO_AUTH_FOUND', 'Wrong authorization data');
  });

  test('INVALID_CREDENTIALS: a wrong webhook code', async () => {
    expectError(await send(`${portal.http}/rest/${anna.userId}/wrong/profile`), 401, 'INVALID_CREDENTIALS', 'Invalid request credentials');
  });

  test('invalid_token: a token that was never issued', async () => {
    expectError(await send(`${portal.http}/rest/profile?auth=wrong`), 401, 'invalid_token', 'Unable to get application by token');
  });

  test('ERROR_METHOD_NOT_FOUND: no such method, said before who calls', async () => {
    expectError(await send(`${portal.http}/rest/im.nope`), 404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
  });

  test('insufficient_scope: a webhook without the scope of the method', async () => {
    const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: anna.userId, scopes: ['user'], title: 'test' });
    const reply = await send(`${portal.http}/rest/${anna.userId}/${webhook!.code}/im.recent.get`);
    expectError(reply, 401, 'insufficient_scope', 'The request requires higher privileges than provided by the webhook token');
  });

  test('authorization_error: its user was dismissed', async () => {
    const boris = await portal.addUser('Boris');
    await portal.admin.call('user.update', { ID: boris.userId, ACTIVE: 'N' });
    expectError(await send(`${boris.url}profile`), 401, 'authorization_error', 'Unable to authorize user');
  });

  test('OVERLOAD_LIMIT: the webhook is on hold', async () => {
    expect(await command('webhook', 'hold', '--webhook', anna.url)).toContain('hold');
    expectError(await send(`${anna.url}profile`), 503, 'OVERLOAD_LIMIT', 'REST API is blocked due to overload.');
    await command('webhook', 'release', '--webhook', anna.url);
    expect((await send(`${anna.url}profile`)).status).toBe(200);
  });
});

describe('the portal', () => {
  test('PORTAL_DELETED: it is closed', async () => {
    await command('portal', 'set', '--closed');
    expectError(await send(`${anna.url}profile`), 500, 'PORTAL_DELETED', 'Portal was deleted');
    await command('portal', 'set', '--no-closed');
    expect((await send(`${anna.url}profile`)).status).toBe(200);
  });

  test('INVALID_REQUEST: it wants HTTPS', async () => {
    await command('portal', 'set', '--require-https');
    expectError(await send(`${anna.url}profile`), 400, 'INVALID_REQUEST', 'Https required.');
    expect((await send(`${anna.url}profile`, { headers: { 'x-forwarded-proto': 'https' } })).status).toBe(200);
    await command('portal', 'set', '--no-require-https');
    expect((await send(`${anna.url}profile`)).status).toBe(200);
  });

  test('ERROR_MANIFEST_IS_NOT_AVAILABLE: it does not show its documentation', async () => {
    const manifest = await anna.call<{ methods: Array<{ name: string }> }>('tidemark.manifest.get');
    expect(manifest.methods.map(({ name }) => name)).toContain('im.recent.get');
    await command('portal', 'set', '--no-docs');
    expectError(await send(`${anna.url}tidemark.manifest.get`), 404, 'ERROR_MANIFEST_IS_NOT_AVAILABLE', 'Manifest is not available');
    for (const path of ['/docs/', '/openapi.json']) expect((await send(portal.http + path)).status).toBe(404);
    await command('portal', 'set', '--docs');
    expect((await send(`${portal.http}/openapi.json`)).status).toBe(200);
  });

  test('ACCESS_DENIED: its plan has no REST', async () => {
    await command('portal', 'set', '--rest-plan', 'free');
    expectError(await send(`${anna.url}profile`), 403, 'ACCESS_DENIED', 'REST is available only on commercial plans.');
    await command('portal', 'set', '--rest-plan', 'commercial');
    expect((await send(`${anna.url}profile`)).status).toBe(200);
  });
});

test('of several reasons the first is named', async () => {
  const { db } = portal.server.context;
  const { code } = (await addWebhook(db, portal.clock, { userId: anna.userId, scopes: ['user'], title: 'test' }))!;
  const set = (key: string, value: string) => db.write((s) => writeSetting(s, key, value));
  const headers = { 'x-forwarded-for': '203.0.113.99', 'content-type': 'application/json' };
  /** Its body cannot be read either. */
  const said = async (path: string) => {
    const { body } = await send(`${portal.http}/rest/${path}`, { body: '{', headers });
    return [body['error'], body['error_description']];
  };
  await set(POLICY_KEYS.closed, '1');
  await set(POLICY_KEYS.httpsRequired, '1');
  await set(POLICY_KEYS.plan, 'standard');
  let flooded: unknown[] = [];
  for (let i = 0; i < 200 && flooded[0] !== 'QUERY_LIMIT_EXCEEDED'; i++) flooded = await said('im.nope');
  expect(flooded[0]).toBe('QUERY_LIMIT_EXCEEDED');
  await set(POLICY_KEYS.plan, 'self-hosted');
  expect((await said('im.nope'))[0]).toBe('PORTAL_DELETED');
  await set(POLICY_KEYS.closed, '0');
  expect((await said('im.nope'))[0]).toBe('ERROR_METHOD_NOT_FOUND');
  expect((await said('im.recent.get'))[0]).toBe('NO_AUTH_FOUND');
  expect(await said(`${anna.userId}/wrong/im.recent.get`)).toEqual(['INVALID_REQUEST', 'Https required.']);
  await set(POLICY_KEYS.httpsRequired, '0');
  expect((await said(`${anna.userId}/wrong/im.recent.get`))[0]).toBe('INVALID_CREDENTIALS');
  expect((await said(`${anna.userId}/${code}/im.recent.get`))[0]).toBe('insufficient_scope');
  expect((await said(`${anna.userId}/${code}/profile`))[0]).toBe('INVALID_JSON');
});

describe('limits', () => {
  const from = (source: string) => send(`${anna.url}server.time`, { headers: { 'x-forwarded-for': source } });
  afterEach(() => command('portal', 'set', '--plan', 'self-hosted', '--operating-limit', '0'));

  test.each([['standard', 50, 2], ['enterprise', 250, 5]])('QUERY_LIMIT_EXCEEDED: plan %s takes %i calls at once and %i each second', async (plan, burst, perSecond) => {
    await command('portal', 'set', '--plan', plan);
    const source = `203.0.113.${burst}`;
    let refused: Reply | undefined;
    let answered = 0;
    // The bucket drains while it is filled.
    while (!refused && answered < burst * 2) {
      const reply = await from(source);
      if (reply.status === 200) answered += 1;
      else refused = reply;
    }
    expect(answered).toBeGreaterThanOrEqual(burst);
    expectError(refused!, 503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
    expect((await from('203.0.113.1')).status).toBe(200);
    portal.clock.advance(1000);
    const later = [];
    for (let call = 0; call < perSecond; call += 1) later.push((await from(source)).status);
    expect(later).toEqual(Array.from({ length: perSecond }, () => 200));
  });

  test('a batch is one call', async () => {
    await command('portal', 'set', '--plan', 'standard');
    const cmd = Array.from({ length: 50 }, (_, index) => `cmd[${index}]=server.time`).join('&');
    for (let call = 0; call < 3; call += 1) {
      const reply = await send(`${anna.url}batch?${cmd}`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
      expect(reply.status).toBe(200);
    }
  });

  test('OPERATION_TIME_LIMIT: a method ran too long in ten minutes, others and other webhooks go on', async () => {
    await command('portal', 'set', '--rehearsals', '--operating-limit', '1');
    await command('rehearse', '--webhook', anna.url, '--method', 'server.time', '--delay', '600ms', '--next', '2');
    const [first, second] = [await send(`${anna.url}server.time`), await send(`${anna.url}server.time`)];
    const time = second.body['time'] as { operating: number; operating_reset_at: number; start: number };
    expect(first.headers['x-tidemark-rehearsal']).toBe('DELAY');
    expect(time.operating).toBeGreaterThan(1.2);
    expect(time.operating_reset_at).toBe(Math.floor((first.body['time'] as typeof time).start) + 600);
    expectError(await send(`${anna.url}server.time`), 429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.');
    const { result } = (await send(`${anna.url}batch?cmd[a]=server.time&cmd[b]=profile`)).body as { result: Record<string, unknown> };
    expect(result).toMatchObject({ result_error: { a: { error: 'OPERATION_TIME_LIMIT' } }, result: { b: { ID: String(anna.userId) } } });
    expect((await send(`${portal.admin.url}server.time`)).status).toBe(200);
    portal.clock.advance(600_000);
    expect(await send(`${anna.url}server.time`)).toMatchObject({ status: 200, body: { time: { operating: 0 } } });
  });

  test('without a limit the time is told all the same', async () => {
    expect(await send(`${anna.url}profile`)).toMatchObject({ body: { time: { operating: 0, operating_reset_at: expect.any(Number) } } });
  });
});

describe('behind a proxy', () => {
  test.each([['', 400], ['10.0.0.1', 400], ['127.0.0.0/8, ::1', 200], ['loopback', 200], ['true', 200]])('--trust-proxy "%s": what it says of HTTPS leads to %i', async (trustProxy, status) => {
    await using behind = await startTestServer({ trustProxy });
    await behind.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.httpsRequired, '1'));
    expect((await send(`${behind.admin.url}profile`, { headers: { 'x-forwarded-proto': 'https' } })).status).toBe(status);
  });
});

describe('the server\'s own faults', () => {
  let broken: TestServer;
  beforeEach(async () => {
    broken = await startTestServer();
  });
  afterEach(() => broken[Symbol.asyncDispose]());

  test('INTERNAL_SERVER_ERROR: the store fails', async () => {
    await broken.server.context.db.write((s) => s.query((q) => q.schema.alterTable('reminder').renameTo('gone')));
    expectError(await send(`${broken.admin.url}tidemark.reminder.list`), 500, 'INTERNAL_SERVER_ERROR', 'Internal server error');
    expect((await send(`${broken.admin.url}profile`)).status).toBe(200);
  });

  test('ERROR_UNEXPECTED_ANSWER: what is stored makes an answer that is not as declared', async () => {
    const chat = await broken.admin.call<number>('im.chat.add', { TITLE: 'Damaged' });
    await broken.server.context.db.write((s) => s.query((q) => q.updateTable('member').set({ read_count_seq: 1000 })));
    expectError(await send(`${broken.admin.url}im.dialog.get?DIALOG_ID=chat${chat}`), 500, 'ERROR_UNEXPECTED_ANSWER', 'Server returned an unexpected response');
  });
});
