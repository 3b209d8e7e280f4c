/**
 * Requests of the official clients byte for byte, with this portal's address and webhook put in: b24jssdk, BX24.js,
 * b24phpsdk, CRest and b24pysdk, as their public sources send them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Reply, send, sendRaw } from '../support/http.ts';
import { replay as replayAt } from '../support/replay.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
/** `2/<code>` */
let key: string;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  key = new URL(anna.url).pathname.split('/').slice(2, 4).join('/');
  await anna.call('im.chat.add', { TITLE: 'Group' });
  await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Hello' });
});
afterAll(() => portal[Symbol.asyncDispose]());

function replay(head: string, body?: string): Promise<Reply> {
  const [LOGIN, CODE] = key.split('/');
  return replayAt(portal.http, { '1/abc123': key, LOGIN: LOGIN!, CODE: CODE! }, head, body);
}

/** Only the dialog: the group was left out, the date was understood, the rest was ignored. */
function expectTheDialog(reply: Reply): void {
  expect(reply).toMatchObject({
    status: 200, body: { result: [{ id: boris.userId, type: 'user' }], time: { operating_reset_at: expect.any(Number) } },
  });
  expect(reply.body['result']).toHaveLength(1);
  expect(reply.headers).toMatchObject({ 'content-type': expect.stringContaining('application/json'), 'access-control-allow-origin': '*' });
}

const invalidToken = { status: 401, body: { error: 'invalid_token' }, headers: { 'access-control-allow-origin': '*' } };
const REST = `"SKIP_CHAT":"Y","LAST_SYNC_DATE":"2026-02-25T18:30:00+01:00"`;
const JSSDK_QUERY = 'bx24_request_id=093d0956-1377-772d-9d93-8fcf8b02ca95&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk';

describe('b24jssdk', () => {
  const head = (path: string) => `
    POST ${path}?${JSSDK_QUERY} HTTP/1.1
    Accept: application/json, text/plain, */*
    Content-Type: application/json
    User-Agent: b24-js-sdk/2.2.0
    Accept-Encoding: gzip, compress, deflate, br
    Host: HOST
    Connection: keep-alive`;

  test('with a webhook', async () => {
    expectTheDialog(await replay(head('/rest/1/abc123/im.recent.get'), `{${REST},"filter":{"a":[1,2],"b":{"c":null}}}`));
  });

  test('without parameters', async () => {
    expect((await replay(head('/rest/1/abc123/im.recent.get'), '{}')).body['result']).toHaveLength(2);
  });

  test('0.5.1: a suffix, and a start in every body', async () => {
    expectTheDialog(await replay(head('/rest/1/abc123/im.recent.get.json'), `{${REST},"start":0}`));
  });

  test('with OAuth: two slashes, and the token among the parameters', async () => {
    expect(await replay(head('/rest//im.recent.get'), '{"SKIP_CHAT":"Y","auth":"OLDTOKEN"}')).toMatchObject(invalidToken);
    expectTheDialog(await replay(head('/rest//im.recent.get'), `{${REST},"aplogin":LOGIN,"ap":"CODE"}`));
    expect((await replay(head('/rest//task.commentitem.getlist'), '{}')).body['error']).toBe('ERROR_METHOD_NOT_FOUND');
  });

  test('in a frame: asks before it posts', async () => {
    const preflight = await replay(`
      OPTIONS /rest/im.recent.get?${JSSDK_QUERY} HTTP/1.1
      Host: HOST
      Access-Control-Request-Method: POST
      Access-Control-Request-Headers: content-type
      Origin: http://127.0.0.1:8091`);
    expect(preflight).toMatchObject({ status: 200, text: '', headers: { 'access-control-allow-origin': '*' } });
    expect(preflight.headers['access-control-allow-headers']?.split(', ')).toContain('content-type');
    expect(await replay(head('/rest/im.recent.get'), '{"SKIP_CHAT":"Y","auth":"FRAMETOKEN"}')).toMatchObject(invalidToken);
  });
});

describe('BX24.js', () => {
  const head = `
    POST /rest/im.recent.get.json HTTP/1.1
    Host: HOST
    Content-Type: text/plain;charset=UTF-8
    Origin: http://127.0.0.1:8091`;

  test('posts a form that does not say that it is one', async () => {
    expect(await replay(head, 'auth=FRAMETOKEN&SKIP_CHAT=Y&filter[ID][0]=1')).toMatchObject(invalidToken);
    expectTheDialog(await replay(head, 'aplogin=LOGIN&ap=CODE&SKIP_CHAT=Y&filter[ID][0]=1&empty='));
  });
});

