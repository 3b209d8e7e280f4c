/**
 * One busy chat in which everybody writes, reads, edits, deletes, hides and leaves at once, while two nodes write down who was
 * active. Nobody ever runs again because of another: all locks are taken in one order (docs/architecture.md).
 */
import { expect, test } from 'vitest';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { Presence } from '../../src/identity/presence.ts';
import type { Client } from '../support/client.ts';
import { startTestServer } from '../support/server.ts';
import { recount } from './recount.ts';

const PEOPLE = 12;
const ROUNDS = 40;
const TOLERATED = new Set(['MESSAGE_ID_ERROR', 'CANT_EDIT_MESSAGE', 'ACCESS_ERROR']);

test('in a busy chat no unit of work runs twice', { timeout: 120_000 }, async () => {
  await using portal = await startTestServer();
  const { db } = portal.server.context;
  const clients: Client[] = [];
  while (clients.length < PEOPLE) clients.push(await portal.addUser(`Person ${clients.length}`));
  const ids = clients.map(({ userId }) => userId);
  const chats = [0, 1].map((n) => clients[n]!.call<number>('im.chat.add', { TITLE: `Busy ${n}`, USERS: ids }));
  const dialogs = (await Promise.all(chats)).map((id) => `chat${id}`);
  const posted: number[] = [];
  await Promise.all(clients.map((client, index) => actAtOnce(client, index, dialogs, posted)));
  for (const client of clients) await recount(client);
  expect(db.retries).toBe(0);
});

/** Each step meets the same step of the others, about the same few messages. */
async function actAtOnce(client: Client, index: number, dialogs: readonly string[], posted: number[]): Promise<void> {
  const call = async (method: string, params: Record<string, unknown>) => {
    const { body } = await client.raw(method, params);
    if (body.error !== undefined && !TOLERATED.has(body.error)) throw new Error(`${method}: ${body.error} ${body.error_description}`);
    return body.result;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const DIALOG_ID = dialogs[(round + index) % dialogs.length]!;
    const newest = posted.at(-1) ?? 0;
    const own = (await call('im.message.add', { DIALOG_ID, MESSAGE: `Round ${round} of ${index}` })) as number;
    posted.push(own);
    await Promise.all([
      call('im.dialog.read', { DIALOG_ID, MESSAGE_ID: posted.at(-1) }),
      call('im.message.update', { MESSAGE_ID: own, MESSAGE: `Edited in ${round}` }),
      call('im.dialog.read', { DIALOG_ID, MESSAGE_ID: newest }),
    ]);
    if (round % 4 === index % 4) await Promise.all([call('im.dialog.read.all', {}), call('im.message.delete', { MESSAGE_ID: own })]);
    if (round % 7 === index % 7) await Promise.all([call('im.dialog.unread', { DIALOG_ID, MESSAGE_ID: newest }), call('im.chat.mute', { DIALOG_ID, MUTE: round % 2 ? 'Y' : 'N' })]);
  }
}

test('nor in a channel that everybody comments in, leaves and reads', { timeout: 120_000 }, async () => {
  await using portal = await startTestServer();
  const { db } = portal.server.context;
  const clients: Client[] = [];
  while (clients.length < PEOPLE) clients.push(await portal.addUser(`Person ${clients.length}`));
  const [owner] = clients as [Client];
  const channel = await owner.call<number>('im.chat.add', { TITLE: 'News', TYPE: 'OPEN_CHANNEL', USERS: clients.map(({ userId }) => userId), MESSAGE: 'First' });
  const posts = await Promise.all([1, 2, 3].map((n) => owner.call<number>('im.message.add', { CHAT_ID: channel, MESSAGE: `Post ${n}` })));
  await Promise.all(clients.map((client, index) => comment(client, index, channel, posts, clients)));
  for (const client of clients) await recountComments(client);
  expect(db.retries).toBe(0);
});

const OUT_OF_REACH = new Set([...TOLERATED, 'ACCESS_DENIED_KICK', 'NO_POST', 'WITHOUT_CHANGES']);

async function comment(client: Client, index: number, channel: number, posts: number[], clients: readonly Client[]): Promise<void> {
  const call = async (method: string, params: Record<string, unknown>) => {
    const { body } = await client.raw(method, params);
    if (body.error !== undefined && !OUT_OF_REACH.has(body.error)) throw new Error(`${method}: ${body.error} ${body.error_description}`);
    return body.error === undefined ? body.result : undefined;
  };
  for (let round = 0; round < ROUNDS / 2; round++) {
    const post = posts[(round + index) % posts.length]!;
    const thread = (await call('tidemark.comments.open', { MESSAGE_ID: post })) as { dialog_id: string } | undefined;
    if (!thread) continue;
    const DIALOG_ID = thread.dialog_id;
    const mentioned = clients[(round * 5 + index) % clients.length]!.userId;
    const own = await call('im.message.add', { DIALOG_ID, MESSAGE: `Round ${round} [USER=${mentioned}][/USER]` });
    await Promise.all([
      call('im.dialog.read', { DIALOG_ID: `chat${channel}` }), call('im.dialog.read', { DIALOG_ID, MESSAGE_ID: own }), call('im.message.like', { MESSAGE_ID: own ?? post }),
    ]);
    if (round % 4 === index % 4) await Promise.all([call('im.message.delete', { MESSAGE_ID: own ?? post }), call('im.recent.hide', { DIALOG_ID: `chat${channel}` })]);
    if (round % 5 === index % 5) await Promise.all([index > 0 && call('im.chat.leave', { CHAT_ID: channel }), call('tidemark.message.pin', { MESSAGE_ID: post })]);
    if (index === 0 && round % 6 === 5) {
      await call('im.message.delete', { MESSAGE_ID: posts[round % 3] });
      posts[round % 3] = (await call('im.message.add', { CHAT_ID: channel, MESSAGE: `Post of round ${round}` })) as number;
    }
  }
}

/** What counts of comments is what their threads show as unread, and no thread that is closed counts. */
async function recountComments(client: Client): Promise<void> {
  const { CHANNEL_COMMENT: counts } = await client.call<{ CHANNEL_COMMENT: [] | Record<string, Record<string, number>> }>('im.counters.get');
  for (const threads of Object.values(counts) as Array<Record<string, number>>) {
    for (const [thread, count] of Object.entries(threads)) {
      const { messages } = await client.call<{ messages: Array<{ unread: boolean }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${thread}`, LIMIT: 50 });
      const unread = messages.filter((message) => message.unread).length;
      if (unread < messages.length) expect([thread, count]).toEqual([thread, unread]);
      else expect(count).toBeGreaterThanOrEqual(unread);
    }
  }
}

test('two nodes that write down at once who was active wait for each other at most', async () => {
  await using portal = await startTestServer();
  const { db } = portal.server.context;
  const users: number[] = [];
  while (users.length < 60) users.push((await portal.addUser(`Person ${users.length}`)).userId);
  const faults: unknown[] = [];
  const nodes = [0, 1, 2].map(() => new Presence(db, createMessenger(db, portal.clock).clock, (fault) => faults.push(fault)));
  for (let round = 0; round < 10; round++) {
    portal.clock.advance(120_000);
    nodes.forEach((node, index) => {
      const order = index % 2 ? users.toReversed() : users;
      for (const userId of order) node.seen({ userId, webhookId: 0 });
    });
    await Promise.all(nodes.map((node) => node.flush()));
  }
  for (const node of nodes) await node.close();
  expect({ faults, retries: db.retries }).toEqual({ faults: [], retries: 0 });
});
