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
