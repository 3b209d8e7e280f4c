/** Applications inside the portal, as far as no browser is needed: who may open what, and what a page may ask for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { makeLink } from '../../src/identity/logins.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { addApp, askForTokens, clientWith, type TestApp } from '../support/application.ts';
import { Browser, wordsOf } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { dump } from '../support/dump.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PAGE = 'https://app.example/page?x=1';
const HOUR = 3600_000;

let portal: TestServer;
let anna: Client;
let annas: Browser;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  annas = await browserOf(anna.userId);
  app = await addApp(portal, { title: 'Charts', pageUrl: PAGE });
});
afterAll(() => portal[Symbol.asyncDispose]());

async function browserOf(userId: number): Promise<Browser> {
  const browser = new Browser(portal.http);
  await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
  return browser;
}

const pathOf = ({ id }: TestApp) => `/marketplace/app/${id}/`;
const tokenIn = ({ text }: Reply) => /data-token="([^"]+)"/.exec(text)?.[1] ?? '';
const step = (browser: Browser, of: TestApp, name: string, fields: Record<string, string>) => browser.post(`${pathOf(of)}${name}`, fields);
const change = (of: TestApp, changed: Change) => changeApplication(portal.server.context.db, portal.server.context.clock, of.clientId, changed);
const titles = async (who: Client) => (await who.call<Array<{ title: string }>>('tidemark.apps.list')).map(({ title }) => title);

interface Opening {
  fields: Record<string, string>;
  init: { AUTH_ID: string; REFRESH_ID: string; FIRST_RUN: boolean; INSTALL: boolean; USER_OPTIONS: object };
}
/** Opens the application as its page does. */
async function open(browser: Browser, of = app): Promise<Opening & { token: string }> {
  const token = tokenIn(await browser.get(pathOf(of)));
  const { body } = await step(browser, of, 'open', { token });
  return { ...(body['result'] as Opening), token };
}

describe('the page', () => {
  test('may show and be posted to nothing but the site of the application, is kept nowhere, and is shown in no frame', async () => {
    const { status, headers, text } = await annas.get(pathOf(app));
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain('frame-src https://app.example; form-action https://app.example;');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'origin' });
    expect(text).not.toMatch(/<script>|\sstyle="|\son\w+="/);
  });

  test('asks whoever is not signed in to sign in, and leads back with what it was given', async () => {
    const browser = new Browser(portal.http);
    const page = await browser.get(`${pathOf(app)}?params[a]=1`);
    expect(wordsOf(page)).toContain('Sign in');
    expect(page.text).toContain(`value="${pathOf(app)}?params[a]=1"`);
  });

  test.each([
    ['an application that is not there', () => '/marketplace/app/999999/', 404],
    ['something that is no number', () => '/marketplace/app/1e3/', 404],
    ['a number that is none of ours', () => '/marketplace/app/99999999999999999999/', 404],
    ['one without a page', async () => pathOf(await addApp(portal)), 404],
    ['one for others', async () => pathOf(await addApp(portal, { pageUrl: PAGE, userIds: [1] })), 403],
    ['one that is not set up', async () => pathOf(await addApp(portal, { pageUrl: PAGE, installUrl: PAGE })), 403],
    ['one with its page on the portal itself', async () => pathOf(await addApp(portal, { pageUrl: `${portal.http}/docs/` })), 409],
  ])('of %s is not shown', async (_, path, status) => {
    const page = await annas.get(await path());
    expect(page.status).toBe(status);
    expect(page.text).not.toContain('data-token');
  });

  test('of the portal under the address that the administrator has entered is not shown either', async () => {
    const own = await addApp(portal, { pageUrl: 'https://portal.example:8443/x' });
    expect((await annas.get(pathOf(own))).status).toBe(200);
    const setUrl = (url: string) => portal.server.context.db.write((s) => writeSetting(s, 'url', url));
    await setUrl('https://portal.example:8443');
    expect((await annas.get(pathOf(own))).status).toBe(409);
    expect((await open(annas)).fields['SERVER_ENDPOINT']).toBe('https://portal.example:8443/rest/');
    await setUrl('');
  });
});

