/** The inbox's rows: what they say, and what can be done with them. Numbers are those of docs/inbox.md. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { Row } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { overflowOf, useChromium } from './chromium.ts';
import { act, menuItem, nameOfRow, openInbox, order, ready, rowAt, secondTab } from './inbox.ts';
import { chatsOf, readUp, say, usePair } from './pair.ts';

const chromium = useChromium();
const { complaints } = chromium;
let portal: TestServer;
let anna: Client;
let boris: Client;

usePair((pair) => ({ portal, anna, boris } = pair));

const inbox = (options = {}, hash = '') => openInbox(chromium, portal, anna, options, hash);
const seen = (page: Page, ids: string[]) => expect.poll(() => order(page), { timeout: 10_000 }).toEqual(ids);
const chats = (count: number, titleOf?: (at: number) => string) => chatsOf({ portal, anna, boris }, count, titleOf);

describe('rows', () => {
  test('3: they are 72 pixels high, 48 where low ones are chosen, 72 on a phone always; nothing moves them', async () => {
    const [id] = await chats(3);
    const page = await inbox();
    const height = async () => (await rowAt(page, id!).boundingBox())!.height;
    expect(await height()).toBe(72);
    await page.getByRole('button', { name: 'Account' }).click();
    await menuItem(page, 'Compact').click();
    await expect.poll(height).toBe(48);
    await page.reload();
    await ready(page);
    expect(await height()).toBe(48);
    await page.setViewportSize({ width: 360, height: 640 });
    await expect.poll(height).toBe(72);
  });

  test('4, 34: nothing a name, a number or a message may be runs out of its row or turns it around', async () => {
    const names = ['A'.repeat(200), 'שלום עולם', '\u202Eevil\u202C name', '👩‍👩‍👧 Family', 'x', ' '.repeat(3) + '<b>bold</b> & "co"'];
    const ids = await chats(names.length, (at) => names[at]!);
    await say(boris, ids[1]!, `שלום ${'y'.repeat(3000)}`);
    await boris.call('im.chat.updateAvatar', { CHAT_ID: ids[2]!.slice(4), AVATAR: 'x' }).catch(() => undefined);
    for (const width of [320, 360, 1440]) {
      const page = await inbox({ viewport: { width, height: 900 } });
      expect(await overflowOf(page)).toBe(0);
      const broken = await page.evaluate<string[]>(`[...document.querySelectorAll('.row')].filter((row) => {
        const box = row.getBoundingClientRect();
        const when = row.querySelector('.row-when').getBoundingClientRect();
        const title = row.querySelector('.row-title').getBoundingClientRect();
        return row.scrollWidth > row.clientWidth || when.right > box.right || title.right > when.left + 1 || title.left > when.left;
      }).map((row) => row.textContent)`);
      expect(broken).toEqual([]);
      await page.context().close();
    }
  });

  test('4, 13: of a thousand unread messages the row shows 999+, and its name says exactly', async () => {
    const [id] = await chats(1);
    const page = await inbox();
    expect(await rowAt(page, id!).locator('.badge').textContent()).toBe('1');
    const many = (count: number) => boris.call('batch', { cmd: Array.from({ length: count }, (_, at) => `im.message.add?DIALOG_ID=${id}&MESSAGE=${at}`) });
    for (let at = 0; at < 19; at += 1) await many(50);
    await many(48);
    const shows = (text: string) => expect.poll(() => rowAt(page, id!).locator('.badge').textContent(), { timeout: 10_000 }).toBe(text);
    await shows('999');
    await many(1);
    await shows('999+');
    expect(await nameOfRow(page, id!)).toContain(', 1000 unread,');
    await readUp(anna, id!);
    await expect.poll(() => rowAt(page, id!).locator('.badge').count()).toBe(0);
  });

  test('6, 30: a draft comes before the last message; the name says all of it in one go', async () => {
    const [top] = await chats(1, () => 'Plans');
    await anna.call('im.recent.pin', { DIALOG_ID: top });
    await anna.call('im.chat.mute', { DIALOG_ID: top });
    const page = await inbox();
    const name = await nameOfRow(page, top!);
    expect(name).toMatch(/^Plans, group, 1 unread, pinned, muted, last message from Boris Berg: Message 0, \d+:\d\d/);
    await page.evaluate<unknown>(`new Promise((done) => { const request = indexedDB.open('tidemark-${anna.userId}'); request.onsuccess = () => {
      const put = request.result.transaction('drafts', 'readwrite').objectStore('drafts').put({ id: '${top}', text: 'not yet said' }, '${top}'); put.onsuccess = () => done(0); }; })`);
    await page.reload();
    await rowAt(page, top!).locator('.row-lead').getByText('Draft:').waitFor();
    expect(await nameOfRow(page, top!)).toContain(', draft: not yet said, ');
    expect(await rowAt(page, top!).getAttribute('aria-setsize')).toBe('1');
    expect(await rowAt(page, top!).textContent()).toContain('not yet said');
  });

  test('6 of section 9: of a muted chat the number is grey and in no total', async () => {
    const [loud, quiet] = await chats(2);
    await anna.call('im.chat.mute', { DIALOG_ID: quiet });
    const page = await inbox();
    const colour = (id: string) => page.evaluate<string>(`getComputedStyle(document.querySelector('#row-${id} .badge')).backgroundColor`);
    expect(await colour(quiet!)).not.toBe(await colour(loud!));
    expect(await page.title()).toBe('(1) Tidemark');
  });
});

describe('what is done', () => {
  test('7: a chat marked as unread has an empty dot, and loses it when it is read', async () => {
    const [id] = await chats(1);
    await readUp(anna, id!);
    const page = await inbox();
    await act(page, id!, 'Mark as unread');
    expect(await rowAt(page, id!).locator('.badge.dot').textContent()).toBe('');
    expect(await nameOfRow(page, id!)).toContain(', marked as unread, ');
    await expect.poll(async () => (await anna.call<Row[]>('im.recent.get'))[0]!.unread).toBe(true);
    await act(page, id!, 'Mark as read');
    expect(await rowAt(page, id!).locator('.badge').count()).toBe(0);
    await expect.poll(async () => (await anna.call<Row[]>('im.recent.get'))[0]!.unread).toBe(false);
  });

  test('what the server refuses is taken back, and said', async () => {
    const [id] = await chats(1);
    const page = await inbox();
    await page.route('**/rest/im.chat.mute', (route) => route.fulfill({ status: 500, json: { error: 'INTERNAL_SERVER_ERROR' } }));
    await act(page, id!, 'Mute');
    await page.getByText('That did not work. Try again.').first().waitFor();
    expect(await nameOfRow(page, id!)).not.toContain('muted');
  });

  test('24, 8 of section 9: two tabs say the same, and after everything is read nothing is unread anywhere', async () => {
    await chats(3);
    const page = await inbox();
    const other = await secondTab(page);
    for (const tab of [page, other]) await expect.poll(() => tab.title()).toBe('(3) Tidemark');
    await page.getByRole('button', { name: 'Account' }).click();
    await menuItem(page, 'Mark everything as read').click();
    for (const tab of [page, other]) {
      await expect.poll(() => tab.title(), { timeout: 10_000 }).toBe('Tidemark');
      await expect.poll(() => tab.locator('.badge').count()).toBe(0);
    }
  });

  test('filters: each shows its own, and what comes meanwhile', async () => {
    const [group, read] = await chats(2);
    await readUp(anna, read!);
    const channel = `chat${await boris.call<number>('im.chat.add', { TITLE: 'News', TYPE: 'CHANNEL', USERS: [anna.userId], MESSAGE: 'x' })}`;
    const person = String(boris.userId);
    await say(boris, String(anna.userId), 'Hello');
    const page = await inbox();
    const shows = async (name: string, ids: string[]) => {
      await page.getByRole('radio', { name }).click();
      await page.mouse.move(900, 10);
      await seen(page, ids);
    };
    await shows('Unread', [person, channel, group!]);
    await shows('People', [person]);
    await shows('Groups', [group!, read!]);
    await shows('Channels', [channel]);
    await page.getByRole('radio', { name: 'Open lines' }).click();
    await page.getByText('Nothing of this kind').waitFor();
    await page.getByRole('button', { name: 'Show all chats' }).click();
    await seen(page, [person, channel, group!, read!]);
    await shows('Groups', [group!, read!]);
    await say(boris, read!, 'News');
    await seen(page, [read!, group!]);
  });

  test('the search finds chats, people and messages, by keyboard', async () => {
    const ids = await chats(3, (at) => ['Harbour works', 'Budget', 'Lighthouse'][at]!);
    await say(boris, ids[1]!, 'The quay at [b]Harbour[/b] street');
    await portal.addUser('Harbourmaster', { last_name: 'Olsen' });
    const page = await inbox();
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('harb');
    const found = page.getByRole('listbox', { name: 'Search results' });
    await found.getByRole('group', { name: 'Messages' }).waitFor();
    const options = await found.getByRole('option').locator('.found-text').allTextContents();
    expect(options.map((text) => text.replace(/\d+:\d+ [AP]M/, ''))).toEqual([
      'Harbour works', 'Harbourmaster Olsen', 'BudgetThe quay at Harbour street', 'Harbour worksBoris Berg created the chat "Harbour works"',
    ]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(new RegExp(`#/${ids[1]}/\\d+$`));
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#search').inputValue()).toBe('');
    await page.locator('#search').fill('qqqq');
    await page.locator('#found').getByText('Nothing found for “qqqq”').waitFor();
    expect(complaints).toEqual([]);
  });
});
