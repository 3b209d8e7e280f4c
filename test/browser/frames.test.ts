/** Applications inside the portal, with the official SDK in the frame, unmodified. */
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeApplication } from '../../src/identity/applications.ts';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { enter, frameOf, inFrame, pathOf } from './portal-frame.ts';
import { inPage, type Site, startSite } from './site.ts';

const HOUR = 3600_000;
const TITLE = 'Charts <1>';

const { open, complaints } = useChromium();
let portal: TestServer;
let site: Site;
let elsewhere: Site;
let anna: Client;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer();
  site = await startSite();
  elsewhere = await startSite();
  anna = await portal.addUser('Anna');
  await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Ahoy' });
  app = await addApp(portal, { title: TITLE, pageUrl: `${site.origin}/charts?tab=1` });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

async function openApp(userId = anna.userId, of = app, query = ''): Promise<{ page: Page; frame: Frame }> {
  const page = await open();
  await enter(page, portal, userId, pathOf(of) + query);
  return { page, frame: await frameOf(page, site.origin) };
}

/** Makes the SDK ready in the frame, for what follows there. */
const START = 'globalThis.b24 ??= await B24Js.initializeB24Frame();';
const callAs = 'return (await b24.actions.v2.call.make({ method: "profile" })).getData().result.NAME;';

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  test('the page gets what the vendor\'s portal posts, and the SDK starts and calls', async () => {
    const page = await open();
    await enter(page, portal, anna.userId, pathOf(app), portal[scheme]);
    const frame = await frameOf(page, site.origin);
    const { host } = new URL(portal[scheme]);
    const { url, fields, headers } = site.posts.at(-1)!;
    const { APP_SID: sid, ...query } = Object.fromEntries(url.searchParams);
    expect(query).toEqual({ tab: '1', DOMAIN: host, PROTOCOL: scheme === 'https' ? '1' : '0', LANG: 'en' });
    expect(sid).toMatch(/^[\da-f]{32}$/);
    expect(headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded', origin: portal[scheme] });
    expect(fields).toEqual({
      AUTH_ID: expect.stringMatching(/^\w{70}$/), AUTH_EXPIRES: '3600', REFRESH_ID: expect.stringMatching(/^\w{70}$/), SERVER_ENDPOINT: `${portal[scheme]}/rest/`,
      APPLICATION_TOKEN: expect.stringMatching(/^\w{32}$/), APPLICATION_SCOPE: expect.stringContaining('im'), member_id: expect.stringMatching(/^\w{32}$/), status: 'L',
      PLACEMENT: 'DEFAULT', PLACEMENT_OPTIONS: '{}',
    });
    expect(await frame.evaluate('window.name')).toBe(`${host}|${scheme === 'https' ? 1 : 0}|${sid}`);
    expect(await inPage(frame, 'callInFrame', [{ method: 'im.recent.get', params: { SKIP_CHAT: 'Y' } }])).toMatchObject([[{ id: 1, message: { text: 'Ahoy' } }]]);
    expect(page.url()).toBe(portal[scheme] + pathOf(app));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(TITLE);
  });
});

test('after an hour the SDK gets new tokens from the page around it, however many calls find the old ones expired', async () => {
  const { page, frame } = await openApp();
  const asked: string[] = [];
  page.on('request', (request) => void (request.url().endsWith('/refresh') && asked.push(request.url())));
  const before = await inFrame<string>(frame, `${START} return b24.auth.getAuthData().access_token;`);
  portal.clock.advance(HOUR + 1000);
  const many = 'return Promise.all([1, 2, 3].map(async () => (await b24.actions.v2.call.make({ method: "profile" })).getData().result.NAME));';
  expect(await inFrame(frame, many)).toEqual(['Anna', 'Anna', 'Anna']);
  const after = await inFrame<{ access_token: string; expires_in: number }>(frame, 'return b24.auth.getAuthData();');
  expect(after.access_token).not.toBe(before);
  expect(asked.length).toBeGreaterThan(0);
});

test('each user acts as themselves; tokens are in no address', async () => {
  const boris = await portal.addUser('Boris');
  const [annas, boriss] = [await openApp(), await openApp(boris.userId)];
  for (const [{ page, frame }, name] of [[annas, 'Anna'], [boriss, 'Boris']] as const) {
    expect(await inFrame(frame, START + callAs)).toBe(name);
    const { AUTH_ID, REFRESH_ID } = await inFrame<Record<string, string>>(frame, 'const { access_token: AUTH_ID, refresh_token: REFRESH_ID } = b24.auth.getAuthData(); return { AUTH_ID, REFRESH_ID };');
    const addresses = [page.url(), frame.url(), ...site.visits.map(String)].join(' ');
    expect([AUTH_ID, REFRESH_ID].filter((secret) => addresses.includes(secret!))).toEqual([]);
  }
});