describe('a step', () => {
  const STEPS = ['open', 'refresh', 'installed', 'visited', 'option', 'people'];
  interface Asker {
    browser: Browser;
    of: TestApp;
    token?: string;
  }
  /** Somebody in front of the page of an application to which something then happens. */
  async function atPage(changed: Change): Promise<Asker> {
    const of = await addApp(portal, { pageUrl: PAGE });
    const token = tokenIn(await annas.get(pathOf(of)));
    await change(of, changed);
    return { browser: annas, of, token };
  }
  const refusals: Array<[what: string, asker: () => Promise<Asker>, status: number]> = [
    ['nobody is signed in', async () => ({ browser: new Browser(portal.http), of: app, token: 'x' }), 401],
    ['there is no token of the page', async () => ({ browser: annas, of: app }), 403],
    ['the token is of another page', async () => ({ ...(await atPage({ userIds: [] })), of: app }), 403],
    ['the token is of another session', async () => ({ browser: await browserOf(anna.userId), of: app, token: tokenIn(await annas.get(pathOf(app))) }), 403],
    ['the application is on hold', () => atPage({ held: true }), 503],
    ['the user may no longer use it', () => atPage({ userIds: [1] }), 403],
    ['it was removed', () => atPage({ removed: true }), 404],
  ];

  test.each(refusals)('does nothing where %s', async (_, asker, status) => {
    const { browser, of, token } = await asker();
    const { db } = portal.server.context;
    const before = await dump(db);
    for (const name of STEPS) {
      const reply = await step(browser, of, name, { ...(token !== undefined && { token }), whose: 'user', name: 'x', value: '1', find: 'an' });
      expect([name, reply.status, Object.keys(reply.body)]).toEqual([name, status, ['error', 'error_description']]);
    }
    expect(await dump(db)).toEqual(before);
  });

  test('that is none of them, or comes by GET, is not there', async () => {
    const { token } = await open(annas);
    expect((await step(annas, app, 'constructor', { token })).status).toBe(404);
    expect((await annas.get(`${pathOf(app)}open?token=${token}`)).status).toBe(404);
  });

  test('of a user who was dismissed is refused', async () => {
    const boris = await portal.addUser('Boris');
    const browser = await browserOf(boris.userId);
    const { token } = await open(browser);
    await portal.server.context.db.write((s) => updateUser(s, boris.userId, { active: 0 }));
    expect((await step(browser, app, 'refresh', { token })).status).toBeGreaterThanOrEqual(401);
  });

  test('is answered for nobody who asks without end; a minute later it is again', async () => {
    const browser = await browserOf((await portal.addUser('Clara')).userId);
    const token = tokenIn(await browser.get(pathOf(app)));
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await step(browser, app, 'people', { token, find: 'a' })).status));
    // One more is let in for each second that they take.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(60);
    expect(statuses).toContain(429);
    portal.clock.advance(60_000);
    expect((await step(browser, app, 'people', { token, find: 'a' })).status).toBe(200);
  });

  test('option keeps what it is given, and says what is wrong with it', async () => {
    const { token } = await open(annas);
    const keep = (fields: Record<string, string>) => step(annas, app, 'option', { token, ...fields });
    expect(await keep({ whose: 'user', name: '__proto__', value: '{ "deep": [1, null] }' })).toMatchObject({ status: 200, body: { result: true } });
    expect(await (await app.as(anna)).call('user.option.get', { OPTION: '__proto__' })).toEqual({ deep: [1, null] });
    const bad: Array<Record<string, string>> = [{ name: '', value: '1' }, { name: 'x'.repeat(256), value: '1' }, { name: 'x', value: 'no json' }, { name: 'x', value: `"${'x'.repeat(65_536)}"` }];
    for (const fields of bad) expect(await keep({ whose: 'user', ...fields })).toMatchObject({ status: 400, body: { error: 'ERROR_ARGUMENT' } });
    expect(await keep({ whose: 'app', name: 'x', value: '1' })).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
  });

  test('people finds those of the portal, not its guests', async () => {
    await portal.addUser('Finda', { work_position: 'Pilot' });
    await portal.addUser('Findus', { extranet: 1 });
    const { token } = await open(annas);
    const { body } = await step(annas, app, 'people', { token, find: 'find' });
    expect(body['result']).toEqual([{ id: expect.any(Number), name: 'Finda', position: 'Pilot', photo: '' }]);
  });
});

describe('tokens', () => {
  test('act as the user, with the application\'s scopes; what was given before goes on', async () => {
    const narrow = await addApp(portal, { pageUrl: PAGE, scopes: ['im'] });
    const { init, token } = await open(annas, narrow);
    const client = clientWith(portal, init.AUTH_ID, anna.userId);
    expect(await client.call('profile')).toMatchObject({ NAME: 'Anna' });
    expect((await client.fails('user.get')).error).toBe('insufficient_scope');
    const { body } = await step(annas, narrow, 'refresh', { token });
    const { AUTH_ID } = body['result'] as { AUTH_ID: string };
    expect(await clientWith(portal, AUTH_ID, anna.userId).call('profile')).toMatchObject({ NAME: 'Anna' });
    expect(await client.call('profile')).toMatchObject({ NAME: 'Anna' });
  });

  test('can be refreshed for the first time within 30 days, then as any', async () => {
    const DAY = 24 * HOUR;
    const refresh = (token: string) => askForTokens(portal, { grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret, refresh_token: token });
    const [late, going] = [await open(annas), await open(annas)];
    portal.clock.advance(29 * DAY);
    const next = await refresh(going.init.REFRESH_ID);
    portal.clock.advance(2 * DAY);
    expect((await refresh(late.init.REFRESH_ID)).body).toMatchObject({ error: 'invalid_grant' });
    portal.clock.advance(100 * DAY);
    expect((await refresh(next.body['refresh_token'] as string)).body).toMatchObject({ user_id: anna.userId });
    annas = await browserOf(anna.userId);
  });

  test('let what the application has bound with those before go on', async () => {
    const { init, token } = await open(annas);
    await clientWith(portal, init.AUTH_ID, anna.userId).call('event.bind', { EVENT: 'ONAPPTEST', HANDLER: 'https://app.example/event' });
    const ends = async () => portal.server.context.db.read((s) => s.query((q) => q.selectFrom('event_handler').select('ends_at').where('app_id', '=', app.id)));
    const [before] = await ends();
    portal.clock.advance(HOUR);
    await open(await browserOf(1));
    expect(await ends()).toEqual([before]);
    await step(annas, app, 'refresh', { token });
    expect((await ends())[0]!.ends_at).toBeGreaterThanOrEqual(before!.ends_at + HOUR);
  });
});

