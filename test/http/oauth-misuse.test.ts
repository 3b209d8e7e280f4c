/** Codes used twice, scopes that name nothing, secrets in the header, guesses from elsewhere, and the address that the portal is set to. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAppByClientId } from '../../src/db/stores/app-store.ts';
import { setPassword } from '../../src/identity/logins.ts';
import { issueCode } from '../../src/identity/tokens.ts';
import { addApp, askForTokens, clientWith, type TestApp } from '../support/application.ts';
import { Browser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer({ trustProxy: 'true' });
  anna = await portal.addUser('Anna', { email: 'anna@example.org' });
  app = await addApp(portal, { scopes: ['im', 'user'], redirectUri: 'https://app.example.org/back' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const command = (...args: string[]) => tidemarkOn(portal, ...args);

async function codeFor(who: Client): Promise<string> {
  const { db, messenger } = portal.server.context;
  return issueCode(messenger, (await db.read((s) => findAppByClientId(s, app.clientId)))!, who.userId);
}

const client = () => ({ client_id: app.clientId, client_secret: app.clientSecret });
const exchange = (code: string, more: Record<string, string> = {}) => askForTokens(portal, { grant_type: 'authorization_code', ...client(), code, ...more });
const refresh = (token: unknown, more: Record<string, string> = {}) =>
  askForTokens(portal, { grant_type: 'refresh_token', ...client(), refresh_token: String(token), ...more });
const works = async (token: unknown) => (await clientWith(portal, String(token), anna.userId).raw('profile')).status === 200;

describe('a code that is used again', () => {
  test('ends the tokens it was exchanged for, those that followed, and what was bound with them', async () => {
    const code = await codeFor(anna);
    const first = (await exchange(code)).body;
    const second = (await refresh(first['refresh_token'])).body;
    await clientWith(portal, String(second['access_token']), anna.userId).call('event.bind', { EVENT: 'ONAPPTEST', HANDLER: 'https://app.example/' });
    expect(await works(second['access_token'])).toBe(true);
    expect(await exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    for (const pair of [first, second]) {
      expect(await works(pair['access_token'])).toBe(false);
      expect((await refresh(pair['refresh_token'])).body).toMatchObject({ error: 'invalid_grant' });
    }
    expect(await (await app.as(anna)).call('event.get')).toEqual([]);
  });

  test('of many at once at most one gets tokens, and they are worth nothing in the end', async () => {
    const code = await codeFor(anna);
    const replies = await Promise.all(Array.from({ length: 8 }, () => exchange(code)));
    const given = replies.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const { body } of given) expect(await works(body['access_token'])).toBe(false);
  });

  test('by somebody without the secret, or for another application, ends nothing', async () => {
    const code = await codeFor(anna);
    const { body } = await exchange(code);
    const other = await addApp(portal);
    await askForTokens(portal, { grant_type: 'authorization_code', ...client(), client_secret: 'wrong', code });
    await askForTokens(portal, { grant_type: 'authorization_code', client_id: other.clientId, client_secret: other.clientSecret, code });
    expect(await works(body['access_token'])).toBe(true);
  });
});

test('a scope that names none, or one that was not granted, is an error and uses nothing up', async () => {
  const nothing = fc.array(fc.constantFrom(',', ' ', '\t', '\n', '+'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  const unknown = fc.constantFrom('nope', 'im,nope', 'disk', 'IM', 'im;user', '*', 'user_brief,imbot');
  const code = await codeFor(anna);
  await fc.assert(
    fc.asyncProperty(fc.oneof(nothing, unknown), async (scope) => {
      expect(await exchange(code, { scope })).toMatchObject({ status: 403, body: { error: 'invalid_scope' } });
    }),
    { numRuns: 30 },
  );
  const { body } = await exchange(code, { scope: ' im , ' });
  expect(body).toMatchObject({ scope: 'im' });
  expect(await refresh(body['refresh_token'], { scope: ',' })).toMatchObject({ status: 403, body: { error: 'invalid_scope' } });
  expect(await refresh(body['refresh_token'], { scope: 'user' })).toMatchObject({ status: 403, body: { error: 'invalid_scope' } });
  expect((await refresh(body['refresh_token'])).body).toMatchObject({ scope: 'im' });
});

test('a list or a map is no text, and never passes for a parameter that was left out', async () => {
  const code = await codeFor(anna);
  const all: Record<string, string> = { grant_type: 'authorization_code', ...client(), code, scope: 'im', refresh_token: 'x', redirect_uri: 'x', state: 'x', response_type: 'x' };
  const odd = fc.constantFrom<unknown>([], ['user'], {}, { 0: 'user' }, [['im']], true, false);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(all)), odd, fc.boolean(), async (name, value, inQuery) => {
      const json = { body: JSON.stringify({ ...all, [name]: value }), headers: { 'content-type': 'application/json' } };
      const form = { body: new URLSearchParams({ ...all, [name]: '' }).toString().replace(`${name}=`, `${name}[]=user`), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      const { [name]: _, ...others } = all;
      const query = `${portal.http}/oauth/token/?${new URLSearchParams(others)}&${name}[a]=user`;
      for (const reply of [await send(`${portal.http}/oauth/token/`, json), inQuery ? await send(query) : await send(`${portal.http}/oauth/token/`, form)]) {
        expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request', error_description: expect.stringContaining(name) } });
      }
    }),
    { numRuns: 40 },
  );
  const { body } = await exchange(code, { scope: 'im' });
  expect(body).toMatchObject({ scope: 'im' });
  expect(await send(`${portal.http}/oauth/token/?${new URLSearchParams({ grant_type: 'refresh_token', ...client(), refresh_token: String(body['refresh_token']) })}&scope=user&scope=im&other[a]=1`)).toMatchObject({ body: { scope: 'im' } });
  const page = await send(`${portal.http}/oauth/authorize/?client_id=${app.clientId}&redirect_uri[]=https://evil.example/`);
  expect(page.status).toBe(400);
});

describe('the secret in the header', () => {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
  const ask = (authorization: string, params: Record<string, string>) =>
    send(`${portal.http}/oauth/token/`, {
      body: new URLSearchParams(params).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
    });

  test('is taken, in any spelling of the scheme and with every character encoded', async () => {
    const all = [...app.clientId].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
    const headers = [basic(app.clientId, app.clientSecret), basic(app.clientId, app.clientSecret).replace('Basic', 'bAsIc'), `Basic ${Buffer.from(`${all}:${app.clientSecret}`).toString('base64')}`];
    for (const header of headers) {
      expect(await ask(header, { grant_type: 'authorization_code', code: await codeFor(anna) })).toMatchObject({ status: 200, body: { user_id: anna.userId } });
    }
    const also = await ask(headers[0]!, { grant_type: 'authorization_code', code: await codeFor(anna), client_id: app.clientId });
    expect(also.status).toBe(200);
  });

  test.each<[string, () => string, () => Record<string, string>, number, string]>([
    ['a wrong secret', () => basic(app.clientId, 'wrong'), () => ({}), 401, 'invalid_client'],
    ['an unknown client', () => basic('local.none', app.clientSecret), () => ({}), 401, 'invalid_client'],
    ['two ways at once', () => basic(app.clientId, app.clientSecret), client, 400, 'invalid_request'],
    ['another client in the parameters', () => basic(app.clientId, app.clientSecret), () => ({ client_id: 'other' }), 400, 'invalid_request'],
    ['no colon', () => `Basic ${Buffer.from('nothing').toString('base64')}`, () => ({}), 400, 'invalid_request'],
    ['a broken encoding', () => `Basic ${Buffer.from('%zz:x').toString('base64')}`, () => ({}), 400, 'invalid_request'],
    ['nothing at all', () => 'Basic', () => ({}), 400, 'invalid_request'],
    ['another scheme', () => 'Digest x', () => ({}), 400, 'invalid_request'],
  ])('%s', async (_what, header, more, status, error) => {
    const reply = await ask(header(), { grant_type: 'authorization_code', code: await codeFor(anna), ...more() });
    expect(reply).toMatchObject({ status, body: { error } });
    expect(reply.headers['www-authenticate'] !== undefined).toBe(status === 401);
  });
});

describe('guessing', () => {
  const PASSWORD = 'correct horse';
  const from = (address: string) => new Browser(portal.http, undefined, { 'x-forwarded-for': address });

  async function signIn(address: string, login: string, password: string): Promise<number> {
    const browser = from(address);
    return (await browser.submit(await browser.get('/sign-in/'), '/sign-in/', { login, password })).status;
  }

  test('nobody is locked out by guesses from elsewhere, and the right password is never counted', async () => {
    await setPassword(portal.server.context, anna.userId, PASSWORD);
    const statuses: number[] = [];
    for (let guess = 0; guess < 15; guess += 1) statuses.push(await signIn('198.51.100.7', 'anna@example.org', `guess ${guess}`));
    expect(statuses.filter((status) => status === 403)).toHaveLength(10);
    expect(await signIn('198.51.100.7', 'anna@example.org', PASSWORD)).toBe(429);
    for (let turn = 0; turn < 15; turn += 1) expect(await signIn('203.0.113.9', 'anna@example.org', PASSWORD)).toBe(303);
  });

  test('guesses at one account are not counted for others of the same address, and a network of IPv6 is one address', async () => {
    const boris = await portal.addUser('Boris');
    await setPassword(portal.server.context, boris.userId, PASSWORD);
    const statuses: number[] = [];
    for (let guess = 0; guess < 15; guess += 1) statuses.push(await signIn(`2001:db8:1:2::${guess + 1}`, 'anna@example.org', `guess ${guess}`));
    expect(statuses.filter((status) => status === 403)).toHaveLength(10);
    expect(await signIn('2001:db8:1:2::ffff', String(boris.userId), PASSWORD)).toBe(303);
    expect(await signIn('2001:db8:1:3::1', 'anna@example.org', PASSWORD)).toBe(303);
  });

  test('many at once are no more than one by one', async () => {
    const carla = await portal.addUser('Carla');
    const browsers = Array.from({ length: 40 }, () => from('198.51.100.8'));
    const pages = await Promise.all(browsers.map((browser) => browser.get('/sign-in/')));
    const replies: Reply[] = [];
    for (let at = 0; at < 40; at += 4) {
      const few = browsers.slice(at, at + 4).map((browser, index) => browser.submit(pages[at + index]!, '/sign-in/', { login: String(carla.userId), password: 'guess' }));
      replies.push(...(await Promise.all(few)));
    }
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(10);
  });
});

describe('the address that the portal is set to', () => {
  const HOSTILE = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };

  test.each(['https://chat.example', 'https://chat.example:8443', 'http://chat.example'])('%s wins over whatever a request says', async (url) => {
    await command('portal', 'set', '--url', url);
    const { host } = new URL(url);
    const code = await codeFor(anna);
    const query = new URLSearchParams({ grant_type: 'authorization_code', ...client(), code });
    const { body } = await send(`${portal.http}/oauth/token/?${query}`, { headers: HOSTILE });
    expect(body).toMatchObject({ domain: host, client_endpoint: `${url}/rest/`, server_endpoint: `${url}/rest/` });
    const auth = String(body['access_token']);
    const info = await send(`${portal.http}/rest/app.info?auth=${auth}`, { headers: HOSTILE });
    expect(info.body['result']).toMatchObject({ install: { domain: new URL(url).hostname, client_endpoint: `${url}/rest/` } });
    for (const path of ['/about', '/docs/', '/docs/im.recent.get', '/openapi.json']) {
      const page = (await send(portal.http + path, { headers: HOSTILE })).text;
      expect(page).toContain(url);
      expect(page).not.toContain('evil.example');
    }
    const added = JSON.parse(await command('webhook', 'add', '--user', '1', '--json')) as { url: string };
    expect(added.url.startsWith(`${url}/rest/1/`)).toBe(true);
    expect(JSON.parse(await command('app', 'token', '--app', app.clientId, '--user', '1', '--json'))).toMatchObject({ domain: host });
  });

  test('the consent leads back with it', async () => {
    await command('portal', 'set', '--url', 'https://chat.example');
    await setPassword(portal.server.context, anna.userId, 'correct horse');
    const browser = new Browser(portal.http, undefined, { 'x-forwarded-host': 'evil.example' });
    const asking = `/oauth/authorize/?client_id=${app.clientId}&state=x`;
    const asked = await browser.get(asking);
    await browser.submit(asked.status === 303 ? await browser.get(asked.headers.location!) : asked, '/sign-in/', { login: String(anna.userId), password: 'correct horse' });
    const back = await browser.submit(await browser.get(asking), '/oauth/authorize', { decision: 'allow' });
    const params = new URL(back.headers.location!).searchParams;
    expect([params.get('domain'), params.get('server_domain')]).toEqual(['chat.example', 'chat.example']);
  });

  test('plain HTTP stays plain HTTP to a portal that wants HTTPS', async () => {
    await command('portal', 'set', '--url', 'https://chat.example', '--require-https');
    expect(await anna.fails('profile')).toMatchObject({ error: 'INVALID_REQUEST' });
    await command('portal', 'set', '--no-require-https', '--url', '');
    expect((await send(`${portal.http}/openapi.json`)).text).toContain(portal.http);
  });
});
