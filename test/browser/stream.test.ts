/** The page's stream where the server is away, or somebody in between swallows it. */
import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { useChromium } from './chromium.ts';
import { nameOfRow, openInbox, rowAt } from './inbox.ts';
import { type Pair, say, usePair } from './pair.ts';

const chromium = useChromium();
let pair: Pair;
usePair((met) => (pair = met));
beforeEach(() => say(pair.boris, String(pair.anna.userId), 'First'));

/** Reloads the page with all its calls going through this. */
async function comeAgain(page: Page): Promise<void> {
  await page.reload();
  await rowAt(page, String(pair.boris.userId)).waitFor();
}

const isNote = (text: string): boolean => /Failed to load resource|ERR_CONNECTION_REFUSED|MIME type/.test(text);

test.each([
  ['refused', (page: Page, isAway: () => boolean) => page.route('**/push/events**', (route) => (isAway() ? route.abort('connectionrefused') : route.fallback()))],
  ['answered by a proxy with 502', async (page: Page, isAway: () => boolean) => {
    await page.route('**/push/events**', (route) => (isAway() ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.fallback()));
    await page.route('**/rest/tidemark.recent.changes', (route) => (isAway() ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.fallback()));
  }],
])('a server that was away, and %s, is heard by the stream again', async (_, interpose) => {
  const { portal, anna, boris } = pair;
  const page = await openInbox(chromium, portal, anna);
  let attempts = 0;
  let polls = 0;
  await interpose(page, () => (attempts += 1) <= 4);
  page.on('response', (response) => (polls += Number(response.ok() && response.url().includes('recent.changes'))));
  const streamed = page.waitForResponse((response) => response.ok() && response.url().includes('/push/events'), { timeout: 20_000 });
  await comeAgain(page);
  await streamed;
  await say(boris, String(anna.userId), 'Heard');
  await expect.poll(() => nameOfRow(page, String(boris.userId))).toContain('Heard');
  expect(polls).toBe(0);
  chromium.complaints.splice(0, Infinity, ...chromium.complaints.filter((text) => !isNote(text)));
});

test('where no stream comes through, the list is asked for what has changed', async () => {
  const { portal, anna, boris } = pair;
  const page = await openInbox(chromium, portal, anna);
  await page.route('**/push/events**', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: '' }));
  await comeAgain(page);
  await page.waitForResponse((response) => response.ok() && response.url().includes('recent.changes'));
  await say(boris, String(anna.userId), 'Polled');
  await expect.poll(() => nameOfRow(page, String(boris.userId)), { timeout: 15_000 }).toContain('Polled');
});
