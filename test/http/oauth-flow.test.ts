/** A user signs in and lets an application act for them, from the first page to calls with the tokens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeApplication } from '../../src/identity/applications.ts';
import { makeLink, setPassword } from '../../src/identity/logins.ts';
import { addApp, askForTokens, clientWith, type TestApp } from '../support/application.ts';
import { Browser, formsOf, wordsOf } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { readFileSync } from 'node:fs';
import type { Reply } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PASSWORD = 'correct horse battery';
const REDIRECT = 'https://app.example.org/back?from=portal';

let portal: TestServer;
let anna: Client;
let app: TestApp;
let path: string;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna', { last_name: 'Berg', email: 'anna@example.org' });
  await setPassword(portal.server.context, anna.userId, PASSWORD);
  app = await addApp(portal, { title: 'Sales <dash> & "co"', scopes: ['im', 'user'], redirectUri: REDIRECT });
  path = `/oauth/authorize/?client_id=${app.clientId}`;
});
afterAll(() => portal[Symbol.asyncDispose]());

async function signedIn(userId = anna.userId): Promise<Browser> {
  const browser = new Browser(portal.http);
  const link = await makeLink(portal.server.context, userId);
  expect((await browser.get(`/sign-in/?link=${link}`)).status).toBe(303);
  return browser;
}

function locationOf(reply: Reply): URL {
  expect(reply.status).toBe(303);
  return new URL(reply.headers.location!, portal.http);
}

/** Lets an application in and gives the code that it gets. */
async function codeFor(application: TestApp, userId = anna.userId): Promise<string> {
  const browser = await signedIn(userId);
  const consent = await browser.get(`/oauth/authorize/?client_id=${application.clientId}`);
  return locationOf(await browser.submit(consent, '/oauth/', { decision: 'allow' })).searchParams.get('code')!;
}

const exchange = (application: TestApp, code: string, more: Record<string, string> = {}) =>
  askForTokens(portal, { grant_type: 'authorization_code', client_id: application.clientId, client_secret: application.clientSecret, code, ...more });

