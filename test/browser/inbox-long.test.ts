/** A list of hundreds of chats, by wheel. Numbers are those of docs/inbox.md. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, order, scrollTop } from './inbox.ts';

const chromium = useChromium();
let portal: TestServer;
let anna: Client;
const CHATS = 600;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  for (let at = 0; at < CHATS; at += 50) {
    await anna.call('batch', { cmd: Array.from({ length: 50 }, (_, off) => `im.chat.add?TITLE=Chat ${at + off}&MESSAGE=x`) });
  }
});
afterAll(() => portal[Symbol.asyncDispose]());

test('14, 35: all rows are reached by wheel, few stand in the document, what is seen is never empty, and Tab still leads to one', async () => {
  const page = await openInbox(chromium, portal, anna, { viewport: { width: 1000, height: 700 } });
  const box = (await page.locator('.list').boundingBox())!;
  await page.mouse.move(box.x + 100, box.y + 300);
  let [most, blank] = [0, 0];
  await expect.poll(async () => {
    await page.mouse.wheel(0, 2500);
    await page.evaluate<unknown>('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const seen = await page.evaluate<{ rows: number; isBlank: boolean; last: number }>(`(() => {
      const { top, left, height } = document.querySelector('.list').getBoundingClientRect();
      const empty = [4, height / 2, height - 4].some((y) => !document.elementFromPoint(left + 60, top + y).closest('.row, .list-more'));
      const rows = [...document.querySelectorAll('.row')];
      return { rows: rows.length, isBlank: empty, last: Math.max(...rows.map((row) => Number(row.getAttribute('aria-posinset')))) };
    })()`);
    most = Math.max(most, seen.rows);
    blank += Number(seen.isBlank);
    return seen.last;
  }, { timeout: 40_000, interval: 10 }).toBe(CHATS);
  expect(most).toBeLessThanOrEqual(60);
  expect(blank).toBe(0);
  expect((await anna.call<Array<{ id: string }>>('im.recent.get')).at(-1)!.id).toBe((await order(page)).at(-1));
  const before = await scrollTop(page);
  expect(before).toBeGreaterThan(CHATS * 72 - 1500);
  await page.locator('[role="radio"][aria-checked="true"]').focus();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.classList.contains("row")')).toBe(true);
  expect(Math.abs((await scrollTop(page)) - before)).toBeLessThan(100);
});