test('whoever signs in meanwhile ends what the page before may ask for', async () => {
  const { page, frame } = await openApp();
  await inFrame(frame, START);
  const boris = await portal.addUser('Boris');
  const tab = await page.context().newPage();
  await enter(tab, portal, boris.userId, pathOf(app));
  void inFrame(frame, 'void b24.auth.refreshAuth().catch(() => {});');
  await page.getByRole('alert').filter({ hasText: 'Somebody else has signed in since this page was loaded.' }).waitFor();
  await page.getByRole('button', { name: 'Load the page again' }).click();
  expect(await inFrame(await frameOf(page, site.origin), START + callAs)).toBe('Boris');
});

test('an application that was removed gets no more tokens, and is not shown again', async () => {
  const gone = await addApp(portal, { title: 'Gone', pageUrl: `${site.origin}/gone` });
  const { page, frame } = await openApp(anna.userId, gone);
  expect(await inFrame(frame, START + callAs)).toBe('Anna');
  const { db, clock } = portal.server.context;
  await changeApplication(db, clock, gone.clientId, { removed: true });
  expect(await inFrame(frame, 'return b24.actions.v2.call.make({ method: "profile" }).then(() => "answered", (error) => error.code);')).toBe('APPLICATION_NOT_FOUND');
  void inFrame(frame, 'void b24.auth.refreshAuth().catch(() => {});');
  await page.getByRole('alert').filter({ hasText: 'There is no such application' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Unknown application' }).waitFor();
});

describe('setting up', () => {
  test('the SDK finishes the installation, and the page of the application opens in its place', async () => {
    const fresh = await addApp(portal, { title: 'Fresh', pageUrl: `${site.origin}/fresh`, installUrl: `${site.origin}/install` });
    const { page, frame } = await openApp(1, fresh);
    expect(await inFrame(frame, `${START} return [location.pathname, b24.isInstallMode, b24.isFirstRun, b24.auth.isAdmin];`)).toEqual(['/install', true, true, true]);
    const opened = page.waitForEvent('framenavigated', { predicate: (child) => child.url().startsWith(`${site.origin}/fresh`) });
    await inFrame(frame, 'void b24.installFinish();');
    await opened;
    const after = await frameOf(page, site.origin);
    expect(await inFrame(after, `${START} return [b24.isInstallMode, b24.isFirstRun];`)).toEqual([false, true]);
    await page.reload();
    expect(await inFrame(await frameOf(page, site.origin), `${START} return [b24.isInstallMode, b24.isFirstRun];`)).toEqual([false, false]);
  });
});

test('what else the SDK asks of the page around it', async () => {
  const { page, frame } = await openApp(anna.userId, app, '?params[deal]=5');
  expect(await inFrame(frame, `${START} return [b24.placement.isDefault, b24.placement.options, b24.getLang(), b24.getTargetOrigin()];`)).toEqual([true, { deal: '5' }, 'en', portal.http]);
  await inFrame(frame, `await b24.parent.setTitle('By the SDK'); await b24.parent.resizeWindow(500, 1234); await b24.parent.scrollParentWindow(300);`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('By the SDK');
  expect(await page.locator('iframe').boundingBox()).toMatchObject({ width: 500, height: 1234 });
  expect(await page.evaluate('scrollY')).toBe(300);
  await inFrame(frame, `await b24.options.userSet('theme', 'dark');`);
  expect(await (await app.as(anna)).call('user.option.get')).toEqual({ theme: 'dark' });
  void inFrame(frame, `globalThis.slider = b24.slider.openSliderAppPage({ bx24_title: 'Above', id: 7 }).then(() => 'closed');`);
  const layer = await frameOf(page, site.origin, 1);
  expect(await inFrame(layer, `${START} return [b24.placement.options.id, b24.placement.isSliderMode];`)).toEqual([7, true]);
  void inFrame(layer, 'void b24.slider.closeSliderAppPage().catch(() => {});').catch(() => {});
  expect(await inFrame(frame, 'return slider;')).toBe('closed');
  const refused = `return b24.slider.openPath(b24.slider.getUrl('/crm/deal/details/1/')).catch((error) => error.message);`;
  expect(await inFrame(frame, refused)).toBe('PATH_NOT_AVAILABLE');
  void inFrame(frame, `globalThis.chosen = b24.dialog.selectUser();`);
  await page.getByLabel('Name, position or department').fill('anna');
  await page.getByRole('button', { name: 'Anna' }).click();
  expect(await inFrame(frame, 'return chosen;')).toMatchObject({ id: String(anna.userId), name: 'Anna' });
  void inFrame(frame, `globalThis.nobody = b24.dialog.selectUser();`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(await inFrame(frame, 'return [await nobody, await b24.dialog.selectCRM()];')).toEqual([null, {}]);
});

describe('who else asks', () => {
  const QUESTIONS = ['getInitData:cb:SID', 'getInitData::cb:SID', 'refreshAuth:cb:SID', 'refreshAuth::cb:', 'setTitle:{"title":"By: another"}:cb:SID'];

  /** Asks a window for everything in all shapes, and notes what comes back. */
  const askAll = (frame: Frame, target: string, sid: string, questions = QUESTIONS) => inFrame(frame, `
    globalThis.heard = [];
    addEventListener('message', ({ data }) => heard.push(data));
    for (const text of ${JSON.stringify(questions)}) ${target}.postMessage(text.replace('SID', '${sid}'), '*');
    ${target}.postMessage({ method: 'getInitData', params: '', callback: 'cb', appSid: '${sid}' }, '*');`);
  const sidOf = (frame: Frame) => frame.evaluate<string>('window.name.split("|")[2]');

  /** What a frame has been told, and what the title then is, once the portal's page has looked at all its questions. What is told at once comes before the mark. */
  async function toldTo(page: Page, frame: Frame, ask: () => Promise<unknown>): Promise<string[]> {
    await page.evaluate('{ const mine = []; globalThis.seen = mine; addEventListener("message", ({ source }) => mine.push(source)); }');
    await ask();
    await expect.poll(() => page.evaluate('seen.length')).toBe(QUESTIONS.length + 1);
    await page.evaluate('void setTimeout(() => seen[0].postMessage("mark", "*"))');
    await frame.waitForFunction('heard.includes("mark")');
    const heard = await frame.evaluate<string[]>('heard.filter((text) => text !== "mark")');
    return [...heard, ...(await page.getByRole('heading', { level: 1 }).allTextContents())];
  }

  test('the application\'s own page is told, with its name of itself or none, in all shapes', async () => {
    const { page, frame } = await openApp();
    await askAll(frame, 'parent', await sidOf(frame));
    await frame.waitForFunction('heard.filter((text) => text.startsWith("cb:{")).length === 5');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('By: another');
  });

  test('with another name it is not', async () => {
    const { page, frame } = await openApp();
    const wrong = QUESTIONS.map((text) => text.replace(/:$/, ':x'));
    expect(await toldTo(page, frame, () => askAll(frame, 'parent', '0'.repeat(32), wrong))).toEqual([TITLE]);
  });

  test('a frame within it is not, nor a window that it has opened', async () => {
    const { page, frame } = await openApp();
    const sid = await sidOf(frame);
    const within = page.waitForEvent('framenavigated', { predicate: (child) => child.parentFrame() === frame && child.url().startsWith(elsewhere.origin) });
    await frame.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), { src: '${elsewhere.origin}' }))`);
    const inner = await within;
    expect(await toldTo(page, inner, () => askAll(inner, 'top', sid))).toEqual([TITLE]);
    const opening = page.waitForEvent('popup');
    await frame.evaluate(`void window.open('${site.origin}/other', '_blank')`);
    const popup = await opening;
    await popup.waitForLoadState();
    expect(await toldTo(page, popup.mainFrame(), () => askAll(popup.mainFrame(), 'opener.parent', sid))).toEqual([TITLE]);
  });

  test('a frame that goes elsewhere shows nothing', async () => {
    const { frame } = await openApp();
    const visits = elsewhere.visits.length;
    await frame.evaluate(`void setTimeout(() => { location.href = '${elsewhere.origin}/stolen'; })`);
    await frame.waitForURL(/^chrome-error:/);
    expect(elsewhere.visits).toHaveLength(visits);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('frame-src')]);
  });

  test('and where the browser lets it go there, it is told nothing', async () => {
    const page = await open({ bypassCSP: true });
    await enter(page, portal, anna.userId, pathOf(app));
    const frame = await frameOf(page, site.origin);
    const sid = await sidOf(frame);
    await frame.evaluate(`void setTimeout(() => { location.href = '${elsewhere.origin}/stolen'; })`);
    await frame.waitForURL(`${elsewhere.origin}/stolen`);
    expect(await toldTo(page, frame, () => askAll(frame, 'parent', sid))).toEqual([TITLE]);
  });

  test('another site cannot show the portal\'s page', async () => {
    const page = await open();
    await enter(page, portal, anna.userId, '/marketplace/');
    await page.goto(site.origin);
    await page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), { src: '${portal.http}${pathOf(app)}' }))`);
    await expect.poll(() => complaints.splice(0)).toEqual([expect.stringContaining('frame-ancestors')]);
  });
});
