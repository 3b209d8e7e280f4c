/**
 * What applications send: calls with tokens, refreshes and batches of the official clients, byte for byte as their public
 * sources write them, with this portal's address, tokens and secrets put in.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import type { Reply } from '../support/http.ts';
import { replay as replayAt } from '../support/replay.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let app: TestApp;
let words: Record<string, string>;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  await anna.call('im.chat.add', { TITLE: 'Group' });
  await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Hello' });
  app = await addApp(portal);
  const old = await app.tokens(anna.userId);
  portal.clock.advance(3_600_001);
  const fresh = await app.tokens(anna.userId);
  words = {
    '1/abc123': new URL(anna.url).pathname.split('/').slice(2, 4).join('/'),
    OLDTOKEN: old.accessToken, OLDREFRESH: old.refreshToken, NEWTOKEN: fresh.accessToken, 'local.abc': app.clientId, SECRET: app.clientSecret,
  };
});
afterAll(() => portal[Symbol.asyncDispose]());

const replay = (head: string, body?: string): Promise<Reply> => replayAt(portal.http, words, head, body);

const READABLE = { 'content-type': expect.stringContaining('application/json'), 'access-control-allow-origin': '*' };

/** The group was left out, the rest was ignored. */
function expectTheDialog(reply: Reply): void {
  expect(reply).toMatchObject({ status: 200, headers: READABLE, body: { result: [{ id: boris.userId, type: 'user' }] } });
  expect(reply.body['result']).toHaveLength(1);
}

const expired = { status: 401, headers: READABLE, body: { error: 'expired_token', error_description: expect.any(String) } };

/** Any of the clients finds in it what it reads, and the token works. */
async function expectNewTokens(reply: Reply): Promise<void> {
  expect(reply).toMatchObject({
    status: 200, headers: READABLE,
    body: {
      access_token: expect.any(String), refresh_token: expect.any(String), expires: expect.any(Number), expires_in: 3600, domain: expect.any(String),
      client_endpoint: `${portal.http}/rest/`, server_endpoint: `${portal.http}/rest/`, member_id: expect.any(String), scope: expect.any(String),
      status: 'L', user_id: anna.userId,
    },
  });
  const { access_token } = reply.body;
  expect(await replayAt(portal.http, {}, `GET /rest/profile?auth=${access_token} HTTP/1.1\nHost: HOST`)).toMatchObject({ status: 200 });
}

const TIME = {
  start: expect.any(Number), finish: expect.any(Number), duration: expect.any(Number), processing: expect.any(Number),
  date_start: expect.any(String), date_finish: expect.any(String),
};

/** The rows under their names, each with its time, and nothing missing that clients read without asking. */
function expectBatch(reply: Reply, result: Record<string, unknown> | unknown[]): void {
  const result_time = Array.isArray(result) ? result.map(() => TIME) : Object.fromEntries(Object.keys(result).map((key) => [key, TIME]));
  expect(reply).toMatchObject({ status: 200, headers: READABLE, body: { result: { result, result_time }, time: TIME } });
  expect(reply.body['result']).toMatchObject({ result_error: [], result_total: [], result_next: [] });
}

const me = () => ({ ID: String(anna.userId), NAME: 'Anna' });
const dialogs = () => [{ id: boris.userId }];
const everything = () => [{ id: boris.userId }, { type: 'chat' }];

