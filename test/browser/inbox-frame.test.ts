/** What is around the inbox's list: loading, looks, keys, screen readers, a phone. Numbers are those of docs/inbox.md. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
import { overflowOf, useChromium } from './chromium.ts';
import { menuItem, nameOfRow, openInbox, order, ready, rowAt, scrollTop, signIn } from './inbox.ts';
import { say, unreadChatsOf, usePair } from './pair.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const chromium = useChromium();
const { open, complaints } = chromium;
let portal: TestServer;
let anna: Client;
let boris: Client;

usePair((pair) => ({ portal, anna, boris } = pair));

const inbox = (options = {}, hash = '') => openInbox(chromium, portal, anna, options, hash);
const chats = (count: number) => unreadChatsOf({ portal, anna, boris }, count);

const focusedId = (page: Page): Promise<string> => page.evaluate<string>(`(document.activeElement.dataset.id ?? document.activeElement.id) || document.activeElement.className`);

/** Violations that matter, of what is shown. */
async function violations(page: Page, within = 'body'): Promise<string[]> {
  await page.evaluate<void>(AXE);
  return page.evaluate<string[]>(`axe.run('${within}', { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`);
}

test('1: what is loaded first is less than 60 kB of script, kept for good, and nothing of it is against the policy', async () => {
  const page = await open();
  const scripts: string[] = [];
  page.on('request', (request) => void (request.resourceType() === 'script' && scripts.push(request.url())));
  await signIn(page, portal, anna.userId);
  await ready(page);
  const loaded = await Promise.all(scripts.filter((url) => url.includes('/assets/')).map((url) => send(url, { headers: { 'accept-encoding': 'gzip' } })));
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(60_000);
  for (const { headers } of loaded) expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable' });
  const [small, plain] = await Promise.all(['br', 'identity'].map((coding) => send(scripts[0]!, { headers: { 'accept-encoding': coding } })));
  expect([small!.text === plain!.text, small!.bytes.length < loaded[0]!.bytes.length]).toEqual([true, true]);
  const response = await page.request.get(portal.http);
  expect(response.headers()['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'/);
  expect(response.headers()['content-security-policy']).not.toContain('unsafe');
  expect(await response.text()).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  expect((await send(`${portal.http}/assets/..%2fparts.json`)).status).toBe(404);
});

test('it can be installed', async () => {
  const page = await inbox();
  const { body } = await send(`${portal.http}/manifest.webmanifest`);
  expect(body).toMatchObject({ name: 'Tidemark', display: 'standalone', start_url: '/', scope: '/' });
  for (const { src, sizes } of body['icons'] as Array<{ src: string; sizes: string }>) {
    const { bytes, headers } = await send(portal.http + src);
    expect([headers['content-type'], bytes.readUInt32BE(16)]).toEqual(['image/png', Number(sizes.split('x')[0])]);
  }
  await page.evaluate<unknown>('navigator.serviceWorker.ready.then(() => 0)');
});

describe('2, 42: looks', () => {
  test.each(['light', 'dark'] as const)('%s: nothing serious is wrong for anybody, with a chat open, a menu, a search and the page of keys', async (colorScheme) => {
    const [top, second] = await chats(3);
    await say(boris, String(anna.userId), 'Hello');
    await anna.call('im.recent.pin', { DIALOG_ID: top });
    await anna.call('im.chat.mute', { DIALOG_ID: second });
    const page = await inbox({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page)).toEqual([]);
    await rowAt(page, second!).click();
    expect(await violations(page, '.pane-list')).toEqual([]);
    await page.getByRole('button', { name: 'Account' }).click();
    expect(await violations(page, '.menu')).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#search').fill('Chat');
    await page.getByRole('group', { name: 'Messages' }).waitFor();
    expect(await violations(page, '.pane-list')).toEqual([]);
    await page.locator('#search').fill('');
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await violations(page, '.dialog')).toEqual([]);
  }, 120_000);

  test('forced colours: the open chat, the focus and the badges show', async () => {
    const [top] = await chats(2);
    const page = await inbox({ forcedColors: 'active' }, `#/${top}`);
    const outline = (selector: string) => page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).outlineStyle`);
    expect([await outline('.row.open'), await outline('.badge')]).toEqual(['solid', 'solid']);
    expect(await page.evaluate<string>(`getComputedStyle(document.querySelector('.row.open')).outlineColor`)).not.toBe(
      await page.evaluate<string>(`getComputedStyle(document.querySelector('.row.open')).backgroundColor`),
    );
  });

  test('what is chosen lasts: the other language, the other theme', async () => {
    const [top] = await chats(1);
    const page = await inbox({ colorScheme: 'light' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    const choose = async (account: string, name: string) => {
      await page.getByRole('button', { name: account }).click();
      await menuItem(page, name).click();
    };
    await choose('Account', 'Dark');
    expect(await ground()).not.toBe(light);
    await choose('Account', 'Русский');
    await page.reload();
    await ready(page);
    expect(await ground()).not.toBe(light);
    expect(await page.evaluate('document.documentElement.lang')).toBe('ru');
    expect(await nameOfRow(page, top!)).toMatch(/^Chat 0, группа, 2 непрочитанных, последнее сообщение от Boris Berg: Message 0, \d+:\d\d/);
    await choose('Учётная запись', 'English');
    expect(await nameOfRow(page, top!)).toContain('2 unread');
  });

  test('32, 33: on 320 pixels and with text twice as large nothing runs out; what is pressed is large enough', async () => {
    await chats(3);
    for (const hasTouch of [false, true]) {
      const page = await inbox({ viewport: { width: 320, height: 640 }, hasTouch, isMobile: hasTouch });
      expect(await overflowOf(page)).toBe(0);
      const least = hasTouch ? 44 : 24;
      const small = await page.evaluate<string[]>(`[...document.querySelectorAll('button, [role=option], input')].filter((element) => element.offsetParent !== null && !element.closest('[aria-hidden=true]'))
        .filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && (box.width < ${least} || box.height < ${least}); }).map((element) => element.outerHTML.slice(0, 90))`);
      expect(small).toEqual([]);
      await page.evaluate<void>(`document.documentElement.style.fontSize = '200%'`);
      expect(await overflowOf(page)).toBe(0);
      await page.context().close();
    }
  });
});

describe('without a mouse', () => {
  test('25: pin, mute, mark, hide', async () => {
    const ids = await chats(3);
    const page = await inbox();
    const choose = async (id: string, name: string) => {
      await rowAt(page, id).focus();
      await page.keyboard.press('Shift+F10');
      await menuItem(page, name).waitFor();
      await page.keyboard.type(name[0]!.toLowerCase());
      while (!(await page.evaluate<string>('document.activeElement.textContent')).includes(name)) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    };
    const rows = async () => (await anna.call<Array<{ id: string; pinned: boolean; unread: boolean; counter: number; chat: { mute_list: object } }>>('im.recent.get'));
    await choose(ids[2]!, 'Pin to the top');
    await expect.poll(async () => (await rows())[0]).toMatchObject({ id: ids[2], pinned: true });
    expect(await focusedId(page)).toBe(ids[2]);
    await choose(ids[2]!, 'Mute');
    await expect.poll(async () => (await rows())[0]!.chat.mute_list).toEqual({ [anna.userId]: true });
    await choose(ids[1]!, 'Mark as read');
    await expect.poll(async () => (await rows()).find(({ id }) => id === ids[1])).toMatchObject({ counter: 0 });
    await choose(ids[1]!, 'Mark as unread');
    await expect.poll(async () => (await rows()).find(({ id }) => id === ids[1])).toMatchObject({ unread: true });
    await choose(ids[0]!, 'Hide from the list');
    await expect.poll(async () => (await rows()).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    await expect.poll(() => order(page)).toEqual([ids[2], ids[1]]);
  });

  test('26: Tab leads to the skip link, the account, the search, one filter and one row; arrows go on from there', async () => {
    const ids = await chats(4);
    const page = await inbox();
    const stops: string[] = [];
    for (let press = 0; press < 7; press += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focusedId(page));
    }
    expect(stops).toEqual(['skip', 'account', 'icon-button bell', 'icon-button', 'search', 'chip', ids[0]]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focusedId(page)).toBe(ids[2]);
    await page.keyboard.press('End');
    await expect.poll(() => focusedId(page)).toBe(ids[3]);
    await page.keyboard.press('Home');
    await expect.poll(() => focusedId(page)).toBe(ids[0]);
    expect(await page.evaluate<number>(`document.querySelectorAll('.row[tabindex="0"]').length`)).toBe(1);
    expect(page.url()).not.toContain('#/chat');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(`#/${ids[0]}`);
    await rowAt(page, ids[0]!).focus();
    await page.keyboard.type('chat 1');
    await expect.poll(() => focusedId(page)).toBe(ids[2]);
  });

  test('28, 29: shortcuts also work on a Russian keyboard, not while a word is composed, and browsers keep theirs', async () => {
    const ids = await chats(3);
    await anna.call('im.dialog.read', { DIALOG_ID: ids[1] });
    const page = await inbox({}, `#/${ids[0]}`);
    const press = (init: object) => page.evaluate<boolean>(`document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...${JSON.stringify(init)} }))`);
    expect(await press({ key: 'л', code: 'KeyK', ctrlKey: true, isComposing: true })).toBe(true);
    expect(await focusedId(page)).not.toBe('search');
    expect(await press({ key: 'л', code: 'KeyK', ctrlKey: true })).toBe(false);
    expect(await focusedId(page)).toBe('search');
    for (const key of ['n', 't', 'w', 'r', 'l', 'u', '1', '9']) expect(await press({ key, code: `Key${key.toUpperCase()}`, ctrlKey: true })).toBe(true);
    for (const key of ['ArrowLeft', 'ArrowRight']) expect(await press({ key, code: key, altKey: true })).toBe(true);
    expect(await press({ key: 'Escape', code: 'Escape', shiftKey: true })).toBe(true);
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => page.url()).toContain(`#/${ids[1]}`);
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await expect.poll(() => page.url()).toContain(`#/${ids[2]}`);
  });

  test('13 of complaints: after marking as read and whatever comes, focus stays on its chat and the list does not jump', async () => {
    const ids = await chats(30);
    const page = await inbox({ viewport: { width: 1000, height: 600 } });
    await rowAt(page, ids[12]!).focus();
    await expect.poll(() => scrollTop(page)).toBeGreaterThan(0);
    const before = await scrollTop(page);
    await page.keyboard.press('Shift+F10');
    await menuItem(page, 'Mark as read').click();
    await expect.poll(() => rowAt(page, ids[12]!).locator('.badge').count()).toBe(0);
    expect([await focusedId(page), await scrollTop(page)]).toEqual([ids[12], before]);
    await say(boris, ids[12]!, 'News');
    await expect.poll(() => rowAt(page, ids[12]!).textContent()).toContain('News');
    expect(await focusedId(page)).toBe(ids[12]);
  });
});

describe('14 of complaints: on a phone', () => {
  test('one pane at a time; Back leads to the list, where it was', async () => {
    const ids = await chats(30);
    const page = await inbox({ viewport: { width: 360, height: 640 }, hasTouch: true });
    await page.evaluate<void>(`document.querySelector('.list').scrollTop = 900`);
    await rowAt(page, ids[15]!).click();
    await page.locator('.panes.opened').waitFor();
    expect(await page.locator('.list').isVisible()).toBe(false);
    await page.goBack();
    await expect.poll(() => page.locator('.list').isVisible()).toBe(true);
    expect(await scrollTop(page)).toBe(900);
    expect(complaints).toEqual([]);
  });
});
