/** The reference as readers use it. */
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { focused, overflowOf, tabTo, useChromium } from './chromium.ts';

const { open, complaints } = useChromium();
let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  await anna.call('im.chat.add', { TITLE: 'Zürich ✈ 東京', MESSAGE: 'Добрый день' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const BLANK = 'put_your_webhook_here';
const METHOD = '/docs/im.recent.get';

async function openAt(path: string, ...options: Parameters<typeof open>): Promise<Page> {
  const page = await open(...options);
  await page.goto(portal.http + path);
  return page;
}

const samplesOf = (page: Page) => page.locator('.sample code').allTextContents();
const shownMethods = (page: Page) => page.locator('.methods li:visible code').allTextContents();
const webhookField = (page: Page) => page.getByLabel('Your webhook');
const codeOf = (who: Client) => new URL(who.url).pathname.split('/')[3]!;

describe('the search', () => {
  test.each([
    ['a name', 'recent.li', ['im.recent.list']],
    ['several words in any order', 'PIN recent', ['im.recent.pin']],
    ['a parameter', 'LAST_SYNC_DATE', ['im.recent.get']],
    ['an error', 'DIALOG_ID_EMPTY im.dialog.get', ['im.dialog.get']],
  ])('finds by %s', async (_, words, expected) => {
    const page = await openAt('/docs/');
    expect(await shownMethods(page)).toHaveLength(methods.length);
    await page.getByRole('searchbox').fill(words);
    expect(await shownMethods(page)).toEqual(expect.arrayContaining(expected));
    expect((await shownMethods(page)).length).toBeLessThan(methods.length / 2);
    await page.getByRole('searchbox').fill('');
    expect(await shownMethods(page)).toHaveLength(methods.length);
  });

  test('says how many it has found, and leaves out empty groups', async () => {
    const page = await openAt('/docs/');
    await page.getByRole('searchbox').fill('im.recent.get');
    await expect(page.locator('#found').textContent()).resolves.toMatch(new RegExp(`^\\d+ of ${methods.length} methods$`));
    expect(await page.getByRole('heading', { name: 'Without a scope' }).and(page.locator('main *')).isVisible()).toBe(false);
    await page.getByRole('searchbox').fill('quagga');
    expect(await page.locator('#found').textContent()).toBe(`0 of ${methods.length} methods`);
  });
});

describe('with the keyboard alone', () => {
  test('from the first page to an answer', async () => {
    const page = await openAt('/docs/');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('/');
    await page.keyboard.type('im.recent.get');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${METHOD}`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, 'webhook');
    await page.keyboard.insertText(anna.url);
    await tabTo(page, 'params');
    await page.keyboard.press('Control+Enter');
    await page.locator('#answer').getByText('Zürich ✈ 東京').waitFor();
  });

  test('the arrows choose the client, and the choice lasts', async () => {
    const page = await openAt(METHOD);
    await tabTo(page, 'cURL, webhook');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('JS, b24jssdk');
    expect(await page.locator('.sample:visible').textContent()).toContain('B24Hook.fromWebhookUrl');
    await page.goto(`${portal.http}/docs/im.dialog.get`);
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('JS, b24jssdk');
    await tabTo(page, 'JS, b24jssdk');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toBe('Tidemark CLI');
  });
});

describe('the webhook', () => {
  test('fills every example with this portal and itself', async () => {
    const page = await openAt(METHOD);
    const blank = await samplesOf(page);
    expect(blank.filter((sample) => sample.includes(BLANK))).toHaveLength(5);
    await webhookField(page).fill(anna.url);
    const filled = await samplesOf(page);
    expect(filled.join()).not.toContain(BLANK);
    const secure = anna.url.replace(portal.http, portal.https).slice(0, -1);
    expect(filled).toEqual(blank.map((sample) => sample
      .replace(`${portal.http}/rest/1/${BLANK}/`, anna.url)
      .replace(`${portal.https}/rest/1/${BLANK}`, secure)
      .replace(`1/${BLANK}`, `${anna.userId}/${codeOf(anna)}`)));
  });

  test('stays over a reload and on the next page; another tab and another profile do not have it', async () => {
    const page = await openAt(METHOD);
    await webhookField(page).fill(anna.url);
    await page.reload();
    expect(await webhookField(page).inputValue()).toBe(anna.url);
    expect((await samplesOf(page)).join()).toContain(codeOf(anna));
    await page.getByRole('link', { name: 'im.dialog.get', exact: true }).click();
    await page.waitForURL('**/docs/im.dialog.get');
    expect((await samplesOf(page)).join()).toContain(codeOf(anna));
    for (const other of [await page.context().newPage(), await open()]) {
      await other.goto(portal.http + METHOD);
      expect(await webhookField(other).inputValue()).toBe('');
      expect((await samplesOf(other)).join()).toContain(BLANK);
    }
  });

  test('is forgotten when told to', async () => {
    const page = await openAt(METHOD);
    await webhookField(page).fill(anna.url);
    await page.getByRole('button', { name: 'Forget' }).click();
    expect(await focused(page)).toBe('webhook');
    await page.reload();
    expect(await webhookField(page).inputValue()).toBe('');
    expect((await samplesOf(page)).join()).toContain(BLANK);
  });

  test('leaves the browser in the call itself and nowhere else', async () => {
    const page = await open();
    const requests: Request[] = [];
    page.context().on('request', (request) => requests.push(request));
    await page.goto(portal.http + METHOD);
    await webhookField(page).fill(anna.url);
    await page.reload();
    await page.getByRole('link', { name: 'im.recent.list', exact: true }).click();
    await page.getByRole('button', { name: 'Call im.recent.list' }).click();
    await page.locator('#answer').waitFor();
    await page.goto(`${portal.http}/docs/`);
    const told = [];
    for (const request of requests) {
      const sent = [request.url(), request.postData(), JSON.stringify(await request.allHeaders())].join();
      if (sent.includes(codeOf(anna))) told.push(request.url());
    }
    expect(requests.length).toBeGreaterThan(5);
    expect(told).toEqual([`${anna.url}im.recent.list`]);
  });

  test.each([
    ['of another host', 'https://portal.bitrix24.com/rest/1/abc123/', 'This webhook belongs to portal.bitrix24.com, not to this portal.'],
    ['of another address', 'http://192.0.2.1/rest/1/abc123/', 'This webhook belongs to 192.0.2.1, not to this portal.'],
    ['with a path that is none', 'http://127.0.0.1/rest/abc123/', 'The address of a webhook ends in /rest/<user id>/<code>/.'],
    ['that is no address', '<img src=x onerror=alert(1)>', 'This is not the address of a webhook.'],
  ])('%s is refused', async (_, webhook, problem) => {
    const page = await openAt(METHOD);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await webhookField(page).fill(webhook);
    expect(await page.locator('#webhook-note').textContent()).toBe(problem);
    expect((await samplesOf(page)).join()).toContain(BLANK);
    await page.getByRole('button', { name: 'Call' }).click();
    await page.getByText('Paste your webhook above first.').waitFor();
    await page.reload();
    expect(await webhookField(page).inputValue()).toBe('');
    expect(requests.filter((url) => url.includes('/rest/'))).toEqual([]);
  });

  test('works under each name that this machine has, and as user and code', async () => {
    const page = await open();
    for (const written of [anna.url, anna.url.replace('127.0.0.1', 'localhost'), `${anna.userId}/${codeOf(anna)}`]) {
      await page.goto(`${portal.http.replace('127.0.0.1', 'localhost')}${METHOD}`);
      await webhookField(page).fill(`  ${written} `);
      expect((await samplesOf(page))[0]).toContain(anna.url.replace('127.0.0.1', 'localhost'));
    }
  });
});

describe('calls from the page', () => {
  async function call(page: Page, params?: string): Promise<{ status: string; answer: string }> {
    await webhookField(page).fill(anna.url);
    if (params !== undefined) await page.getByLabel('Parameters, JSON').fill(params);
    await page.getByRole('button', { name: 'Call' }).click();
    await page.locator('#status:not(:text("Calling")):not(:empty)').waitFor();
    return { status: (await page.locator('#status').textContent())!, answer: (await page.locator('#answer').textContent())! };
  }

  test.each(['http', 'https'] as const)('over %s', async (scheme) => {
    const page = await open();
    await page.goto(portal[scheme] + METHOD);
    const { status, answer } = await call(page);
    expect(status).toMatch(/^HTTP 200, \d+ ms$/);
    expect(JSON.parse(answer)).toMatchObject({ result: [{ title: 'Zürich ✈ 東京', message: { text: 'Добрый день' } }], time: {} });
  });

  test('an error is shown as it came', async () => {
    const page = await openAt('/docs/im.dialog.get');
    const { status, answer } = await call(page, '{}');
    expect(status).toMatch(/^HTTP 400, /);
    expect(JSON.parse(answer)).toMatchObject({ error: 'DIALOG_ID_EMPTY' });
  });

  test.each(['', '{', '17'])('parameters that are no object are not sent: %j', async (params) => {
    const page = await openAt(METHOD);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    expect(await call(page, params)).toEqual({ status: 'The parameters are not a JSON object.', answer: '' });
    expect(requests).toEqual([]);
  });

  test('no answer does not leave the last one standing', async () => {
    const page = await openAt(METHOD);
    await call(page);
    await page.route('**/rest/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Call' }).click();
    await page.getByText('The portal does not answer.').waitFor();
    expect(await page.locator('#answer').isVisible()).toBe(false);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('net::ERR_FAILED')]);
  });

  test('what is in an answer is text', async () => {
    await anna.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: '<img src=/x onerror=alert(1)>' });
    const page = await openAt('/docs/im.dialog.messages.get');
    const { answer } = await call(page, JSON.stringify({ DIALOG_ID: anna.userId }));
    expect(answer).toContain('<img src=/x onerror=alert(1)>');
    expect(await page.locator('#answer *').count()).toBe(0);
  });
});

test('an example is copied as it is shown', async () => {
  const page = await openAt(METHOD, { permissions: ['clipboard-read', 'clipboard-write'] });
  await webhookField(page).fill(anna.url);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain(`'${anna.url}im.recent.get'`);
});

test('a browser that stores nothing still shows and calls', async () => {
  const page = await open();
  await page.addInitScript(`for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });`);
  await page.goto(portal.http + METHOD);
  await webhookField(page).fill(anna.url);
  expect((await samplesOf(page)).join()).not.toContain(BLANK);
  await page.getByRole('button', { name: 'Call' }).click();
  await page.locator('#answer').getByText('Zürich').waitFor();
});

test('without scripts the pages are complete, and nothing is shown that would not work', async () => {
  const page = await openAt('/docs/', { javaScriptEnabled: false });
  expect(await shownMethods(page)).toHaveLength(methods.length);
  expect(await page.getByRole('searchbox').isVisible()).toBe(false);
  await page.locator('.methods').getByRole('link', { name: 'im.recent.get' }).click();
  expect(await page.locator('.sample:visible').count()).toBe(8);
  expect(await page.getByRole('button').count()).toBe(0);
  expect(await page.getByRole('textbox').count()).toBe(0);
  await page.getByText('Errors of any call').click();
  expect(await page.getByText('QUERY_LIMIT_EXCEEDED').isVisible()).toBe(true);
});

describe('on every screen', () => {
  const NARROW = { width: 360, height: 740 };

  test('no page is wider than a telephone', async () => {
    const page = await open({ viewport: NARROW });
    const wide: string[] = [];
    for (const path of ['/docs/', '/docs/none', ...methods.map(({ name }) => `/docs/${name}`)]) {
      await page.goto(portal.http + path);
      if ((await overflowOf(page)) > 0) wide.push(path);
    }
    expect(wide).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('%s: text stands out, wide and narrow', async (colorScheme) => {
    const page = await openAt(METHOD, { colorScheme });
    for (const viewport of [{ width: 1280, height: 800 }, NARROW]) {
      await page.setViewportSize(viewport);
      await webhookField(page).fill(anna.url);
      expect(await overflowOf(page)).toBe(0);
    }
    const [ground, ink] = await page.evaluate<[string, string]>('[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]');
    const [light, dark] = colorScheme === 'light' ? [ground, ink] : [ink, ground];
    expect(brightnessOf(light)).toBeGreaterThan(200);
    expect(brightnessOf(dark)).toBeLessThan(50);
  });
});

/** The mean of red, green and blue. */
function brightnessOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [...color.matchAll(/\d+/g)].map(Number);
  return (red + green + blue) / 3;
}
