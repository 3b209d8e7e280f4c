/** The administrators' page: who gets in, and a walk through what it is for. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLink } from '../../src/identity/logins.ts';
import { addApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { Handler } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { focused, overflowOf, useChromium } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { open } = useChromium();
let portal: TestServer;
let admin: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
});
afterAll(() => portal[Symbol.asyncDispose]());

async function openAs(userId: number, section = '', options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open({ locale: 'en-GB', ...options });
  await page.goto(`${portal.http}/sign-in/?link=${await makeLink(portal.server.context, userId)}&return=/admin/`);
  if (section) await go(page, section);
  return page;
}

async function go(page: Page, section: string): Promise<void> {
  await page.goto(`${portal.http}/admin/#/${section}`);
  await page.locator('main section').waitFor();
}

const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const dialog = (page: Page) => page.getByRole('dialog');

test('only administrators get in: others are told so, and whoever is not signed in is asked to', async () => {
  const stranger = await open();
  await stranger.goto(`${portal.http}/admin/`);
  expect(new URL(stranger.url()).pathname + new URL(stranger.url()).search).toBe('/sign-in/?return=/admin/');
  const anna = await portal.addUser('Anna');
  const page = await openAs(anna.userId);
  await page.getByRole('heading', { level: 1, name: 'Only for administrators' }).waitFor();
  expect(await page.locator('script').count()).toBe(0);
});

test('somebody is added, with what is wrong said where it is wrong, and gets in by the link that is shown once', async () => {
  const page = await openAs(1, 'people');
  await button(page, 'Add somebody').click();
  await dialog(page).getByLabel('First name').fill('Maria');
  await dialog(page).getByLabel('E-mail').fill('nowhere');
  await button(page, 'Add').last().click();
  await dialog(page).getByRole('alert').filter({ hasText: '"nowhere" is not an address' }).waitFor();
  expect(await focused(page)).toBe('EMAIL');
  await dialog(page).getByLabel('E-mail').fill('maria@example.org');
  await page.keyboard.press('Enter');
  const link = (await dialog(page).locator('code').textContent())!;
  await button(page, 'I have it').click();
  await row(page, 'maria@example.org').waitFor();
  const hers = await open();
  await hers.goto(link);
  expect(new URL(hers.url()).pathname).toBe('/');
  await page.getByRole('searchbox').fill('nobody like that');
  await page.getByText('Nobody like that.').waitFor();
});

test('a webhook is shown once and works; revoked, it does not', async () => {
  const page = await openAs(1, 'webhooks');
  await button(page, 'Add a webhook').click();
  await dialog(page).getByLabel('Name').fill('Reports');
  await page.getByRole('option', { name: /#1\)/ }).waitFor({ state: 'attached' });
  await dialog(page).getByLabel('Acts as').selectOption('1');
  await button(page, 'Add').last().click();
  const url = (await dialog(page).locator('code').textContent())!;
  const hook = clientFor(url, 1);
  expect(await hook.call('scope')).toEqual(['im', 'user']);
  await button(page, 'I have it').click();
  await row(page, 'Reports').waitFor();
  await page.reload();
  await row(page, 'Reports').waitFor();
  expect(await page.content()).not.toContain(url.split('/').at(-2));
  await button(page, 'Revoke Reports').click();
  await dialog(page).getByText('This cannot be undone').waitFor();
  await button(page, 'Revoke').last().click();
  await row(page, 'Reports').waitFor({ state: 'detached' });
  expect(await hook.fails('scope')).toMatchObject({ error: 'INVALID_CREDENTIALS' });
});

test('a switch holds at once, a wrong value is said beside its field, and an error is rehearsed', async () => {
  const anna = await portal.addUser('Berta');
  const page = await openAs(1, 'settings');
  await page.getByRole('switch', { name: 'Rehearsals' }).click();
  await expect.poll(() => page.getByRole('switch', { name: 'Rehearsals' }).getAttribute('aria-checked')).toBe('true');
  await page.getByRole('textbox', { name: 'Time zone' }).fill('Mars/Base');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: '"Mars/Base" is not a time zone' }).waitFor();
  await page.getByRole('textbox', { name: 'Time zone' }).fill('Asia/Kolkata');
  await page.keyboard.press('Enter');
  await expect.poll(() => admin.call<string>('server.time')).toMatch(/\+05:30$/);
  await go(page, 'rehearsals');
  await button(page, 'Rehearse an error').click();
  await page.getByRole('option', { name: /Berta/ }).waitFor({ state: 'attached' });
  const chosen = await page.getByRole('option', { name: /Berta/ }).getAttribute('value');
  await dialog(page).getByLabel('Whose calls').selectOption(chosen!);
  await button(page, 'Begin').click();
  await row(page, 'QUERY_LIMIT_EXCEEDED').waitFor();
  expect(await anna.fails('im.user.get')).toMatchObject({ error: 'QUERY_LIMIT_EXCEEDED' });
  expect(await anna.call('im.user.get')).toMatchObject({ id: anna.userId });
});

test('a handler that fails is seen, and told again when it works', async () => {
  await admin.call('tidemark.settings.set', { SETTINGS: { 'private-handlers': 'Y' } });
  const handler = await new Handler().start();
  handler.status = 500;
  const robot = await (await addApp(portal, { title: 'Robot' })).as(admin);
  await robot.call('event.bind', { EVENT: 'ONAPPTEST', HANDLER: handler.url });
  await robot.call('event.test');
  await handler.next('ONAPPTEST');
  const page = await openAs(1, 'deliveries');
  await expect.poll(async () => {
    await button(page, 'Refresh').click();
    return page.getByText('HTTP 500').count();
  }, { timeout: 15_000 }).toBeGreaterThan(0);
  handler.status = 200;
  await button(page, `Replay ${handler.url}`).click();
  await handler.next('ONAPPTEST');
  await expect.poll(async () => {
    await button(page, 'Refresh').click();
    return page.locator('.badge.good', { hasText: 'Taken' }).count();
  }, { timeout: 15_000 }).toBe(1);
  handler.server.closeAllConnections();
  handler.server.close();
});

test('the last calls come as they are made, without secrets', async () => {
  const page = await openAs(1, 'calls');
  await admin.call('tidemark.settings.set', { SETTINGS: { calls: 'Y' } });
  const anna = await portal.addUser('Clara');
  await anna.raw('im.dialog.get', { DIALOG_ID: 'nonsense', access_token_of_mine: 'S3cretS3cret' });
  const call = page.locator('.call').filter({ hasText: 'DIALOG_ID_EMPTY' });
  await call.waitFor();
  await call.locator('summary').click();
  expect(await call.locator('pre').textContent()).toBe('{"DIALOG_ID":"nonsense","access_token_of_mine":"***"}');
  await page.getByLabel('Failed ones only').check();
  await expect.poll(() => page.locator('.call:not(.bad)').count()).toBe(0);
});

test('every section is there for keyboards and screen readers, in both looks and languages, and runs out of no screen', { timeout: 120_000 }, async () => {
  const faults: string[] = [];
  for (const [locale, colorScheme, width] of [['en-GB', 'light', 1440], ['ru-RU', 'dark', 360]] as const) {
    const page = await openAs(1, '', { locale, colorScheme, viewport: { width, height: 800 } });
    await page.locator('main section').waitFor();
    const sections = await page.evaluate<string[]>(`[...document.querySelectorAll('.menu-sections a')].map((link) => link.hash.slice(2))`);
    expect(sections).toHaveLength(10);
    for (const section of sections) {
      await go(page, section);
      await expect.poll(() => page.locator('.skeleton, .charts[aria-busy=true]').count(), { timeout: 15_000 }).toBe(0);
      expect([section, await overflowOf(page)]).toEqual([section, 0]);
      await page.evaluate(AXE);
      const violations = await page.evaluate<Array<{ id: string; nodes: string[] }>>(
        'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 2).map(({ html }) => html.slice(0, 160)) })))',
      );
      for (const violation of violations) faults.push(`${locale} ${section}: ${JSON.stringify(violation)}`);
    }
  }
  expect(faults).toEqual([]);
});
