/** event.offline.*: an application fetches what has happened: each thing once, whoever fetches at the same time, and nothing that it has done itself. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { trim } from '../../src/portal/trimming.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import { recorded, settled } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Handler, handlerForEach } from '../support/handler.ts';
import { say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Texts = 'ID' | 'TIMESTAMP_X' | 'EVENT_NAME' | 'MESSAGE_ID';
type Row = Record<Texts, string> & { EVENT_DATA: Record<string, unknown>; EVENT_ADDITIONAL: unknown; PROCESS_ID?: string; ERROR?: string };
interface Taken {
  process_id: string | null;
  events: Row[];
}

const DAY_MS = 86_400_000;
const ADDED = 'ONIMV2MESSAGEADD';
const UPDATED = 'ONIMV2MESSAGEUPDATE';

let portal: TestServer;
let anna: Client;
let boris: Client;
let app: TestApp;
let robot: Client;
let handler: Handler;
beforeAll(async () => {
  portal = await startTestServer();
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));
beforeEach(async () => {
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  app = await addApp(portal);
  robot = await app.as(portal.admin);
});

const offline = (EVENT: string, params: Record<string, unknown> = {}) => robot.call('event.bind', { EVENT, EVENT_TYPE: 'offline', ...params });
async function take(params: Record<string, unknown> = {}): Promise<Taken> {
  await recorded(portal);
  return robot.call<Taken>('event.offline.get', params);
}
const list = async (params: Record<string, unknown> = {}) => robot.call<Row[]>('event.offline.list', params);
const messagesOf = (rows: readonly Row[]) => rows.map(({ EVENT_DATA }) => EVENT_DATA['messageId']);
const update = (who: Client, MESSAGE_ID: number, MESSAGE: string) => who.call('im.message.update', { MESSAGE_ID, MESSAGE });

describe('binding', () => {
  test('as offline no handler is needed; event.get shows both kinds, event.unbind ends one', async () => {
    expect(await offline(ADDED)).toBe(true);
    expect(await offline(ADDED, { auth_connector: 'crm' })).toBe(true);
    expect(await robot.fails('event.bind', { EVENT: ADDED, EVENT_TYPE: 'offline', auth_connector: 'crm' })).toMatchObject({ error: 'ERROR_CORE' });
    expect(await robot.fails('event.bind', { EVENT: ADDED })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'HANDLER' });
    await robot.call('event.bind', { EVENT: ADDED, HANDLER: handler.url });
    expect(await robot.call('event.get')).toEqual([
      { event: ADDED, connector_id: '', offline: 1 }, { event: ADDED, connector_id: 'crm', offline: 1 }, { event: ADDED, handler: handler.url, auth_type: '0', offline: 0 },
    ]);
    expect(await robot.call('event.unbind', { EVENT: ADDED, EVENT_TYPE: 'offline', auth_connector: 'crm' })).toEqual({ count: 1 });
    expect(await robot.call('event.unbind', { EVENT: ADDED, HANDLER: handler.url })).toEqual({ count: 1 });
    expect(await robot.call('event.get')).toEqual([{ event: ADDED, connector_id: '', offline: 1 }]);
  });

  test('an exchange may have a name of 255 characters', async () => {
    expect(await offline(ADDED, { auth_connector: 'x'.repeat(255) })).toBe(true);
    expect(await robot.fails('event.bind', { EVENT: ADDED, EVENT_TYPE: 'offline', auth_connector: 'x'.repeat(256) })).toMatchObject({ argument: 'auth_connector' });
  });
});

describe('what is recorded', () => {
  test('what it is about, once however often it happens, under the MD5 of both', async () => {
    const id = await say(anna, boris.userId, { MESSAGE: 'before' });
    await offline(ADDED);
    await offline(UPDATED);
    for (const text of ['a', 'b', 'c']) await update(anna, id, text);
    const second = await say(boris, anna.userId);
    await recorded(portal);
    const { chat_id } = (await anna.call<Array<{ chat_id: number }>>('im.recent.get'))[0]!;
    const row = (event: string, messageId: number, who: Client) => {
      const data = { chatId: chat_id, messageId };
      const MESSAGE_ID = createHash('md5').update(`${event}|${JSON.stringify(data)}`).digest('hex');
      return {
        ID: expect.stringMatching(/^\d+$/), TIMESTAMP_X: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/), EVENT_NAME: event, EVENT_DATA: data,
        EVENT_ADDITIONAL: { user_id: String(who.userId) }, MESSAGE_ID,
      };
    };
    expect(await list()).toEqual([row(UPDATED, id, anna), row(ADDED, second, boris)].map((shown) => ({ ...shown, PROCESS_ID: '', ERROR: '0' })));
    expect(await take()).toEqual({ process_id: null, events: [row(UPDATED, id, anna), row(ADDED, second, boris)] });
    expect([await take(), await list()]).toEqual([{ process_id: null, events: [] }, []]);
    await update(anna, id, 'd');
    expect((await take()).events).toEqual([row(UPDATED, id, anna)]);
  });

  test('who was added and who has joined', async () => {
    await offline('ONUSERADD');
    await offline('ONIMV2JOINCHAT');
    const ID = await portal.admin.call<number>('user.add', { EMAIL: 'new@example.org', NAME: 'New' });
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Joined', USERS: [] });
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [boris.userId] });
    const { events } = await take();
    expect(events.map(({ EVENT_NAME, EVENT_DATA }) => [EVENT_NAME, EVENT_DATA])).toEqual(expect.arrayContaining([
      ['ONUSERADD', { ID }], ['ONIMV2JOINCHAT', { chatId: chat, userId: boris.userId }],
    ]));
  });

  test('not what the application does itself through the same exchange, in a batch neither; each exchange has a queue of its own', async () => {
    await offline(ADDED);
    await offline(ADDED, { auth_connector: 'crm' });
    const own = await app.as(anna);
    const ids = {
      plain: await say(own, boris.userId),
      crm: await say(own, boris.userId, { auth_connector: 'crm' }),
      other: await say(own, boris.userId, { auth_connector: 'other' }),
      webhook: await say(anna, boris.userId, { auth_connector: 'crm' }),
      stranger: await say(await (await addApp(portal)).as(anna), boris.userId, { auth_connector: 'crm' }),
    };
    const { result } = await own.call<{ result: Record<string, number> }>('batch', { CMD: { a: `im.message.add?DIALOG_ID=${boris.userId}&MESSAGE=batch` }, auth_connector: 'crm' });
    expect(messagesOf((await take()).events)).toEqual([ids.crm, ids.other, ids.webhook, ids.stranger, result['a']]);
    expect(messagesOf((await take({ auth_connector: 'crm' })).events)).toEqual([ids.plain, ids.other, ids.webhook, ids.stranger]);
    expect(await take({ auth_connector: 'nobody' })).toMatchObject({ events: [] });
  });

  test('nothing for who may no longer act for others, nor from before the binding, nor for an application that is gone', async () => {
    const second = await portal.addUser('Second', { admin: 1 });
    robot = await app.as(second);
    await say(anna, boris.userId);
    await offline(ADDED);
    const told = await say(anna, boris.userId);
    await recorded(portal);
    expect(messagesOf(await list())).toEqual([told]);
    await portal.server.context.db.write((s) => s.query((q) => q.updateTable('user').set({ admin: 0 }).where('id', '=', second.userId)));
    await say(anna, boris.userId);
    await recorded(portal);
    robot = await app.as(portal.admin);
    expect(messagesOf(await list())).toEqual([told]);
  });
});

describe('taking', () => {
  test('a reservation keeps events from others until it is cleared, in part or whole, or marked', async () => {
    await offline(ADDED);
    const ids: number[] = [];
    for (let i = 0; i < 5; i += 1) ids.push(await say(anna, boris.userId));
    const first = await take({ CLEAR: 0, LIMIT: 3 });
    expect(first.process_id).toMatch(/^[0-9a-f]{32}$/);
    expect(messagesOf(first.events)).toEqual(ids.slice(0, 3));
    const PROCESS_ID = first.process_id!;
    const [one, two, three] = first.events as [Row, Row, Row];
    expect(messagesOf((await take({ CLEAR: 0 })).events)).toEqual(ids.slice(3));
    await robot.call('event.offline.clear', { PROCESS_ID, ID: [one.ID] });
    await robot.call('event.offline.error', { PROCESS_ID, MESSAGE_ID: [two.MESSAGE_ID] });
    await robot.call('event.offline.error', { PROCESS_ID, MESSAGE_ID: [] });
    await robot.call('event.offline.clear', { PROCESS_ID, MESSAGE_ID: [] });
    expect((await list({ FILTER: { PROCESS_ID } })).map(({ MESSAGE_ID, ERROR }) => [MESSAGE_ID, ERROR])).toEqual([[two.MESSAGE_ID, '1'], [three.MESSAGE_ID, '0']]);
    expect(await take()).toMatchObject({ events: [] });
    const again = await take({ CLEAR: 0, PROCESS_ID });
    expect(again.events).toEqual([three]);
    const failed = await take({ CLEAR: 0, ERROR: 1 });
    expect(failed.events).toEqual([two]);
    await robot.call('event.offline.clear', { PROCESS_ID: again.process_id!, MESSAGE_ID: [three.MESSAGE_ID], ID: [two.ID] });
    await robot.call('event.offline.clear', { PROCESS_ID: failed.process_id! });
    expect(messagesOf(await list())).toEqual(ids.slice(3));
  });

  test('the processes of another application are not to be cleared or marked', async () => {
    await offline(ADDED);
    await say(anna, boris.userId);
    const { process_id: PROCESS_ID } = await take({ CLEAR: 0 });
    const stranger = await (await addApp(portal)).as(portal.admin);
    await stranger.call('event.offline.clear', { PROCESS_ID });
    await stranger.call('event.offline.error', { PROCESS_ID });
    expect(await list()).toMatchObject([{ PROCESS_ID, ERROR: '0' }]);
    expect(await stranger.call('event.offline.list')).toEqual([]);
  });

  test('whoever takes at the same time gets others', async () => {
    await offline(ADDED);
    const ids = await Promise.all(Array.from({ length: 20 }, () => say(anna, boris.userId)));
    await recorded(portal);
    const taken = await Promise.all(Array.from({ length: 12 }, (_, i) => take({ LIMIT: 2, CLEAR: i % 2 })));
    const rest = await take({ LIMIT: 1000 });
    const all = [...taken, rest].flatMap(({ events }) => messagesOf(events));
    expect(all.sort((a, b) => Number(a) - Number(b))).toEqual(ids.sort((a, b) => a - b));
  });

  test('what happens again while it is reserved is another row', async () => {
    await offline(UPDATED);
    const id = await say(anna, boris.userId);
    await update(anna, id, 'a');
    const reserved = await take({ CLEAR: 0 });
    await update(anna, id, 'b');
    expect((await take({ CLEAR: 0 })).events.map(({ MESSAGE_ID }) => MESSAGE_ID)).toEqual(reserved.events.map(({ MESSAGE_ID }) => MESSAGE_ID));
  });

  test('filters, orders and pages', async () => {
    await offline(ADDED);
    await offline(UPDATED);
    const ids: number[] = [];
    for (let i = 0; i < 4; i += 1) ids.push(await say(anna, boris.userId));
    await update(anna, ids[0]!, 'changed');
    await recorded(portal);
    const all = await list();
    const numbers = all.map(({ ID }) => Number(ID));
    const found = async (FILTER: object, ORDER: object = {}) => (await list({ FILTER, ORDER })).map(({ ID }) => Number(ID));
    expect(numbers).toHaveLength(5);
    expect(await found({ '>ID': numbers[2] })).toEqual(numbers.slice(3));
    expect(await found({ '<=ID': numbers[1], EVENT_NAME: ADDED.toLowerCase() })).toEqual(numbers.slice(0, 2));
    expect(await found({ '!EVENT_NAME': ADDED })).toEqual(numbers.slice(4));
    expect(await found({ '@ID': [numbers[0], numbers[4]] }, { ID: 'desc' })).toEqual([numbers[4], numbers[0]]);
    expect(await found({ '!@ID': [numbers[0], numbers[4]] }, { EVENT_NAME: 'DESC', ID: 'DESC' })).toEqual(numbers.slice(1, 4).reverse());
    expect(await found({ MESSAGE_ID: all[3]!.MESSAGE_ID })).toEqual([numbers[3]]);
    expect(await found({ '>=TIMESTAMP_X': all[0]!.TIMESTAMP_X })).toEqual(numbers);
    expect(await found({ '<TIMESTAMP_X': all[0]!.TIMESTAMP_X })).toEqual([]);
    expect(await found({ ERROR: 1 })).toEqual([]);
    expect(messagesOf((await take({ FILTER: { ID: numbers[1] }, ORDER: { ID: 'DESC' } })).events)).toEqual([ids[1]]);
    for (const FILTER of [{ NOTHING: 1 }, { ID: 'x' }, { '%ID': 1 }, { TIMESTAMP_X: 'x' }, { ID: [{}] }]) {
      expect(await robot.fails('event.offline.list', { FILTER })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: expect.stringContaining('FILTER') });
    }
    for (const ORDER of [{ NOTHING: 'ASC' }, { ID: 'UP' }, { ID: 1 }, 'ID']) {
      expect(await robot.fails('event.offline.list', { ORDER })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'ORDER' });
    }
    expect(await robot.fails('event.offline.get', { FILTER: { PROCESS_ID: '' } })).toMatchObject({ argument: 'FILTER[PROCESS_ID]' });
    for (const MESSAGE_ID of ['x', ['a'.repeat(31)], [5]]) {
      expect(await robot.fails('event.offline.clear', { PROCESS_ID: 'p', MESSAGE_ID })).toMatchObject({ argument: 'MESSAGE_ID' });
    }
    await Promise.all(Array.from({ length: 50 }, () => say(anna, boris.userId)));
    await recorded(portal);
    expect((await robot.raw('event.offline.list')).body).toMatchObject({ total: 54, next: 50, result: { length: 50 } });
    const last = (await robot.raw('event.offline.list', { start: 50 })).body;
    expect(last).toMatchObject({ total: 54, result: { length: 4 } });
    expect(last).not.toHaveProperty('next');
  });

  test('what nobody takes is forgotten after 30 days, and all of an application that is removed', async () => {
    await offline(ADDED);
    await say(anna, boris.userId);
    await recorded(portal);
    const { db } = portal.server.context;
    await trim(db, portal.clock.now() + 29 * DAY_MS);
    expect(await list()).toHaveLength(1);
    await trim(db, portal.clock.now() + 31 * DAY_MS);
    expect(await list()).toEqual([]);
    await say(anna, boris.userId);
    await recorded(portal);
    await tidemarkOn(portal, 'app', 'remove', '--app', app.clientId);
    expect(await db.read((s) => s.query((q) => q.selectFrom('offline_event').selectAll().where('app_id', '=', app.id)))).toEqual([]);
  });
});

describe('ONOFFLINEEVENT', () => {
  const hear = (params: Record<string, unknown> = {}) => robot.call('event.bind', { EVENT: 'ONOFFLINEEVENT', HANDLER: handler.url, ...params });

  test('tells without data that there is something new, with tokens that can be refreshed', async () => {
    await offline(ADDED);
    await hear();
    const id = await say(anna, boris.userId);
    const told = await handler.next('ONOFFLINEEVENT');
    expect(told).not.toHaveProperty('data');
    expect(told.auth).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String), application_token: expect.any(String) });
    robot = clientWith(portal, told.auth['access_token']!, portal.admin.userId);
    expect(messagesOf((await take()).events)).toEqual([id]);
  });

  test('no sooner after the last than was asked for, and then once for all that has come meanwhile', async () => {
    await offline(ADDED);
    await hear({ OPTIONS: { minTimeout: 3600 } });
    await say(anna, boris.userId);
    await handler.next('ONOFFLINEEVENT');
    for (let i = 0; i < 3; i += 1) await say(anna, boris.userId);
    await recorded(portal);
    const waiting = () => portal.server.context.db.read((s) => s.query((q) => q.selectFrom('delivery').selectAll().where('app_id', '=', app.id).where('state', '=', 'waiting')));
    const [due, ...others] = await waiting();
    expect(others).toEqual([]);
    expect(due!.next_at - portal.clock.now()).toBeGreaterThan(3_500_000);
    expect(handler.told).toEqual([]);
    portal.clock.advance(3_600_000);
    await handler.next('ONOFFLINEEVENT');
    await settled(portal, app);
    expect([await waiting(), handler.told]).toEqual([[], []]);
  });

  test('not of what is there already, nor through other applications', async () => {
    await offline(UPDATED);
    await hear({ OPTIONS: { minTimeout: 0 } });
    const id = await say(anna, boris.userId);
    await update(anna, id, 'a');
    await handler.next('ONOFFLINEEVENT');
    await update(anna, id, 'b');
    await settled(portal, app);
    expect(handler.told).toEqual([]);
    for (const OPTIONS of [{ minTimeout: -1 }, { minTimeout: 'x' }, { minTimeout: 86_401 }, 'x']) {
      expect(await robot.fails('event.bind', { EVENT: 'ONOFFLINEEVENT', HANDLER: `${handler.url}/2`, OPTIONS })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'OPTIONS' });
    }
  });
});
