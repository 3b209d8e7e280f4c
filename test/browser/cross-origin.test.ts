/** Calls from pages of other origins, in the shapes in which applications in a browser make them. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { inPage, type Site, startSite } from './site.ts';

const HOUR = 3600_000;
const TEXT = 'Ä ö ß — Ж щ 東京 🌊 <b>&amp;</b> %20+"\'\\';

const { open } = useChromium();
let portal: TestServer;
let site: Site;
let anna: Client;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer();
  site = await startSite();
  anna = await portal.addUser('Anna');
  app = await addApp(portal);
  await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: TEXT });
  await anna.call('im.chat.add', { TITLE: 'Группа', MESSAGE: 'Wer kommt mit?' });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

async function openSite(): Promise<Page> {
  const page = await open();
  await page.goto(site.origin);
  return page;
}

const token = async () => (await app.tokens(anna.userId)).accessToken;

/** A token that was valid an hour ago. */
async function expiredToken(): Promise<string> {
  const expired = await token();
  portal.clock.advance(HOUR + 1000);
  return expired;
}

interface Sent {
  method: string;
  type: string | undefined;
  body: string | undefined;
}

/** What goes over the wire to the portal from now on, the browser's own questions included. */
async function listen(page: Page): Promise<Sent[]> {
  const sent: Sent[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.requestWillBeSent', ({ request }) => {
    if (request.url.startsWith(site.origin)) return;
    const type = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
    sent.push({ method: request.method, type, body: request.postData });
  });
  await session.send('Network.enable');
  return sent;
}

interface JsonAnswer {
  status: number;
  body: { result?: unknown; error?: string };
}

interface TextAnswer {
  status: number;
  type: string;
  text: string;
}

describe.each(['http', 'https'] as const)('JSON over %s', (scheme) => {
  test('the token and what else calls accept may stand in headers', async () => {
    const page = await openSite();
    const headers = { authorization: `Bearer ${await token()}`, 'if-none-match': '"x"', 'x-request-id': '1', 'x-requested-with': 'XMLHttpRequest' };
    const answer = await inPage<JsonAnswer>(page, 'callWithHeaders', `${portal[scheme]}/rest/profile`, {}, headers);
    expect(answer).toMatchObject({ status: 200, body: { result: { ID: String(anna.userId) } } });
  });

  test('the page can read that its token has expired, and calls again with a new one', async () => {
    const page = await openSite();
    const url = `${portal[scheme]}/rest/im.recent.get`;
    const sent = await listen(page);
    const refused = await inPage<JsonAnswer>(page, 'callAsJson', url, { SKIP_CHAT: 'Y', auth: await expiredToken() });
    expect(refused).toEqual({ status: 401, body: { error: 'expired_token', error_description: 'The access token provided has expired' } });
    const answered = await inPage<JsonAnswer>(page, 'callAsJson', url, { SKIP_CHAT: 'Y', auth: await token() });
    expect(answered).toMatchObject({ status: 200, body: { result: [{ id: 1, message: { author_id: 1 } }] } });
    expect(sent.map(({ method }) => method)).toEqual(expect.arrayContaining(['OPTIONS', 'POST']));
  });
});

test.each([
  ['no token', 'im.recent.get', {}, 401],
  ['an unknown method', 'im.nothing', {}, 404],
  ['a broken parameter', 'im.recent.get?LAST_UPDATE=soon', {}, 400],
  ['a body that is too large', 'im.message.add', { MESSAGE: 'x'.repeat(2 * 1024 * 1024) }, 413],
])('the page can read the error of %s', async (_, method, params, status) => {
  const auth = status === 401 ? {} : { auth: await token() };
  const answer = await inPage<JsonAnswer>(await openSite(), 'callAsJson', `${portal.http}/rest/${method}`, { ...params, ...auth });
  expect(answer).toMatchObject({ status, body: { error: expect.any(String), error_description: expect.any(String) } });
});

