/** What handlers are given: whoever binds, with whatever token, and whoever causes the event, never more than the binder had and has. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { findAppByClientId } from '../../src/db/stores/app-store.ts';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { changeUser } from '../../src/messenger/people/users.ts';
import { type Change, changeApplication } from '../../src/identity/applications.ts';
import { hashSecret } from '../../src/base/secrets.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import { narrowed, refresh, settled, type Signed } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { Handler, type Delivered } from '../support/handler.ts';
import { HeldWrites } from '../support/held-writes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SCOPES = ['im', 'user', 'user_brief', 'user_basic', 'imopenlines', 'department'];

const writes = new HeldWrites();
let portal: TestServer;
let anna: Client;
let boris: Client;
let guest: Client;
let second: Client;
let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer({}, { store: writes.wrap });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  guest = await portal.addUser('Guest', { extranet: 1 });
  second = await portal.addUser('Second', { admin: 1 });
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  handler = await new Handler().start();
});
afterEach(() => {
  handler.server.closeAllConnections();
  handler.server.close();
});

const robot = (scopes: string[] = SCOPES) => addApp(portal, { scopes });
const holder = (told: Delivered) => clientWith(portal, told.auth['access_token']!, Number(told.auth['user_id']));
const scopesOf = (told: Delivered) => (told.auth['scope'] ?? '').split(',').filter((code) => code !== '');
const remove = ({ clientId }: TestApp) => changeApplication(portal.server.context.db, portal.clock, clientId, { removed: true });

const bind = (caller: Client, event: string, params: Record<string, unknown> = {}) => caller.raw('event.bind', { event, handler: handler.url, ...params });

describe('event.test', () => {
  test('each handler gets the tokens of whoever bound it, not of whoever tests', async () => {
    const app = await robot();
    await bind(await app.as(boris), 'ONAPPTEST');
    await (await app.as(anna)).call('event.test', { by: 'Anna' });
    const told = await handler.next('ONAPPTEST');
    expect(told.auth).toMatchObject({ user_id: String(boris.userId), refresh_token: expect.any(String) });
    expect(await refresh(portal, app, told.auth['refresh_token']!)).toMatchObject({ user_id: boris.userId });
    expect(await holder(told).call('profile')).toMatchObject({ ID: String(boris.userId) });
  });

  test('what an administrator binds for somebody else gets nothing that could be refreshed', async () => {
    const app = await robot();
    for (const AUTH_TYPE of [boris.userId, 1]) {
      await bind(await app.as(portal.admin), 'ONAPPTEST', { AUTH_TYPE });
      await (await app.as(anna)).call('event.test');
      const { auth } = await handler.next('ONAPPTEST');
      expect(auth['user_id']).toBe(String(AUTH_TYPE));
      expect(Object.hasOwn(auth, 'refresh_token')).toBe(AUTH_TYPE === 1);
      expect((await (await app.as(portal.admin)).call<{ count: number }>('event.unbind', { event: 'ONAPPTEST', handler: handler.url })).count).toBe(1);
    }
    await remove(app);
  });

  test('that of an administrator for whoever causes events gets the administrator\'s', async () => {
    const app = await robot();
    await bind(await app.as(portal.admin), 'ONAPPTEST');
    await (await app.as(anna)).call('event.test');
    expect((await handler.next('ONAPPTEST')).auth['user_id']).toBe('1');
  });
});

describe('who, with what, for what', () => {
  const people = () => ({ admin: portal.admin, second, anna, boris, guest });
  const name = fc.constantFrom('admin', 'second', 'anna', 'boris', 'guest');
  const authType = fc.constantFrom<'none' | 'zero' | 'self' | 'boris'>('none', 'zero', 'self', 'boris');
  const event = fc.constantFrom('ONAPPTEST', 'ONIMV2MESSAGEADD', 'ONUSERADD');

  test('whatever is delivered stays within the binding token, and refreshing it gains nothing', async () => {
    const chat = await anna.call<number>('im.chat.add', { USERS: [1, second.userId, boris.userId, guest.userId] });
    let [added, delivered] = [0, 0];
    await fc.assert(
      fc.asyncProperty(name, name, authType, event, fc.subarray(SCOPES, { minLength: 1 }), async (binderName, causerName, auth, code, scopes) => {
        const [binder, causer] = [people()[binderName], people()[causerName]];
        const isAdmin = binderName === 'admin' || binderName === 'second';
        const app = await robot();
        const signed = await narrowed(portal, app, binder, scopes);
        const AUTH_TYPE = { none: undefined, zero: 0, self: binder.userId, boris: boris.userId }[auth];
        const answer = await bind(signed.caller, code, AUTH_TYPE === undefined ? {} : { AUTH_TYPE });
        const allowed = isAdmin || auth === 'none' || AUTH_TYPE === binder.userId;
        if (!allowed) expect(answer.body.error).not.toBe(undefined);
        await (await app.as(causer)).raw('event.test');
        await causer.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
        await portal.admin.call('user.add', { EMAIL: `added${(added += 1)}@example.org` });
        await settled(portal, app);
        for (const told of handler.told.splice(0)) {
          delivered += 1;
          check(told, { app, binder, causer, auth, code, signed, isAdmin });
        }
        await remove(app);
      }),
      { numRuns: 60 },
    );
    expect(delivered).toBeGreaterThan(10);
  }, 120_000);

  interface Bound {
    app: TestApp;
    binder: Client;
    causer: Client;
    auth: 'none' | 'zero' | 'self' | 'boris';
    code: string;
    signed: Signed;
    isAdmin: boolean;
  }

  /** The owner of the tokens and their scopes, against what the binding allows. */
  function check(told: Delivered, { binder, causer, auth, code, signed, isAdmin }: Bound): void {
    expect(told.event).toBe(code);
    const forCauser = isAdmin && (auth === 'none' || auth === 'zero') && code !== 'ONAPPTEST';
    const owner = auth === 'boris' && isAdmin ? boris.userId : forCauser ? undefined : binder.userId;
    if (owner !== undefined) expect(told.auth['user_id']).toBe(String(owner));
    else expect([String(causer.userId), '1']).toContain(told.auth['user_id']);
    expect(signed.scopes).toEqual(expect.arrayContaining(scopesOf(told)));
    if (code !== 'ONAPPTEST') expect(told.auth).not.toHaveProperty('refresh_token');
    if (told.event === 'ONUSERADD' && !signed.scopes.includes('user') && !signed.scopes.includes('user_basic')) expect(told.data).not.toHaveProperty('EMAIL');
  }

  test('a token narrowed to `user` gets nothing more through a handler, nor through refreshing or binding again', async () => {
    const app = await robot();
    const { caller } = await narrowed(portal, app, boris, ['user']);
    expect((await bind(caller, 'ONIMV2MESSAGEADD')).body.error).toBe('ERROR_EVENT_NOT_FOUND');
    await bind(caller, 'ONAPPTEST');
    await caller.call('event.test');
    const told = await handler.next('ONAPPTEST');
    expect(scopesOf(told)).toEqual(['user']);
    expect(await holder(told).fails('im.recent.get')).toMatchObject({ error: 'insufficient_scope' });
    expect(await refresh(portal, app, told.auth['refresh_token']!, 'im')).toMatchObject({ error: 'invalid_scope' });
    expect(await refresh(portal, app, told.auth['refresh_token']!)).toMatchObject({ scope: 'user' });
    expect((await bind(holder(told), 'ONIMV2MESSAGEADD')).body.error).toBe('ERROR_EVENT_NOT_FOUND');
    expect((await holder(told).raw('batch', { cmd: { a: `event.bind?event=ONIMV2MESSAGEADD&handler=${handler.url}` } })).body.result).toMatchObject({
      result_error: { a: { error: 'ERROR_EVENT_NOT_FOUND' } },
    });
  });
});

