/** What the README has for browsers, as it stands there, in a page of the portal. That of docs/push.md: push-docs.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startTestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { enter } from './portal-frame.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { open } = useChromium();

const [, EXAMPLE] = /^```js\n([^]*?)^```$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;

/** Shows a page at an address of the portal, so that the session comes along, and gives what it says in the console. */
async function show(page: Page, address: string, content: string): Promise<string[]> {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html><link rel="icon" href="data:,">${content}` }));
  await page.goto(address);
  return said;
}

test('what is written is heard at once, and the row', async () => {
  await using portal = await startTestServer();
  const [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
  const page = await open();
  await enter(page, portal, ben.userId, '/about');
  const said = await show(page, `${portal.http}/example`, `<script type="module">${EXAMPLE}</script>`);
  await expect.poll(() => portal.server.context.live.listeners(ben.userId), { timeout: 20_000 }).toBe(1);
  await ann.call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Ahoy' });
  await expect.poll(() => said.some((line) => line.includes(`${ann.userId}`) && line.includes('Ahoy')), { timeout: 20_000 }).toBe(true);
  await expect.poll(() => said.some((line) => /^[^\d\s].* 1$/.test(line)), { timeout: 20_000 }).toBe(true);
});
