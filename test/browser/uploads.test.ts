/** Files on their way: kept until they are sent, gone on with after a reload, in one tab at a time, once. */
import type { BrowserContext, Page, Route } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { menuItem, openInbox, secondTab, signIn } from './inbox.ts';
import { field, groupOf, message, useThree, write } from './three.ts';

const browser = useChromium();
const three = useThree();
let portal: TestServer;
let anna: Client;
let boris: Client;
let chat: string;

beforeAll(() => {
  ({ portal, anna, boris } = three);
});
beforeEach(async () => {
  ({ chat } = await groupOf(three, 'Parcels'));
});

/** Requests of a page that has a worker are not always held. */
const inbox = () => openInbox(browser, portal, boris, { serviceWorkers: 'block' }, `#/${chat}`);
const fileOf = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`content of ${name}`) });
const progress = (page: Page, name: string) => page.getByRole('progressbar', { name: `Uploading ${name}` });

/** Begins to send files, with or without a text, and gives back when they are kept. */
async function begin(page: Page, names: string[], text: string): Promise<void> {
  const before = await kept(page, 'blobs');
  await page.locator('input[type="file"]').first().setInputFiles(names.map(fileOf));
  await write(page, text);
  await expect.poll(() => kept(page, 'blobs'), PATIENCE).toBe(before + names.length);
}

/** How much the browser keeps in one of its stores. */
function kept(page: Page, store: string): Promise<number> {
  return page.evaluate<number>(`new Promise((done, failed) => { const request = indexedDB.open('tidemark-${boris.userId}'); request.onerror = failed; request.onsuccess = () => {
    const count = request.result.transaction('${store}').objectStore('${store}').count(); count.onsuccess = () => { request.result.close(); done(count.result); }; }; })`);
}

/** On a busy machine it may take its time. */
const PATIENCE = { timeout: 20_000 };

const isUpload = (route: Route): boolean => route.request().resourceType() === 'xhr';

/** Holds what is uploaded until it is let go, and says of how many uploads it knows. */
async function holdUploads(on: Page | BrowserContext): Promise<{ count: () => number; letGo: () => void }> {
  const released = Promise.withResolvers<void>();
  let count = 0;
  await on.route('**/*', async (route) => {
    if (isUpload(route)) {
      count += 1;
      await released.promise;
    }
    return route.fallback().catch(() => undefined);
  });
  return { count: () => count, letGo: released.resolve };
}

/** What the chat's messages say and how many files they have, the first one left out. */
async function said(): Promise<Array<[text: string, files: number]>> {
  const { messages } = await anna.call<{ messages: Array<{ text: string; params?: { FILE_ID?: unknown[] } }> }>('im.dialog.messages.get', { DIALOG_ID: chat });
  return messages.reverse().map(({ text, params }): [string, number] => [text, params?.FILE_ID?.length ?? 0]).filter(([text, files]) => files > 0 || !/Parcels|invited|created/.test(text));
}
const says = (expected: Array<[text: string, files: number]>) => expect.poll(said, PATIENCE).toEqual(expected);

async function keepsNothing(page: Page): Promise<void> {
  await expect.poll(async () => [await kept(page, 'parcels'), await kept(page, 'blobs'), await kept(page, 'outbox')], PATIENCE).toEqual([0, 0, 0]);
}

/** Requests are broken off where a page goes. */
const forgive = (): void => void browser.complaints.splice(0, Infinity, ...browser.complaints.filter((text) => !/ERR_ABORTED|ERR_FAILED|Service Worker registration blocked/.test(text)));
afterEach(forgive);

test('after a reload in the middle they begin again, and are sent once', async () => {
  const page = await inbox();
  const uploads = await holdUploads(page);
  await begin(page, ['one.txt', 'two.txt'], 'Both of them');
  await page.reload();
  for (const name of ['one.txt', 'two.txt']) await progress(page, name).waitFor();
  uploads.letGo();
  await says([['Both of them', 2]]);
  for (const name of ['one.txt', 'two.txt']) await message(page, 'Both of them').getByRole('link', { name }).waitFor();
  await keepsNothing(page);
  await page.reload();
  await message(page, 'Both of them').waitFor();
  expect(await said()).toHaveLength(1);
});

test('what was there already is not uploaded again', async () => {
  const page = await inbox();
  const released = Promise.withResolvers<void>();
  const [one, uploads] = [Promise.withResolvers<void>(), { count: 0 }];
  await page.route('**/*', async (route) => {
    if (isUpload(route)) {
      uploads.count += 1;
      await (uploads.count === 1 ? one : released).promise;
    }
    return route.fallback().catch(() => undefined);
  });
  await begin(page, ['this.txt', 'that.txt'], '');
  one.resolve();
  await expect.poll(() => kept(page, 'blobs'), PATIENCE).toBe(1);
  await page.reload();
  await expect.poll(() => page.getByRole('progressbar').count(), PATIENCE).toBe(1);
  released.resolve();
  await says([['', 2]]);
  expect(uploads.count).toBe(3);
  await keepsNothing(page);
});

test('a message that was taken while its answer was lost is there once', async () => {
  const page = await inbox();
  const taken = Promise.withResolvers<void>();
  let sends = 0;
  await page.route('**/rest/im.message.add', async (route) => {
    if ((sends += 1) > 1) return route.fallback();
    await route.fetch();
    return taken.resolve();
  });
  // Nor is it told of by the stream.
  await page.route('**/push/events**', (route) => route.abort());
  await page.route('**/rest/tidemark.recent.changes', () => undefined);
  await page.reload();
  await message(page, 'Parcels 1').waitFor();
  await page.locator('input[type="file"]').first().setInputFiles([fileOf('once.txt')]);
  await write(page, 'Only once');
  await taken.promise;
  expect([await kept(page, 'outbox'), await kept(page, 'parcels')]).toEqual([1, 0]);
  await page.reload();
  await keepsNothing(page);
  await message(page, 'Only once').getByRole('link', { name: 'once.txt' }).waitFor();
  expect([await said(), sends]).toEqual([[['Only once', 1]], 2]);
  browser.complaints.splice(0);
});

