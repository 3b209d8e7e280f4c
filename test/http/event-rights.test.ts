/** What handlers are given: whoever binds, with whatever token, and whoever causes the event, never more than the binder had and has. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { changeApplication } from '../../src/identity/applications.ts';
import { hashSecret } from '../../src/base/secrets.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import { narrowed, refresh, settled, type Signed } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Delivered, type Handler, handlerForEach } from '../support/handler.ts';
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
handlerForEach((fresh) => (handler = fresh));

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