describe('from the sign-in to a call', () => {
  test('the password, the consent, the code, the tokens, the call', async () => {
    const browser = new Browser(portal.http);
    const signIn = await browser.get(`${path}&state=a%26b%20c`);
    expect(signIn.status).toBe(200);
    expect(wordsOf(signIn)).toContain('to continue to Sales <dash> & "co"');

    const signedInReply = await browser.submit(signIn, '/sign-in/', { login: ' ANNA@example.org ', password: PASSWORD });
    const consent = await browser.get(locationOf(signedInReply).pathname + locationOf(signedInReply).search);
    expect(wordsOf(consent)).toMatch(/asks for access .* Read and write messages in your chats .* Anna Berg anna@example\.org .* You will go on to app\.example\.org \./);

    const target = locationOf(await browser.submit(consent, '/oauth/', { decision: 'allow' }));
    expect(target.href.startsWith(`${REDIRECT}&code=`)).toBe(true);
    const { code, member_id, ...rest } = Object.fromEntries(target.searchParams);
    const { host } = new URL(portal.http);
    expect(rest).toEqual({ from: 'portal', state: 'a&b c', domain: host, scope: 'im,user', server_domain: host });
    expect(member_id).toMatch(/^[\da-f]{32}$/);

    const { status, body: tokens, headers } = await exchange(app, code!);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*' });
    expect({ status, tokens }).toEqual({
      status: 200,
      tokens: {
        access_token: expect.stringMatching(/^[\da-f]{70}$/), refresh_token: expect.stringMatching(/^[\da-f]{70}$/),
        expires: expect.any(Number), expires_in: 3600, scope: 'im,user', domain: host, status: 'L', member_id, user_id: anna.userId,
        server_endpoint: `${portal.http}/rest/`, client_endpoint: `${portal.http}/rest/`,
      },
    });
    const client = clientWith(portal, tokens['access_token'] as string, anna.userId);
    expect(await client.call('profile')).toMatchObject({ ID: String(anna.userId), NAME: 'Anna' });
    expect(await client.call('app.info')).toMatchObject({ CODE: app.clientId, user_id: anna.userId });
    const chat = await client.call<number>('im.chat.add', { TITLE: 'From outside' });
    expect(await anna.call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: 'From outside' });
  });

  test('with the user\'s number as the name, and in every sloppy form of the address', async () => {
    for (const sloppy of [`/oauth/authorize?client_id=${app.clientId}`, `//oauth//authorize/?client_id=${app.clientId}`]) {
      const browser = new Browser(portal.http);
      const reply = await browser.submit(await browser.get(sloppy), '/sign-in/', { login: String(anna.userId), password: PASSWORD });
      expect(locationOf(reply).origin).toBe(portal.http);
      const { pathname, search } = locationOf(reply);
      expect(formsOf(await browser.get(pathname + search))[0]!.action).toMatch(/^\/oauth\//);
    }
  });

  test('denied: the application hears of it, and gets no code', async () => {
    const browser = await signedIn();
    const target = locationOf(await browser.submit(await browser.get(`${path}&state=s`), '/oauth/', { decision: 'deny' }));
    expect(target.href).toBe(`${REDIRECT}&error=access_denied&state=s`);
  });

  test('an application without an address to lead back to: the code is shown', async () => {
    const local = await addApp(portal, { title: 'Script' });
    const browser = await signedIn();
    const consent = await browser.get(`/oauth/authorize/?client_id=${local.clientId}`);
    const shown = await browser.submit(consent, '/oauth/', { decision: 'allow' });
    expect(wordsOf(shown)).toContain('It works once, within 30 seconds.');
    const code = /<code>([\da-f]+)<\/code>/.exec(shown.text)![1]!;
    expect((await exchange(local, code)).body).toMatchObject({ user_id: anna.userId });
    expect(wordsOf(await browser.submit(consent, '/oauth/', { decision: 'deny' }))).toContain('Script was not given access');
  });

  test('a redirect to a scheme of one\'s own', async () => {
    const mobile = await addApp(portal, { redirectUri: 'com.example.app:/back' });
    const browser = await signedIn();
    const consent = await browser.get(`/oauth/authorize/?client_id=${mobile.clientId}`);
    expect(consent.headers['content-security-policy']).toContain("form-action 'self' http: https: com.example.app:;");
    expect(locationOf(await browser.submit(consent, '/oauth/', { decision: 'allow' })).href).toMatch(/^com\.example\.app:\/back\?code=/);
  });

  test('over HTTPS: the cookie is bound to it, the addresses are its own', async () => {
    const browser = new Browser(portal.https, readFileSync(portal.ca, 'utf8'));
    const reply = await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, anna.userId)}`);
    expect(reply.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-tidemark_session=[\da-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000$/)]);
    const target = locationOf(await browser.submit(await browser.get(path), '/oauth/', { decision: 'allow' }));
    expect(target.searchParams.get('domain')).toBe(new URL(portal.https).host);
  });
});

describe('codes', () => {
  test('work once', async () => {
    const code = await codeFor(app);
    expect((await exchange(app, code)).status).toBe(200);
    expect(await exchange(app, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('work once, also when used twice at the same time', async () => {
    const code = await codeFor(app);
    const replies = await Promise.all([1, 2, 3, 4].map(() => exchange(app, code)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
  });

  test('work for 30 seconds', async () => {
    const [early, late] = [await codeFor(app), await codeFor(app)];
    portal.clock.advance(29_000);
    expect((await exchange(app, early)).status).toBe(200);
    portal.clock.advance(1001);
    expect(await exchange(app, late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('of another application are refused, and stay good for their own', async () => {
    const other = await addApp(portal);
    const code = await codeFor(app);
    expect(await exchange(other, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await exchange(app, code)).status).toBe(200);
  });

  test('a wrong secret or more scopes than granted do not use the code up; fewer are given', async () => {
    const code = await codeFor(app);
    expect(await exchange(app, code, { client_secret: 'wrong' })).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
    expect(await exchange(app, code, { scope: 'im,disk' })).toMatchObject({ status: 403, body: { error: 'invalid_scope' } });
    const { body } = await exchange(app, code, { scope: 'im' });
    expect(body).toMatchObject({ scope: 'im' });
    const client = clientWith(portal, body['access_token'] as string, anna.userId);
    expect(await client.fails('user.get')).toMatchObject({ error: 'insufficient_scope' });
  });
});

describe('what is refused on a page, without a redirect', () => {
  const cases: Array<[string, () => string, number, RegExp]> = [
    ['no client id', () => '/oauth/authorize/', 400, /client_id is missing/],
    ['an unknown one', () => '/oauth/authorize/?client_id=local.1.2', 404, /Unknown application/],
    ['another redirect_uri', () => `${path}&redirect_uri=https://evil.example.org/`, 400, /redirect_uri/],
    ['another response_type', () => `${path}&response_type=token`, 400, /response_type/],
    ['parameters that cannot be read', () => `${path}&state=%FF`, 400, /not valid UTF-8/],
  ];

  test.each(cases)('%s', async (_, address, status, words) => {
    for (const browser of [new Browser(portal.http), await signedIn()]) {
      const reply = await browser.get(address());
      expect(reply.status).toBe(status);
      expect(reply.headers.location).toBeUndefined();
      expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(wordsOf(reply)).toMatch(words);
    }
  });

  test('an application that was put on hold, restricted or removed, also between the page and the answer', async () => {
    const { db, clock } = portal.server.context;
    const victim = await addApp(portal, { redirectUri: REDIRECT });
    const browser = await signedIn();
    const address = `/oauth/authorize/?client_id=${victim.clientId}`;
    const consent = await browser.get(address);
    const changes = [
      [{ held: true }, 503, /on hold/], [{ held: false }, 200, /asks for access/], [{ userIds: [1] }, 403, /not opened Test to you/],
      [{ userIds: [] }, 200, /asks for access/], [{ removed: true }, 404, /Unknown application/],
    ] as const;
    for (const [change, status, words] of changes) {
      await changeApplication(db, clock, victim.clientId, change);
      expect(await browser.get(address)).toMatchObject({ status });
      expect(wordsOf(await browser.get(address))).toMatch(words);
      if (status !== 200) expect(await browser.submit(consent, '/oauth/', { decision: 'allow' })).toMatchObject({ status });
    }
  });

  test('a user who was dismissed', async () => {
    const leaver = await portal.addUser('Leaver');
    const browser = await signedIn(leaver.userId);
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' });
    expect(await browser.get(path)).toMatchObject({ status: 403 });
    expect(await makeLink(portal.server.context, leaver.userId)).toBeUndefined();
  });

  test('redirect_uri and response_type may be given as registered', async () => {
    const browser = await signedIn();
    expect((await browser.get(`${path}&response_type=code&redirect_uri=${encodeURIComponent(REDIRECT)}`)).status).toBe(200);
  });
});

