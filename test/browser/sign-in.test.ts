/** Users sign in and let applications act for them. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLink, setPassword } from '../../src/identity/logins.ts';
import { addApp, askForTokens, clientWith, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { focused, overflowOf, tabTo, useChromium } from './chromium.ts';
import { type Site, startSite } from './site.ts';

const PASSWORD = 'пароль 🌊 hunter2';
const STATE = 'a&b=c Ж 🌊';

const { open, complaints } = useChromium();
let portal: TestServer;
let site: Site;
let anna: Client;
let app: TestApp;
let content = '';

beforeAll(async () => {
  portal = await startTestServer();
  site = await startSite(() => content);
  anna = await portal.addUser('Anna', { last_name: 'Größe', email: 'anna@example.org' });
  await setPassword(portal.server.context, anna.userId, PASSWORD);
  app = await addApp(portal, { title: 'Sales <dash>', scopes: ['im', 'user'], redirectUri: `${site.origin}/back?from=portal` });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

const pathFor = ({ clientId }: TestApp, state?: string) =>
  `/oauth/authorize/?${new URLSearchParams({ client_id: clientId, response_type: 'code', ...(state !== undefined && { state }) })}`;

/** Waits for the page of this heading. */
const sees = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
/** Waits for a page that says this. */
const reads = (page: Page, text: string | RegExp) => page.locator('main').filter({ hasText: text }).waitFor();

