/** The inbox while sessions end, connections come and go, people write and days pass. Numbers are those of docs/inbox.md. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { act, menuItem, nameOfRow, openInbox, order, ready, rowAt, secondTab, signIn } from './inbox.ts';
import { say, unreadChatsOf, usePair } from './pair.ts';

const chromium = useChromium();
const { open, complaints } = chromium;
let portal: TestServer;
let anna: Client;
let boris: Client;

usePair((pair) => ({ portal, anna, boris } = pair));

const inbox = (options = {}, hash = '') => openInbox(chromium, portal, anna, options, hash);
const chats = (count: number) => unreadChatsOf({ portal, anna, boris }, count);
/** How much of each kind the browser keeps: databases, caches, service workers, what is stored by key. */
const left = (page: Page) => page.evaluate<number[]>(`Promise.all([indexedDB.databases(), caches.keys(), navigator.serviceWorker.getRegistrations()])
  .then((all) => [...all.map((each) => each.length), localStorage.length, sessionStorage.length])`);

test('6: whoever writes is named until they are done or the time is over; who is here has a dot', async () => {
  const [group] = await chats(1);
  await say(boris, String(anna.userId), 'Hello');
  const page = await inbox();
  const person = String(boris.userId);
  // Nobody is told of it later: the page has to be connected by then.
  await expect.poll(async () => {
    await boris.call('im.dialog.writing', { DIALOG_ID: String(anna.userId) });
    return rowAt(page, person).locator('.row-preview').textContent();
  }, { timeout: 15_000 }).toBe('typing…');
  await boris.call('im.dialog.writing', { DIALOG_ID: group });
  await rowAt(page, group!).locator('.row-preview').getByText('Boris Berg is typing…').waitFor();
  expect(await nameOfRow(page, person)).not.toContain('typing');
  await say(boris, group!, 'Done');
  await rowAt(page, group!).locator('.row-preview').getByText('Done').waitFor();
  await rowAt(page, person).locator('.typing').waitFor({ state: 'detached', timeout: 15_000 });
  const his = await openInbox(chromium, portal, boris);
  await rowAt(page, person).locator('.row-online').waitFor();
  expect(await nameOfRow(page, person)).toContain('Boris Berg, online, ');
  await his.context().close();
  await rowAt(page, person).locator('.row-online').waitFor({ state: 'detached' });
});

describe('sessions and connections', () => {
  test('36: without a connection the list is there, and says as of when; afterwards it is true again', async () => {
    const ids = await chats(3);
    const page = await inbox();
    await page.evaluate<unknown>('navigator.serviceWorker.ready.then(() => 0)');
    await page.evaluate<unknown>(`new Promise(function look(done) { const request = indexedDB.open('tidemark-${anna.userId}'); request.onsuccess = () => {
      const get = request.result.transaction('rows').objectStore('rows').get('list'); get.onsuccess = () => { request.result.close(); get.result?.length === 3 ? done(0) : setTimeout(() => look(done), 50); }; }; })`);
    await page.reload();
    await ready(page);
    await page.context().setOffline(true);
    await page.reload();
    await expect.poll(() => order(page)).toEqual(ids);
    await page.getByText(/^Offline, as of \d+:\d\d/).waitFor();
    await say(boris, ids[2]!, 'Meanwhile');
    await page.context().setOffline(false);
    await expect.poll(() => order(page), { timeout: 20_000 }).toEqual([ids[2], ids[0], ids[1]]);
    await page.getByText(/^Offline/).waitFor({ state: 'detached' });
    complaints.splice(0);
  });

  test('39: after the server was away, however long, what is shown is what it has', async () => {
    const ids = await chats(3);
    const page = await inbox();
    await page.context().setOffline(true);
    await page.getByText(/^Offline/).waitFor();
    await say(boris, ids[2]!, 'Meanwhile');
    await anna.call('im.recent.hide', { DIALOG_ID: ids[0] });
    await page.context().setOffline(false);
    await expect.poll(() => order(page), { timeout: 30_000 }).toEqual([ids[2], ids[1]]);
    complaints.splice(0);
  });

  test('41: signing out leaves nothing in the browser, and ends the other tabs', async () => {
    await chats(2);
    const page = await inbox();
    const other = await secondTab(page);
    await page.evaluate<unknown>('navigator.serviceWorker.ready.then(() => 0)');
    await page.evaluate<void>(`localStorage.setItem('tidemark.lang', 'en')`);
    await page.getByRole('button', { name: 'Account' }).click();
    await menuItem(page, 'Sign out').click();
    for (const tab of [page, other]) await tab.waitForURL('**/sign-in/**');
    expect(await left(page)).toEqual([0, 0, 0, 0, 0]);
    await page.goto(portal.http);
    await page.waitForURL('**/sign-in/**');
  });

  test('41: nor does signing out by a form, on a page that knows nothing of the inbox', async () => {
    await chats(2);
    const page = await inbox();
    await page.evaluate<unknown>('navigator.serviceWorker.ready.then(() => 0)');
    await expect.poll(async () => (await left(page))[0]).toBe(1);
    await page.goto(`${portal.http}/sign-in/`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(() => left(page)).toEqual([0, 0, 0, 0, 0]);
  });

  test('a session that has ended elsewhere is said, and nobody is let in by what was kept', async () => {
    await chats(1);
    const page = await inbox();
    const { db } = portal.server.context;
    await db.write(async (s) => {
      await s.query((q) => q.deleteFrom('login_session').where('user_id', '=', anna.userId));
      s.changes.note({ what: 'credentials' });
    });
    await page.getByRole('dialog', { name: 'You are signed out' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.waitForURL('**/sign-in/**');
  });

  test('somebody else who signs in sees nothing of the one before', async () => {
    const [id] = await chats(1);
    const page = await inbox();
    await rowAt(page, id!).waitFor();
    const clara = await portal.addUser('Clara');
    await signIn(page, portal, clara.userId);
    await page.getByText('No chats yet').waitFor();
    await expect.poll(() => page.evaluate<string[]>('indexedDB.databases().then((all) => all.map(({ name }) => name))')).toEqual([`tidemark-${clara.userId}`]);
  });

  test('what is said in place of rows: nothing yet, and what could not be loaded', async () => {
    const page = await open();
    // Whoever is told that the server is there again tries by itself.
    await page.route('**/push/events**', (route) => route.abort());
    await page.route('**/rest/im.recent.list', (route) => route.fulfill({ status: 500, json: { error: 'INTERNAL_SERVER_ERROR', error_description: 'x' } }));
    await signIn(page, portal, anna.userId);
    await page.getByText('The list could not be loaded').waitFor();
    await page.unroute('**/rest/im.recent.list');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No chats yet').waitFor();
    complaints.splice(0);
  });
});

test('5: at midnight what was today is another day', async () => {
  const [id] = await chats(1);
  const page = await open();
  await page.clock.install();
  await signIn(page, portal, anna.userId);
  await ready(page);
  const when = () => rowAt(page, id!).locator('.row-when').textContent();
  expect(await when()).toMatch(/^\d+:\d\d/);
  await page.clock.fastForward('24:00:01');
  await expect.poll(when).toMatch(/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/);
  await act(page, id!, 'Pin to the top');
});
