/** What a change costs the lists that are kept: nothing where it does not show, else only the rows that show it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { deleteWebhook, holdWebhook, insertWebhook, recordWebhookUse, writeSetting } from '../../src/db/stores/portal-store.ts';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { writePassword } from '../../src/db/stores/login-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { recordActivity, updateUser } from '../../src/db/stores/user-store.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { changeApplication } from '../../src/identity/applications.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { HeldReads } from '../support/held-reads.ts';
import { type Row, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PEERS = 6;

let portal: TestServer;
let viewer: Client;
/** Each has a private dialog with the viewer. The first also wrote last in one of the two groups. */
let peers: Client[];
/** In no row of anybody's. */
let stranger: Client;
let app: TestApp;
let admins: Client;

/** The clock that nobody sets stands still: what the server looks for every few seconds it looks for when a test says so. */
let precise = 0;
const store = new HeldReads();

/** Whoever was active is found once more by the look for what other nodes have written down: the list has it now. */
async function settle(): Promise<void> {
  precise += 2000;
  await viewer.call('im.recent.get');
  await store.ended();
  await viewer.call('im.recent.get');
}

beforeAll(async () => {
  portal = await startTestServer({}, { folding: 'never', store: store.wrap });
  viewer = await portal.addUser('Viewer');
  stranger = await portal.addUser('Stranger');
  peers = [];
  while (peers.length < PEERS) peers.push(await portal.addUser(`Peer ${peers.length}`));
  for (const peer of peers) await say(peer, viewer.userId);
  const USERS = [viewer.userId, ...peers.map(({ userId }) => userId)];
  for (const author of [peers[0]!, peers[1]!]) await say(author, `chat${await author.call<number>('im.chat.add', { TITLE: 'Group', USERS })}`);
  app = await addApp(portal);
  admins = await app.as(portal.admin);
  await admins.call('profile');
  await stranger.call('profile');
  await viewer.call('profile');
  // Who calls is written down now and then; it has been known since long, and changes nothing.
  const everybody = [viewer, stranger, portal.admin, ...peers];
  await vi.waitFor(async () => {
    const { active } = (await db().read((s) => s.query((q) => q.selectFrom('user').select((eb) => eb.fn.countAll<number>().as('active')).where('last_activity_at', '>', 0))))[0]!;
    expect(active).toBeGreaterThanOrEqual(everybody.length);
  }, { timeout: 20_000, interval: 100 });
  await db().write(async (s) => {
    for (const { userId } of everybody) await recordActivity(s, userId, later(60));
  });
  precise = portal.clock.precise();
  portal.clock.precise = () => precise;
  await settle();
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(() => viewer.call('im.recent.get'));

const db = () => portal.server.context.db;
const later = (minutes: number) => portal.clock.now() + minutes * 60_000;

/** What the server says of its kept lists. */
async function counted(http = portal.http) {
  const text = await (await fetch(`${http}/metrics`)).text();
  const value = (name: string) => Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
  const lookups = (result: string) => value(`tidemark_kept_list_lookups_total{result="${result}"}`);
  return {
    kept: lookups('kept'), renewed: lookups('renewed'), loaded: lookups('loaded'), passed: lookups('passed'),
    rows: value('tidemark_kept_list_rows_encoded_total'), lists: value('tidemark_kept_lists'), bytes: value('tidemark_kept_lists_bytes'),
    budget: value('tidemark_kept_lists_budget_bytes'),
  };
}

/** What the viewer's next list costs after a change: how often it was read whole, and how many rows of it were read. */
async function costOf(change: () => Promise<unknown>): Promise<{ loaded: number; rows: number }> {
  const before = await counted();
  await change();
  const rows = await viewer.call<Row[]>('im.recent.get');
  const after = await counted();
  // A page by token comes from the store.
  const { items } = await viewer.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200, TOKEN: '' });
  expect(rows).toEqual(items);
  return { loaded: after.loaded - before.loaded, rows: after.rows - before.rows };
}

