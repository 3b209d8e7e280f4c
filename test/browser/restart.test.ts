/** The server is ended and started again while people have the inbox open. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox } from './inbox.ts';
import { agrees, composer, counts, openDialog, reads, write } from './talking.ts';

const chromium = useChromium();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  // Pages come back to the address that they are from.
  portal = await startTestServer({ port: await freePort() });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Before' });
  await boris.call('im.chat.add', { TITLE: 'Quiet', USERS: [anna.userId] });
});
afterAll(() => portal[Symbol.asyncDispose]());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('what was written meanwhile goes out once, what was said meanwhile comes in, and all agree', async () => {
  const [annas, boriss] = [await openInbox(chromium, portal, anna), await openInbox(chromium, portal, boris)];
  await openDialog(annas, String(boris.userId));
  await openDialog(boriss, String(anna.userId));
  await reads(boriss, ['Before']);
  await portal.restart(async () => {
    await write(annas, 'While it was away');
    await write(boriss, 'And I too');
    for (const [page, text] of [[annas, 'While it was away'], [boriss, 'And I too']] as const) {
      await page.getByRole('article', { name: new RegExp(`^You, ${text}, (?:Waiting|Sending)`) }).waitFor();
    }
    await composer(annas).fill('half');
  });
  const said = async () => (await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: boris.userId })).messages.map(({ text }) => text).sort();
  await expect.poll(said, { timeout: 40_000 }).toEqual(['And I too', 'Before', 'While it was away']);
  const texts = (await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: boris.userId })).messages.map(({ text }) => text).reverse();
  for (const page of [annas, boriss]) await reads(page, texts);
  expect(await composer(annas).inputValue()).toBe('half');
  const quiet = (await anna.call<Array<{ id: string }>>('im.recent.get')).find(({ id }) => String(id).startsWith('chat'))!.id;
  await boris.call('im.message.add', { DIALOG_ID: quiet, MESSAGE: 'Afterwards' });
  await counts(annas, quiet, 2);
  for (const [page, who] of [[annas, anna], [boriss, boris]] as const) await agrees(page, who);
  const isOfTheBreak = (text: string) => /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE/.test(text);
  expect(chromium.complaints.splice(0).filter((text) => !isOfTheBreak(text))).toEqual([]);
});
