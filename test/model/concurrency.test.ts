/**
 * Many clients at once on the same chats. Nobody knows in which order things happened, so afterwards everything is
 * counted again from the messages that are there. TIDEMARK_MODEL_SEED repeats the choices of a run (not its timing).
 */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { yieldToOthers } from '../../src/base/turns.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { Crowd } from './crowd.ts';
import { historyOf, recount } from './recount.ts';
import { someConducts } from './stage.ts';

const PEOPLE = 8;
const ACTIONS_EACH = 80;
const EXTRAS = 105;

async function people(portal: TestServer, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 1; i <= count; i++) clients.push(await portal.addUser(`Person${i}`));
  return clients;
}

function extras({ server, clock }: TestServer): Promise<number[]> {
  return server.context.db.write(async (s) => {
    const ids: number[] = [];
    for (let i = 0; i < EXTRAS; i++) ids.push(await insertUser(s, { ...blankUser(clock.now()), first_name: `Extra${i}` }));
    return ids;
  });
}

test.each(someConducts(Number(process.env['TIDEMARK_TEST_SEED'])))('after everybody did everything at once, every list is what a recount gives, %s', { timeout: 120_000 }, async (_name, settings, folding, foldsInRuns) => {
  await using portal = await startTestServer(settings, { folding });
  const clients = await people(portal, PEOPLE);
  const ids = clients.map(({ userId }) => userId);
  const [owner] = clients as [Client];
  const chats = [
    await owner.call<number>('im.chat.add', { TITLE: 'Narrow', USERS: ids }),
    await owner.call<number>('im.chat.add', { TITLE: 'Open', TYPE: 'OPEN', USERS: ids.slice(0, 3) }),
    await owner.call<number>('im.chat.add', { TITLE: 'Wide', USERS: [...ids, ...(await extras(portal))] }),
  ];
  const crowd = new Crowd(clients, chats, Number(process.env['TIDEMARK_MODEL_SEED'] ?? Date.now() % 1e9));
  let acting = true;
  const { folding: folder } = portal.server.context;
  const fold = async () => {
    while (acting) await folder.foldAll().then(yieldToOthers);
  };
  await Promise.all([crowd.act(ACTIONS_EACH).finally(() => (acting = false)), foldsInRuns && fold()]);
  for (const client of clients) await crowd.explain(() => recount(client));
  await crowd.explain(() => crowd.checkMessages());
  // Locks are taken in one order, so nobody ever runs again because of another.
  expect(portal.server.context.db.retries).toBe(0);
});

test.each(['narrow', 'wide', 'private', 'not joined yet'])('the same message sent 20 times at once is one message: %s', async (kind) => {
  await using portal = await startTestServer();
  const [sender, other] = (await people(portal, 2)) as [Client, Client];
  const USERS = kind === 'wide' ? [sender.userId, ...(await extras(portal))] : kind === 'narrow' ? [sender.userId] : [];
  const chat = await other.call<number>('im.chat.add', { TITLE: 'Team', TYPE: 'OPEN', USERS });
  const DIALOG_ID = kind === 'private' ? other.userId : `chat${chat}`;
  const message = { DIALOG_ID, MESSAGE: 'Once', TEMPLATE_ID: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => sender.call<number>('im.message.add', message)));
  expect(new Set(answers)).toHaveLength(1);
  const history = await historyOf(sender, DIALOG_ID);
  expect(history.filter(({ text }) => text === 'Once')).toMatchObject([{ id: answers[0], uuid: message.TEMPLATE_ID }]);
  expect(history.filter(({ text }) => / joined /.test(text))).toHaveLength(kind === 'not joined yet' ? 1 : 0);
  for (const client of [sender, other]) await recount(client);
});

test('two people who write to each other for the first time at once get one dialog', async () => {
  await using portal = await startTestServer();
  const clients = await people(portal, 6);
  const pairs = clients.flatMap((a) => clients.map((b) => [a, b] as const)).filter(([a, b]) => a !== b);
  await Promise.all(pairs.map(([a, b]) => a.call('im.message.add', { DIALOG_ID: b.userId, MESSAGE: `From ${a.userId}` })));
  for (const client of clients) {
    const rows = await recount(client);
    expect(rows.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(clients.filter((other) => other !== client).map(({ userId }) => userId));
    for (const { id } of rows) expect((await historyOf(client, id)).map(({ author_id }) => author_id).sort()).toEqual([client.userId, id].sort());
  }
});

test('somebody who asks for the list right after an answered write sees what was written, however many ask at once', async () => {
  await using portal = await startTestServer();
  const clients = await people(portal, 4);
  const [owner, ...others] = clients as [Client, ...Client[]];
  const chats = await Promise.all(
    [0, 1, 2].map((n) => owner.call<number>('im.chat.add', { TITLE: `Chat ${n}`, USERS: clients.map(({ userId }) => userId) })),
  );
  let stop = false;
  const noise = others.map(async (client) => {
    while (!stop) await Promise.all(['im.recent.get', 'im.recent.list', 'im.counters.get'].map((method) => client.call(method)));
  });
  for (let round = 0; round < 60; round++) {
    const writer = clients[round % clients.length]!;
    const id = await writer.call<number>('im.message.add', { DIALOG_ID: `chat${chats[round % 3]}`, MESSAGE: `Round ${round}` });
    const readers = clients.flatMap((client) => [client, client, client]);
    const lists = await Promise.all(readers.map((client) => client.call<Array<{ message: { id: number } }>>('im.recent.get')));
    expect(lists.map((list) => list[0]?.message.id)).toEqual(readers.map(() => id));
  }
  stop = true;
  await Promise.all(noise);
});