const rehearsal = { webhook_id: 1, app_id: 0, method: 'profile', error: 'X', remaining: 1, per_million: 1, delay_ms: 0, created_at: 0 };
const webhook = { user_id: 1, code_hash: 'x', scope: 'im', title: 'x', active: 1, held: 0, created_at: 0, last_used_at: 0 } as const;
const bound = { EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example/handler' };

const UNSEEN: Record<string, () => Promise<unknown>> = {
  'an event bound': () => admins.call('event.bind', bound),
  'an event unbound': () => admins.call('event.unbind', bound),
  'an application added': () => addApp(portal),
  'an application put on hold': () => changeApplication(db(), portal.clock, app.clientId, { held: true }),
  'a webhook added, used, held and deleted': () => db().write(async (s) => {
    const id = await insertWebhook(s, webhook);
    await recordWebhookUse(s, id, 1);
    await holdWebhook(s, id, 1);
    await deleteWebhook(s, id);
  }),
  'a grant of the viewer ended': () => db().write((s) => deleteGrant(s, 'none')),
  'the viewer\'s password set': () => db().write((s) => writePassword(s, viewer.userId, 'hash', 1)),
  'a rehearsal begun and ended': () => db().write(async (s) => {
    await insertRehearsal(s, rehearsal);
    await deleteRehearsals(s, { webhookId: 1, appId: 0 });
  }),
  'the portal renamed': () => db().write((s) => writeSetting(s, SETTING_KEYS.name, 'Renamed')),
  ...Object.fromEntries(Object.values(POLICY_KEYS).map((key) => [
    `the portal's ${key} set`,
    () => db().write((s) => writeSetting(s, key, key === POLICY_KEYS.restPlan ? 'commercial' : '')),
  ])),
  'a new user': () => portal.addUser('New'),
  'somebody who is in no row renamed': () => portal.admin.call('user.update', { ID: stranger.userId, NAME: 'Other' }),
  'somebody who is in no row active': () => db().write((s) => recordActivity(s, stranger.userId, later(90))),
  'the viewer active': () => db().write((s) => recordActivity(s, viewer.userId, later(90))),
  'the viewer renamed': () => portal.admin.call('user.update', { ID: viewer.userId, NAME: 'Renamed' }),
};

/** Rows that show it. */
const SEEN: Record<string, readonly [rows: number, () => Promise<unknown>]> = {
  'the partner of one row active': [1, () => db().write((s) => recordActivity(s, peers[2]!.userId, later(100)))],
  'somebody active who is in two rows': [2, () => db().write((s) => recordActivity(s, peers[0]!.userId, later(100)))],
  'activity that is older than what is known': [0, () => db().write((s) => recordActivity(s, peers[0]!.userId, later(99)))],
  'everybody active': [PEERS + 2, () => db().write(async (s) => {
    for (const { userId } of peers) await recordActivity(s, userId, later(110));
  })],
  'a partner renamed': [1, () => portal.admin.call('user.update', { ID: peers[3]!.userId, NAME: 'Renamed' })],
  'a partner away': [1, () => db().write((s) => updateUser(s, peers[3]!.userId, { absent_until: later(600) }))],
  'a message': [1, () => say(peers[4]!, viewer.userId)],
};

const aKeptList = () => {
  test.each(Object.entries(UNSEEN))('is untouched by what does not show: %s', async (_what, change) => {
    expect(await costOf(change)).toEqual({ loaded: 0, rows: 0 });
  });

  test.each(Object.entries(SEEN))('has only the rows read again that show it: %s', async (_what, [rows, change]) => {
    expect(await costOf(change)).toEqual({ loaded: 0, rows });
    await settle();
  });

  test('is read whole for a new time zone, in which all dates are', async () => {
    expect(await costOf(() => db().write((s) => writeSetting(s, SETTING_KEYS.timezone, 'Asia/Tokyo')))).toEqual({ loaded: 1, rows: PEERS + 2 });
  });

  test('is counted in the metrics, within the budget', async () => {
    const before = await counted();
    for (let i = 0; i < 5; i++) await viewer.call('im.recent.get');
    const after = await counted();
    expect(after.kept - before.kept).toBe(5);
    expect(after.lists).toBe(1);
    expect(after.bytes).toBeGreaterThan(JSON.stringify(await viewer.call('im.recent.get')).length);
    expect(after.bytes).toBeLessThan(after.budget);
  });
};

const withRoomForFew = () => {
  test('those in use stay, the others are answered all the same, and the budget holds', async () => {
    await using small = await startTestServer({ cacheMb: 0.02 });
    const people: Client[] = [];
    while (people.length < 12) people.push(await small.addUser(`Person ${people.length}`));
    for (const person of people) for (const other of people) await say(person, other.userId);
    for (let round = 0; round < 3; round++) {
      for (const person of people) expect(await person.call('im.recent.get')).toHaveLength(12);
      const { bytes, budget } = await counted(small.http);
      expect(bytes).toBeLessThanOrEqual(budget);
    }
  });
};

describe('a kept list', aKeptList);
describe('with room for few lists', withRoomForFew);
