/** What applications are told: installation, chats, users; delivery with its tokens, failures and limits. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACK_OFF_S } from '../../src/delivery/handlers/deliverer.ts';
import type { Client } from '../support/client.ts';
import { changeApplication } from '../../src/identity/applications.ts';
import { queueUninstalled } from '../../src/delivery/handlers/outbox.ts';
import { postForm } from '../../src/delivery/handlers/post.ts';
import { addApp, clientWith, type TestApp } from '../support/application.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Delivered, type Handler, handlerForEach } from '../support/handler.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;

let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  await command('portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));

const command = (...args: string[]) => tidemarkOn(portal, ...args);

interface App {
  client_id: string;
  client_secret: string;
}

const SCOPES = ['im', 'user', 'imopenlines'];

const installApp = async (...args: string[]) =>
  JSON.parse(await command('app', 'add', '--title', 'Robot', '--scope', SCOPES.join(','), '--json', ...args)) as App;

const robot = () => addApp(portal, { scopes: SCOPES });

/** Removes an application, so that later tests hear nothing of it. */
async function remove({ clientId }: TestApp): Promise<void> {
  const { db, clock } = portal.server.context;
  await changeApplication(db, clock, clientId, { removed: true }, (s, app) => queueUninstalled(s, app, clock.now()));
}

/** Calls with the token that a handler was given. */
const holder = (told: Delivered) => clientWith(portal, told.auth['access_token']!, Number(told.auth['user_id']));

describe('installation', () => {
  test('the handler gets everything that an application needs, and its tokens work', async () => {
    const app = await installApp('--handler', handler.url);
    const told = await handler.next('ONAPPINSTALL');
    expect(told).toMatchObject({
      type: 'application/x-www-form-urlencoded',
      event_handler_id: '0', ts: expect.stringMatching(/^\d{10}$/),
      data: { VERSION: '1', ACTIVE: '1', INSTALLED: '1', LANGUAGE_ID: 'en' },
      auth: {
        access_token: expect.stringMatching(/./), refresh_token: expect.stringMatching(/./), expires_in: '3600', expires: expect.stringMatching(/^\d{10}$/),
        scope: 'im,user,imopenlines', domain: new URL(portal.http).host, status: 'L', client_endpoint: `${portal.http}/rest/`,
        server_endpoint: `${portal.http}/rest/`, member_id: expect.stringMatching(/^[0-9a-f]{32}$/), user_id: '1',
        application_token: expect.stringMatching(/^[0-9a-z]{32}$/),
      },
    });
    expect(await holder(told).call('profile')).toMatchObject({ ID: '1' });
    const query = new URLSearchParams({
      grant_type: 'refresh_token', client_id: app.client_id, client_secret: app.client_secret, refresh_token: told.auth['refresh_token']!,
    });
    expect((await send(`${portal.http}/oauth/token/?${query}`)).body).toMatchObject({ user_id: 1, access_token: expect.any(String) });
  });

  test('who is removed is told without tokens, with the same application token', async () => {
    const app = await installApp('--handler', handler.url);
    const installed = await handler.next('ONAPPINSTALL');
    await command('app', 'remove', '--app', app.client_id);
    const { auth, data } = await handler.next('ONAPPUNINSTALL');
    expect(Object.keys(auth).sort()).toEqual(['application_token', 'client_endpoint', 'domain', 'member_id', 'server_endpoint']);
    expect(auth['application_token']).toBe(installed.auth['application_token']);
    expect(data).toEqual({ LANGUAGE_ID: 'en', CLEAN: '1' });
  });
});

