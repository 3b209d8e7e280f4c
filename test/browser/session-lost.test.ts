/** A session that has ended elsewhere, however the page comes to know: it says so at once, acts for nobody else, and loses nothing that was typed. */
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { useChromium } from './chromium.ts';
import { openInbox, rowAt, signIn } from './inbox.ts';
import { type Pair, say, usePair } from './pair.ts';
import { composer, openDialog, write } from './talking.ts';

const chromium = useChromium();
let pair: Pair;
usePair((met) => (pair = met));

const isLost = (page: Page) => page.getByRole('dialog', { name: 'You are signed out' }).waitFor({ timeout: 20_000 });

/** Anna's inbox with her dialog with Boris open. */
async function annasDialog(): Promise<Page> {
  const { portal, anna, boris } = pair;
  await say(boris, String(anna.userId), 'First');
  const page = await openInbox(chromium, portal, anna);
  await openDialog(page, String(boris.userId));
  await page.locator('.msg', { hasText: 'First' }).waitFor();
  return page;
}

/** Requests of these addresses wait until they are let go. */
async function hold(page: Page, address: string): Promise<() => Promise<void>> {
  const held: Route[] = [];
  await page.route(address, (route) => void held.push(route));
  return async () => {
    await page.unroute(address);
    for (const route of held) await route.fallback();
  };
}

test('the dialog comes unasked: a key that was meant for the text presses nothing, and the text is there again afterwards', async () => {
  const { portal, anna, boris } = pair;
  const page = await annasDialog();
  await composer(page).fill('Half a thou');
  await page.context().clearCookies();
  // Reading it is refused.
  await say(boris, String(anna.userId), 'Hm');
  await isLost(page);
  for (const key of ['Enter', 'Space', 'Enter']) await page.keyboard.press(key);
  expect(new URL(page.url()).pathname).toBe('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn(page, portal, anna.userId);
  await openDialog(page, String(boris.userId));
  await expect.poll(() => composer(page).inputValue()).toBe('Half a thou');
});

test('a stream that is refused is enough', async () => {
  const { portal, anna } = pair;
  const page = await openInbox(chromium, portal, anna);
  await page.route('**/rest/tidemark.recent.changes', () => undefined);
  const letGo = await hold(page, '**/push/events**');
  await page.reload();
  await page.locator('.list-note').waitFor();
  await page.context().clearCookies();
  await letGo();
  await isLost(page);
});

test('where somebody else has signed in, the page sends nothing in their name', async () => {
  const { portal, boris } = pair;
  const page = await annasDialog();
  const clara = await portal.addUser('Clara');
  await signIn(await page.context().newPage(), portal, clara.userId);
  await write(page, 'Only from Anna');
  await isLost(page);
  expect(await boris.call<unknown[]>('im.recent.get').then((rows) => rows.length)).toBe(1);
});

test('where somebody else has signed in, the page hears nothing of theirs', async () => {
  const { portal, anna, boris } = pair;
  await say(boris, String(anna.userId), 'First');
  const page = await openInbox(chromium, portal, anna);
  const letGo = await hold(page, '**/push/events**');
  await page.reload();
  await rowAt(page, String(boris.userId)).waitFor();
  const clara = await portal.addUser('Clara');
  await signIn(await page.context().newPage(), portal, clara.userId);
  await page.route('**/rest/**', () => undefined);
  await letGo();
  await isLost(page);
});

test('who signs in anew in another tab goes on in this one', async () => {
  const { portal, anna, boris } = pair;
  const page = await annasDialog();
  await signIn(await page.context().newPage(), portal, anna.userId);
  await write(page, 'Still Anna');
  await expect.poll(async () => (await boris.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: anna.userId })).messages[0]!.text).toBe('Still Anna');
  expect(await page.getByRole('dialog').count()).toBe(0);
});
