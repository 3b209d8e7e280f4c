/** Files on the roads that messages take: forwarded, in comments, again by the same uuid; and what a page asks the store for them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inFrontOf } from '../../src/db/in-front.ts';
import type { Session } from '../../src/db/database.ts';
import type { Client } from '../support/client.ts';
import { fetchBytes, ownFiles, sendFile, type WireFile } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let asked = 0;

/** Counts the statements of reads. */
const counting = (s: Session): Session => ({
  all: (statement, params) => ((asked += 1), s.all(statement, params)),
  first: (statement, params) => ((asked += 1), s.first(statement, params)),
  query: (build) => ((asked += 1), s.query(build)),
});

beforeAll(async () => {
  portal = await startTestServer({}, { store: (db) => inFrontOf(db, { read: (work) => db.read((s) => work(counting(s))) }) });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Page {
  messages: Array<{ id: number; params: { FILE_ID?: number[] } }>;
  files: WireFile[];
}
const page = (who: Client, dialog: string) => who.call<Page>('im.dialog.messages.get', { DIALOG_ID: dialog });

test('a forwarded message takes copies of its files along, which stay when the first ones go', async () => {
  const [from, to] = [await anna.call<number>('im.chat.add', { TITLE: 'From' }), await anna.call<number>('im.chat.add', { TITLE: 'To', USERS: [boris.userId] })];
  const sent = await sendFile(anna, `chat${from}`, 'a.txt', 'forwarded');
  const forwarded = await anna.call<number>('im.message.add', { DIALOG_ID: `chat${to}`, FORWARD_ID: sent.messageId });
  await anna.call('im.message.delete', { MESSAGE_ID: sent.messageId });
  const { messages, files } = await page(boris, `chat${to}`);
  expect(messages[0]).toMatchObject({ id: forwarded, params: { FILE_ID: files.map(({ id }) => id) } });
  expect(files).toMatchObject([{ name: 'a.txt', chatId: to }]);
  expect((await fetchBytes(files[0]!.urlDownload)).toString()).toBe('forwarded');
});

test('comments have files, for whoever sees the post', async () => {
  const channel = await anna.call<number>('im.chat.add', { TITLE: 'Channel', TYPE: 'CHANNEL', USERS: [boris.userId] });
  const post = await anna.call<number>('im.message.add', { DIALOG_ID: `chat${channel}`, MESSAGE: 'post' });
  const { chat_id: thread } = await anna.call<{ chat_id: number }>('tidemark.comments.open', { MESSAGE_ID: post });
  const { file } = await sendFile(boris, `chat${thread}`, 'comment.txt', 'comment');
  const { files } = await page(anna, `chat${thread}`);
  expect(files.map(({ id }) => id)).toEqual([file.id]);
  expect((await fetchBytes(files[0]!.urlDownload)).toString()).toBe('comment');
  const clara = await portal.addUser('Clara');
  expect(await clara.fails('disk.file.get', { id: file.id })).toMatchObject({ error: 'ACCESS_DENIED' });
  expect(await clara.fails('im.v2.File.upload', { dialogId: `chat${thread}`, fields: { name: 'a', content: 'YQ==' } })).toMatchObject({ error: 'ACCESS_DENIED' });
});

test('a message with files that is sent again is there once, with one copy of them', async () => {
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Again' });
  const message = { DIALOG_ID: `chat${chat}`, FILE_ID: await ownFiles(anna, 1), TEMPLATE_ID: '0b2c9a4e-7d1f-4c3a-9e8b-2f6d5a4c3b1e' };
  const ids = await Promise.all([1, 2, 3].map(() => anna.call<number>('im.message.add', message)));
  expect(new Set(ids).size).toBe(1);
  expect((await page(anna, `chat${chat}`)).files).toHaveLength(1);
});

test('a page asks for files once, and not where no message shows any', async () => {
  const chat = await anna.call<number>('im.chat.add', { TITLE: 'Counted' });
  for (const text of ['a', 'b']) await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: text });
  // Others read beside it what has just been sent: of several tries the least counts.
  const cost = async () => {
    const tries: number[] = [];
    for (let at = 0; at < 10; at += 1) {
      asked = 0;
      await page(anna, `chat${chat}`);
      tries.push(asked);
    }
    return Math.min(...tries);
  };
  const without = await cost();
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await sendFile(anna, `chat${chat}`, name, name);
  expect(await cost()).toBe(without + 1);
});
