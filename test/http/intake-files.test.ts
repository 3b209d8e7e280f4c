/** Files come from the portal itself alone, and are found, with what was said, like any others. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IntakeOptions, takeIn } from '../../src/intake/intake.ts';
import { Source } from '../../src/intake/source.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from '../support/client.ts';
import { type Answer, meddle } from '../support/meddler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let from: TestServer;
let to: TestServer;
let ann: Client;
let chat: number;
beforeAll(async () => {
  [from, to] = await Promise.all([startTestServer(), startTestServer()]);
  ann = await from.addUser('Ann', { email: 'ann@example.com' });
  chat = await ann.call<number>('im.chat.add', { TITLE: 'Files' });
  await ann.call('im.v2.File.upload', { DIALOGID: `chat${chat}`, FIELDS: { name: 'notes.txt', content: Buffer.from('what it says').toString('base64'), message: 'the minutes of hortensia' } });
}, 60_000);
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const options = (): IntakeOptions => ({ chats: 100, messages: 100, since: 0, watch: () => {}, blobs: to.server.context.blobs });

/** @param change what of the portal's answers is another. @returns what was left out, and a client of who came */
async function take(change?: (answer: Answer) => void) {
  await using between = await meddle(() => 'pass', change);
  const { owner, left, files } = await takeIn(to.server.context.messenger, new Source(new URL(between.through(ann.url)), { perSecond: 10_000 }), options());
  const webhook = await addWebhook(to.server.context.messenger.db, to.clock, { userId: owner, scopes: SCOPES, title: 'test' });
  return { left, files, client: clientFor(`${to.http}/rest/${owner}/${webhook!.code}/`, owner) };
}

interface Page {
  messages: Array<{ text: string; params: { FILE_ID?: number[] } }>;
  files: Array<{ id: number; name: string; urlDownload: string }>;
}

async function newest(client: Client): Promise<Page> {
  const [row] = (await client.call<Array<{ id: string }>>('im.recent.get')).sort((a, b) => Number(b.id.slice(4)) - Number(a.id.slice(4)));
  return client.call<Page>('im.dialog.messages.get', { DIALOG_ID: row!.id });
}

test('a file comes with its bytes, and its message is found', async () => {
  const { client, left, files } = await take();
  expect([left, files]).toEqual([[], 1]);
  const { files: [file] } = await newest(client);
  expect(file!.name).toBe('notes.txt');
  expect(await (await fetch(file!.urlDownload)).text()).toBe('what it says');
  await to.server.context.indexing.indexAll();
  expect(await client.call('tidemark.messages.search', { SEARCH_MESSAGE: 'hortensia' })).toMatchObject({ messages: [{ text: 'the minutes of hortensia' }] });
});

test.each([
  ['somewhere else', (other: string) => other],
  ['with a name in front', (other: string) => other.replace('//', '//user@')],
  ['no address', () => 'http://['],
  ['of the machine', () => 'file:///etc/passwd'],
])('what is %s is not fetched', async (_what, at) => {
  let asked = 0;
  const elsewhere = createServer((_incoming, response) => void (asked += 1, response.end('secret')));
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const address = at(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/latest`);
  const { client, left, files } = await take((answer) => {
    if (answer.method === 'im.v2.File.download') answer.result = { downloadUrl: address };
  });
  elsewhere.close();
  expect([left, files, asked]).toEqual([['the file "notes.txt": it is not at the portal itself'], 0, 0]);
  const { messages: [message] } = await newest(client);
  expect(message).toMatchObject({ text: 'the minutes of hortensia\n[i]notes.txt[/i]', params: [] });
});