describe('forms of other sites', () => {
  test('a consent without its token, with another user\'s, another application\'s or another state\'s is refused', async () => {
    const browser = await signedIn();
    const own = formsOf(await browser.get(`${path}&state=mine`))[0]!;
    const stranger = formsOf(await (await signedIn(1)).get(`${path}&state=mine`))[0]!;
    const other = await addApp(portal, { redirectUri: REDIRECT });
    const tries: Array<[string, Record<string, string>]> = [
      [own.action, {}], [own.action, { token: 'x' }], [own.action, stranger.fields],
      [own.action.replace('state=mine', 'state=tampered'), own.fields],
      [own.action.replace(app.clientId, other.clientId), own.fields],
    ];
    for (const [action, fields] of tries) {
      const reply = await browser.post(action, { ...fields, decision: 'allow' });
      expect({ status: reply.status, location: reply.headers.location }).toEqual({ status: 403, location: undefined });
    }
    expect((await browser.post(own.action, { ...own.fields, decision: 'allow' })).status).toBe(303);
  });

  test('a sign-in without the token of this browser is refused, and a sign-out too', async () => {
    const [mine, theirs] = [new Browser(portal.http), new Browser(portal.http)];
    const { fields } = formsOf(await theirs.get('/sign-in/'))[0]!;
    const credentials = { login: 'anna@example.org', password: PASSWORD };
    expect((await mine.post('/sign-in/', { ...fields, ...credentials })).status).toBe(403);
    await mine.get('/sign-in/');
    expect((await mine.post('/sign-in/', { ...fields, ...credentials })).status).toBe(403);
    const browser = await signedIn();
    expect((await browser.post('/sign-out/', {})).status).toBe(403);
    expect(wordsOf(await browser.get('/sign-in/'))).toContain('You are signed in');
  });

  test('the pages may not be framed, kept or scripted', async () => {
    const { headers } = await (await signedIn()).get(path);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http: https:.*; frame-ancestors 'none'; base-uri 'none'$/),
    });
    const { text } = await new Browser(portal.http).get(path);
    expect(text).toContain('Sales &#60;dash&#62; &#38; &#34;co&#34;');
    expect(text).not.toMatch(/<script| style=| on\w+=/);
  });
});
