/** The conversation without a mouse, for whoever may not do all, and what is made from it. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, ready, rowAt } from './inbox.ts';
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

describe('without a mouse', () => {
  test('a draft survives every Esc, each of which takes back one thing; answering and mentioning go by keys', async () => {
    const { chat } = await group('Keys');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Keys 1').waitFor();
    await field(page).focus();
    await page.keyboard.press('Shift+ArrowUp');
    await page.locator('.quote-bar').waitFor();
    await page.keyboard.type('Begun @an');
    await page.locator('.mention-choice', { hasText: 'Anna' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.mentions').waitFor({ state: 'detached' });
    expect(await page.locator('.quote-bar').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('.quote-bar').waitFor({ state: 'detached' });
    expect(await field(page).inputValue()).toBe('Begun @an');
    await page.keyboard.type('n');
    await page.locator('.mention-choice', { hasText: 'Anna' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await message(page, 'Begun').locator('.named', { hasText: 'Anna' }).waitFor();
  });

  test('messages are one stop of Tab, and their menu opens by a key', async () => {
    const { chat } = await group('Stops', 3);
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Stops 3').waitFor();
    expect(await page.locator('.messages [tabindex="0"]').count()).toBe(1);
    await message(page, 'Stops 3').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.quote-bar', { hasText: 'Stops 2' }).waitFor();
  });

  test('a screen reader hears what comes once, and nothing when a chat is opened', async () => {
    const [first, other] = [await group('Heard', 5), await group('Other', 5)];
    const page = await openInbox(browser, portal, boris, {}, `#/${first.chat}`);
    await message(page, 'Heard 5').waitFor();
    await page.evaluate(`window.heard = []; new MutationObserver(() => heard.push(document.querySelector('[aria-live="polite"]').textContent)).observe(document.querySelector('[aria-live="polite"]'), { childList: true, characterData: true, subtree: true })`);
    await rowAt(page, other.chat).click();
    await message(page, 'Other 5').waitFor();
    expect((await page.evaluate<string[]>('heard')).filter(Boolean)).toEqual([]);
    await say(anna, other.chat, 'Aloud');
    await expect.poll(async () => (await page.evaluate<string[]>('heard')).filter(Boolean)).toEqual(['Anna: Aloud']);
  });
});

describe('who may not', () => {
  test('whoever is removed sees nothing of the chat any more', async () => {
    const { chat, chatId } = await group('Kicked');
    const page = await openInbox(browser, portal, boris, {}, `#/${chat}`);
    await message(page, 'Kicked 1').waitFor();
    await anna.call('im.chat.user.delete', { CHAT_ID: chatId, USER_ID: boris.userId });
    await page.getByText('You cannot see this chat').waitFor();
    expect(await page.locator('.msg').count()).toBe(0);
    expect(await page.locator('.composer').count()).toBe(0);
  });

  test('a reader of a channel is told why there is nothing to write in', async () => {
    const id = await anna.call<number>('im.chat.add', { TITLE: 'News', TYPE: 'CHANNEL', USERS: [boris.userId], MESSAGE: 'Read me' });
    await anna.call('tidemark.chat.permissions.set', { CHAT_ID: id, CAN_POST: 'manager' });
    const page = await openInbox(browser, portal, boris, {}, `#/chat${id}`);
    await page.getByText('Only managers post in this channel.').waitFor();
    expect(await page.locator('.composer').count()).toBe(0);
  });

  test('a guest talks like everybody', async () => {
    const guest = await portal.addUser('Gast', { extranet: 1 });
    const chatId = await anna.call<number>('im.chat.add', { TITLE: 'With a guest', USERS: [guest.userId], MESSAGE: 'Welcome' });
    const page = await openInbox(browser, portal, guest, {}, `#/chat${chatId}`);
    await message(page, 'Welcome').waitFor();
    await write(page, 'Danke');
    await expect.poll(() => counterOf(anna, `chat${chatId}`)).toBe(1);
  });
});

describe('notifications', () => {
  test('come as they are sent, and one that asks is answered by its button', async () => {
    const page = await openInbox(browser, portal, boris, {}, '#/notify');
    await page.getByText('No notifications').waitFor();
    await anna.call('im.notify.personal.add', { USER_ID: boris.userId, MESSAGE: 'Shall we?', BUTTONS: [{ TITLE: 'Yes', VALUE: 'Y' }, { TITLE: 'No', VALUE: 'N' }] });
    await page.locator('.notice', { hasText: 'Shall we?' }).getByRole('button', { name: 'Yes' }).click();
    await page.locator('.notice').waitFor({ state: 'detached' });
  });
});

describe('chats', () => {
  test('are made, renamed and filled from the page', async () => {
    const page = await openInbox(browser, portal, boris);
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Made here');
    await page.getByLabel('Find people').fill('Clara');
    await page.getByRole('checkbox', { name: 'Clara' }).click();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'Made here' }).waitFor();
    await page.locator('.talk-title').click();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.locator('dialog').getByLabel('Name').fill('Made better');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('dialog').getByRole('heading', { name: 'Made better' }).waitFor();
    await page.locator('dialog').getByText('2 members').waitFor();
    await ready(page);
  });
});