describe('binding', () => {
  test('bind, get, bind again, unbind', async () => {
    const admin = await (await robot()).as(portal.admin);
    const params = { EVENT: 'onimv2messageadd', HANDLER: handler.url };
    expect((await admin.raw('event.bind', params)).body).toMatchObject({ result: true });
    expect((await admin.raw('event.bind', params)).body).toMatchObject({ error: 'ERROR_CORE' });
    expect((await admin.raw('event.get')).body).toMatchObject({ result: [{ event: 'ONIMV2MESSAGEADD', handler: handler.url, auth_type: '0', offline: 0 }] });
    expect((await admin.raw('event.unbind', { event: 'ONIMV2MESSAGEADD', handler: handler.url })).body).toMatchObject({ result: { count: 1 } });
    expect((await admin.raw('event.unbind', params)).body).toMatchObject({ result: { count: 0 } });
    expect((await admin.raw('event.get')).body).toMatchObject({ result: [] });
  });

  test('who is no administrator binds for themselves, sees and unbinds only their own', async () => {
    const app = await robot();
    const [admin, hers] = [await app.as(portal.admin), await app.as(anna)];
    const params = { event: 'ONIMV2MESSAGEADD', handler: handler.url };
    await admin.raw('event.bind', params);
    expect((await hers.raw('event.bind', { ...params, auth_type: 0 })).body).toMatchObject({ error: 'ACCESS_DENIED' });
    expect((await hers.raw('event.bind', { ...params, auth_type: boris.userId })).body).toMatchObject({ error: 'ACCESS_DENIED' });
    expect((await hers.raw('event.bind', params)).body).toMatchObject({ result: true });
    expect((await hers.raw('event.get')).body).toMatchObject({ result: [{ auth_type: String(anna.userId) }] });
    expect((await hers.raw('event.unbind', { ...params, auth_type: String(anna.userId) })).body).toMatchObject({ result: { count: 1 } });
    expect((await admin.raw('event.get')).body.result).toHaveLength(1);
  });

  test.each([
    [{ event: 'ONNOTHING' }, 'ERROR_EVENT_NOT_FOUND'], [{ event: '' }, 'ERROR_ARGUMENT'], [{ handler: '' }, 'ERROR_ARGUMENT'],
    [{ handler: 'ftp://app.example/' }, 'ERROR_UNSUPPORTED_PROTOCOL'], [{ handler: 'nothing' }, 'ERROR_WRONG_HANDLER_URL'],
    [{ event_type: 'soon' }, 'ERROR_ARGUMENT'], [{ handler: `https://app.example/${'x'.repeat(1000)}` }, 'ERROR_ARGUMENT'],
  ])('%j is refused with %s', async (params, code) => {
    const admin = await (await robot()).as(portal.admin);
    expect((await admin.raw('event.bind', { event: 'ONIMV2MESSAGEADD', handler: 'https://app.example/', ...params })).body).toMatchObject({ error: code });
  });

  test('an event of a scope that the application lacks is unknown to it', async () => {
    const app = await addApp(portal, { scopes: ['user'] });
    const admin = await app.as(portal.admin);
    expect((await admin.raw('event.bind', { event: 'ONIMV2MESSAGEADD', handler: handler.url })).body).toMatchObject({ error: 'ERROR_EVENT_NOT_FOUND' });
    expect((await admin.raw('events')).body.result).toEqual(expect.not.arrayContaining(['ONIMV2MESSAGEADD']));
    expect((await admin.raw('events', { SCOPE: 'im' })).body.result).toContain('ONIMV2MESSAGEADD');
  });

  test('webhooks have no events', async () => {
    for (const method of ['events', 'event.bind', 'event.unbind', 'event.get', 'event.test']) {
      const failure = await anna.fails(method, { event: 'ONIMV2MESSAGEADD', handler: handler.url });
      expect(failure).toEqual({ status: 403, error: 'WRONG_AUTH_TYPE', text: 'Current authorization type is denied for this method' });
    }
  });
});

/** An application that has bound the events, as the administrator for whoever causes them or as a user for themselves. */
async function bound(events: string[], who = portal.admin): Promise<TestApp> {
  const app = await robot();
  const caller = await app.as(who);
  for (const event of events) expect((await caller.raw('event.bind', { event, handler: handler.url })).body).toMatchObject({ result: true });
  return app;
}

