/** People write to each other in the inbox: what each sees, when it counts as read, and what gets lost (nothing). */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, order, rowAt, secondTab } from './inbox.ts';
import { counterOf, field, groupOf, message, say, useThree, write } from './three.ts';

const browser = useChromium();
const three = useThree();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(() => {
  ({ portal, anna, boris } = three);
});

const group = (title: string, messages?: number, unread?: number) => groupOf(three, title, messages, unread);

/** What stands in the messages, from the top. */
const texts = (page: Page): Promise<string[]> => page.locator('.msg .text').allTextContents();
const scrollTo = (page: Page, top: number) => page.locator('.messages').evaluate((box, to) => (box as unknown as { scrollTop: number }).scrollTop = to, top);
const yOf = async (page: Page, text: string): Promise<number> => (await message(page, text).boundingBox())!.y;
/** Makes the page believe that nobody looks, or that somebody does again. */
const attend = (page: Page, looks: boolean) => page.evaluate(`document.hasFocus = () => ${looks}; ${looks} && dispatchEvent(new Event('focus'))`);

describe('two people', () => {
  test('talk: each sees at once what the other writes, changes, likes and takes back, and the list follows', async () => {
    const { chat } = await group('Talk', 1);
    await group('Later', 1);
    const [annas, boriss] = [await openInbox(browser, portal, anna, {}, `#/${chat}`), await openInbox(browser, portal, boris, {}, `#/${chat}`)];
    await write(annas, 'Hello [b]Boris[/b]');
    await message(boriss, 'Hello Boris').waitFor();
    expect(await message(boriss, 'Hello Boris').locator('b').textContent()).toBe('Boris');
    await expect.poll(async () => (await order(boriss))[0]).toBe(chat);
    await message(annas, 'Hello Boris').locator('.is-seen').waitFor();

    await message(boriss, 'Hello Boris').click({ button: 'right' });
    await boriss.getByRole('menuitem', { name: 'Reply' }).click();
    await write(boriss, 'Hello Anna');
    await message(annas, 'Hello Anna').locator('.answered', { hasText: 'Hello Boris' }).waitFor();

    // What nobody has seen yet is changed without a word of it.
    await message(boriss, 'Hello Anna').locator('.is-seen').waitFor();
    await field(boriss).press('ArrowUp');
    await expect.poll(() => field(boriss).inputValue()).toBe('Hello Anna');
    await write(boriss, 'Good morning, Anna');
    await message(annas, 'Good morning, Anna').getByText('edited').waitFor();

    await message(annas, 'Good morning').hover();
    await message(annas, 'Good morning').locator('.tools button').first().click();
    await annas.getByRole('button', { name: '🔥' }).click();
    await message(boriss, 'Good morning').locator('.reaction', { hasText: '🔥' }).waitFor();

    await message(boriss, 'Good morning').click({ button: 'right' });
    await boriss.getByRole('menuitem', { name: 'Delete' }).click();
    await boriss.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await annas.getByText('This message has been deleted').first().waitFor();
    expect(await annas.getByText('Good morning, Anna').count()).toBe(0);
  });

  test('see the other one writing, and no longer once the message is there', async () => {
    const { chat } = await group('Typing');
    const [annas, boriss] = [await openInbox(browser, portal, anna, {}, `#/${chat}`), await openInbox(browser, portal, boris, {}, `#/${chat}`)];
    await message(boriss, 'Typing 1').waitFor();
    await field(annas).pressSequentially('Wait');
    await boriss.locator('.types.on', { hasText: 'Anna' }).waitFor();
    await field(annas).press('Enter');
    await message(boriss, 'Wait').waitFor();
    await boriss.locator('.types:not(.on)').waitFor({ state: 'attached' });
  });

  test('are told apart by nothing that a message can contain', async () => {
    const { chat } = await group('Hostile');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await say(anna, chat, '[url=javascript:alert(1)]one[/url] [url=//evil.example]two[/url] <img src=x onerror=alert(1)> [img]javascript:alert(1)[/img] [url=https://a.example]three[/url]');
    await message(page, 'three').waitFor();
    expect(await page.locator('.msg a[href]:not([href^="#"])').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(['https://a.example']);
    expect(await page.locator('.msg .text img').count()).toBe(0);
    await say(anna, chat, `${'[b]'.repeat(1000)}deep${'[/b]'.repeat(1000)}`);
    await page.getByRole('button', { name: 'Show more' }).click();
    await message(page, 'deep').waitFor();
    await say(anna, chat, 'x'.repeat(20_000));
    await page.getByRole('button', { name: 'Show more' }).last().waitFor();
  });
});

describe('reading', () => {
  test('two hundred unread: the line is in sight, and the counter falls only as they are seen', async () => {
    const { chat } = await group('Long', 240, 200);
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    const line = page.locator('.divider');
    await line.waitFor();
    const [frame, at] = [await page.locator('.messages').boundingBox(), await line.boundingBox()];
    expect(at!.y - frame!.y).toBeGreaterThanOrEqual(0);
    expect(at!.y - frame!.y).toBeLessThan(frame!.height / 4);
    await expect.poll(() => counterOf(boris, chat)).toBeLessThan(200);
    expect(await counterOf(boris, chat)).toBeGreaterThan(150);
    await page.getByRole('button', { name: 'To the latest message' }).click();
    await message(page, 'Long 240').waitFor();
    await expect.poll(() => counterOf(boris, chat)).toBe(0);
  });

  test('what comes while nobody looks stays unread below a line; whoever looks again has read it; an own message ends the line', async () => {
    const { chat } = await group('Away');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Away 1').waitFor();
    await attend(page, false);
    await say(anna, chat, 'While you were away');
    await message(page, 'While you were away').waitFor();
    await page.locator('.divider').waitFor();
    expect(await counterOf(boris, chat)).toBe(1);
    await attend(page, true);
    await expect.poll(() => counterOf(boris, chat)).toBe(0);
    await write(page, 'Back');
    await message(page, 'Back').waitFor();
    expect(await page.locator('.divider').count()).toBe(0);
  });

  test('in one tab is seen in the other', async () => {
    const { chat } = await group('Tabs', 2, 2);
    const first = await openInbox(browser, portal, boris);
    const second = await secondTab(first);
    await rowAt(second, chat).locator('.badge').waitFor();
    await first.goto(`${portal.http}/#/${chat}`);
    await message(first, 'Tabs 2').waitFor();
    await rowAt(second, chat).locator('.badge').waitFor({ state: 'detached' });
    expect(await counterOf(boris, chat)).toBe(0);
  });
});

describe('scrolling', () => {
  test('a message moves nothing for whoever reads above, and is counted; older pages keep what shows in its place', async () => {
    const { chat } = await group('High', 130);
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'High 130').waitFor();
    await scrollTo(page, 1200);
    const shown = (await page.locator('.msg').evaluateAll((rows) => rows.map((row) => ({ text: row.textContent!, top: row.getBoundingClientRect().top })).find(({ top }) => top > 300)))!;
    const text = /High \d+/.exec(shown.text)![0];
    const before = await yOf(page, text);
    await say(anna, chat, 'From below');
    await page.getByRole('button', { name: '1 new message' }).waitFor();
    expect(Math.abs((await yOf(page, text)) - before)).toBeLessThanOrEqual(1);

    await scrollTo(page, 300);
    const top = await yOf(page, text);
    await expect.poll(() => page.locator('.msg').count()).toBeGreaterThan(90);
    expect(Math.abs((await yOf(page, text)) - top)).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: '1 new message' }).click();
    await message(page, 'From below').waitFor();
    await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
  });

  test('a link to a message far up shows it', async () => {
    const { chat, ids } = await group('Far', 150);
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}/${ids[9]}`);
    await page.locator('.marked', { hasText: 'Far 10' }).waitFor();
    await page.getByRole('button', { name: 'Search in the chat' }).click();
    await page.getByRole('searchbox', { name: 'Search in the chat' }).fill('Far 77');
    await page.locator('.search-found button', { hasText: 'Far 77' }).click();
    await page.locator('.marked', { hasText: 'Far 77' }).waitFor();
  });
});

describe('sending', () => {
  test('what is written without a connection arrives once and in order, also after the page was closed', async () => {
    const { chat } = await group('Offline');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Offline 1').waitFor();
    await page.context().setOffline(true);
    for (const text of ['one', 'two', 'three']) await write(page, text);
    await expect.poll(() => page.locator('.msg.echo').count()).toBe(3);
    await page.context().setOffline(false);
    await page.goto('about:blank');
    await page.goto(`${portal.http}/#/${chat}`);
    await expect.poll(async () => (await texts(page)).slice(-3)).toEqual(['one', 'two', 'three']);
    await expect.poll(() => page.locator('.msg.echo').count()).toBe(0);
    const { messages } = await boris.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: chat });
    expect(messages.map(({ text }) => text).slice(0, 4)).toEqual(['three', 'two', 'one', 'Offline 1']);
    browser.complaints.splice(0);
  });

  test('what the server fails to take says so, and goes out under the same uuid when tried again', async () => {
    const { chat } = await group('Failing');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Failing 1').waitFor();
    const uuids: string[] = [];
    let fails = true;
    await page.route('**/rest/im.message.add', async (route) => {
      uuids.push((route.request().postDataJSON() as { TEMPLATE_ID: string }).TEMPLATE_ID);
      if (fails) await route.fulfill({ status: 500, json: { error: 'INTERNAL_SERVER_ERROR', error_description: 'Broken' } });
      else await route.continue();
    });
    await write(page, 'First');
    await write(page, 'Second');
    await message(page, 'First').getByText('Not sent: Broken').waitFor();
    fails = false;
    await message(page, 'First').getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => counterOf(anna, chat)).toBe(2);
    expect(uuids).toEqual([uuids[0], uuids[0], uuids[2]]);
    expect((await texts(page)).slice(-2)).toEqual(['First', 'Second']);
  });

  test('a picture is shown before it is sent, and then to the others', async () => {
    const { chat } = await group('Files');
    const [page, annas] = [await openInbox(browser, portal, boris, {}, `#/${chat}`), await openInbox(browser, portal, anna, {}, `#/${chat}`)];
    await message(page, 'Files 1').waitFor();
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await page.locator('input[type="file"]').first().setInputFiles([{ name: 'dot.png', mimeType: 'image/png', buffer: png }, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') }]);
    await page.locator('.tray .chosen', { hasText: 'dot.png' }).waitFor();
    await write(page, 'Look');
    const there = message(annas, 'Look');
    await there.locator('.picture img').waitFor();
    await there.getByRole('link', { name: 'notes.txt' }).waitFor();
    await there.locator('.picture').click();
    await annas.locator('.viewer img').waitFor();
    await annas.keyboard.press('Escape');
    await annas.locator('.viewer').waitFor({ state: 'detached' });
  });
});