describe('b24jssdk', () => {
  const QUERY = 'bx24_request_id=093d0956-1377-772d-9d93-8fcf8b02ca95&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk';
  const head = (path: string) => `
    POST ${path} HTTP/1.1
    Accept: application/json, text/plain, */*
    Content-Type: application/json
    User-Agent: b24-js-sdk/2.2.0
    Accept-Encoding: gzip, compress, deflate, br
    Host: HOST
    Connection: keep-alive`;
  const refresh = 'grant_type=refresh_token&client_id=local.abc&client_secret=SECRET&refresh_token=OLDREFRESH';

  test('calls: two slashes, the token in the body', async () => {
    expectTheDialog(await replay(head(`/rest//im.recent.get?${QUERY}`), '{"SKIP_CHAT":"Y","auth":"NEWTOKEN"}'));
    expect(await replay(head(`/rest//im.recent.get?${QUERY}`), '{"SKIP_CHAT":"Y","auth":"OLDTOKEN"}')).toMatchObject(expired);
    expect(await replay(head('/rest//task.commentitem.getlist'), '{"auth":"NEWTOKEN"}')).toMatchObject({ status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND' } });
  });

  test('without a token, as after an answer that it did not understand', async () => {
    expect(await replay(head(`/rest//im.recent.get?${QUERY}`), '{}')).toMatchObject({ status: 401, headers: READABLE, body: { error: 'NO_AUTH_FOUND' } });
  });

  test('the third version of the interface is not there, and says so as JSON', async () => {
    for (const path of ['/rest//api/im.recent.get', '/rest/api/1/abc123/im.recent.get']) {
      const reply = await replay(head(`${path}?${QUERY}`), '{"auth":"NEWTOKEN"}');
      expect(reply).toMatchObject({ headers: READABLE, body: { error: expect.any(String) } });
      expect([400, 401, 404]).toContain(reply.status);
    }
  });

  test('2.x refreshes with a form', async () => {
    const form = `
      POST /oauth/token/ HTTP/1.1
      Accept: application/json, text/plain, */*
      Content-Type: application/x-www-form-urlencoded
      User-Agent: axios/1.21.1
      Host: HOST
      Connection: keep-alive`;
    await expectNewTokens(await replay(form, refresh));
    expect(await replay(form, refresh.replace('SECRET', 'wrong'))).toMatchObject({ status: 400, headers: READABLE, body: { error: 'invalid_client' } });
  });

  test('1.3.0 refreshes by GET', async () => {
    await expectNewTokens(await replay(`
      GET /oauth/token/?${refresh} HTTP/1.1
      Accept: application/json, text/plain, */*
      User-Agent: axios/1.13.2
      Host: HOST
      Connection: keep-alive`));
  });

  test('batches: lists and maps, with and without a token', async () => {
    const list = '"cmd":["im.recent.get?SKIP_CHAT=Y&ids%5B0%5D=1&ids%5B1%5D=2&f%5B%3EA%5D=x%20y%26z&n=&t=true","profile?"]';
    const map = '"cmd":{"recent":"im.recent.get?LAST_SYNC_DATE=2026-02-25T18%3A30%3A00%2B01%3A00","me":"profile?"}';
    expectBatch(await replay(head(`/rest/1/abc123/batch?${QUERY}`), `{"halt":0,${list}}`), [dialogs(), me()]);
    expectBatch(await replay(head(`/rest//batch?${QUERY}`), `{"halt":0,${list},"auth":"NEWTOKEN"}`), [dialogs(), me()]);
    expectBatch(await replay(head(`/rest/1/abc123/batch?${QUERY}`), `{"halt":1,${map}}`), { recent: everything(), me: me() });
    expectBatch(await replay(head(`/rest//batch?${QUERY}`), `{"halt":1,${map},"auth":"NEWTOKEN"}`), { recent: everything(), me: me() });
    expect(await replay(head(`/rest//batch?${QUERY}`), `{"halt":1,${map},"auth":"OLDTOKEN"}`)).toMatchObject(expired);
  });

  test('0.5.1: a suffix, and a start in a batch too', async () => {
    expectBatch(await replay(head('/rest/1/abc123/batch.json'), '{"halt":0,"cmd":{"me":"profile?"},"start":0}'), { me: me() });
    expectTheDialog(await replay(head('/rest/im.recent.get.json'), '{"SKIP_CHAT":"Y","start":0,"auth":"NEWTOKEN"}'));
  });

  test('in a frame: one slash, from another origin', async () => {
    const framed = `${head(`/rest/im.recent.get?${QUERY}`)}\nOrigin: http://127.0.0.1:8091`;
    expectTheDialog(await replay(framed, '{"SKIP_CHAT":"Y","auth":"NEWTOKEN"}'));
    expect(await replay(framed, '{"SKIP_CHAT":"Y","auth":"OLDTOKEN"}')).toMatchObject(expired);
  });
});

describe('BX24.js', () => {
  const head = (method: string) => `
    POST /rest/${method}.json HTTP/1.1
    Host: HOST
    Content-Type: text/plain;charset=UTF-8
    Origin: http://127.0.0.1:8091`;

  test('calls, without asking before: any origin may read the answers', async () => {
    expectTheDialog(await replay(head('im.recent.get'), 'auth=NEWTOKEN&SKIP_CHAT=Y&filter[ID][0]=1'));
    expectTheDialog(await replay(head('im.recent.get'), 'auth=NEWTOKEN&start=0&SKIP_CHAT=Y&LAST_UPDATE=2026-02-25T18%3A30%3A00%2B01%3A00&empty='));
    expect(await replay(head('im.recent.get'), 'auth=OLDTOKEN&SKIP_CHAT=Y')).toMatchObject(expired);
    expect(await replay(head('im.nope'), 'auth=NEWTOKEN')).toMatchObject({ status: 404, headers: READABLE });
  });

  test('batches: literal brackets, commands escaped once more', async () => {
    const recent = 'im.recent.get%3FSKIP_CHAT%3DY%26filter%5BID%5D%5B0%5D%3D1';
    expectBatch(await replay(head('batch'), `auth=NEWTOKEN&halt=0&cmd[recent]=${recent}&cmd[me]=profile%3F`), { recent: dialogs(), me: me() });
    expectBatch(await replay(head('batch'), `auth=NEWTOKEN&halt=1&cmd[0]=${recent}&cmd[1]=profile`), [dialogs(), me()]);
    const reference = 'im.dialog.get%3FDIALOG_ID%3D%2524result%255Brecent%255D%255B0%255D%255Bid%255D';
    const chain = `auth=NEWTOKEN&halt=0&cmd[recent]=im.recent.get%3FSKIP_DIALOG%3DY&cmd[group]=${reference}`;
    expectBatch(await replay(head('batch'), chain), { recent: [{ type: 'chat' }], group: { name: 'Group' } });
  });
});

describe('b24phpsdk', () => {
  const head = (line: string) => `
    ${line} HTTP/1.1
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
  const ID = 'bx24_request_id=11111111-2222-7333-8444-555555555555';

  test('calls: one slash, the token in the body, an upgrade that nobody needs', async () => {
    expectTheDialog(await replay(head(`POST /rest/im.recent.get?${ID}`), '{"SKIP_CHAT":"Y","a":1,"auth":"NEWTOKEN"}'));
    expect(await replay(head(`POST /rest/im.recent.get?${ID}`), '{"a":1,"auth":"OLDTOKEN"}')).toMatchObject(expired);
    expect(await replay(head(`POST /rest/app.info?${ID}`), '{"auth":"NEWTOKEN"}')).toMatchObject({ body: { result: { install: { installed: true } } } });
  });

  test('refreshes by GET, at the authorization server\'s address with one slash more, or at the portal\'s', async () => {
    const query = `grant_type=refresh_token&client_id=local.abc&client_secret=SECRET&refresh_token=OLDREFRESH&${ID}`;
    for (const path of ['/oauth/token/', '//oauth/token/', '/rest//oauth/token/']) await expectNewTokens(await replay(head(`GET ${path}?${query}`)));
    const refused = await replay(head(`GET //oauth/token/?${query.replace('OLDREFRESH', 'OLDTOKEN')}`));
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('batches: a halt that is a boolean, ampersands as escapes', async () => {
    const command = 'im.recent.get?SKIP_CHAT=Y\\u0026d=2026-02-25T18%3A30%3A00%2B01%3A00\\u0026f%5B%3EID%5D=5\\u0026t=1\\u0026x=a+b';
    const batch = `{"halt":true,"cmd":{"recent":"${command}","me":"profile?"}`;
    const expected = { recent: dialogs(), me: me() };
    expectBatch(await replay(head(`POST /rest/1/abc123//batch/?${ID}`), `${batch}}`), expected);
    expectBatch(await replay(head(`POST /rest/batch?${ID}`), `${batch},"auth":"NEWTOKEN"}`), expected);
  });

  test('chained commands: a reference among the parameters', async () => {
    const chain = '{"halt":false,"cmd":{"cmd_0":"im.recent.get?SKIP_DIALOG=Y","cmd_1":"im.dialog.get?DIALOG_ID=%24result%5Bcmd_0%5D%5B0%5D%5Bid%5D"}}';
    expectBatch(await replay(head(`POST /rest/1/abc123//batch/?${ID}`), chain), { cmd_0: [{ type: 'chat' }], cmd_1: { name: 'Group' } });
  });
});

describe('CRest', () => {
  const head = (path: string) => `
    POST ${path} HTTP/1.1
    Host: HOST
    User-Agent: Bitrix24 CRest PHP 1.36
    Accept: */*
    Content-Type: application/x-www-form-urlencoded`;

  test('calls: the token last in the form', async () => {
    const body = 'SKIP_CHAT=Y&LAST_SYNC_DATE=2026-02-25T18%3A30%3A00%2B01%3A00&f%5Ba%5D%5B0%5D=1&f%5Bb%5D=1&auth=';
    expectTheDialog(await replay(head('/rest/im.recent.get.json'), `${body}NEWTOKEN`));
    expect(await replay(head('/rest/im.recent.get.json'), `${body}OLDTOKEN`)).toMatchObject(expired);
  });

  test('refreshes with a form', async () => {
    await expectNewTokens(await replay(head('/oauth/token/'), 'client_id=local.abc&grant_type=refresh_token&client_secret=SECRET&refresh_token=OLDREFRESH'));
  });

  test('batches: everything encoded twice, a command without parameters bare', async () => {
    const commands = 'cmd%5Brecent%5D=im.recent.get%3FSKIP_DIALOG%3DY%26LAST_SYNC_DATE%3D2026-02-25T18%253A30%253A00%252B01%253A00%26x%3Da%2526b' +
      '&cmd%5Bme%5D=profile&cmd%5Bdep%5D=im.dialog.get%3FDIALOG_ID%3D%2524result%255Brecent%255D%255B0%255D%255Bid%255D&halt=1';
    const expected = { recent: [{ type: 'chat' }], me: me(), dep: { name: 'Group' } };
    expectBatch(await replay(head('/rest/1/abc123/batch.json'), commands), expected);
    expectBatch(await replay(head('/rest/batch.json'), `${commands}&auth=NEWTOKEN`), expected);
  });
});

describe('b24pysdk', () => {
  const head = (line: string, type = 'application/json') => `
    ${line} HTTP/1.1
    Host: HOST
    User-Agent: b24-python-sdk-vendor-v-1.2.1-python-3.11.2
    Accept: application/json
    Accept-Charset: utf-8
    X-BITRIX24-PYTHON-SDK-PYTHON-VERSION: 3.11.2
    X-BITRIX24-PYTHON-SDK-VERSION: 1.2.1
    X-Request-ID: ed13beca-c708-7d62-b8fe-660a03701d61
    Content-Type: ${type}`;

  test('calls', async () => {
    expectTheDialog(await replay(head('POST /rest/im.recent.get.json'), '{"SKIP_CHAT": "Y", "auth": "NEWTOKEN"}'));
    expect(await replay(head('POST /rest/im.recent.get.json'), '{"SKIP_CHAT": "Y", "auth": "OLDTOKEN"}')).toMatchObject(expired);
  });

  test('refreshes by GET, with the type of a form', async () => {
    const query = 'grant_type=refresh_token&client_id=local.abc&client_secret=SECRET&refresh_token=OLDREFRESH';
    await expectNewTokens(await replay(head(`GET /oauth/token/?${query}`, 'application/x-www-form-urlencoded')));
  });

  test('batches: literal brackets, words for booleans, lists as maps', async () => {
    const recent = 'im.recent.get?SKIP_CHAT=Y&d=2026-02-25T18%3A30%3A00%2B01%3A00+x&f[%3EID]=5&t=True&n=&e[]=';
    const named = `{"cmd": {"recent": "${recent}", "me": "profile?"}, "halt": true`;
    const numbered = '{"cmd": {"0": "im.recent.get?", "1": "profile?"}, "halt": false';
    expectBatch(await replay(head('POST /rest/1/abc123/batch.json'), `${named}}`), { recent: dialogs(), me: me() });
    expectBatch(await replay(head('POST /rest/batch.json'), `${named}, "auth": "NEWTOKEN"}`), { recent: dialogs(), me: me() });
    expectBatch(await replay(head('POST /rest/1/abc123/batch.json'), `${numbered}}`), [everything(), me()]);
  });
});
