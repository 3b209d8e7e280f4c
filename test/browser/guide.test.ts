/** The guide as readers use it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GUIDE_PAGES, GUIDE_PATH } from '../../src/reference/guide/contents.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { focused, overflowOf, tabTo, useChromium } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const { open } = useChromium();
let portal: TestServer;
beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function openAt(path: string, ...options: Parameters<typeof open>): Promise<Page> {
  const page = await open(...options);
  await page.goto(portal.http + path);
  return page;
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' ')))",
  );
}

test('from the first page to the next with the keyboard', async () => {
  const page = await openAt(GUIDE_PATH, { viewport: { width: 700, height: 900 } });
  await tabTo(page, 'Quick start');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/docs/guide/quick-start');
  await tabTo(page, 'On this page');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Start it');
  await page.keyboard.press('Enter');
  await page.waitForURL('**#start-it');
  await page.getByRole('navigation', { name: 'Around this page' }).getByRole('link').click();
  await page.waitForURL('**/docs/guide/testing');
});

test('the search of the methods finds headings of the guide, and counts methods alone', async () => {
  const page = await openAt('/docs/');
  const found = page.locator('.places li:visible');
  expect(await found.count()).toBe(0);
  await page.getByRole('searchbox').fill('restore');
  expect(await page.locator('#found').textContent()).toMatch(/^\d+ of \d+ methods$/);
  await found.getByRole('link', { name: 'Back up and restore' }).click();
  await page.waitForURL('**/docs/guide/operations#back-up-and-restore');
  expect(await page.getByRole('heading', { name: 'Back up and restore' }).isVisible()).toBe(true);
});

test('an example is copied as it stands', async () => {
  const page = await openAt(`${GUIDE_PATH}quick-start`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy' }).nth(1).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npm start\n');
});

test('no page is wider than a telephone, and every picture is there', async () => {
  const page = await open({ viewport: { width: 360, height: 740 } });
  const wide: string[] = [];
  for (const { name } of GUIDE_PAGES) {
    await page.goto(portal.http + GUIDE_PATH + name);
    if ((await overflowOf(page)) > 0) wide.push(name);
    expect(await page.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 0)'), name).toBe(true);
  }
  expect(wide).toEqual([]);
});

test.each([['light', 1280], ['dark', 360]] as const)('%s, %i pixels: nothing that axe knows of stands in the way', async (colorScheme, width) => {
  const page = await open({ colorScheme, viewport: { width, height: 800 } });
  for (const path of ['', 'quick-start', 'operations']) {
    await page.goto(portal.http + GUIDE_PATH + path);
    expect(await violations(page), path).toEqual([]);
  }
});