describe('b24phpsdk', () => {
  const head = (path: string) => `
    POST ${path}?bx24_request_id=11111111-2222-7333-8444-555555555555 HTTP/1.1
    Host: HOST
    Connection: Upgrade, HTTP2-Settings
    Upgrade: h2c
    HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAB
    Accept: application/json
    Accept-Charset: utf-8
    User-Agent: b24-php-sdk-vendor-v-1.9.0-php-8.2.36
    X-BITRIX24-PHP-SDK-PHP-VERSION: 8.2.36
    X-BITRIX24-PHP-SDK-VERSION: 1.9.0
    X-Request-ID: 11111111-2222-7333-8444-555555555555
    Content-Type: application/json
    Accept-Encoding: gzip`;

  test('with a webhook: two slashes, one at the end, and an upgrade that nobody needs', async () => {
    expectTheDialog(await replay(head('/rest/1/abc123//im.recent.get/'), `{${REST},"f":{"a":[1,2],"b":true,"c":null}}`));
  });

  test('without parameters: a list as the body', async () => {
    expect((await replay(head('/rest/1/abc123//im.recent.get/'), '[]')).body['result']).toHaveLength(2);
  });

  test('methods in lower case', async () => {
    expect(await replay(head('/rest/1/abc123//im.chat.updatetitle/'), '[]')).toMatchObject({ status: 400, body: { error: 'TITLE_EMPTY' } });
  });

  test('3.x: parameters that no page lists', async () => {
    expect((await replay(head('/rest/1/abc123//im.recent.get/'), '{"LAST_ID":1,"LIMIT":10}')).body['result']).toHaveLength(2);
    expect((await replay(head('/rest/1/abc123//im.recent.unread/'), `{"DIALOG_ID":${boris.userId},"ACTION":"mark"}`)).body['result']).toBe(true);
    expect(await anna.call('im.recent.get', { SKIP_CHAT: 'Y' })).toMatchObject([{ unread: true }]);
    expect((await replay(head('/rest/1/abc123//im.recent.unread/'), `{"DIALOG_ID":"${boris.userId}","ACTION":"unmark"}`)).body['result']).toBe(true);
    expect(await anna.call('im.recent.get', { SKIP_CHAT: 'Y' })).toMatchObject([{ unread: false }]);
  });

  test('with OAuth', async () => {
    expect(await replay(head('/rest/im.recent.get'), '{"a":1,"auth":"OLDTOKEN"}')).toMatchObject(invalidToken);
  });
});

describe('CRest', () => {
  test('with parameters: a form', async () => {
    const head = `
      POST /rest/1/abc123/im.recent.get.json HTTP/1.1
      Host: HOST
      User-Agent: Bitrix24 CRest PHP 1.36
      Accept: */*
      Content-Type: application/x-www-form-urlencoded`;
    const body = 'SKIP_CHAT=Y&LAST_SYNC_DATE=2026-02-25T18%3A30%3A00%2B01%3A00&f%5Ba%5D%5B0%5D=1&f%5Ba%5D%5B1%5D=2&f%5Bb%5D=1&f%5Bd%5D=0';
    expectTheDialog(await replay(head, body));
    expect(await replay(head, `${body}&auth=OLDTOKEN`)).toMatchObject(invalidToken);
  });

  test('without: a bare GET', async () => {
    const reply = await replay(`
      GET /rest/1/abc123/im.recent.get.json HTTP/1.1
      Host: HOST
      User-Agent: Bitrix24 CRest PHP 1.36
      Accept: */*`);
    expect(reply.body['result']).toHaveLength(2);
  });

  test('a large body, announced before it is sent', async () => {
    const { host } = new URL(portal.http);
    const body = `SKIP_CHAT=Y&x=${'a'.repeat(1_100_000)}`;
    const request = `POST /rest/${key}/im.recent.get.json HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect((await sendRaw(portal.http, request)).status).toBe(100);
    expectTheDialog(await send(
      `${portal.http}/rest/${key}/im.recent.get.json`, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    ));
  });
});

describe('b24pysdk', () => {
  const head = (path: string) => `
    POST ${path} HTTP/1.1
    Host: HOST
    User-Agent: b24-python-sdk-vendor-v-1.2.1-python-3.11.2
    Accept: application/json
    Accept-Charset: utf-8
    X-BITRIX24-PYTHON-SDK-PYTHON-VERSION: 3.11.2
    X-BITRIX24-PYTHON-SDK-VERSION: 1.2.1
    X-Request-ID: ed13beca-c708-7d62-b8fe-660a03701d61
    Content-Type: application/json`;

  test('with a webhook', async () => {
    const body = '{"SKIP_CHAT": "Y", "LAST_SYNC_DATE": "2026-02-25T18:30:00+01:00", "f": {"a": [1, 2], "b": true, "c": null}}';
    expectTheDialog(await replay(head('/rest/1/abc123/im.recent.get.json'), body));
  });

  test('with OAuth', async () => {
    expect(await replay(head('/rest/im.recent.get.json'), '{"SKIP_CHAT": "Y", "auth": "OLDTOKEN"}')).toMatchObject(invalidToken);
  });
});

describe('by hand', () => {
  const get = (query: string) => replay(`GET /rest/1/abc123/im.recent.get?${query} HTTP/1.1\nHost: HOST`);

  test('curl with a plus that becomes a space', async () => {
    const now = new Date(portal.clock.now() - 3_600_000).toISOString().slice(0, 19);
    expectTheDialog(await get(`SKIP_CHAT=Y&LAST_SYNC_DATE=${now}+00:00`));
    expect((await get('LAST_SYNC_DATE=2999-02-25T18:30:00+01:00')).body['result']).toEqual([]);
  });

  test('a POST without a body, a length or a type', async () => {
    const reply = await replay('POST /rest/1/abc123/im.recent.get?SKIP_CHAT=1 HTTP/1.1\nHost: HOST\nUser-Agent: curl/7.88.1\nAccept: */*');
    expectTheDialog(reply);
  });

  test('spellings of flags that encoders of batches make', async () => {
    for (const flag of ['true', 'True', '1', 'Y']) expectTheDialog(await get(`SKIP_CHAT=${flag}`));
    for (const flag of ['false', 'False', '0', 'N', '']) expect((await get(`SKIP_CHAT=${flag}`)).body['result']).toHaveLength(2);
  });
});