describe('in the shape of BX24.js', () => {
  test('a call needs no permission, and its text without a type is a form', async () => {
    const page = await openSite();
    const sent = await listen(page);
    const url = `${portal.http}/rest/im.recent.get.json`;
    const [expired, auth] = [await expiredToken(), await token()];
    const refused = await inPage<TextAnswer>(page, 'callAsBx24', url, { auth: expired, SKIP_CHAT: 'Y', filter: { ID: [1] } });
    expect(refused).toMatchObject({ status: 401, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'expired_token' });
    const { text } = await inPage<TextAnswer>(page, 'callAsBx24', url, { auth, SKIP_CHAT: 'Y', filter: { ID: [1] } });
    expect(JSON.parse(text)).toMatchObject({ result: [{ type: 'user', id: 1 }] });
    const shape = { method: 'POST', type: 'text/plain;charset=UTF-8' };
    expect(sent).toMatchObject([expired, auth].map((used) => ({ ...shape, body: `auth=${used}&SKIP_CHAT=Y&filter[ID][0]=1` })));
    expect(sent).toHaveLength(2);
  });

  test('text goes there and comes back unchanged', async () => {
    const page = await openSite();
    const auth = await token();
    const call = async (method: string, params: object): Promise<JsonAnswer['body']> => {
      const { text } = await inPage<TextAnswer>(page, 'callAsBx24', `${portal.http}/rest/${method}.json`, { auth, ...params });
      return JSON.parse(text) as JsonAnswer['body'];
    };
    await call('im.message.add', { DIALOG_ID: 1, MESSAGE: TEXT });
    expect(await call('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 1 })).toMatchObject({ result: { messages: [{ text: TEXT }] } });
  });

  test('a batch; every part of its answer is there to be read', async () => {
    const page = await openSite();
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Batch' });
    const cmd = {
      me: await inPage(page, 'commandOf', 'user.current', {}),
      say: await inPage(page, 'commandOf', 'im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: TEXT }),
      read: await inPage(page, 'commandOf', 'im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 1 }),
      wrong: await inPage(page, 'commandOf', 'im.dialog.get', {}),
      list: await inPage(page, 'commandOf', 'user.get', { FILTER: { ID: [] }, start: 0 }),
    };
    const { text } = await inPage<TextAnswer>(page, 'callAsBx24', `${portal.http}/rest/batch.json`, { auth: await token(), halt: 0, cmd });
    const { result } = JSON.parse(text) as { result: Record<string, object> };
    expect(result).toMatchObject({
      result: { me: { ID: String(anna.userId) }, say: expect.any(Number), read: { messages: [{ text: TEXT }] } },
      result_error: { wrong: { error: 'DIALOG_ID_EMPTY' } },
      result_total: { list: expect.any(Number) },
    });
    for (const part of ['result', 'result_error', 'result_total', 'result_next', 'result_time']) expect(result[part]).toBeTypeOf('object');
  });
});

test('XML', async () => {
  const answer = await inPage(await openSite(), 'callAsXml', `${portal.http}/rest/im.recent.get.xml`, { auth: await token(), SKIP_CHAT: 'Y' });
  expect(answer).toEqual({ type: 'text/xml; charset=utf-8', texts: [expect.stringContaining('Ж щ 東京 🌊')] });
});

const SDK_CALLS = [
  { method: 'im.message.add', params: { DIALOG_ID: 1, MESSAGE: TEXT } },
  { method: 'im.dialog.messages.get', params: { DIALOG_ID: 1, LIMIT: 1 } },
  { method: 'im.recent.get', params: { SKIP_OPENLINES: 'Y', SKIP_DIALOG: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' } },
];
const SDK_RESULTS = [expect.any(Number), { messages: [{ text: TEXT }] }, expect.arrayContaining([expect.objectContaining({ title: 'Группа' })])];

describe('the official SDK in the page', () => {
  test.each([['a valid token', 0], ['a token that has expired meanwhile', HOUR + 1000]])('%s', async (_, later) => {
    const page = await openSite();
    const { accessToken, refreshToken, scope } = await app.tokens(anna.userId);
    portal.clock.advance(later);
    const endpoint = `${portal.http}/rest/`;
    const tokens = {
      applicationToken: '', userId: anna.userId, memberId: '', accessToken, refreshToken, expires: Math.floor(Date.now() / 1000) + 3600, expiresIn: 3600,
      scope, domain: new URL(portal.http).host, clientEndpoint: endpoint, serverEndpoint: endpoint, status: 'L',
    };
    const secret = { clientId: app.clientId, clientSecret: app.clientSecret };
    const outcome = await inPage<{ results: unknown[]; renewed: number }>(page, 'callBySdk', { tokens, secret, calls: SDK_CALLS });
    expect(outcome).toMatchObject({ results: SDK_RESULTS, renewed: later === 0 ? 0 : 1 });
  });

  test('in a frame of the portal', async () => {
    // The browser does not see that the page around the frame belongs to this machine, and would ask the reader.
    const page = await open({ permissions: ['local-network-access'] });
    const pair = await app.tokens(anna.userId);
    portal.clock.advance(HOUR + 1000);
    await page.exposeFunction('newTokens', async () => initData((await app.tokens(anna.userId)).accessToken));
    await page.route(`${portal.http}/frame`, (route) => route.fulfill({ contentType: 'text/html', body: framePage(initData(pair.accessToken)) }));
    await page.goto(`${portal.http}/frame`);
    const frame = page.frame({ url: `${site.origin}/` })!;
    await frame.waitForFunction('window.callInFrame !== undefined');
    expect(await inPage(frame, 'callInFrame', SDK_CALLS)).toMatchObject(SDK_RESULTS);
  });
});

function initData(accessToken: string): object {
  return {
    DOMAIN: new URL(portal.http).host, PROTOCOL: 0, PATH: '/rest', LANG: 'en', MEMBER_ID: '', IS_ADMIN: false, APP_OPTIONS: {}, USER_OPTIONS: {},
    PLACEMENT: 'DEFAULT', PLACEMENT_OPTIONS: {}, AUTH_ID: accessToken, REFRESH_ID: 'refresh', AUTH_EXPIRES: 3600, INSTALL: true, FIRST_RUN: false,
  };
}

/** The part of a portal's page that an application in a frame talks to: it is asked for the tokens, and for new ones. */
function framePage(first: object): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Portal</title><link rel="icon" href="data:,">
<iframe name="${new URL(portal.http).host}|0|sid" src="${site.origin}/"></iframe>
<script>
addEventListener('message', async ({ data, source, origin }) => {
  const [command, callback] = [data.split(':')[0], data.split(':').at(-2)];
  const answer = command === 'refreshAuth' ? await newTokens() : ${JSON.stringify(first)};
  source.postMessage(callback + ':' + JSON.stringify(answer), origin);
});
</script></html>`;
}
