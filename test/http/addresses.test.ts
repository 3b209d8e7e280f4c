/** Where a call may be sent, by whom, and what every answer carries: over HTTP and HTTPS. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWebhook } from '../../src/identity/webhooks.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send, type Sending, sendRaw } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let ca: string;
/** `/rest/2/<code>` */
let hook: string;
let code: string;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  ca = readFileSync(portal.ca, 'utf8');
  hook = new URL(anna.url).pathname.replace(/\/$/, '');
  code = hook.split('/').at(-1)!;
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Calls under both schemes, and expects the same of both. */
async function both(path: string, sending: Sending = {}): Promise<Reply> {
  const plain = await send(portal.http + path, sending);
  const secure = await send(portal.https + path, { ...sending, ca });
  expect(secure.status).toBe(plain.status);
  expect(Object.keys(secure.body)).toEqual(Object.keys(plain.body));
  return plain;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

async function webhookOf(who: Client, scopes: string[]): Promise<string> {
  const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: who.userId, scopes, title: 'test' });
  return `/rest/${who.userId}/${webhook!.code}`;
}

describe('addresses', () => {
  test.each([
    'HOOK/profile', 'HOOK/profile/', 'HOOK/profile//', 'HOOK//profile', 'HOOK//profile/', '//rest/USER//CODE///profile',
    '/rest//USER/CODE/profile.json',
    'HOOK/profile.json', 'HOOK/profile.json/', 'HOOK/profile.JSON', 'HOOK/profile.Json', 'HOOK/PROFILE', 'HOOK/Profile.JSON', 'HOOK/pro%66ile',
    'HOOK/%70%72%6F%66%69%6C%65', 'HOOK/profile%2Ejson', 'HOOK/profile?', 'HOOK/profile?x', 'HOOK/profile/?bx24_request_id=1',
    'HOOK/profile?method=im.nope',
    '/rest/profile?aplogin=USER&ap=CODE', '/rest//profile/?aplogin=USER&ap=CODE', '/rest/profile.json?ap=CODE&aplogin=USER',
    '/rest/?method=profile&aplogin=USER&ap=CODE',
  ])('%s', async (pattern) => {
    const path = pattern.replace('HOOK', hook).replace('USER', String(anna.userId)).replace('CODE', code);
    for (const sending of [{}, { body: '', headers: FORM }, { body: '{}', headers: JSON_TYPE }]) {
      expect(await both(path, sending)).toMatchObject({ status: 200, body: { result: { ID: String(anna.userId) } } });
    }
  });

  test.each(['im.chat.updateTitle', 'im.chat.updatetitle', 'IM.CHAT.UPDATETITLE', 'im%2Echat%2EupdateTitle'])('the method %s is one', async (method) => {
    expect(await both(`${hook}/${method}`)).toMatchObject({ status: 400, body: { error: 'TITLE_EMPTY' } });
  });

  test.each(['', '/', '/x/y/z/w', '/profile.yaml', '/profile.', '/.json', '/profile.json.json', '/im.recent', '/im.recent.get.get', '/index.php', '/__proto__', '/constructor', '/%00'])(
    'there is no method at …%s, which is said before who calls',
    async (rest) => {
      for (const start of [hook, '/rest/2/wrong', '/rest/7/8']) {
        const { status, body } = await both(`${start}${rest}`);
        expect({ status, body }).toEqual({
          status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND', error_description: expect.stringMatching(/^Method not found!( The nearest documented method is [\w.]+\.)?$/) },
        });
      }
    },
  );

  test.each(['/rest', '/nothing', '/rest.php', '/restless/profile'])('%s is a 404 in JSON', async (path) => {
    expect(await both(path)).toMatchObject({ status: 404, body: { error: expect.stringMatching(/./) } });
  });

  test.each(['/rest/%', '/rest/%zz', '/rest/%FF', '/rest/2/%C0%AF/profile', `/rest/${'a'.repeat(9000)}`])('an address that is none is an error in JSON: %.24s', async (path) => {
    const reply = await both(path);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*' });
    expect(reply.status === 400 || reply.status === 404).toBe(true);
    expect(reply.body['error']).toMatch(/^\w+$/);
  });
});

