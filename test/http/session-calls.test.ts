/** Calls of the portal's own pages: by the cookie of whoever is signed in, with what proves that a page of ours calls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLink, SESSION_MS, setPassword } from '../../src/identity/logins.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { Browser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

/** A browser that is signed in, and what its page was told to prove itself by. */
interface Page {
  browser: Browser;
  cookie: string;
  sessid: string;
}

async function pageOf(userId: number): Promise<Page> {
  const browser = new Browser(portal.http);
  await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
  const { text } = await browser.get('/');
  const sessid = /<meta name="tidemark:sessid" content="([\da-f]{32})">/.exec(text)![1]!;
  return { browser, cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '), sessid };
}

function callAs({ cookie }: Pick<Page, 'cookie'>, method: string, params: object, headers: Record<string, string> = {}): Promise<Reply> {
  return send(`${portal.http}/rest/${method}`, {
    method: 'POST', body: JSON.stringify(params), headers: { 'content-type': 'application/json', ...(cookie && { cookie }), ...headers },
  });
}

const nameIn = ({ body }: Reply): unknown => (body['result'] as { NAME?: unknown } | undefined)?.NAME;

describe('a page of ours', () => {
  test('calls as its user, by parameter or head, with any method and all scopes', async () => {
    const page = await pageOf(anna.userId);
    expect(nameIn(await callAs(page, 'profile', { sessid: page.sessid }))).toBe('Anna');
    expect(nameIn(await callAs(page, 'profile', {}, { 'x-bitrix-csrf-token': page.sessid }))).toBe('Anna');
    const form = await send(`${portal.http}/rest/profile.json?sessid=${page.sessid}`, { headers: { cookie: page.cookie } });
    expect(nameIn(form)).toBe('Anna');
    for (const method of ['im.recent.list', 'user.get', 'disk.storage.getlist', 'department.get', 'tidemark.recent.changes']) {
      expect({ method, status: (await callAs(page, method, {}, { 'x-bitrix-csrf-token': page.sessid })).status }).toEqual({ method, status: 200 });
    }
  });

  test('may batch', async () => {
    const page = await pageOf(anna.userId);
    const reply = await callAs(page, 'batch', { sessid: page.sessid, halt: 0, cmd: { me: 'profile?', list: 'im.recent.list?LIMIT=1' } });
    expect(reply.body).toMatchObject({ result: { result: { me: { NAME: 'Anna' }, list: { items: [] } }, result_error: [] } });
  });

  test('has no more rights than its user', async () => {
    const page = await pageOf(anna.userId);
    const reply = await callAs(page, 'user.update', { sessid: page.sessid, ID: 1, NAME: 'Mallory' });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect((await portal.admin.call<{ NAME: string }>('profile')).NAME).toBe('Administrator');
  });

  test('an application\'s methods are not for it', async () => {
    const page = await pageOf(1);
    const reply = await callAs(page, 'app.option.get', {}, { 'x-bitrix-csrf-token': page.sessid });
    expect(reply).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
  });

  test('a token or a webhook in the same request wins', async () => {
    const page = await pageOf(anna.userId);
    const headers = { 'x-bitrix-csrf-token': page.sessid };
    expect(await callAs(page, 'profile', { auth: 'wrong' }, headers)).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    const hook = new URL(portal.admin.url).pathname.slice('/rest/'.length);
    expect(nameIn(await callAs(page, `${hook}profile`, {}, headers))).toBe('Administrator');
  });
});

describe('what is refused', () => {
  test('without a proof there is no call, and with a wrong one the right one is told', async () => {
    const page = await pageOf(anna.userId);
    expect(await callAs(page, 'profile', {})).toMatchObject({ status: 401, body: { error: 'NO_AUTH_FOUND' } });
    const failed = { error: 'session_failed', error_description: 'Sessid check failed', sessid: page.sessid };
    for (const sessid of ['x', '0'.repeat(32), `${page.sessid}0`]) {
      expect(await callAs(page, 'profile', { sessid })).toMatchObject({ status: 401, body: failed });
    }
    expect((await callAs(page, 'profile', {}, { 'x-bitrix-csrf-token': 'x' })).body).toEqual(failed);
  });

  test('another session\'s proof is none', async () => {
    const [page, other] = [await pageOf(anna.userId), await pageOf(1)];
    expect(await callAs(page, 'profile', { sessid: other.sessid })).toMatchObject({ status: 401, body: { error: 'session_failed', sessid: page.sessid } });
    const again = await pageOf(anna.userId);
    expect(again.sessid).not.toBe(page.sessid);
    expect((await callAs(page, 'profile', { sessid: again.sessid })).status).toBe(401);
  });

  test.each([
    ['without a cookie', ''],
    ['with a cookie that was never given', `tidemark_session=${'0'.repeat(64)}`],
    ['with one that is none', 'tidemark_session=1'],
  ])('%s nobody is signed in', async (_, cookie) => {
    const { status, body } = await callAs({ cookie }, 'profile', { sessid: '0'.repeat(32) });
    expect({ status, body }).toEqual({ status: 401, body: { error: 'access_denied', error_description: 'User not authorized', extended_error: 'user_not_authorized', sessid: '' } });
  });

  test.each([
    ['cross-site', {}], ['same-site', {}], [undefined, { origin: 'https://evil.example' }], [undefined, { origin: 'null' }],
  ])('what another site has made the browser send (%s, %o)', async (site, headers) => {
    const page = await pageOf(anna.userId);
    const sent = { ...headers, ...(site !== undefined && { 'sec-fetch-site': site }) };
    expect(await callAs(page, 'profile', { sessid: page.sessid }, sent)).toMatchObject({ status: 401, body: { error: 'access_denied' } });
  });

  test('what our own page sends is taken', async () => {
    const page = await pageOf(anna.userId);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: portal.http }, { origin: portal.http, 'sec-fetch-site': 'same-origin' }]) {
      expect((await callAs(page, 'profile', { sessid: page.sessid }, headers as Record<string, string>)).status).toBe(200);
    }
  });

  test('other sites may not ask for the head of a proof', async () => {
    const { headers } = await send(`${portal.http}/rest/profile`, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect(headers['access-control-allow-headers']).not.toMatch(/csrf/i);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });
});

