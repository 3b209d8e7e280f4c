/** What people do in the inbox, and what they see there. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Client } from '../support/client.ts';
import { rowAt } from './inbox.ts';

/** On a busy machine news may take its time. */
const PATIENCE = { timeout: 20_000 };

/** Opens a dialog by its row. */
export async function openDialog(page: Page, id: string): Promise<void> {
  await rowAt(page, id).click();
  await composer(page).waitFor();
}

export const composer = (page: Page) => page.locator('.composer-field');

export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The texts of the messages that are shown, oldest first. */
export const messages = (page: Page): Promise<string[]> => page.locator('.msg .bubble .text').allTextContents();

/** Once just these messages are the last ones. */
export async function reads(page: Page, texts: string[]): Promise<void> {
  await expect.poll(async () => (await messages(page)).slice(-texts.length), PATIENCE).toEqual(texts);
}

/** The number of unread messages on the row; 0 for none. */
const countOn = async (page: Page, id: string): Promise<number> => Number((await rowAt(page, id).locator('.badge:not(.dot)').allTextContents())[0] ?? 0);

/** Once the row has this number of unread messages; 0 for none. */
export async function counts(page: Page, id: string, count: number): Promise<void> {
  await expect.poll(() => countOn(page, id), PATIENCE).toBe(count);
}

/** Once the page's title and its rows say what the server says; what is seen meanwhile is read. */
export async function agrees(page: Page, who: Client): Promise<void> {
  await expect.poll(async () => {
    const [{ TYPE }, rows] = [await who.call<{ TYPE: { ALL: number } }>('im.counters.get'), await who.call<Array<{ id: number | string; counter: number }>>('im.recent.get')];
    const different: string[] = Number(/^\((\d+)/.exec(await page.title())?.[1] ?? 0) === TYPE.ALL ? [] : ['the title'];
    for (const { id, counter } of rows) if ((await countOn(page, String(id))) !== counter) different.push(String(id));
    return different;
  }, PATIENCE).toEqual([]);
}
