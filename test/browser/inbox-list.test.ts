/** The inbox's list: how it is ordered, and that it keeps still. Numbers are those of docs/inbox.md. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { Row } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { act, nameOfRow, openInbox, order, rowAt, scrollTop, yOf } from './inbox.ts';
import { chatsOf, readUp, say, usePair } from './pair.ts';

const chromium = useChromium();
let portal: TestServer;
let anna: Client;
let boris: Client;

usePair((pair) => ({ portal, anna, boris } = pair));

const inbox = (options = {}, hash = '') => openInbox(chromium, portal, anna, options, hash);
const seen = (page: Page, ids: string[]) => expect.poll(() => order(page), { timeout: 10_000 }).toEqual(ids);
const chats = (count: number, titleOf?: (at: number) => string) => chatsOf({ portal, anna, boris }, count, titleOf);

describe('the order', () => {
  test('8: pinned chats come first, in the server\'s order, and their names say so', async () => {
    const ids = await chats(4);
    await anna.call('im.recent.pin', { DIALOG_ID: ids[3] });
    await anna.call('im.recent.pin', { DIALOG_ID: ids[1] });
    const page = await inbox();
    expect(await order(page)).toEqual([ids[1], ids[3], ids[0], ids[2]]);
    expect(await nameOfRow(page, ids[3]!)).toContain(', pinned, ');
    await act(page, ids[3]!, 'Unpin');
    await page.mouse.move(900, 10);
    await seen(page, [ids[1]!, ids[0]!, ids[2]!, ids[3]!]);
    await act(page, ids[2]!, 'Pin to the top');
    await page.mouse.move(900, 10);
    await seen(page, [ids[1]!, ids[2]!, ids[0]!, ids[3]!]);
  });

  test('9: after hundreds of random events it is that of im.recent.get', async () => {
    const ids = await chats(12);
    const page = await inbox();
    let random = 7;
    const draw = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor(random / 2 ** 8) % below;
    };
    for (let at = 0; at < 200; at += 1) {
      const id = ids[draw(ids.length)]!;
      const kind = draw(10);
      if (kind < 6) await say(boris, id, `Event ${at}`);
      else if (kind < 7) await anna.call('im.recent.pin', { DIALOG_ID: id, PIN: draw(2) === 0 ? 'Y' : 'N' });
      else if (kind < 8) await anna.call('im.recent.hide', { DIALOG_ID: id });
      else await anna.call('im.recent.unread', { DIALOG_ID: id, ACTION: draw(2) === 0 ? 'Y' : 'N' });
    }
    const expected = await anna.call<Row[]>('im.recent.get');
    await seen(page, expected.map(({ id }) => String(id)));
    for (const row of expected) expect(await rowAt(page, String(row.id)).locator('.badge:not(.dot)').allTextContents()).toEqual(row.counter > 0 ? [String(row.counter)] : []);
  }, 120_000);

  test('10: with the pointer moving over the list twenty messages move no row; 12 of section 3: a pill counts and leads there', async () => {
    const ids = await chats(8);
    const page = await inbox();
    const box = (await page.locator('.list').boundingBox())!;
    const before = await order(page);
    for (let at = 0; at < 20; at += 1) {
      await page.mouse.move(box.x + 60 + at, box.y + 100 + at);
      await say(boris, ids[4 + (at % 4)]!, `News ${at}`);
    }
    await page.mouse.move(box.x + 90, box.y + 130);
    await expect.poll(() => rowAt(page, ids[7]!).textContent()).toContain('News 19');
    await page.mouse.move(box.x + 91, box.y + 131);
    expect(await order(page)).toEqual(before);
    await page.getByRole('button', { name: 'Show 4 chats with news above' }).click();
    await seen(page, [ids[7]!, ids[6]!, ids[5]!, ids[4]!, ids[0]!, ids[1]!, ids[2]!, ids[3]!]);
  });

  test('10: when the pointer leaves, rows go where they belong; keys hold them as well', async () => {
    const ids = await chats(5);
    const page = await inbox();
    const box = (await page.locator('.list').boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 100);
    await page.mouse.move(box.x + 61, box.y + 101);
    await say(boris, ids[4]!, 'Up');
    await expect.poll(() => rowAt(page, ids[4]!).textContent()).toContain('Up');
    await page.mouse.move(900, 400);
    await seen(page, [ids[4]!, ...ids.slice(0, 4)]);
    await rowAt(page, ids[4]!).focus();
    await page.keyboard.press('ArrowDown');
    await say(boris, ids[3]!, 'Up as well');
    await expect.poll(() => rowAt(page, ids[3]!).textContent()).toContain('Up as well');
    await page.keyboard.press('ArrowDown');
    expect((await order(page))[0]).toBe(ids[4]);
    await seen(page, [ids[3]!, ids[4]!, ...ids.slice(0, 3)]);
  });

  test('15: while a button is down nothing moves, and what was pressed is what opens', async () => {
    const ids = await chats(5);
    const page = await inbox();
    const pressed = (await rowAt(page, ids[2]!).boundingBox())!;
    await page.mouse.move(pressed.x + 80, pressed.y + 30);
    await page.mouse.down();
    await say(boris, ids[4]!, 'Up');
    await say(anna, ids[3]!, 'Mine, from elsewhere');
    await expect.poll(() => rowAt(page, ids[3]!).textContent()).toContain('Mine');
    expect(await order(page)).toEqual(ids);
    await page.mouse.up();
    await expect.poll(() => page.url()).toContain(`#/${ids[2]}`);
  });

  test('11, 16: an own message lifts its row at once, in the open chat and under the pointer too', async () => {
    const ids = await chats(6);
    const page = await inbox({}, `#/${ids[4]}`);
    const box = (await page.locator('.list').boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 100);
    await say(boris, ids[5]!, 'Up');
    await expect.poll(() => rowAt(page, ids[5]!).textContent()).toContain('Up');
    await page.mouse.move(box.x + 60, box.y + 105);
    await say(anna, ids[4]!, 'Mine');
    await seen(page, [ids[4]!, ...ids.slice(0, 4), ids[5]!]);
    expect(await rowAt(page, ids[4]!).textContent()).toContain('You: Mine');
  });

  test('opening and reading move nothing', async () => {
    const ids = await chats(5);
    const page = await inbox();
    await rowAt(page, ids[3]!).click();
    await readUp(anna, ids[3]!);
    await expect.poll(() => rowAt(page, ids[3]!).locator('.badge').count()).toBe(0);
    await page.mouse.move(900, 10);
    expect(await order(page)).toEqual(ids);
  });

  test('12, 17: further down what is seen stays where it is, whatever happens above; a pill says how much and leads there', async () => {
    const ids = await chats(30);
    const page = await inbox({ viewport: { width: 1000, height: 600 } });
    await page.evaluate<void>(`document.querySelector('.list').scrollTop = 720`);
    await rowAt(page, ids[12]!).waitFor();
    const before = await yOf(page, ids[12]!);
    expect(before).toBeLessThan(600);
    for (let at = 0; at < 50; at += 1) await say(boris, ids[20 + (at % 10)]!, `News ${at}`);
    await expect.poll(async () => (await page.locator('.pill').textContent()) ?? '').toContain('10 new');
    expect(await yOf(page, ids[12]!)).toBe(before);
    await page.locator('.pill').click();
    await expect.poll(() => scrollTop(page)).toBe(0);
    await expect.poll(async () => (await order(page)).slice(0, 3)).toEqual([ids[29], ids[28], ids[27]]);
    await expect.poll(() => page.locator('.pill').count()).toBe(0);
  });

  test('18: rows slide to their places, and do not where less motion is wanted', async () => {
    const ids = await chats(3);
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const page = await inbox({ reducedMotion });
      await page.evaluate<void>(`window.slid = 0; document.addEventListener('transitionrun', (event) => { if (event.target.classList.contains('row')) window.slid += 1; }, true);`);
      const last = (await order(page)).at(-1)!;
      await say(boris, last, 'Up');
      await expect.poll(async () => (await order(page))[0]).toBe(last);
      await page.evaluate<void>('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const slid = await page.evaluate<number>('window.slid');
      if (reducedMotion === 'reduce') expect(slid).toBe(0);
      else expect(slid).toBeGreaterThan(0);
      await page.context().close();
    }
    expect(ids).toHaveLength(3);
  });
});
