/** How the vendor's clients are told where to connect, and what the methods around it do. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { addApp, type TestApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Config {
  server: Record<string, unknown>;
  api: unknown;
  channels: Record<'shared' | 'private', Record<string, string>>;
  jwt: string;
  exp: number;
  serverTime: string;
}
type PublicChannel = Record<'public_id' | 'signature' | 'start' | 'end', string> & { user_id: number };

let portal: TestServer;
let app: TestApp;
let anna: Client;
let boris: Client;
let guest: Client;
let annas: Client;

beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal, { title: 'Orders' });
  [anna, boris, guest] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Guest', { extranet: 1 })];
  annas = await app.as(anna);
});
afterAll(() => portal[Symbol.asyncDispose]());

const config = (who: Client) => who.call<Config>('pull.config.get', { CACHE: 'N' });
const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

describe('the configuration', () => {
  test('of a user, by a webhook: everything that clients read', async () => {
    const { channels, jwt, exp, serverTime, ...rest } = await config(anna);
    const { host, port } = new URL(portal.http);
    const tls = new URL(portal.https).port;
    const at = (scheme: string, path: string) => `${scheme}://127.0.0.1:${['https', 'wss'].includes(scheme) ? tls : port}/bitrix/${path}/`;
    expect(rest).toEqual({
      server: {
        version: 5, server_enabled: true, mode: 'personal', hostname: host, long_polling: at('http', 'sub'), long_pooling_secure: at('https', 'sub'),
        websocket_enabled: true, websocket: at('ws', 'subws'), websocket_secure: at('wss', 'subws'),
        publish_enabled: true, publish: at('http', 'pub'), publish_secure: at('https', 'pub'), config_timestamp: 0,
      },
      api: { revision_web: 19, revision_mobile: 3 },
    });
    expect(channels).toEqual({
      shared: { id: expect.stringMatching(/^[\da-f]{32}\.[\da-f]{64}$/), start: expect.any(String), end: expect.any(String), type: 'shared' },
      private: { id: expect.stringMatching(/^[\da-f]{32}:[\da-f]{32}\.[\da-f]{64}$/), public_id: expect.stringMatching(/^[\da-f]{32}\.[\da-f]{64}$/), start: channels.shared['start'], end: channels.shared['end'], type: 'private' },
    });
    expect(channels.private['id']).toContain(`:${channels.private['public_id']}`);
    expect(Date.parse(channels.shared['end']!) - Date.parse(channels.shared['start']!)).toBe(43_205_000);
    expect(exp * 1000).toBe(Date.parse(channels.shared['end']!));
    expect(Math.abs(Date.parse(serverTime) - portal.clock.now())).toBeLessThan(60_000);
    expect(JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    const { memberId } = await portal.server.context.messenger.settings();
    expect(claimsOf(jwt)).toEqual({ iss: memberId, iat: exp - 43_205, exp, sub: String(anna.userId), chan: `${channels.private['id']},${channels.shared['id']}` });
  });

  test('of an application: its own channels', async () => {
    const [own, whole] = [await annas.call<Config>('pull.application.config.get'), await config(anna)];
    expect(Object.keys(own).sort()).toEqual(Object.keys(whole).sort());
    expect(own.channels.private['id']).not.toBe(whole.channels.private['id']);
    expect(claimsOf(own.jwt)['sub']).toBe(String(anna.userId));
  });

  test('nothing that the portal has told by other ways signs it', async () => {
    const { jwt } = await config(anna);
    const { linkSecret, memberId } = await portal.server.context.messenger.settings();
    const [head, claims, signature] = jwt.split('.');
    for (const secret of [linkSecret, memberId]) expect(createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url')).not.toBe(signature);
  });

  test('needs its scope, whoever asks', async () => {
    const { db, clock } = portal.server.context;
    const webhook = await addWebhook(db, clock, { userId: anna.userId, scopes: ['im', 'pull'], title: 'no channels' });
    const narrow = clientFor(`${portal.http}/rest/${anna.userId}/${webhook!.code}/`, anna.userId);
    expect(await narrow.fails('pull.config.get')).toMatchObject({ error: 'insufficient_scope' });
    expect(await narrow.call('pull.api.user.getLastSeen', { userIds: [anna.userId] })).toBeTypeOf('object');
  });

  describe('names the address under which others reach the portal', () => {
    const SET: Array<[url: string, secure: string, plain: string]> = [
      ['https://chat.example', 'wss://chat.example/', 'wss://chat.example/'],
      ['https://chat.example:8443', 'wss://chat.example:8443/', 'wss://chat.example:8443/'],
      ['http://chat.example', 'wss://chat.example/', 'ws://chat.example/'],
    ];
    test.each(SET)('%s', async (url, secure, plain) => {
      const { db } = portal.server.context;
      await db.write((s) => writeSetting(s, POLICY_KEYS.url, url));
      const { server } = await config(anna);
      await db.write((s) => writeSetting(s, POLICY_KEYS.url, ''));
      expect([server['websocket_secure'], server['websocket']]).toEqual([`${secure}bitrix/subws/`, `${plain}bitrix/subws/`]);
      expect([server['long_pooling_secure'], server['long_polling']]).toEqual([`${secure}bitrix/sub/`.replace('ws', 'http'), `${plain}bitrix/sub/`.replace('ws', 'http')]);
    });
  });
});

describe('public channels', () => {
  test('of users whom the caller knows, by their numbers', async () => {
    const channels = await anna.call<Record<string, PublicChannel>>('pull.channel.public.list', { users: [boris.userId, anna.userId, 999_999, guest.userId] });
    expect(Object.keys(channels).sort()).toEqual([boris.userId, anna.userId].map(String).sort());
    expect(channels[boris.userId]).toEqual({
      user_id: boris.userId, public_id: expect.stringMatching(/^[\da-f]{32}$/), signature: expect.stringMatching(/^[\da-f]{64}$/), start: expect.any(String), end: expect.any(String),
    });
    expect(await anna.call<PublicChannel>('pull.channel.public.get', { USER_ID: boris.userId })).toMatchObject({ user_id: boris.userId });
    expect(await guest.call('pull.channel.public.list', { USERS: [boris.userId] })).toEqual([]);
  });

  test('of an application are others', async () => {
    const of = (APPLICATION: string) => annas.call<PublicChannel>('pull.channel.public.get', { USER_ID: boris.userId, APPLICATION });
    expect((await of('Y')).public_id.slice(0, 24)).not.toBe((await of('N')).public_id.slice(0, 24));
  });
});

test('when users were last seen is told in seconds, of whoever was ever there', async () => {
  const late = await portal.addUser('Late');
  expect(await anna.call('pull.api.user.getLastSeen', { userIds: [late.userId, guest.userId], sendToQueueSever: true })).toEqual([]);
  await portal.server.context.db.write(async (s) => {
    const { recordActivity } = await import('../../src/db/stores/user-store.ts');
    await recordActivity(s, late.userId, portal.clock.now() - 90_000);
  });
  const seen = await anna.call<Record<string, number>>('pull.api.user.getLastSeen', { userIds: [late.userId] });
  expect(seen[late.userId]).toBeGreaterThanOrEqual(90);
  expect(seen[late.userId]).toBeLessThan(200);
});

test('tags are a list of texts', async () => {
  for (const tags of [Array.from({ length: 101 }, () => 'x'), ['x'.repeat(101)], [1], [['x']], undefined]) {
    expect(await anna.fails('pull.watch.extend', { tags })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT' });
  }
});

test('a push of an application comes as a notification that names it', async () => {
  const admins = await app.as(portal.admin);
  expect(await admins.call('pull.application.push.add', { USER_ID: [boris.userId, boris.userId, 999_999], TEXT: 'Your order is ready' })).toBe(true);
  const { notifications } = await boris.call<{ notifications: Array<{ text: string }> }>('im.notify.get');
  expect(notifications).toEqual([expect.objectContaining({ text: '[b]Orders[/b]\nYour order is ready' })]);
});

test('an application\'s event may be as long as is said', async () => {
  const event = (text: string) => ({ COMMAND: 'told', PARAMS: JSON.stringify({ a: text }) });
  expect(await annas.call('pull.application.event.add', { ...event('x'.repeat(16_000)), USER_ID: anna.userId })).toBe(true);
  expect(await annas.fails('pull.application.event.add', event('x'.repeat(17_000)))).toMatchObject({ error: 'ERROR_ARGUMENT', text: expect.stringContaining('16384') });
});