test('of two tabs one carries them; the other goes on when that one is gone', async () => {
  const page = await inbox();
  const uploads = await holdUploads(page.context());
  const early = await secondTab(page);
  await begin(page, ['shared.txt'], 'From one tab');
  const late = await secondTab(page);
  await late.goto(`${portal.http}/#/${chat}`);
  await message(late, 'Parcels 1').waitFor();
  // Both others stand in line for it by now, one behind the other.
  await expect.poll(() => late.evaluate<number>('navigator.locks.query().then(({ pending }) => pending.length)'), PATIENCE).toBe(2);
  expect([uploads.count(), await late.getByRole('progressbar').count()]).toEqual([1, 0]);
  await page.close();
  await expect.poll(uploads.count, PATIENCE).toBe(2);
  uploads.letGo();
  await says([['From one tab', 1]]);
  await keepsNothing(early);
  await expect.poll(() => late.evaluate<number>('navigator.locks.query().then(({ held, pending }) => held.length + pending.length)'), PATIENCE).toBe(0);
  expect([uploads.count(), await said()]).toEqual([2, [['From one tab', 1]]]);
});

test('signing out in one tab takes them from all', async () => {
  const page = await inbox();
  const uploads = await holdUploads(page.context());
  await begin(page, ['secret.txt'], 'Not any more');
  const other = await secondTab(page);
  await other.getByRole('button', { name: 'Account' }).click();
  await menuItem(other, 'Sign out').click();
  for (const tab of [page, other]) await tab.waitForURL('**/sign-in/**');
  uploads.letGo();
  expect(await page.evaluate<unknown[]>('indexedDB.databases()')).toEqual([]);
  expect(await said()).toEqual([]);
});

test('taken back after a reload, nothing of them is kept or sent; a text goes without', async () => {
  const page = await inbox();
  const uploads = await holdUploads(page);
  await begin(page, ['unwanted.txt'], '');
  await begin(page, ['unneeded.txt'], 'Just a word');
  await page.reload();
  for (const name of ['unwanted.txt', 'unneeded.txt']) {
    await page.getByRole('button', { name: `Cancel: ${name}` }).click();
    await progress(page, name).waitFor({ state: 'detached' });
  }
  uploads.letGo();
  await says([['Just a word', 0]]);
  await keepsNothing(page);
});

test('what the server refuses waits, over a reload too, until it is tried again or discarded', async () => {
  const page = await inbox();
  let refuses = true;
  await page.route('**/*', (route) => (refuses && isUpload(route) ? route.fulfill({ status: 400, json: { error: 'ERROR_COULD_NOT_SAVE_FILE' } }) : route.fallback()));
  await begin(page, ['large.txt', 'larger.txt'], 'Large ones');
  const refused = (name: string) => page.locator('.upload', { hasText: `${name} could not be uploaded` });
  for (const name of ['large.txt', 'larger.txt']) await refused(name).waitFor();
  await page.reload();
  for (const name of ['large.txt', 'larger.txt']) await refused(name).waitFor();
  await refused('larger.txt').getByRole('button', { name: 'Discard' }).click();
  expect(await said()).toEqual([]);
  refuses = false;
  await refused('large.txt').getByRole('button', { name: 'Try again' }).click();
  await says([['Large ones', 1]]);
  await keepsNothing(page);
});

test('what did not come through is tried again by itself', async () => {
  const page = await inbox();
  let attempts = 0;
  await page.route('**/*', (route) => {
    if (!isUpload(route) || (attempts += 1) > 2) return route.fallback();
    return attempts === 1 ? route.abort('connectionreset') : route.fulfill({ status: 502, body: 'Bad gateway' });
  });
  await begin(page, ['slow.txt'], 'In the end');
  await says([['In the end', 1]]);
  expect(attempts).toBe(3);
  browser.complaints.splice(0);
});

test('more than the browser keeps is said, and sent all the same', async () => {
  const page = await browser.open();
  await page.addInitScript(`indexedDB.open = () => { throw new Error('none'); }`);
  await signIn(page, portal, boris.userId);
  await page.goto(`${portal.http}/#/${chat}`);
  await message(page, 'Parcels 1').waitFor();
  await page.locator('input[type="file"]').first().setInputFiles([fileOf('unkept.txt')]);
  await write(page, 'Without a net');
  await page.locator('.toast', { hasText: '1 file is too much for this browser to keep' }).waitFor();
  await says([['Without a net', 1]]);
});

test('so many files are kept, and no more', async () => {
  const page = await inbox();
  await holdUploads(page);
  const hundred = (from: string) => Array.from({ length: 100 }, (_one, at) => `${from}${at}.txt`);
  for (const from of ['a', 'b']) await begin(page, hundred(from), '');
  await page.locator('input[type="file"]').first().setInputFiles([fileOf('last.txt')]);
  await field(page).press('Enter');
  await page.locator('.toast', { hasText: 'too much for this browser to keep' }).waitFor();
  await progress(page, 'last.txt').waitFor();
  expect([await kept(page, 'blobs'), await kept(page, 'parcels')]).toEqual([200, 2]);
});
