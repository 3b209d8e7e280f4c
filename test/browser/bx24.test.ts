/** Applications inside the portal, whose pages use the library that the portal serves. */
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { enter, frameOf, inFrame, pathOf } from './portal-frame.ts';
import { type Site, startSite } from './site.ts';

const HOUR = 3600_000;

const { open, complaints } = useChromium();
let portal: TestServer;
let site: Site;
let anna: Client;
let app: TestApp;
/** Of the pages that have one of their own. */
let script = '';

beforeAll(async () => {
  portal = await startTestServer();
  site = await startSite(({ pathname }) => {
    const own = pathname === '/charts' ? '' : `<script>${script}</script>`;
    return `<p id="said"></p><input type="file" id="file"><script src="${portal.http}/api/v1/"></script>${own}`;
  });
  anna = await portal.addUser('Anna', { last_name: 'Größe', work_position: 'Captain' });
  await portal.admin.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Ahoy & <b>' });
  app = await addApp(portal, { title: 'Charts', pageUrl: `${site.origin}/charts` });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

async function openApp(userId = anna.userId, of = app, query = ''): Promise<{ page: Page; frame: Frame }> {
  const page = await open();
  await enter(page, portal, userId, pathOf(of) + query);
  return { page, frame: await frameOf(page, site.origin) };
}

/** Calls with what the library gives to its callbacks as a promise. */
const PROMISES = `
  const call = (method, params) => new Promise((resolve) => BX24.callMethod(method, params, resolve));
  const batch = (calls, halt) => new Promise((resolve) => BX24.callBatch(calls, resolve, halt));
  const later = (name, ...args) => new Promise((resolve) => BX24[name](...args, resolve));
  await new Promise((resolve) => BX24.init(resolve));`;
const run = <T>(frame: Frame, code: string) => inFrame<T>(frame, PROMISES + code);

describe('calls', () => {
  test('the example of the page of im.recent.get', async () => {
    const { frame } = await openApp();
    const shown = await inFrame<unknown[]>(frame, `return new Promise((resolve) => BX24.callMethod(
      'im.recent.get',
      { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' },
      (result) => (result.error() ? resolve(result.error()) : resolve(result.data())),
    ));`);
    expect(shown).toMatchObject([{ id: 1, type: 'user', message: { text: 'Ahoy & <b>' } }]);
  });

  test('lists go on page by page, and tell how many there are', async () => {
    const seen = await run<unknown>((await openApp()).frame, `
      for (const n of Array(25).keys()) await call('im.chat.add', { TITLE: 'Chat ' + n });
      const pages = [];
      return new Promise((resolve) => BX24.callMethod('im.search.chat.list', { FIND: 'Chat' }, function next(result) {
        pages.push(result.data().length);
        if (!result.next()) resolve({ pages, total: result.total(), more: result.more(), took: typeof result.time().duration });
      }));`);
    expect(seen).toEqual({ pages: [10, 10, 5], total: 25, more: false, took: 'number' });
  });

  test('an error says its code, its words and its status', async () => {
    const seen = await run((await openApp()).frame, `
      const result = await call('im.nothing');
      const error = result.error();
      return [String(error), error.getError(), error.getStatus(), error.ex.error, result.error_description(), result.data() === undefined];`);
    const ex = { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' };
    expect(seen).toEqual(['ERROR_METHOD_NOT_FOUND: Method not found! (404)', ex, 404, ex.error, ex.error_description, true]);
  });

  test('parameters of every kind arrive: texts in any script, lists, maps, dates, nothing, and files', async () => {
    const { frame } = await openApp();
    await frame.setInputFiles('#file', { name: 'карта &.txt', mimeType: 'text/plain', buffer: Buffer.from('Ö treasure') });
    const seen = await run<Array<Record<string, unknown>>>(frame, `
      const text = 'Ä & = + % Ж 🌊 "x"';
      await call('user.option.set', { options: { text, list: [1, [2]], empty: [], map: { 'a b': 'c' }, none: null, at: new Date(0) } });
      const { result: own } = (await call('disk.storage.getlist', { filter: { ENTITY_TYPE: 'user' } })).answer;
      const file = await call('disk.storage.uploadfile', { id: own[0].ID, data: { NAME: 'карта &.txt' }, fileContent: document.querySelector('#file') });
      return [(await call('user.option.get')).data(), file.data()];`);
    expect(seen[0]).toEqual({ text: 'Ä & = + % Ж 🌊 "x"', list: ['1', ['2']], empty: '', map: { 'a b': 'c' }, none: '', at: '1970-01-01T00:00:00.000Z' });
    expect(seen[1]).toMatchObject({ NAME: 'карта &.txt', SIZE: String(Buffer.byteLength('Ö treasure')) });
  });

  test('a batch answers by the names of its commands, or in their order; a failure halts it where that is asked for', async () => {
    const seen = await run((await openApp()).frame, `
      const named = await batch({ me: ['profile', {}], bad: { method: 'im.nothing' }, again: ['user.get', { ID: '$result[me][ID]' }] });
      const listed = await batch([['profile'], ['im.nothing'], ['server.time']], true);
      const refused = await batch(Array.from(Array(51), () => ['profile']));
      return [named.me.data().NAME, named.bad.error().ex.error, named.again.data()[0].NAME, named.again.total(), named.me.more(), Object.keys(listed), String(listed[1].error()), String(refused[50].error())];`);
    expect(seen).toEqual(['Anna', 'ERROR_METHOD_NOT_FOUND', 'Anna', 1, false, ['0', '1'], expect.stringContaining('ERROR_METHOD_NOT_FOUND'), expect.stringContaining('ERROR_BATCH_LENGTH_EXCEEDED')]);
  });

  test('after an hour a call brings new tokens along, and getAuth knows', async () => {
    const { frame } = await openApp();
    const before = await run<{ access_token: string; expires_in: number }>(frame, 'return BX24.getAuth();');
    expect(before).toMatchObject({ domain: new URL(portal.http).host, member_id: expect.any(String), refresh_token: expect.any(String) });
    expect(before.expires_in).toBeGreaterThan(Date.now() + 3500_000);
    portal.clock.advance(HOUR + 1000);
    expect(await run(frame, 'return (await call("profile")).data().NAME;')).toBe('Anna');
    const after = await run<{ access_token: string }>(frame, 'return BX24.getAuth();');
    expect(after.access_token).not.toBe(before.access_token);
    const asked = await run<{ access_token: string }>(frame, 'return later("refreshAuth");');
    expect(asked.access_token).not.toBe(after.access_token);
  });
});

describe('what the page around it shows and keeps', () => {
  test('who is there, where, and with what', async () => {
    const { frame } = await openApp(anna.userId, app, '?params[deal]=5&params[a+b]=%D0%96&other=1');
    const seen = await run(frame, 'return [BX24.isAdmin(), BX24.getLang(), BX24.getDomain(), BX24.placement.info(), BX24.canUse("im.openMessenger"), BX24.canUse("crm"), BX24.isReady()];');
    const options = { deal: '5', 'a b': 'Ж' };
    expect(seen).toEqual([false, 'en', new URL(portal.http).host, { placement: 'DEFAULT', options }, true, false, true]);
    expect(JSON.parse(site.posts.at(-1)!.fields['PLACEMENT_OPTIONS']!)).toEqual(options);
  });

  test('size, title and place', async () => {
    const { page, frame } = await openApp();
    const box = async () => (await page.locator('iframe').boundingBox())!;
    const whole = await box();
    expect(whole.height).toBeGreaterThan(500);
    await run(frame, `document.body.style.height = '2345px'; await later('fitWindow'); await later('setTitle', 'Charts <2>'); await later('scrollParentWindow', 700);`);
    expect(Math.round((await box()).height)).toBeGreaterThanOrEqual(2345);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Charts <2>');
    expect(await page.evaluate('scrollY')).toBe(700);
    expect(await run(frame, `return later('resizeWindow', 640, 900);`)).toEqual({ width: 640, height: 900 });
  });

  test('options of the user, and of the application for administrators', async () => {
    const { frame } = await openApp();
    await run(frame, `await new Promise((resolve) => BX24.userOption.set('theme', { dark: true }, resolve)); BX24.appOption.set('limit', 1);`);
    const admins = await openApp(1);
    await run(admins.frame, `await new Promise((resolve) => BX24.appOption.set('limit', 5, resolve));`);
    const seen = 'return [BX24.userOption.get("theme") ?? null, BX24.appOption.get("limit")];';
    expect(await run((await openApp()).frame, seen)).toEqual([{ dark: true }, 5]);
    expect(await run((await openApp(1)).frame, seen)).toEqual([null, 5]);
  });

  test('an option of the application is not for everybody to set, whatever the page says', async () => {
    const { frame } = await openApp();
    const answer = await run(frame, `
      return new Promise((resolve) => {
        addEventListener('message', ({ data }) => data.startsWith('forged:') && resolve(data));
        parent.postMessage('setAppOption:{"name":"limit","value":9}:forged:', '*');
      });`);
    expect(answer).toContain('Only an administrator may');
  });

  test('the application once more above the page, closed from within or by the user', async () => {
    const { page, frame } = await openApp();
    void run(frame, `BX24.openApplication({ deal: 7, bx24_title: 'Deal 7', bx24_width: 500 }, () => (said.textContent += 'closed '));`);
    const layer = await frameOf(page, site.origin, 1);
    expect(await run(layer, 'return BX24.placement.info().options;')).toEqual({ deal: 7, IFRAME: 'Y', IFRAME_TYPE: 'SIDE_SLIDER' });
    expect(await run(layer, 'return (await call("profile")).data().NAME;')).toBe('Anna');
    await page.getByRole('dialog', { name: 'Deal 7' }).waitFor();
    void run(layer, 'BX24.closeApplication();').catch(() => {});
    await frame.locator('#said').filter({ hasText: /^closed $/ }).waitFor();
    void run(frame, `BX24.openApplication(() => (said.textContent += 'again'));`);
    await frameOf(page, site.origin, 1);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await frame.locator('#said').filter({ hasText: 'closed again' }).waitFor();
    expect(await page.locator('iframe').count()).toBe(1);
  });

  test('people of the portal are chosen in its own dialog', async () => {
    const { page, frame } = await openApp();
    void run(frame, `BX24.selectUser((user) => (said.textContent = JSON.stringify(user)));`);
    await page.getByLabel('Name, position or department').fill('capt');
    await page.getByRole('button', { name: 'Anna Größe' }).click();
    await frame.locator('#said').filter({ hasText: /./ }).waitFor();
    expect(JSON.parse((await frame.locator('#said').textContent())!)).toEqual({
      id: String(anna.userId), name: 'Anna Größe', photo: '', position: 'Captain', url: `/company/personal/user/${anna.userId}/`, sub: false, sup: false,
    });
    void run(frame, `BX24.selectAccess((rights) => (said.textContent = rights.map(({ id }) => id).join()));`);
    await page.getByRole('button', { name: 'All users' }).click();
    await page.getByLabel('Name, position or department').fill('gröss');
    await page.getByLabel('Name, position or department').fill('größ');
    await page.getByRole('button', { name: 'Anna Größe' }).click();
    await page.getByRole('button', { name: 'Choose' }).click();
    await frame.locator('#said').filter({ hasText: `AU,U${anna.userId}` }).waitFor();
  });

  test('paths of the portal open beside it; what is not there is refused', async () => {
    const { page, frame } = await openApp();
    expect(await run(frame, `return later('openPath', '/crm/deal/details/5/');`)).toEqual({ result: 'error', errorCode: 'PATH_NOT_AVAILABLE' });
    expect(await run(frame, `return later('openPath', 'https://evil.example/');`)).toEqual({ result: 'error', errorCode: 'PATH_NOT_AVAILABLE' });
    const opening = page.waitForEvent('popup');
    await frame.evaluate(`document.onclick = () => BX24.openPath('/marketplace/', ({ result }) => (said.textContent = result));`);
    await frame.locator('body').click();
    const tab = await opening;
    await tab.getByRole('link', { name: 'Charts' }).waitFor();
    await tab.close();
    await frame.locator('#said').filter({ hasText: 'close' }).waitFor();
  });

  test('its own helpers', async () => {
    const seen = await run((await openApp()).frame, `
      const context = { name: 'it' };
      function named() { return this.name + (BX24.proxyContext() === said ? ' there' : ''); }
      const bound = BX24.proxy(named, context);
      const heard = [];
      const listener = () => heard.push(bound.call(said));
      BX24.bind(said, 'click', listener);
      said.click();
      BX24.unbind(said, 'click', listener);
      said.click();
      await new Promise((resolve) => BX24.loadScript(['/app.js', '/sdk.js'], resolve));
      return [heard, BX24.proxy(named, context) === bound, typeof window.callAsJson, BX24.getScrollSize().scrollHeight > 0];`);
    expect(seen).toEqual([['it there'], true, 'function', true]);
  });
});

describe('setting up', () => {
  const addNew = (fields: object) => addApp(portal, { title: 'New', pageUrl: `${site.origin}/charts`, installUrl: `${site.origin}/install`, ...fields });
  const installed = async (of: TestApp) => (await of.as(portal.admin)).call<{ INSTALLED: boolean }>('app.info');

  test('an administrator sees the installer first; when that has finished, everybody the application', async () => {
    script = `BX24.init(() => { said.textContent = 'installing'; });`;
    const { db } = portal.server.context;
    const fresh = await addNew({ handlerUrl: 'http://127.0.0.1:9/install' });
    const events = async () => db.read((s) => s.query((q) => q.selectFrom('delivery').select('event').where('app_id', '=', fresh.id)));
    const annas = await open();
    await enter(annas, portal, anna.userId, pathOf(fresh));
    await annas.getByRole('heading', { name: 'The application is not set up yet' }).waitFor();
    const { page, frame } = await openApp(1, fresh);
    await frame.locator('#said').filter({ hasText: 'installing' }).waitFor();
    expect([await installed(fresh), await events()]).toMatchObject([{ INSTALLED: false }, []]);
    const reloaded = page.waitForEvent('framenavigated', { predicate: (child) => child.url().startsWith(`${site.origin}/charts`) });
    await inFrame(frame, 'BX24.installFinish();');
    await reloaded;
    expect([await installed(fresh), await events()]).toMatchObject([{ INSTALLED: true }, [{ event: 'ONAPPINSTALL' }]]);
    await annas.reload();
    expect(await run(await frameOf(annas, site.origin), 'return (await call("profile")).data().NAME;')).toBe('Anna');
    await inFrame(await frameOf(page, site.origin), PROMISES + 'BX24.installFinish(); await later("setTitle", "Done");');
    expect(await events()).toHaveLength(1);
  });

  test('whom the application has not seen before it greets once, and only then starts', async () => {
    script = `BX24.install(() => { said.textContent += 'hello '; setTimeout(() => BX24.installFinish()); }); BX24.init(() => { said.textContent += 'started'; });`;
    const greeting = await addApp(portal, { title: 'Greeting', pageUrl: `${site.origin}/greet` });
    const first = await openApp(anna.userId, greeting);
    await first.frame.locator('#said').filter({ hasText: /^hello started$/ }).waitFor();
    await run(first.frame, 'await new Promise((resolve) => BX24.placement.getInterface(resolve));');
    await expect.poll(() => portal.server.context.db.read((s) => s.query((q) => q.selectFrom('app_visit').selectAll().where('app_id', '=', greeting.id)))).toHaveLength(1);
    const second = await openApp(anna.userId, greeting);
    await second.frame.locator('#said').filter({ hasText: /^started$/ }).waitFor();
    const another = await openApp(1, greeting);
    await another.frame.locator('#said').filter({ hasText: /^hello started$/ }).waitFor();
  });
});

test('outside a frame the library says so, and is not there', async () => {
  const page = await open();
  await page.goto(`${site.origin}/charts`);
  expect(await page.evaluate('BX24')).toBe(null);
  expect(complaints.splice(0)).toEqual([expect.stringContaining('Unable to initialize')]);
});