describe('time', () => {
  test('what follows from an access token alone ends with it', async () => {
    const app = await robot();
    await bind(await app.as(boris), 'ONIMV2MESSAGEADD');
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'one' });
    const short = holder(await handler.next('ONIMV2MESSAGEADD'));
    portal.clock.advance(1800_000);
    await bind(short, 'ONAPPTEST');
    await short.call('event.test');
    const told = await handler.next('ONAPPTEST');
    expect(told.auth).not.toHaveProperty('refresh_token');
    expect(Number(told.auth['expires_in'])).toBeLessThanOrEqual(1800);
    portal.clock.advance(1801_000);
    await (await app.as(boris)).call('event.test');
    await settled(portal, app);
    expect(handler.told.filter(({ event }) => event === 'ONAPPTEST')).toEqual([]);
  });

  test('a binding lasts as long as the sign-in that it was made with is refreshed', async () => {
    const app = await robot();
    const { caller, refreshToken } = await narrowed(portal, app, boris, SCOPES);
    await bind(caller, 'ONIMV2MESSAGEADD');
    portal.clock.advance(100 * 86_400_000);
    expect(await refresh(portal, app, refreshToken)).toMatchObject({ access_token: expect.any(String) });
    portal.clock.advance(100 * 86_400_000);
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'after 200 days' });
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toMatchObject({ message: { text: 'after 200 days' } });
    portal.clock.advance(81 * 86_400_000);
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'too late' });
    await settled(portal, app);
    expect(handler.told).toEqual([]);
    expect((await bind(await app.as(boris), 'ONIMV2MESSAGEADD')).body.result).toBe(true);
  });

  test('what a stolen refresh token has bound goes with it', async () => {
    const app = await robot();
    const { caller, refreshToken } = await narrowed(portal, app, boris, SCOPES);
    await bind(caller, 'ONIMV2MESSAGEADD');
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'one' });
    const told = await handler.next('ONIMV2MESSAGEADD');
    await refresh(portal, app, refreshToken);
    portal.clock.advance(60_000);
    expect(await refresh(portal, app, refreshToken)).toMatchObject({ error: 'invalid_grant' });
    expect(await holder(told).fails('profile')).toMatchObject({ error: 'invalid_token' });
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'two' });
    await settled(portal, app);
    expect(handler.told).toEqual([]);
  });
});