describe('who calls', () => {
  const noAuth = { status: 401, body: { error: 'NO_AUTH_FOUND', error_description: 'Wrong authorization data' } };
  const invalid = { status: 401, body: { error: 'INVALID_CREDENTIALS', error_description: 'Invalid request credentials' } };
  const insufficient = {
    status: 401,
    body: { error: 'insufficient_scope', error_description: 'The request requires higher privileges than provided by the webhook token' },
  };
  const only = ({ status, body }: Reply) => ({ status, body });

  test.each(['/rest/im.recent.get', '/rest//im.recent.get.json', '/rest/profile', '/rest/profile?aplogin=2', '/rest/profile?ap=x', '/rest/profile?auth=', '/rest/profile?aplogin[]=2&ap[]=x'])(
    'nobody at %s', async (path) => expect(only(await both(path))).toEqual(noAuth),
  );

  test('a wrong code, or the right one of somebody else', async () => {
    const { userId } = anna;
    const wrong = [
      `/rest/${userId}/wrong`, `/rest/${userId}/${code}x`, `/rest/${userId}/${code.toUpperCase()}`, `/rest/1/${code}`,
      `/rest/0${userId}/${code}`, `/rest/Anna/${code}`, `/rest/-1/${code}`, `/rest/api/${code}`,
    ];
    for (const start of wrong) expect(only(await both(`${start}/profile`))).toEqual(invalid);
    expect(only(await both(`/rest/profile?aplogin=1&ap=${code}`))).toEqual(invalid);
  });

  test('credentials in a form or in JSON', async () => {
    const form = `aplogin=${anna.userId}&ap=${code}`;
    const json = JSON.stringify({ aplogin: anna.userId, ap: code });
    for (const sending of [{ body: form, headers: FORM }, { body: form, headers: { 'content-type': 'text/plain' } }, { body: json, headers: JSON_TYPE }]) {
      expect(await both('/rest/profile', sending)).toMatchObject({ status: 200, body: { result: { ID: String(anna.userId) } } });
    }
  });

  test('a token goes before a webhook, in the header, the query, a form or JSON', async () => {
    const sendings: Array<[string, Sending]> = [
      ['', { headers: { authorization: 'Bearer abc' } }], ['', { headers: { authorization: 'bEARER abc' } }], ['?auth=abc', {}],
      ['?access_token=abc', {}],
      ['', { body: 'auth=abc', headers: FORM }], ['', { body: '{"auth":"abc"}', headers: JSON_TYPE }],
    ];
    for (const [query, sending] of sendings) {
      for (const path of ['/rest/profile', `${hook}/profile`]) {
        expect(only(await both(path + query, sending))).toEqual({
          status: 401, body: { error: 'invalid_token', error_description: 'Unable to get application by token' },
        });
      }
    }
    expect(await both(`${hook}/profile`, { headers: { authorization: 'Basic YTpi' } })).toMatchObject({ status: 200 });
  });

  test('scopes: a method needs its own, some need none, any user scope will do for user methods', async () => {
    const mail = await webhookOf(anna, ['disk']);
    for (const method of ['im.recent.get', 'im.message.add', 'user.current', 'tidemark.reminder.list']) expect(only(await both(`${mail}/${method}`))).toEqual(insufficient);
    for (const method of ['profile', 'methods', 'scope', 'server.time']) expect((await both(`${mail}/${method}`)).status).toBe(200);
    for (const scope of ['user', 'user_basic', 'user_brief']) expect((await both(`${await webhookOf(anna, [scope])}/user.current`)).status).toBe(200);
    expect(only(await both(`${await webhookOf(anna, ['user'])}/im.recent.get`))).toEqual(insufficient);
    expect((await both(`${await webhookOf(anna, [])}/scope`)).body['result']).toEqual([]);
  });

  test('a dismissed user, until taken back', async () => {
    const boris = await portal.addUser('Boris');
    const path = new URL(boris.url).pathname;
    expect((await both(`${path}profile`)).status).toBe(200);
    await portal.admin.call('user.update', { ID: boris.userId, ACTIVE: 'N' });
    expect(only(await both(`${path}profile`))).toEqual({
      status: 401, body: { error: 'authorization_error', error_description: 'Unable to authorize user' },
    });
    await portal.admin.call('user.update', { ID: boris.userId, ACTIVE: 'Y' });
    expect((await both(`${path}profile`)).status).toBe(200);
  });
});

