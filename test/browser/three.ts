/** Three people and their groups, as the tests of the conversation use them. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** A server with three people, for the test file that calls this. */
export function useThree(): { portal: TestServer; anna: Client; boris: Client; clara: Client } {
  const three = {} as { portal: TestServer; anna: Client; boris: Client; clara: Client };
  beforeAll(async () => {
    three.portal = await startTestServer();
    for (const name of ['anna', 'boris', 'clara'] as const) three[name] = await three.portal.addUser(`${name[0]!.toUpperCase()}${name.slice(1)}`);
  });
  afterAll(() => three.portal[Symbol.asyncDispose]());
  return three;
}

export const say = (who: Client, DIALOG_ID: string | number, MESSAGE: string, more: Record<string, unknown> = {}) => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE, ...more });

/** A group of the three with so many messages of Anna's, the last of which Boris has not read. */
export async function groupOf({ anna, boris, clara }: { anna: Client; boris: Client; clara: Client }, TITLE: string, messages = 1, unread = 0): Promise<{ chat: string; chatId: number; ids: number[] }> {
  const chatId = await anna.call<number>('im.chat.add', { TITLE, USERS: [boris.userId, clara.userId] });
  const chat = `chat${chatId}`;
  const ids: number[] = [];
  for (let at = 1; at <= messages; at++) ids.push(await say(anna, chat, `${TITLE} ${at}`));
  if (unread < messages) await boris.call('im.dialog.read', { DIALOG_ID: chat, MESSAGE_ID: ids[messages - unread - 1] });
  return { chat, chatId, ids };
}

export const message = (page: Page, text: string) => page.locator('.msg', { hasText: text }).last();
export const field = (page: Page) => page.locator('.composer-field');

export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** What is unread for somebody. */
export const counterOf = async (who: Client, chat: string): Promise<number> => (await who.call<{ counter: number }>('im.dialog.get', { DIALOG_ID: chat })).counter;
