/**
 * What it costs to tell those who are connected, in what is asked of the store (on PostgreSQL how often it waits for an answer, on SQLite
 * statements) and in what is made: no more for many than for a few.
 */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PushEvent } from '../../src/push/event.ts';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { bySocket, type Connection, isEvent } from '../support/push.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

/** Whatever else the server does from time to time comes on top, so the cheapest counts. */
const TIMES = 5;
const FEW = 2;
const MANY = 30;
/** What the server does once a second may fall into each of the longer ones; many would show in each of {@link MANY}. */
const BESIDE = 5;

const store = new HeldStore();
let portal: TestServer;
let ann: Client;
let guest: Client;
let people: Client[];
let chat: number;
let open: Connection[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  [ann, guest] = [await portal.addUser('Ann'), await portal.addUser('Guest', { extranet: 1 })];
  people = [];
  for (let i = 0; i < MANY; i++) people.push(await portal.addUser(`P${i}`));
  chat = await ann.call<number>('im.chat.add', { TITLE: 'All', USERS: [guest, ...people].map(({ userId }) => userId), MESSAGE: 'Welcome' });
});
afterAll(() => portal[Symbol.asyncDispose]());
afterEach(async () => {
  await Promise.all(open.map((connection) => connection.close()));
  open = [];
});

const effort = () => (ENGINE === 'postgres' ? portal.server.context.db.roundTrips : store.sent.length);

async function listenAs(clients: readonly Client[]): Promise<void> {
  open = await Promise.all(clients.map((client) => bySocket(client)));
  await Promise.all(open.map((connection) => connection.take(isEvent('ready'))));
}

/** Of what is done, and of telling it to all who listen. */
async function costOf(act: () => Promise<unknown>, fits: Parameters<typeof isEvent>): Promise<number> {
  let fewest = Infinity;
  for (let i = 0; i < TIMES; i++) {
    const before = effort();
    const all = open.map((connection) => connection.take(isEvent(...fits)));
    await act();
    await Promise.all(all);
    fewest = Math.min(fewest, effort() - before);
  }
  return fewest;
}

const hasRow = (data: any) => data.items.some((item: any) => item.id === `chat${chat}`);

test.each<[string, () => Client]>([['a member', () => ann], ['a guest', () => guest]])('a message of %s', async (_who, author) => {
  const send = () => author().call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
  await listenAs(people.slice(0, FEW));
  const toFew = await costOf(send, ['list', hasRow]);
  await Promise.all(open.map((connection) => connection.close()));
  await listenAs(people);
  expect(await costOf(send, ['list', hasRow])).toBeLessThanOrEqual(toFew);
});

test('what is read in many chats at once', async () => {
  const [reader] = people as [Client];
  const chats = await Promise.all(Array.from({ length: MANY }, () => ann.call<number>('im.chat.add', { USERS: [reader.userId], MESSAGE: 'Hello' })));
  const readAfter = async (ids: readonly number[]) => {
    await listenAs([reader]);
    let fewest = Infinity;
    for (let i = 0; i < TIMES; i++) {
      for (const id of ids) await ann.call('im.message.add', { DIALOG_ID: `chat${id}`, MESSAGE: 'Hello' });
      await open[0]!.take(isEvent('list', ({ items }) => items.some((item: any) => item.id === `chat${ids.at(-1)!}` && item.counter > 0)));
      const before = effort();
      const told = open[0]!.take(isEvent('list', ({ counters }) => counters.ALL === 0));
      await reader.call('im.dialog.read.all');
      await told;
      fewest = Math.min(fewest, effort() - before);
    }
    return fewest;
  };
  await reader.call('im.dialog.read.all');
  const few = await readAfter(chats.slice(0, FEW));
  await open[0]!.close();
  expect(await readAfter(chats)).toBeLessThanOrEqual(few + BESIDE);
});

test('what was missed in many chats', async () => {
  const [reader] = people as [Client];
  const chats = await Promise.all(Array.from({ length: MANY }, () => ann.call<number>('im.chat.add', { USERS: [reader.userId], MESSAGE: 'Hello' })));
  const backAfter = async (ids: readonly number[]) => {
    let fewest = Infinity;
    for (let i = 0; i < 2; i++) {
      await listenAs([reader]);
      const { token } = open[0]!;
      await open[0]!.close();
      for (const id of ids) await ann.call('im.message.add', { DIALOG_ID: `chat${id}`, MESSAGE: 'Missed' });
      const before = effort();
      open = [await bySocket(reader, token)];
      await open[0]!.take(isEvent('ping'));
      fewest = Math.min(fewest, effort() - before);
      expect(open[0]!.heard.filter(isEvent('message'))).toHaveLength(ids.length);
      await open[0]!.close();
    }
    return fewest;
  };
  const few = await backAfter(chats.slice(0, FEW));
  expect(await backAfter(chats)).toBeLessThanOrEqual(few + BESIDE);
});

test('what many are told alike is written once', async () => {
  const fresh = await Promise.all(Array.from({ length: 6 }, (_, i) => portal.addUser(`F${i}`)));
  const id = await ann.call<number>('im.chat.add', { USERS: fresh.map(({ userId }) => userId), MESSAGE: 'Welcome' });
  await listenAs(fresh);
  const written = vi.spyOn(PushEvent, 'frames');
  const told = open.map((connection) => connection.take(isEvent('list', ({ items }) => items[0]?.message.text === 'Alike')));
  await ann.call('im.message.add', { DIALOG_ID: `chat${id}`, MESSAGE: 'Alike' });
  await Promise.all(told);
  const frames = written.mock.results.map(({ value }) => value as Buffer).filter((bytes) => bytes.includes('"text":"Alike"'));
  written.mockRestore();
  expect(frames).toHaveLength(fresh.length);
  expect(new Set(frames).size).toBe(1);
});
