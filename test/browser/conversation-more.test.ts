/** Files that are pasted and dropped, forwarding, comments, less motion, and names and texts from right to left. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, rowAt } from './inbox.ts';
import { field, groupOf, message, say, useThree, write } from './three.ts';

const browser = useChromium();
const three = useThree();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(() => {
  ({ portal, anna, boris } = three);
});

/** Lets go of files with these names over an element, or pastes them into it. */
async function give(page: Page, selector: string, how: 'paste' | 'drop', names: string[]): Promise<void> {
  await page.evaluate(`(() => {
    const data = new DataTransfer();
    for (const name of ${JSON.stringify(names)}) data.items.add(new File(['content of ' + name], name, { type: 'text/plain' }));
    const on = document.querySelector(${JSON.stringify(selector)});
    if (${JSON.stringify(how)} === 'paste') on.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    else for (const type of ['dragenter', 'dragover', 'drop']) on.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  })()`);
}

/** Holds what is uploaded until it is let go. */
async function holdUploads(page: Page): Promise<() => void> {
  const released = Promise.withResolvers<void>();
  await page.route('**/*', async (route) => {
    const isUpload = route.request().method() === 'POST' && (route.request().headers()['content-type'] ?? '').startsWith('multipart/');
    if (isUpload) await released.promise;
    return route.fallback().catch(() => undefined);
  });
  return released.resolve;
}

describe('files', () => {
  test('are pasted and dropped, looked at and left out before they are sent, and taken back while they are under way', async () => {
    const { chat } = await groupOf(three, 'Given');
    const [page, annas] = [await openInbox(browser, portal, boris, {}, `#/${chat}`), await openInbox(browser, portal, anna, {}, `#/${chat}`)];
    await message(page, 'Given 1').waitFor();
    await give(page, '.composer-field', 'paste', ['pasted.txt']);
    await page.locator('.tray .chosen', { hasText: 'pasted.txt' }).waitFor();
    await give(page, '.talk', 'drop', ['dropped.txt', 'unwanted.txt', 'taken-back.txt']);
    await page.getByRole('button', { name: 'Leave out unwanted.txt' }).click();
    const letGo = await holdUploads(page);
    await write(page, 'Here they are');
    for (const name of ['pasted.txt', 'dropped.txt', 'taken-back.txt']) await page.getByRole('progressbar', { name: `Uploading ${name}` }).waitFor();
    await page.getByRole('button', { name: 'Cancel: taken-back.txt' }).click();
    await page.getByRole('progressbar', { name: 'Uploading taken-back.txt' }).waitFor({ state: 'detached' });
    letGo();
    const there = message(annas, 'Here they are');
    for (const name of ['pasted.txt', 'dropped.txt']) await there.getByRole('link', { name }).waitFor();
    expect(await there.getByRole('link', { name: /unwanted|taken-back/ }).count()).toBe(0);
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    browser.complaints.splice(0, Infinity, ...browser.complaints.filter((text) => !text.includes('ERR_ABORTED')));
  });
});

describe('a message', () => {
  test('is sent on to another chat, where it says from whom it is', async () => {
    const [from, to] = [await groupOf(three, 'Source'), await groupOf(three, 'Target')];
    const page = await openInbox(browser, portal, boris, {}, `#/${from.chat}`);
    await message(page, 'Source 1').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Forward' }).click();
    await page.getByRole('dialog').getByRole('searchbox').fill('Target');
    await page.getByRole('dialog').getByRole('button', { name: 'Target' }).click();
    await rowAt(page, to.chat).click();
    await message(page, 'Source 1').getByText('Forwarded from Anna').waitFor();
    const { messages } = await anna.call<{ messages: Array<{ text: string; author_id: number }> }>('im.dialog.messages.get', { DIALOG_ID: to.chat });
    expect(messages[0]).toMatchObject({ text: 'Source 1', author_id: boris.userId });
  });

  test('of a channel is commented on, in a conversation of its own', async () => {
    const id = await anna.call<number>('im.chat.add', { TITLE: 'Paper', TYPE: 'CHANNEL', USERS: [boris.userId] });
    const post = await say(anna, `chat${id}`, 'Read all about it');
    const page = await openInbox(browser, portal, boris, {}, `#/chat${id}`);
    await message(page, 'Read all about it').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Comments' }).click();
    await expect.poll(() => page.url()).not.toContain(`chat${id}`);
    await field(page).waitFor();
    await write(page, 'I have read it');
    await message(page, 'I have read it').waitFor();
    const { dialog_id: thread } = await anna.call<{ dialog_id: string }>('tidemark.comments.open', { MESSAGE_ID: post });
    await expect.poll(async () => (await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: thread })).messages[0]!.text).toBe('I have read it');
    await say(anna, thread, 'And what do you think?');
    await message(page, 'And what do you think?').waitFor();
  });
});

test('less motion: nothing of the conversation moves by itself', async () => {
  const { chat, ids } = await groupOf(three, 'Still', 3);
  const page = await openInbox(browser, portal, boris, { reducedMotion: 'reduce' }, `#/${chat}/${ids[0]}`);
  await page.locator('.marked', { hasText: 'Still 1' }).waitFor();
  await field(page).fill('x');
  const moving = () => page.evaluate<string[]>(`document.getAnimations().filter(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().duration > 0).map(({ effect }) => effect.target.className)`);
  expect(await moving()).toEqual([]);
  await say(anna, chat, 'Still here');
  await message(page, 'Still here').waitFor();
  expect(await moving()).toEqual([]);
});

test('a text from right to left is written so, and keeps to itself beside a name from left to right', async () => {
  const dana = await portal.addUser('דנה');
  const chatId = await anna.call<number>('im.chat.add', { TITLE: 'שלום 123', USERS: [boris.userId, dana.userId] });
  await say(dana, `chat${chatId}`, 'שלום לכולם (1)');
  await say(anna, `chat${chatId}`, 'Hello (2)');
  const page = await openInbox(browser, portal, boris, {}, `#/chat${chatId}`);
  const leftwards = (text: string) => message(page, text).locator('.text:dir(rtl)').count();
  await message(page, 'Hello (2)').waitFor();
  expect([await leftwards('שלום לכולם'), await leftwards('Hello')]).toEqual([1, 0]);
  expect(await message(page, 'שלום לכולם').locator('bdi', { hasText: 'דנה' }).count()).toBeGreaterThan(0);
  await field(page).fill('בוקר טוב');
  await page.locator('.composer-field:dir(rtl)').waitFor();
});
