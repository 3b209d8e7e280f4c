/** Signing in and out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLink, setPassword } from '../../src/identity/logins.ts';
import { Browser, wordsOf } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import type { Reply } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { send } from '../support/http.ts';

const PASSWORD = 'пароль 🌊 hunter2';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna', { email: 'anna@example.org' });
  await setPassword(portal.server.context, anna.userId, PASSWORD);
});
afterAll(() => portal[Symbol.asyncDispose]());

async function signIn(browser: Browser, login: string, password: string, back = '/'): Promise<Reply> {
  return browser.submit(await browser.get(`/sign-in/?return=${encodeURIComponent(back)}`), '/sign-in/', { login, password });
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return wordsOf(await browser.get('/sign-in/')).includes('You are signed in');
}

describe('by password', () => {
  test('the right one, in any normal form', async () => {
    const browser = new Browser(portal.http);
    expect(await signIn(browser, 'anna@example.org', PASSWORD.normalize('NFD'))).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(await isSignedIn(browser)).toBe(true);
    expect([...browser.cookies.values()].every((value) => /^[\da-f]{64}$/.test(value))).toBe(true);
  });

  test.each([
    ['a wrong password', 'anna@example.org', 'wrong'],
    ['none', 'anna@example.org', ''],
    ['a password that is far too long', 'anna@example.org', 'x'.repeat(100_000)],
    ['a user without a password', '1', PASSWORD],
    ['an unknown name', 'nobody@example.org', PASSWORD],
    ['an empty name', '', PASSWORD],
    ['a name that is far too long', 'x'.repeat(100_000), PASSWORD],
  ])('%s: the same answer', async (_, login, password) => {
    const browser = new Browser(portal.http);
    const reply = await signIn(browser, login, password);
    expect(reply.status).toBe(403);
    expect(wordsOf(reply)).toContain('The name or the password is wrong.');
    expect(reply.text).not.toContain(PASSWORD);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('a dismissed user cannot', async () => {
    const leaver = await portal.addUser('Leaver');
    await setPassword(portal.server.context, leaver.userId, PASSWORD);
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' });
    expect((await signIn(new Browser(portal.http), String(leaver.userId), PASSWORD)).status).toBe(403);
  });

  test('a new password ends the sessions', async () => {
    const user = await portal.addUser('Changer');
    await setPassword(portal.server.context, user.userId, PASSWORD);
    const browser = new Browser(portal.http);
    await signIn(browser, String(user.userId), PASSWORD);
    expect(await isSignedIn(browser)).toBe(true);
    await setPassword(portal.server.context, user.userId, 'another one');
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('guessing is slowed down, for one account and then in all; a link still works', async () => {
    const user = await portal.addUser('Target', { email: 'target@example.org' });
    await setPassword(portal.server.context, user.userId, PASSWORD);
    portal.clock.advance(3600_000);
    const browser = new Browser(portal.http);
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await signIn(browser, i % 2 ? 'target@example.org' : String(user.userId), `guess ${i}`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
    const refused = await signIn(browser, 'target@example.org', PASSWORD);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect((await signIn(new Browser(portal.http), 'anna@example.org', PASSWORD)).status).toBe(303);
    const link = await makeLink(portal.server.context, user.userId);
    expect((await new Browser(portal.http).get(`/sign-in/?link=${link}`)).status).toBe(303);
    portal.clock.advance(31_000);
    expect((await signIn(browser, 'target@example.org', PASSWORD)).status).toBe(303);
  });

  test('many at once do not pile up', async () => {
    portal.clock.advance(3600_000);
    const browser = new Browser(portal.http);
    const page = await browser.get('/sign-in/');
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, at) => browser.submit(page, '/sign-in/', { login: `nobody${at}@example.org`, password: 'guess' })),
    );
    const refused = replies.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThanOrEqual(5);
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(30 - refused);
  });
});

describe('by link', () => {
  test('once, and only for ten minutes', async () => {
    const links = [await makeLink(portal.server.context, anna.userId), await makeLink(portal.server.context, anna.userId)];
    expect((await send(`${portal.http}/sign-in/?link=${links[0]}`, { method: 'HEAD' })).status).toBe(404);
    const browser = new Browser(portal.http);
    expect(await browser.get(`/sign-in/?link=${links[0]}&return=/oauth/authorize/?client_id=x`)).toMatchObject({
      status: 303, headers: { location: '/oauth/authorize/?client_id=x' },
    });
    expect(await isSignedIn(browser)).toBe(true);
    expect(await new Browser(portal.http).get(`/sign-in/?link=${links[0]}`)).toMatchObject({ status: 410 });
    portal.clock.advance(600_000);
    expect(await new Browser(portal.http).get(`/sign-in?link=${links[1]}`)).toMatchObject({ status: 410 });
  });

  test('used twice at the same time it works once', async () => {
    const link = await makeLink(portal.server.context, anna.userId);
    const replies = await Promise.all([1, 2, 3].map(() => new Browser(portal.http).get(`/sign-in/?link=${link}`)));
    expect(replies.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
  });
});

describe('sessions', () => {
  const signedIn = async () => {
    const browser = new Browser(portal.http);
    await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, anna.userId)}`);
    return browser;
  };

  test('signing out ends them for good', async () => {
    const browser = await signedIn();
    const kept = new Map(browser.cookies);
    expect(await browser.submit(await browser.get('/sign-in/'), '/sign-out/')).toMatchObject({ status: 303, headers: { location: '/sign-in/' } });
    expect(browser.cookies.has('tidemark_session')).toBe(false);
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('last thirty days', async () => {
    const browser = await signedIn();
    portal.clock.advance(29 * 24 * 3600_000);
    expect(await isSignedIn(browser)).toBe(true);
    portal.clock.advance(24 * 3600_000);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test.each(['//evil.example.org/', '/\\evil.example.org/', 'https://evil.example.org/', '\t//evil.example.org', '/a\r\nX: y', 'javascript:alert(1)'])(
    'afterwards nobody is sent to %j', async (back) => {
      const link = await makeLink(portal.server.context, anna.userId);
      const reply = await new Browser(portal.http).get(`/sign-in/?link=${link}&return=${encodeURIComponent(back)}`);
      expect(reply).toMatchObject({ status: 303, headers: { location: '/' } });
    },
  );

  test('the store holds no secret as it is', async () => {
    const browser = await signedIn();
    const session = browser.cookies.get('tidemark_session')!;
    const rows = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('login_session').selectAll()));
    const passwords = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('password').selectAll()));
    expect(JSON.stringify([rows, passwords])).not.toContain(session);
    expect(passwords.every(({ hash }) => hash.startsWith('scrypt$32768$8$1$'))).toBe(true);
  });
});