describe('a session ends', () => {
  const works = async (page: Page) => (await callAs(page, 'profile', { sessid: page.sessid })).status === 200;

  test('by signing out, and no other one with it', async () => {
    const [page, other] = [await pageOf(anna.userId), await pageOf(anna.userId)];
    expect(await works(page)).toBe(true);
    const signOut = /name="tidemark:sign-out" content="([^"]+)"/.exec((await page.browser.get('/')).text)![1]!;
    expect((await page.browser.post('/sign-out/', { token: signOut })).status).toBe(303);
    expect([await works(page), await works(other)]).toEqual([false, true]);
  });

  test('by a new password', async () => {
    const page = await pageOf(anna.userId);
    expect(await works(page)).toBe(true);
    await setPassword(portal.server.context, anna.userId, 'a new password 1');
    expect(await works(page)).toBe(false);
  });

  test('by time', async () => {
    const page = await pageOf(anna.userId);
    expect(await works(page)).toBe(true);
    portal.clock.advance(SESSION_MS + 1000);
    expect(await works(page)).toBe(false);
  });

  test('with its user', async () => {
    const leaver = await portal.addUser('Leaver');
    const page = await pageOf(leaver.userId);
    expect(await works(page)).toBe(true);
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' });
    expect(await works(page)).toBe(false);
    expect(await page.browser.get('/')).toMatchObject({ status: 303 });
  });
});

test('neither the plan nor the operating time is a matter of the pages', async () => {
  const page = await pageOf(anna.userId);
  const { db } = portal.server.context;
  await db.write(async (s) => {
    await writeSetting(s, POLICY_KEYS.operatingLimit, '0');
    await writeSetting(s, POLICY_KEYS.restPlan, 'free');
  });
  expect(await callAs(page, 'profile', { sessid: page.sessid })).toMatchObject({ status: 200, body: { time: { operating: 0 } } });
});

test('whoever is signed in is who calls, whatever was asked before on the connection', async () => {
  const [page, other] = [await pageOf(anna.userId), await pageOf(1)];
  for (const each of [page, other, page, other]) {
    const reply = await callAs(each, 'profile', {}, { 'x-bitrix-csrf-token': each.sessid });
    expect(nameIn(reply)).toBe(each === page ? 'Anna' : 'Administrator');
  }
});
