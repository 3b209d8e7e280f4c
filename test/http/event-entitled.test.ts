/** Whoever has bound an event must still be entitled to it when it is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAppByClientId } from '../../src/db/stores/app-store.ts';
import { changeUser } from '../../src/messenger/people/users.ts';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { addApp, type TestApp } from '../support/application.ts';
import { settled } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Handler, handlerForEach } from '../support/handler.ts';
import { HeldWrites } from '../support/held-writes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SCOPES = ['im', 'user', 'user_brief', 'user_basic', 'imopenlines', 'department'];

const writes = new HeldWrites();
let portal: TestServer;
let anna: Client;
let boris: Client;
let second: Client;
let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer({}, { store: writes.wrap });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  second = await portal.addUser('Second', { admin: 1 });
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));

const robot = (scopes: string[] = SCOPES) => addApp(portal, { scopes });
const remove = ({ clientId }: TestApp) => changeApplication(portal.server.context.db, portal.clock, clientId, { removed: true });

const bind = (caller: Client, event: string, params: Record<string, unknown> = {}) => caller.raw('event.bind', { event, handler: handler.url, ...params });

describe('whoever binds must still be entitled when it is told', () => {
  const say = (MESSAGE: string) => anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE });

  test.each<[string, (app: TestApp) => Promise<unknown>, (app: TestApp) => Promise<unknown>]>([
    ['dismissed', () => portal.admin.call('user.update', { ID: boris.userId, ACTIVE: 'N' }), () => portal.admin.call('user.update', { ID: boris.userId, ACTIVE: 'Y' })],
    ['the application is for others', (app) => changeApplication(portal.server.context.db, portal.clock, app.clientId, { userIds: [anna.userId] }), (app) => changeApplication(portal.server.context.db, portal.clock, app.clientId, { userIds: [] })],
    ['it is on hold', (app) => changeApplication(portal.server.context.db, portal.clock, app.clientId, { held: true }), (app) => changeApplication(portal.server.context.db, portal.clock, app.clientId, { held: false })],
  ])('%s', async (_why, before, after) => {
    const app = await robot();
    await bind(await app.as(boris), 'ONIMV2MESSAGEADD');
    await before(app);
    await say('not for him');
    await settled(portal, app);
    await after(app);
    await say('for him');
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toMatchObject({ message: { text: 'for him' } });
    expect(handler.told).toEqual([]);
    await remove(app);
  });

  test('an administrator who is none any more acts for nobody else', async () => {
    const app = await robot();
    const chief = await portal.addUser('Chief', { admin: 1 });
    await bind(await app.as(chief), 'ONIMV2MESSAGEADD');
    await bind(await app.as(chief), 'ONIMV2MESSAGEADD', { AUTH_TYPE: boris.userId });
    expect(await changeUser(portal.server.context.messenger, chief.userId, { admin: 0 })).toMatchObject({ ok: true });
    await say('not for the chief');
    await settled(portal, app);
    expect(handler.told).toEqual([]);
  });

  test('an administrator who was dismissed acts for nobody, whose tokens it ever was', async () => {
    const app = await robot();
    const chief = await portal.addUser('Chief', { admin: 1 });
    await bind(await app.as(chief), 'ONIMV2MESSAGEADD');
    await bind(await app.as(chief), 'ONIMV2MESSAGEADD', { AUTH_TYPE: boris.userId });
    await portal.admin.call('user.update', { ID: chief.userId, ACTIVE: 'N' });
    await say('not for the chief');
    await settled(portal, app);
    expect(handler.told).toEqual([]);
    await bind(await app.as(second), 'ONIMV2MESSAGEADD');
    await say('for the second');
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toMatchObject({ message: { text: 'for the second' } });
  });

  test('a delivery that comes later than it should is checked again', async () => {
    const app = await robot();
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Circle', USERS: [boris.userId] });
    await settled(portal, app);
    await bind(await app.as(boris), 'ONIMV2MESSAGEADD');
    handler.status = 500;
    await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'while he was in' });
    await handler.next('ONIMV2MESSAGEADD');
    await settled(portal, app);
    await anna.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: boris.userId });
    handler.status = 200;
    portal.clock.advance(5000);
    const list = async () => JSON.parse(await tidemarkOn(portal, 'app', 'deliveries', '--app', app.clientId, '--json')) as Array<{ state: string; problem: string }>;
    let [delivery] = await list();
    while (delivery!.state === 'waiting') [delivery] = await list();
    expect(delivery).toMatchObject({ state: 'failed', problem: expect.stringContaining('no access') });
    expect(handler.told).toEqual([]);
  });

  describe('an installation that is told late', () => {
    const change = (clientId: string, what: Change) => changeApplication(portal.server.context.db, portal.clock, clientId, what);

    test.each<[string, (clientId: string, chief: Client) => Promise<unknown>, { told: boolean; problem: string }]>([
      ['the application is on hold', (clientId) => change(clientId, { held: true }), { told: false, problem: 'on hold' }],
      ['the application was removed', (clientId) => change(clientId, { removed: true }), { told: false, problem: 'removed' }],
      ['who has installed it was dismissed', (_, chief) => portal.admin.call('user.update', { ID: chief.userId, ACTIVE: 'N' }), { told: true, problem: '' }],
    ])('carries no tokens when %s', async (_why, act, { told, problem }) => {
      const chief = await portal.addUser('Chief', { admin: 1 });
      handler.status = 500;
      const { client_id: clientId } = JSON.parse(await tidemarkOn(portal, 'app', 'add', '--title', 'Late', '--handler', handler.url, '--user', String(chief.userId), '--json')) as { client_id: string };
      expect((await handler.next('ONAPPINSTALL')).auth).toHaveProperty('access_token');
      const { db } = portal.server.context;
      const { id } = (await db.read((s) => findAppByClientId(s, clientId)))!;
      const install = async () => (await db.read((s) => s.query((q) => q.selectFrom('delivery').selectAll().where('app_id', '=', id))))[0]!;
      while ((await install()).attempts < 1) await new Promise((resolve) => setImmediate(resolve));
      await act(clientId, chief);
      handler.status = 200;
      portal.clock.advance(5000);
      while ((await install()).attempts < 2) await new Promise((resolve) => setImmediate(resolve));
      expect((await install()).problem).toContain(problem);
      expect(handler.told.map(({ event }) => event)).toEqual(told ? ['ONAPPINSTALL'] : []);
      if (told) expect(handler.told[0]!.auth).not.toHaveProperty('access_token');
    });
  });
});
