/** The inbox as tests use it. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { makeLink } from '../../src/identity/logins.ts';
import type { Client } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';
import type { Chromium } from './chromium.ts';

/** Opens the inbox of somebody, in a browser of their own. @param hash what is open: `#/chat7` */
export async function openInbox({ open }: Chromium, portal: TestServer, { userId }: Pick<Client, 'userId'>, options: BrowserContextOptions = {}, hash = ''): Promise<Page> {
  const page = await open(options);
  await signIn(page, portal, userId);
  if (hash !== '') await page.goto(`${portal.http}/${hash}`);
  await ready(page);
  return page;
}

export async function signIn(page: Page, portal: TestServer, userId: number): Promise<void> {
  await page.goto(`${portal.http}/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
}

/** Once the list is there. */
export async function ready(page: Page): Promise<void> {
  await page.locator('.row, .list-note').first().waitFor();
}

/** Another tab of the same browser. */
export async function secondTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(new URL('/', page.url()).href);
  await ready(tab);
  return tab;
}

/** DIALOG_IDs of the rows, from the top. */
export function order(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('.list-rows .row')].sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset')).map((row) => row.dataset.id)`,
  );
}

export const rowAt = (page: Page, id: string) => page.locator(`#row-${id}`);

/** What a screen reader is given of a row: its name in Chromium's own tree. */
export async function nameOfRow(page: Page, id: string): Promise<string> {
  await rowAt(page, id).waitFor();
  const devtools = await page.context().newCDPSession(page);
  const { root } = await devtools.send('DOM.getDocument');
  const { nodeId } = await devtools.send('DOM.querySelector', { nodeId: root.nodeId, selector: `#row-${id}` });
  const { nodes: [node] } = await devtools.send('Accessibility.getPartialAXTree', { nodeId, fetchRelatives: false });
  await devtools.detach();
  if (node!.role?.value !== 'option') throw new Error(`the row is a ${node!.role?.value}`);
  return String(node!.name?.value);
}

export const menuItem = (page: Page, name: string) => page.getByRole('menu').getByText(name, { exact: true });

/** Does what an entry of a row's menu does. */
export async function act(page: Page, id: string, name: string): Promise<void> {
  await rowAt(page, id).click({ button: 'right' });
  await menuItem(page, name).click();
}

export const scrollTop = (page: Page): Promise<number> => page.evaluate<number>(`document.querySelector('.list').scrollTop`);

/** Pixels from the top of the list. */
export async function yOf(page: Page, id: string): Promise<number> {
  const [row, list] = [await rowAt(page, id).boundingBox(), await page.locator('.list').boundingBox()];
  return row!.y - list!.y;
}