describe('chats', () => {
  test('a message added, changed and deleted, as its author sees it', async () => {
    const app = await bound(['ONIMV2MESSAGEADD', 'ONIMV2MESSAGEUPDATE', 'ONIMV2MESSAGEDELETE']);
    const id = await anna.call<number>('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Привет & <b>' });
    const added = await handler.next('ONIMV2MESSAGEADD');
    expect(added.data).toMatchObject({
      message: { id: String(id), authorId: String(anna.userId), text: 'Привет & <b>', isSystem: '0' },
      chat: { dialogId: String(boris.userId), type: 'private', messageType: 'P' },
      user: { id: String(anna.userId), firstName: 'Anna' }, language: 'en',
    });
    expect(added.auth).toMatchObject({ user_id: String(anna.userId), access_token: expect.any(String) });
    expect(added.auth).not.toHaveProperty('refresh_token');
    expect(await holder(added).call('profile')).toMatchObject({ ID: String(anna.userId) });
    await anna.call('im.message.update', { MESSAGE_ID: id, MESSAGE: 'Changed' });
    expect((await handler.next('ONIMV2MESSAGEUPDATE')).data).toMatchObject({ message: { id: String(id), text: 'Changed' } });
    await anna.call('im.message.delete', { MESSAGE_ID: id });
    expect((await handler.next('ONIMV2MESSAGEDELETE')).data).toMatchObject({ messageId: String(id) });
    await remove(app);
  });

  test('who has bound for themselves hears only of chats they are in, from the time they are', async () => {
    const app = await bound(['ONIMV2MESSAGEADD', 'ONIMV2JOINCHAT'], boris);
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Secret', MESSAGE: 'not for Boris' });
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [boris.userId], HIDE_HISTORY: 'Y' });
    expect((await handler.next('ONIMV2JOINCHAT')).data).toMatchObject({ dialogId: `chat${chat}`, user: { id: String(boris.userId) } });
    await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'for Boris' });
    const texts = [(await handler.next('ONIMV2MESSAGEADD')).data['message']!['text'], (await handler.next('ONIMV2MESSAGEADD')).data['message']!['text']];
    expect(texts).toEqual([expect.stringContaining('invited'), 'for Boris']);
    await remove(app);
    expect(handler.told.filter((told) => JSON.stringify(told).includes('not for Boris'))).toEqual([]);
  });

  test('events caused by somebody who may not use the application are not told', async () => {
    const app = await bound(['ONIMV2MESSAGEADD']);
    await command('app', 'restrict', '--app', app.clientId, '--users', String(boris.userId));
    await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'from Anna' });
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'from Boris' });
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toMatchObject({ message: { text: 'from Boris' } });
    expect(handler.told).toEqual([]);
    await remove(app);
  });

  test('a chain of events that cause each other ends', async () => {
    const app = await bound(['ONIMV2MESSAGEADD']);
    await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'echo' });
    for (let echoes = 0; echoes < 7; echoes += 1) {
      const told = await handler.next('ONIMV2MESSAGEADD');
      await holder(told).call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'echo' });
    }
    await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'marker' });
    expect((await handler.next('ONIMV2MESSAGEADD')).data).toMatchObject({ message: { text: 'marker' } });
    await remove(app);
  });

  test('a user who was added', async () => {
    const app = await bound(['ONUSERADD']);
    const id = await portal.admin.call('user.add', { EMAIL: 'new@example.org', NAME: 'Nora' });
    expect((await handler.next('ONUSERADD')).data).toMatchObject({ ID: String(id), NAME: 'Nora', ACTIVE: '1' });
    await remove(app);
  });

  test('event.test says what it was asked', async () => {
    const app = await bound(['ONAPPTEST']);
    expect(await (await app.as(portal.admin)).call('event.test', { any: 'data', list: [1, { deep: true }], none: null })).toBe(1);
    expect((await handler.next('ONAPPTEST')).data).toEqual({ QUERY: { any: 'data', list: ['1', { deep: '1' }] } });
  });
});

