/** Answers that are held back while the stream tells of what has happened since they were given. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, rowAt } from './inbox.ts';
import { groupOf, message, say, useThree } from './three.ts';

const browser = useChromium();
const three = useThree();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(() => {
  ({ portal, anna, boris } = three);
});

interface Held {
  /** Once the server has given the answer. */
  given: Promise<void>;
  release: () => void;
}

/** Holds the next answer to a request whose body has this word, as the server gave it. */
async function holdBack(page: Page, word: string): Promise<Held> {
  const [given, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isHeld = false;
  await page.route('**/rest/**', async (route) => {
    if (isHeld || !(route.request().postData() ?? '').includes(word)) return route.fallback();
    isHeld = true;
    const response = await route.fetch();
    given.resolve();
    await released.promise;
    return route.fulfill({ response });
  });
  return { given: given.promise, release: released.resolve };
}

/** Once what was said last is told to the page: its row says so, and the event of the message came with it. */
async function told(page: Page, chat: string, text: string): Promise<void> {
  await rowAt(page, chat).locator('.row-preview', { hasText: text }).waitFor();
}

/** Nothing of the conversation is asked again from now on: what shows afterwards has come by events. */
async function askNoMore(page: Page): Promise<void> {
  await page.route('**/rest/**', async (route) => ((route.request().postData() ?? '').includes('messages.get') ? route.abort() : route.fallback()));
}

test('what is said, changed and erased while the first page is under way is there, and changed, and gone', async () => {
  const { chat, ids } = await groupOf(three, 'First', 4);
  const page = await openInbox(browser, portal, boris);
  await rowAt(page, chat).waitFor();
  const held = await holdBack(page, 'im.dialog.messages.get');
  await rowAt(page, chat).click();
  await held.given;
  await say(anna, chat, 'Meanwhile');
  await anna.call('im.message.update', { MESSAGE_ID: ids[1], MESSAGE: 'Changed meanwhile' });
  await anna.call('tidemark.message.react', { MESSAGE_ID: ids[3], REACTION: 'fire', ACTION: 'add' });
  await anna.call('im.message.delete', { MESSAGE_ID: ids[2] });
  await say(anna, chat, 'And more');
  await told(page, chat, 'And more');
  await askNoMore(page);
  held.release();
  await message(page, 'And more').waitFor();
  expect(await page.locator('.msg .bubble .text').allTextContents()).toEqual(['First 1', 'Changed meanwhile', 'First 4', 'Meanwhile', 'And more']);
  await message(page, 'First 4').locator('.reaction').waitFor();
});

test('the same for a page above, and for the pages around a message that is gone to', async () => {
  const { chat, ids } = await groupOf(three, 'Pages', 130);
  const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
  await message(page, 'Pages 130').waitFor();
  const older = await holdBack(page, `"LAST_ID":${ids[80]}`);
  await page.locator('.messages').evaluate((box) => { box.scrollTop = 0; });
  await older.given;
  await anna.call('im.message.update', { MESSAGE_ID: ids[70], MESSAGE: 'Changed above' });
  await say(anna, chat, 'Below');
  await told(page, chat, 'Below');
  older.release();
  await message(page, 'Changed above').waitFor({ state: 'attached' });

  const around = await holdBack(page, '"FIRST_ID"');
  await page.evaluate(`location.hash = '#/${chat}/${ids[4]}'`);
  await around.given;
  await anna.call('im.message.update', { MESSAGE_ID: ids[5], MESSAGE: 'Changed far above' });
  await say(anna, chat, 'Last of all');
  await told(page, chat, 'Last of all');
  around.release();
  await page.locator('.marked', { hasText: 'Pages 5' }).waitFor();
  await message(page, 'Changed far above').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'To the latest message' }).or(page.getByRole('button', { name: 'new message' })).click();
  await message(page, 'Last of all').waitFor();
});

test('what is said while everything is loaded anew is there', async () => {
  const { chat } = await groupOf(three, 'Anew', 3);
  const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
  await message(page, 'Anew 3').waitFor();
  const held = await holdBack(page, 'im.dialog.messages.get');
  await page.reload();
  await held.given;
  await say(anna, chat, 'Between');
  await told(page, chat, 'Between');
  await askNoMore(page);
  held.release();
  await message(page, 'Between').waitFor();
});

test('whoever is put out while a page is under way sees nothing of it', async () => {
  const { chat, chatId } = await groupOf(three, 'Out', 3);
  const page = await openInbox(browser, portal, boris);
  const held = await holdBack(page, 'im.dialog.messages.get');
  await rowAt(page, chat).click();
  await held.given;
  await anna.call('im.chat.user.delete', { CHAT_ID: chatId, USER_ID: boris.userId });
  await page.getByText('You cannot see this chat').waitFor();
  held.release();
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  expect(await page.locator('.msg').count()).toBe(0);
  await page.getByText('You cannot see this chat').waitFor();
});