async function fillIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('E-mail or user number').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signIn(page: Page, userId: number, origin = portal.http): Promise<void> {
  await page.goto(`${origin}/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
}

/** Where the application was told the outcome, once the browser is there. */
async function outcomeAt(page: Page): Promise<URLSearchParams> {
  await page.waitForURL(`${site.origin}/back**`);
  return site.visits.at(-1)!.searchParams;
}

/** Whom the code lets the application act for. */
async function nameBehind(code: string | null, { clientId, clientSecret } = app): Promise<unknown> {
  const { body } = await askForTokens(portal, { grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret, code: code! });
  const client = clientWith(portal, body['access_token'] as string, body['user_id'] as number);
  return (await client.call<{ NAME: string }>('profile')).NAME;
}

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  test('from the application to the password, the consent, the code, the tokens and a call', async () => {
    const page = await open();
    content = `<a href="${portal[scheme]}${pathFor(app, STATE).replaceAll('&', '&amp;')}">Connect</a>`;
    await page.goto(site.origin);
    await page.getByRole('link', { name: 'Connect' }).click();
    await reads(page, 'to continue to Sales <dash>');
    await fillIn(page, 'anna@example.org', 'wrong');
    expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.');
    expect(await page.getByLabel('E-mail').inputValue()).toBe('anna@example.org');
    expect(await focused(page)).toBe('password');
    await fillIn(page, ' ANNA@example.org', PASSWORD);
    await sees(page, 'Sales <dash> asks for access');
    await reads(page, /Anna Größe\s*anna@example\.org[^]*You will go on to localhost:\d+\./);
    await page.getByRole('button', { name: 'Allow' }).click();
    const outcome = await outcomeAt(page);
    expect(Object.fromEntries(outcome)).toMatchObject({ from: 'portal', state: STATE, scope: 'im,user', domain: new URL(portal[scheme]).host });
    expect(await nameBehind(outcome.get('code'))).toBe('Anna');
  });

  test('what is kept in the browser is out of reach of scripts and of other sites', async () => {
    const page = await open();
    await page.goto(`${portal[scheme]}/sign-in/`);
    await fillIn(page, 'anna@example.org', PASSWORD);
    await page.waitForURL(`${portal[scheme]}/`);
    await page.goto(`${portal[scheme]}/sign-in/`);
    await sees(page, 'You are signed in');
    const prefix = scheme === 'https' ? '__Host-' : '';
    const shared = { httpOnly: true, secure: scheme === 'https', sameSite: 'Lax', path: '/', domain: '127.0.0.1', value: expect.stringMatching(/^[\da-f]{64}$/) };
    const cookies = (await page.context().cookies()).sort((a, b) => a.name.localeCompare(b.name));
    expect(cookies).toMatchObject([{ name: `${prefix}tidemark_form`, ...shared, expires: -1 }, { name: `${prefix}tidemark_session`, ...shared }]);
    expect(cookies[1]!.expires - Date.now() / 1000).toBeCloseTo(30 * 24 * 3600, -2);
    expect(await page.evaluate('document.cookie')).toBe('');
  });
});

test('with the keyboard alone', async () => {
  const page = await open();
  await page.goto(portal.http + pathFor(app, STATE));
  expect(await focused(page)).toBe('login');
  await page.keyboard.insertText('anna@example.org');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('password');
  await page.keyboard.insertText(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('asks for access').waitFor();
  await tabTo(page, 'Allow');
  await page.keyboard.press('Enter');
  expect(await nameBehind((await outcomeAt(page)).get('code'))).toBe('Anna');
});

test('without scripts', async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(portal.http + pathFor(app));
  await fillIn(page, String(anna.userId), PASSWORD);
  await page.getByRole('button', { name: 'Allow' }).click();
  expect(await nameBehind((await outcomeAt(page)).get('code'))).toBe('Anna');
});

describe('the answer', () => {
  test('Deny tells the application, with its state', async () => {
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(app, STATE));
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(Object.fromEntries(await outcomeAt(page))).toEqual({ from: 'portal', error: 'access_denied', state: STATE });
  });

  test('an application without an address: the code is shown, or that there is none', async () => {
    const local = await addApp(portal, { title: 'Local' });
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(local));
    await page.getByRole('button', { name: 'Allow' }).click();
    await sees(page, 'Your code for Local');
    expect(await nameBehind(await page.locator('code').textContent(), local)).toBe('Anna');
    await page.goto(portal.http + pathFor(local));
    await page.getByRole('button', { name: 'Deny' }).click();
    await sees(page, 'Access denied');
  });

  test('an application on the same device is opened by its own scheme', async () => {
    const device = await addApp(portal, { title: 'Device', redirectUri: 'tidemark-test://back' });
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(device));
    await reads(page, 'You will go on to tidemark-test://back.');
    const redirect = page.waitForResponse((response) => response.status() === 303);
    await page.getByRole('button', { name: 'Allow' }).click();
    expect(await (await redirect).headerValue('location')).toMatch(/^tidemark-test:\/\/back\?code=\w+&/);
  });
});

describe('who it is', () => {
  test('somebody else can take over, and is asked the same', async () => {
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(app, STATE));
    await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await reads(page, 'to continue to Sales <dash>');
    const boris = await portal.addUser('Boris');
    await setPassword(portal.server.context, boris.userId, PASSWORD);
    await fillIn(page, String(boris.userId), PASSWORD);
    await page.getByRole('button', { name: 'Allow' }).click();
    const outcome = await outcomeAt(page);
    expect(outcome.get('state')).toBe(STATE);
    expect(await nameBehind(outcome.get('code'))).toBe('Boris');
  });

  test('who may not use the application is told so, and can change to somebody who may', async () => {
    const closed = await addApp(portal, { title: 'Closed', userIds: [1], redirectUri: `${site.origin}/back` });
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(closed));
    await sees(page, 'No access to this application');
    await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await sees(page, 'Sign in');
    await page.goto(`${portal.http}/sign-in/?${new URLSearchParams({ link: (await makeLink(portal.server.context, 1))!, return: pathFor(closed) })}`);
    await sees(page, 'Closed asks for access');
  });

  test('a link signs in once; signing out ends it', async () => {
    const page = await open();
    const link = `${portal.http}/sign-in/?${new URLSearchParams({ link: (await makeLink(portal.server.context, anna.userId))!, return: '/sign-in/' })}`;
    await page.goto(link);
    expect(page.url()).toBe(`${portal.http}/sign-in/`);
    await sees(page, 'You are signed in');
    const other = await open();
    await other.goto(link);
    await sees(other, 'This link no longer works');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await sees(page, 'Sign in');
    await page.goBack();
    await page.reload();
    await sees(page, 'Sign in');
  });

  test('a form from before another sign-in is no longer taken, and the way back is a fresh one', async () => {
    const page = await open();
    await signIn(page, anna.userId);
    await page.goto(portal.http + pathFor(app));
    const elsewhere = await page.context().newPage();
    await signIn(elsewhere, 1);
    await page.getByRole('button', { name: 'Allow' }).click();
    await sees(page, 'This form is no longer valid');
    await page.goto(portal.http + pathFor(app));
    await page.getByRole('button', { name: 'Allow' }).click();
    expect((await outcomeAt(page)).get('code')).toMatch(/^\w+$/);
  });
});

describe('another site', () => {
  test('cannot answer in the name of the user', async () => {
    const page = await open();
    await signIn(page, anna.userId);
    content = `<form method="post" action="${portal.http}${pathFor(app).replaceAll('&', '&amp;')}"><button name="decision" value="allow">Win a prize</button></form>`;
    await page.goto(site.origin);
    const visits = site.visits.length;
    await page.getByRole('button', { name: 'Win a prize' }).click();
    await page.waitForURL(`${portal.http}/oauth/**`);
    await sees(page, 'Sign in');
    expect(site.visits).toHaveLength(visits);
  });

  test('cannot put the question into a frame of its own', async () => {
    const page = await open();
    await signIn(page, anna.userId);
    content = `<iframe src="${portal.http}${pathFor(app).replaceAll('&', '&amp;')}"></iframe>`;
    await page.goto(site.origin);
    expect(await page.frameLocator('iframe').getByRole('button', { name: 'Allow' }).count()).toBe(0);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('frame-ancestors')]);
  });
});

describe('on every screen', () => {
  test.each([
    ['light', 360], ['dark', 360], ['light', 1280], ['dark', 1280],
  ] as const)('%s, %i pixels wide', async (colorScheme, width) => {
    const long = await addApp(portal, { title: 'Extraordinarily'.repeat(8), redirectUri: `https://${'very-long-name.'.repeat(8)}example.org/back` });
    const page = await open({ colorScheme, viewport: { width, height: 740 } });
    for (const path of ['/sign-in/', pathFor(long), '/oauth/authorize/']) {
      await page.goto(portal.http + path);
      expect(await overflowOf(page)).toBe(0);
    }
    await signIn(page, anna.userId);
    for (const path of ['/sign-in/', pathFor(long)]) {
      await page.goto(portal.http + path);
      expect(await overflowOf(page)).toBe(0);
    }
  });
});