describe('delivery', () => {
  test('a failure is repeated, each time later, until it has failed for good', async () => {
    const app = await robot();
    const admin = await app.as(portal.admin);
    await admin.raw('event.bind', { event: 'ONAPPTEST', handler: handler.url });
    handler.status = 302;
    await admin.raw('event.test', { turn: 1 });
    for (const pause of BACK_OFF_S) {
      await handler.next('ONAPPTEST');
      await untilRecorded(app);
      portal.clock.advance(pause * 1000);
    }
    await handler.next('ONAPPTEST');
    await untilRecorded(app);
    expect(await deliveries(app)).toMatchObject([{ event: 'ONAPPTEST', state: 'failed', attempts: BACK_OFF_S.length + 1, status: 302 }]);
  });

  test('what fails once arrives the second time, with new tokens', async () => {
    const app = await robot();
    const admin = await app.as(portal.admin);
    await admin.raw('event.bind', { event: 'ONAPPTEST', handler: handler.url });
    handler.status = 500;
    await admin.raw('event.test');
    const first = await handler.next('ONAPPTEST');
    await untilRecorded(app);
    handler.status = 204;
    portal.clock.advance(BACK_OFF_S[0]! * 1000);
    const second = await handler.next('ONAPPTEST');
    expect(second.auth['access_token']).not.toBe(first.auth['access_token']);
    await untilRecorded(app);
    expect(await deliveries(app)).toMatchObject([{ state: 'done', attempts: 2, status: 204 }]);
  });

  test('never to private addresses, unless the portal allows it', async () => {
    const app = await bound(['ONAPPTEST']);
    const admin = await app.as(portal.admin);
    await command('portal', 'set', '--no-private-handlers');
    for (const url of [handler.url, 'http://[::1]:1/', 'http://0x7f000001/', 'http://10.0.0.1/', 'http://localhost/', 'http://[::ffff:127.0.0.1]/', 'http://169.254.169.254/latest']) {
      expect((await admin.raw('event.bind', { event: 'ONAPPTEST', handler: url })).body).toMatchObject({ error: 'ERROR_WRONG_HANDLER_URL' });
    }
    await admin.call('event.test');
    await untilRecorded(app);
    expect(handler.told).toEqual([]);
    expect(await deliveries(app)).toMatchObject([{ state: 'waiting', status: 0, problem: expect.stringContaining('private') }]);
    await command('portal', 'set', '--private-handlers');
  });

  test('a name that leads to a private address is refused when it is looked up', async () => {
    await expect(postForm('http://localhost:1/', '', false)).rejects.toThrow('localhost has a private address');
    await expect(postForm('http://[::ffff:127.0.0.1]:1/', '', false)).rejects.toThrow('private address');
  });
});

type Recorded = { event: string; state: string; attempts: number; status: number; problem: string };

async function deliveries(app: TestApp): Promise<Recorded[]> {
  return JSON.parse(await command('app', 'deliveries', '--app', app.clientId, '--json')) as Recorded[];
}

/** Waits until the delivery under way is written down. */
async function untilRecorded(app: TestApp): Promise<void> {
  const { db } = portal.server.context;
  for (;;) {
    const open = await db.read((s) =>
      s.query((q) =>
        q.selectFrom('delivery as d').innerJoin('app as a', 'a.id', 'd.app_id').select('d.id').where('a.client_id', '=', app.clientId)
          .where('d.state', '=', 'waiting').where((eb) => eb.or([eb('d.claimed_until', '>', 0), eb('d.attempts', '=', 0)])),
      ),
    );
    if (open.length === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
