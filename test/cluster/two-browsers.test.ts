/** People whose browsers are connected to different nodes have the same inbox. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { makeLink } from '../../src/identity/logins.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { useChromium } from '../browser/chromium.ts';
import { order, ready, rowAt } from '../browser/inbox.ts';
import { agrees, counts, openDialog, reads, write } from '../browser/talking.ts';
import { type Client, clientFor } from '../support/client.ts';
import { type Node, Nodes } from './nodes.ts';

const { open } = useChromium();
let nodes: Nodes;
let first: Node;
let second: Node;

beforeAll(async () => {
  nodes = await Nodes.start(2, {});
  [first, second] = nodes.all as [Node, Node];
});
afterAll(() => nodes[Symbol.asyncDispose]());

async function addUser(name: string): Promise<Client> {
  const { db, clock } = first.server.context;
  const userId = await db.write((s) => insertUser(s, { ...blankUser(clock.now()), first_name: name }));
  const webhook = await addWebhook(db, clock, { userId, scopes: SCOPES, title: 'test' });
  return clientFor(`${first.server.ready.http}/rest/${userId}/${webhook!.code}/`, userId);
}

async function inboxAt({ server }: Node, { userId }: Client) {
  const page = await open();
  await page.goto(`${server.ready.http}/sign-in/?link=${await makeLink(server.context, userId)}`);
  await ready(page);
  return page;
}

test('messages, order, counters and reading go from node to node; a tab on each says the same', async () => {
  const [anna, boris] = [await addUser('Anna'), await addUser('Boris')];
  const plans = `chat${await boris.call<number>('im.chat.add', { TITLE: 'Plans', USERS: [anna.userId], MESSAGE: 'About it' })}`;
  await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'First' });
  await boris.call('im.dialog.read', { DIALOG_ID: anna.userId });
  const [annas, other, boriss] = [await inboxAt(first, anna), await inboxAt(second, anna), await inboxAt(second, boris)];
  for (const page of [annas, other]) await counts(page, plans, 2);
  await openDialog(boriss, plans);
  await write(boriss, 'From the second node');
  for (const page of [annas, other]) {
    await counts(page, plans, 3);
    await expect.poll(() => order(page)).toEqual([plans, String(boris.userId)]);
  }
  await openDialog(annas, plans);
  await reads(annas, ['About it', 'From the second node']);
  for (const page of [annas, other]) await counts(page, plans, 0);
  await write(annas, 'From the first');
  await reads(boriss, ['About it', 'From the second node', 'From the first']);
  for (const [page, who] of [[annas, anna], [other, second.of(anna)], [boriss, boris]] as const) await agrees(page, who);
  await anna.call('im.chat.leave', { CHAT_ID: plans.slice(4) });
  for (const page of [annas, other]) await expect.poll(() => rowAt(page, plans).count(), { timeout: 20_000 }).toBe(0);
});