describe('a sign-in that is ended while it is used', () => {
  test('binds nothing', async () => {
    const app = await robot();
    const { caller, refreshToken } = await narrowed(portal, app, boris, SCOPES);
    const held = writes.hold();
    const binding = bind(caller, 'ONIMV2MESSAGEADD');
    await held.reached;
    const { db } = portal.server.context;
    const [row] = await db.read((s) => s.query((q) => q.selectFrom('oauth_token').select('grant_id').where('refresh_hash', '=', hashSecret(refreshToken))));
    await db.write((s) => deleteGrant(s, row!.grant_id));
    held.release();
    expect((await binding).body.error).toBe('invalid_token');
    expect(await (await app.as(portal.admin)).call('event.get')).toEqual([]);
    expect((await bind(caller, 'ONIMV2MESSAGEADD')).body.error).toBe('invalid_token');
  });
});

describe('hops', () => {
  test('neither a test nor a binding nor a refresh gives back what a chain of events has used up', async () => {
    const app = await robot();
    await bind(await app.as(boris), 'ONAPPTEST');
    await (await app.as(boris)).call('event.test');
    let tests = 0;
    for (let told = await handler.next('ONAPPTEST'); ; told = await handler.next('ONAPPTEST')) {
      tests += 1;
      const { access_token: token } = await refresh(portal, app, told.auth['refresh_token']!);
      const next = clientWith(portal, String(token), boris.userId);
      await next.raw('event.unbind', { event: 'ONAPPTEST', handler: handler.url });
      await bind(next, 'ONAPPTEST');
      await next.raw('batch', { cmd: { test: 'event.test' } });
      await settled(portal, app);
      if (!handler.told.some(({ auth }) => auth['user_id'] === String(boris.userId))) break;
      expect(tests).toBeLessThan(20);
    }
    expect(tests).toBe(7);
  });
});

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
