/** People write to each other in the inbox: what each sees, when it counts as read, and what gets lost (nothing). */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, order, ready, rowAt, secondTab } from './inbox.ts';

const browser = useChromium();
let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
});
afterAll(() => portal[Symbol.asyncDispose]());

const say = (who: Client, DIALOG_ID: string | number, MESSAGE: string, more: Record<string, unknown> = {}) => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE, ...more });

/** A group of the three with so many messages of Anna's, the last of which Boris has not read. */
async function group(TITLE: string, messages = 1, unread = 0): Promise<{ chat: string; chatId: number; ids: number[] }> {
  const chatId = await anna.call<number>('im.chat.add', { TITLE, USERS: [boris.userId, clara.userId] });
  const chat = `chat${chatId}`;
  const ids: number[] = [];
  for (let at = 1; at <= messages; at++) ids.push(await say(anna, chat, `${TITLE} ${at}`));
  if (unread < messages) await boris.call('im.dialog.read', { DIALOG_ID: chat, MESSAGE_ID: ids[messages - unread - 1] });
  return { chat, chatId, ids };
}

const message = (page: Page, text: string) => page.locator('.msg', { hasText: text }).last();
const field = (page: Page) => page.locator('.composer-field');

async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** What stands in the messages, from the top. */
const texts = (page: Page): Promise<string[]> => page.locator('.msg .text').allTextContents();
const counterOf = async (who: Client, chat: string): Promise<number> => (await who.call<{ counter: number }>('im.dialog.get', { DIALOG_ID: chat })).counter;
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
