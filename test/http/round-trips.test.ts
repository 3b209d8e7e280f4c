/**
 * What a call asks of the store, authentication included. On PostgreSQL how often it waits for an answer: what it costs on a
 * network, however fast the server. On SQLite, where nobody waits, how many statements it runs.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

/** Whatever else the server does from time to time comes on top of what a call costs, so the cheapest counts. */
const TIMES = 30;

const store = new HeldStore();
let portal: TestServer;
let anna: Client;
let boris: Client;
let guest: Client;
let people: number[];
let chat: number;

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  [anna, boris, guest] = await Promise.all([portal.addUser('Anna'), portal.addUser('Boris'), portal.addUser('Guest', { extranet: 1 })]);
  people = [];
  for (let i = 0; i < 200; i++) people.push((await portal.addUser(`Person ${i}`)).userId);
  chat = await anna.call<number>('im.chat.add', { TITLE: 'Team', USERS: [boris.userId, guest.userId, ...people.slice(0, 20)] });
  for (let i = 0; i < 30; i++) await boris.call('im.chat.add', { TITLE: `Chat ${i}`, USERS: [anna.userId] });
  for (const other of [boris, guest]) await other.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Hello' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const effort = () => (ENGINE === 'postgres' ? portal.server.context.db.roundTrips : store.sent.length);

/** @param enough for it the call is not made again @param between what happens before each call */
async function costOf(call: () => Promise<unknown>, enough: number, between: () => Promise<unknown> = async () => {}): Promise<number> {
  let fewest = Infinity;
  for (let i = 0; i < TIMES && fewest > enough; i++) {
    await between();
    const before = effort();
    await call();
    fewest = Math.min(fewest, effort() - before);
  }
  return fewest;
}

const inTeam = () => ({ DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
const privately = (to: Client) => ({ DIALOG_ID: to.userId, MESSAGE: 'Hello' });
let ticked = false;

/** Dates from here on stand for what there is now. */
const aTick = async () => {
  if (ticked) return;
  ticked = true;
  portal.clock.advance(20_000);
  await anna.call('server.time');
  // It is noted beside the calls.
  await vi.waitFor(async () => {
    const [newest] = await portal.server.context.db.read((s) => s.query((q) => q.selectFrom('tick').select((eb) => eb.fn.max('until').as('until'))));
    expect(newest!.until).toBeGreaterThan(portal.clock.now() + 5000);
  });
};
const CALLS: Array<{ what: string; trips: number; statements: number; call: () => Promise<unknown>; between?: () => Promise<unknown> }> = [
  { what: 'server.time', trips: 1, statements: 0, call: () => anna.call('server.time') },
  { what: 'an unchanged list', trips: 1, statements: 0, call: () => anna.call('im.recent.get') },
  { what: 'a changed list', trips: 3, statements: 4, call: () => anna.call('im.recent.get'), between: () => boris.call('im.message.add', inTeam()) },
  { what: 'a poll with nothing new', trips: 2, statements: 0, call: () => anna.call('im.recent.get', { LAST_SYNC_DATE: new Date(portal.clock.now() + 1000).toISOString() }), between: aTick },
  { what: 'a page', trips: 1, statements: 0, call: () => anna.call('im.recent.list') },
  { what: 'a page of a changed list', trips: 3, statements: 4, call: () => anna.call('im.recent.list'), between: () => boris.call('im.message.add', inTeam()) },
  { what: 'a further page', trips: 3, statements: 3, call: () => anna.call('im.recent.list', { LIMIT: 10, OFFSET: 10 }), between: () => anna.call('im.recent.list', { LIMIT: 10 }) },
  { what: 'a further page of a changed list', trips: 5, statements: 6, call: () => anna.call('im.recent.list', { LIMIT: 10, OFFSET: 10 }), between: () => anna.call('im.recent.list', { LIMIT: 10 }).then(() => boris.call('im.message.add', inTeam())) },
  { what: 'a page of a guest', trips: 4, statements: 5, call: () => guest.call('im.recent.list') },
  { what: 'a send', trips: 2, statements: 5, call: () => anna.call('im.message.add', inTeam()) },
  { what: 'a send into a private dialog', trips: 2, statements: 5, call: () => anna.call('im.message.add', privately(boris)) },
  { what: 'a send to a guest', trips: 5, statements: 9, call: () => anna.call('im.message.add', privately(guest)) },
  { what: 'thirty chats by their titles', trips: 8, statements: 184, call: () => anna.call('im.search.chat.list', { FIND: 'Chat', LIMIT: 30 }) },
  { what: 'two hundred users', trips: 2, statements: 1, call: () => anna.call('im.user.list.get', { ID: people }) },
  { what: 'two hundred users, for a guest', trips: 3, statements: 2, call: () => guest.call('im.user.list.get', { ID: people }) },
];

test.each(CALLS)('$what costs no more than it may', async ({ trips, statements, call, between }) => {
  const most = ENGINE === 'postgres' ? trips : statements;
  expect(await costOf(call, most, between)).toBeLessThanOrEqual(most);
});
