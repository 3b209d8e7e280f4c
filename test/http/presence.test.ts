/** Who is there: user.online, and what waits for somebody: user.counters. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { knownAsActive, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const QUARTER_MS = 15 * 60_000;

let portal: TestServer;
let anna: Client;
let boris: Client;
let guest: Client;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  guest = await portal.addUser('Guest', { extranet: 1 });
});
afterAll(() => portal[Symbol.asyncDispose]());

const online = (who: Client) => who.call<string[]>('user.online');
const ids = (...people: Client[]) => people.map(({ userId }) => String(userId));

test('whoever was active in the last quarter of an hour, as far as one may see them; no bots, nobody who is dismissed', async () => {
  const [bot, gone] = [await portal.addUser('Bot', { external_auth_id: 'bot' }), await portal.addUser('Gone')];
  await portal.admin.call('user.update', { ID: gone.userId, ACTIVE: 'N' });
  await knownAsActive(portal, [portal.admin, anna, guest, bot, gone]);
  expect(await online(anna)).toEqual(ids(portal.admin, anna));
  expect(await online(portal.admin)).toEqual(ids(portal.admin, anna, guest));
  expect(await online(guest)).toEqual(ids(guest));
  await anna.call('im.chat.add', { TITLE: 'With a guest', USERS: [guest.userId] });
  expect(await online(guest)).toEqual(ids(anna, guest));
  expect(await portal.admin.call<Array<{ ID: string; IS_ONLINE: string }>>('user.get', { FILTER: { ID: [anna.userId, boris.userId] } })).toMatchObject([{ IS_ONLINE: 'Y' }, { IS_ONLINE: 'N' }]);
  portal.clock.advance(QUARTER_MS + 31_000);
  await knownAsActive(portal, [portal.admin]);
  expect(await online(portal.admin)).toEqual(ids(portal.admin));
});

test('user.counters is what im.counters.get has in all, also after im.dialog.read of the notifications', async () => {
  await say(anna, boris.userId);
  await say(anna, boris.userId);
  await anna.call('im.notify', { USER_ID: boris.userId, MESSAGE: 'told' });
  const both = async () => [await boris.call('user.counters'), (await boris.call<{ TYPE: { ALL: number; NOTIFY: number } }>('im.counters.get')).TYPE];
  expect(await both()).toMatchObject([{ im: 3 }, { ALL: 3, NOTIFY: 1 }]);
  expect(await boris.call('im.dialog.read', { DIALOG_ID: 'notify' })).toBe(true);
  expect(await both()).toMatchObject([{ im: 2 }, { ALL: 2, NOTIFY: 0 }]);
  expect(await anna.call('im.dialog.read', { DIALOG_ID: 'NOTIFY', MESSAGE_ID: 5 })).toBe(true);
  expect(await boris.fails('im.dialog.unread', { DIALOG_ID: 'notify', MESSAGE_ID: 5 })).toMatchObject({ error: 'DIALOG_ID_EMPTY' });
  await boris.call('im.dialog.read', { DIALOG_ID: anna.userId });
  expect(await both()).toMatchObject([{ im: 0 }, { ALL: 0 }]);
});