describe('every answer', () => {
  const cors = {
    'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff',
    'access-control-allow-headers': 'origin, content-type, accept, authorization, if-none-match, x-requested-with, x-request-id',
  };

  test('carries CORS headers and is JSON, errors too', async () => {
    const replies = [
      await both(`${hook}/profile`), await both(`${hook}/im.nope`), await both('/rest/profile'), await both(`${hook}/im.dialog.get`),
      await both('/rest/%FF'), await both(`${hook}/profile`, { body: '{', headers: JSON_TYPE }),
      await both(`${hook}/profile`, { headers: { origin: 'https://app.example' } }),
    ];
    for (const { headers } of replies) expect(headers).toMatchObject({ ...cors, 'content-type': 'application/json; charset=utf-8' });
  });

  test('tells the time: numbers, dates and a whole second for operating_reset_at', async () => {
    const { time, ...rest } = (await both(`${hook}/server.time`)).body as { time: Record<string, number | string> };
    expect(Object.keys(rest)).toEqual(['result']);
    expect(Object.keys(time)).toEqual(['start', 'finish', 'duration', 'processing', 'date_start', 'date_finish', 'operating_reset_at', 'operating']);
    const { start, finish, duration, processing, date_start, operating_reset_at, operating } = time as Record<string, number>;
    expect(finish).toBeGreaterThanOrEqual(start!);
    expect(duration).toBeCloseTo(finish! - start!, 4);
    expect(processing).toBeGreaterThanOrEqual(0);
    expect(processing).toBeLessThanOrEqual(duration!);
    for (const date of [time['date_start'], time['date_finish']]) expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(Date.parse(String(date_start)) / 1000).toBe(Math.floor(start!));
    expect(operating_reset_at).toBeGreaterThan(start!);
    expect(Number.isInteger(operating_reset_at) && operating === 0).toBe(true);
  });

  test('has no time and no result when it is an error, and no error otherwise', async () => {
    expect(Object.keys((await both('/rest/profile')).body)).toEqual(['error', 'error_description']);
    expect(Object.keys((await both(`${hook}/im.dialog.get`)).body)).toEqual(['error', 'error_description']);
    expect((await both(`${hook}/profile`)).body).not.toHaveProperty('error');
  });

  test('is never a redirect', async () => {
    const paths = ['/rest', '/rest/', '/REST/profile', '//rest//profile', '/rest/profile/', `${hook}`, `${hook}/`, `${hook}//`, '/rest/api/profile'];
    for (const path of paths) expect((await both(path)).status).toBeGreaterThanOrEqual(400);
    for (const path of ['/rest/./profile', '/x/../rest/profile', '/rest/%2e%2e/profile']) {
      expect((await sendRaw(portal.http, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).status).toBe(404);
    }
  });

  test('OPTIONS is answered without credentials or method, with an empty body', async () => {
    for (const path of ['/rest/im.recent.get', '/rest//im.nope', `${hook}/profile.json`, '/rest/', '/rest/im.recent.get?bx24_request_id=1', '/REST/x']) {
      const headers = { origin: 'http://127.0.0.1:8091', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
      const reply = await send(portal.http + path, { method: 'OPTIONS', headers });
      expect(reply).toMatchObject({ status: 200, text: '', headers: { ...cors, 'access-control-allow-methods': expect.stringContaining('POST') } });
      expect((await send(portal.https + path, { method: 'OPTIONS', headers, ca })).status).toBe(200);
    }
  });

  test('a browser may send every header that calls accept, to the token endpoint too', async () => {
    for (const path of ['/rest/im.recent.get', `${hook}/profile`, '/oauth/token/', '/rest//oauth/token/']) {
      for (const name of ['authorization', 'if-none-match', 'content-type', 'accept', 'x-request-id', 'x-requested-with']) {
        const headers = { origin: 'http://127.0.0.1:8091', 'access-control-request-method': 'POST', 'access-control-request-headers': name };
        const { status, headers: answered } = await send(portal.http + path, { method: 'OPTIONS', headers });
        expect({ status, allowed: answered['access-control-allow-headers']?.split(', ') }).toEqual({ status: 200, allowed: expect.arrayContaining([name]) });
      }
    }
  });

  test('HEAD is GET without the body', async () => {
    const reply = await send(`${portal.http}${hook}/profile`, { method: 'HEAD' });
    expect(reply).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect((await send(`${portal.http}/rest/profile`, { method: 'HEAD' })).status).toBe(401);
  });

  test.each(['PUT', 'PATCH', 'DELETE'])('%s reads the query and no body', async (method) => {
    const sending = { method, body: '{"ID":1}', headers: JSON_TYPE };
    expect(await both(`${hook}/im.user.get?ID=${anna.userId}`, sending)).toMatchObject({ status: 200, body: { result: { id: anna.userId } } });
  });

  test('an upgrade that is no WebSocket is answered as if it had not been asked for', async () => {
    const head = `Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAB\r\n`;
    expect(await sendRaw(portal.http, `GET ${hook}/profile HTTP/1.1\r\n${head}\r\n`)).toMatchObject({
      status: 200, body: { result: { ID: String(anna.userId) } },
    });
    const body = '{"ID":1}';
    const post = `POST ${hook}//im.user.get/ HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect(await sendRaw(portal.http, post)).toMatchObject({ status: 200, body: { result: { id: 1 } } });
  });
});
