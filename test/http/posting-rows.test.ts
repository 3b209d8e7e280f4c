/** A message after another leaves alone the indexes that know chats as warm and sides as unread: on SQLite a column that is given is written anew. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const store = new HeldStore();
let portal: TestServer;
let author: Client;
let other: Client;

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap, folding: 'never' });
  [author, other] = [await portal.addUser('Author'), await portal.addUser('Other')];
  await say(author, other.userId);
  await other.call('im.recent.unread', { DIALOG_ID: author.userId, ACTION: 'Y' });
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Whether a message sets what the indexes go by. */
async function sets(who: Client, to: Client): Promise<{ warm: boolean; unread: boolean }> {
  store.sent.length = 0;
  await say(who, to.userId);
  const updates = store.sent.filter((sql) => /update "(chat|member)" set/.test(sql)).join('\n');
  return { warm: updates.includes('"warm" ='), unread: updates.includes('"has_unread" =') };
}

test('what is as it was is not set', async () => {
  const first = await sets(other, author);
  const second = await sets(other, author);
  expect(first).toMatchObject({ unread: true });
  // PostgreSQL writes no index for a value that is the same, and has one statement for all.
  expect(second).toEqual(ENGINE === 'sqlite' ? { warm: false, unread: false } : { warm: true, unread: true });
});