describe('an application that has to be set up first', () => {
  test('is for administrators until then, in every way, and is told of nothing', async () => {
    const fresh = await addApp(portal, { title: 'Fresh', pageUrl: PAGE, installUrl: 'https://install.example/', handlerUrl: 'https://app.example/told', redirectUri: 'https://app.example/back' });
    const admins = await browserOf(1);
    const consent = `/oauth/authorize/?client_id=${fresh.clientId}`;
    expect(wordsOf(await annas.get(consent))).toContain('The application is not set up yet');
    expect(wordsOf(await admins.get(consent))).toContain('Fresh asks for access');
    expect([await titles(anna), await titles(portal.admin)].map((list) => list.includes('Fresh'))).toEqual([false, true]);
    const page = await admins.get(pathOf(fresh));
    expect(page.headers['content-security-policy']).toContain('frame-src https://install.example;');
    const { init, token } = await open(admins, fresh);
    expect(init).toMatchObject({ INSTALL: true, FIRST_RUN: true });
    const client = clientWith(portal, init.AUTH_ID, 1);
    await client.call('event.bind', { EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example/event' });
    const told = async () => (await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('delivery').select('event').where('app_id', '=', fresh.id)))).map(({ event }) => event);
    await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'before' });
    await step(admins, fresh, 'visited', { token });
    await Promise.all(Array.from({ length: 5 }, () => step(admins, fresh, 'installed', { token })));
    expect(await told()).toEqual(['ONAPPINSTALL']);
    expect(await client.call('app.info')).toMatchObject({ INSTALLED: true });
    await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'after' });
    await expect.poll(told, { timeout: 20_000 }).toContain('ONIMV2MESSAGEADD');
    expect((await told()).filter((event) => event === 'ONIMV2MESSAGEADD')).toHaveLength(1);
    expect((await open(admins, fresh)).init).toMatchObject({ INSTALL: false, FIRST_RUN: true });
    expect((await annas.get(pathOf(fresh))).status).toBe(200);
    expect(await titles(anna)).toContain('Fresh');
  });

  test('greets each user once', async () => {
    const { init, token } = await open(annas);
    expect(init).toMatchObject({ INSTALL: false, FIRST_RUN: true });
    for (let again = 0; again < 2; again++) await step(annas, app, 'visited', { token });
    expect([(await open(annas)).init, (await open(await browserOf(1))).init]).toMatchObject([{ FIRST_RUN: false }, { FIRST_RUN: true }]);
  });
});

test('the list names what the caller can open: not what has no page, is on hold, removed or for others', async () => {
  const list = [{ id: expect.any(Number), client_id: app.clientId, title: 'Charts', url: pathOf(app), installed: true }];
  expect(await anna.call('tidemark.apps.list')).toEqual(expect.arrayContaining(list));
  const [held, gone, closed] = [await addApp(portal, { title: 'Held', pageUrl: PAGE }), await addApp(portal, { title: 'Removed', pageUrl: PAGE }), await addApp(portal, { title: 'Closed', pageUrl: PAGE, userIds: [1] })];
  await addApp(portal, { title: 'Pageless' });
  expect(await titles(anna)).toEqual(expect.arrayContaining(['Held', 'Removed']));
  await change(held, { held: true });
  await change(gone, { removed: true });
  for (const title of ['Held', 'Removed', 'Closed', 'Pageless']) expect(await titles(anna)).not.toContain(title);
  expect(await titles(portal.admin)).toContain('Closed');
  const words = wordsOf(await annas.get('/marketplace/'));
  expect(words).toContain('Charts');
  expect(words).not.toContain('Closed');
  expect(closed.id).toBeGreaterThan(0);
  expect(wordsOf(await new Browser(portal.http).get('/marketplace/'))).toContain('Sign in');
});

test('the library is one script for any page, under each of its addresses', async () => {
  const texts = await Promise.all(['/api/v1', '/api/v1/', '/api/v1/bx24.js', '//api/v1/'].map(async (path) => {
    const { status, headers, text } = await send(portal.http + path);
    expect([status, headers['content-type'], headers['access-control-allow-origin']]).toEqual([200, 'text/javascript; charset=utf-8', '*']);
    return text;
  }));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).not.toMatch(/^(?:import|export) /m);
});
