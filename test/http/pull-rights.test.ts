/** The vendor's protocol: what ends a connection, what none may hear, what clients may send each other, and how much of it. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { changeApplication } from '../../src/identity/applications.ts';
import { CHANNEL_MS } from '../../src/identity/channels.ts';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { addApp, type TestApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { configOf, type PullConfig, PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let app: TestApp;
let anna: Client;
let boris: Client;
let guest: Client;
const open: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal);
  [anna, boris, guest] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Guest', { extranet: 1 })];
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

const db = () => portal.server.context.db;
const APPLICATION = 'pull.application.config.get';

async function connect(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
  const socket = await PullSocket.open(who, options);
  open.push(socket);
  return socket;
}

async function withScopes(who: Client, ...scopes: string[]): Promise<{ id: number; client: Client }> {
  const webhook = await addWebhook(db(), portal.clock, { userId: who.userId, scopes, title: 'narrow' });
  return { id: webhook!.id, client: clientFor(`${portal.http}/rest/${who.userId}/${webhook!.code}/`, who.userId) };
}

const say = (who: Client, to: Client, MESSAGE: string) => who.call('im.message.add', { DIALOG_ID: to.userId, MESSAGE });

describe('a connection ends, and hears nothing more, when', () => {
  const ENDS: Array<[what: string, end: (id: number, userId: number) => Promise<unknown>]> = [
    ['the webhook is deleted', (id) => db().write((s) => deleteWebhook(s, id))],
    ['the webhook is held', (id) => db().write((s) => holdWebhook(s, id, 1))],
    ['the user is dismissed', (_, userId) => db().write((s) => updateUser(s, userId, { active: 0 }))],
  ];
  test.each(ENDS)('%s', async (_what, end) => {
    const victim = await portal.addUser('Victim');
    const { id, client } = await withScopes(victim, 'im', 'pull_channel');
    const config = await configOf(client);
    const socket = await connect(client, { config });
    await end(id, victim.userId);
    await anna.raw('im.message.add', { DIALOG_ID: victim.userId, MESSAGE: 'secret' });
    expect((await socket.closed).code).toBe(3003);
    expect(socket.messages.map(({ command }) => command)).toEqual(['config_expire']);
    expect((await closing(config, { token: config.jwt })).code).toBe(4010);
  });

  test('the sign-in of an application is revoked, or it is removed', async () => {
    const { accessToken } = await app.tokens(boris.userId);
    const as = clientFor(`${portal.http}/rest/?auth=${accessToken}&method=`, boris.userId);
    const socket = await connect(as, { method: APPLICATION });
    const { grant_id } = (await db().read((s) => s.query((q) => q.selectFrom('oauth_token').select('grant_id').orderBy('id', 'desc').limit(1))))[0]!;
    await db().write((s) => deleteGrant(s, grant_id));
    expect((await socket.closed).code).toBe(3003);
    const removed = await addApp(portal);
    const other = await connect(await removed.as(boris), { method: APPLICATION });
    await changeApplication(db(), portal.clock, removed.clientId, { removed: true });
    expect((await other.closed).code).toBe(3003);
  });

  test('the portal is closed; it is not let in again until that is over', async () => {
    const config = await configOf(boris);
    const socket = await connect(boris, { config });
    await db().write((s) => writeSetting(s, POLICY_KEYS.closed, '1'));
    expect((await socket.closed).code).toBe(3003);
    expect((await closing(config, { token: config.jwt })).code).toBe(4010);
    await db().write((s) => writeSetting(s, POLICY_KEYS.closed, ''));
    await connect(boris, { config });
  });

  test('its channels end: the client is told to fetch others', async () => {
    const config = await configOf(boris);
    const socket = await connect(boris, { config });
    portal.clock.advance(CHANNEL_MS - 60_000);
    await say(anna, boris, 'still there');
    await socket.next('message');
    portal.clock.advance(120_000);
    await say(anna, boris, 'too late');
    expect(await socket.next('channel_expire')).toMatchObject({ module: 'pull', params: { action: 'get_config', channel: { id: config.channels.private.id, type: 'private' } } });
    expect((await socket.closed).code).toBe(3001);
    expect((await closing(config, { token: config.jwt })).code).toBe(4010);
    expect((await closing(config, { CHANNEL_ID: config.channels.private.id })).code).toBe(4010);
  });
});

async function closing({ server }: PullConfig, query: Record<string, string>): Promise<{ code: number }> {
  return new PullSocket(`${server.websocket}?${new URLSearchParams({ ...query, jsonRpc: 'true' })}`).closed;
}

test('wrong channels are told so by 4010', async () => {
  const [config, others] = [await configOf(anna), await configOf(boris)];
  const { public_id: publicId, signature } = await boris.call<{ public_id: string; signature: string }>('pull.channel.public.get', { USER_ID: anna.userId });
  const flipped = config.jwt.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'));
  const wrong = [
    {}, { token: '' }, { token: flipped }, { CHANNEL_ID: '' }, { CHANNEL_ID: `${publicId}.${signature}` }, { CHANNEL_ID: config.channels.private.id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
    { CHANNEL_ID: `${config.channels.private.id}/${others.channels.shared.id}` }, { CHANNEL_ID: Array.from({ length: 5 }, () => config.channels.shared.id).join('/') },
  ];
  for (const query of wrong) expect([query, (await closing(config, query as Record<string, string>)).code]).toEqual([query, 4010]);
});

describe('nobody hears more than calls would tell', () => {
  test('without the scope im there are no messages', async () => {
    const { client } = await withScopes(boris, 'pull_channel');
    const [narrow, wide] = [await connect(client), await connect(boris)];
    await say(anna, boris, 'for the wide one');
    await wide.next('message');
    await anna.call('pull.channel.public.get', { USER_ID: boris.userId });
    expect(await narrow.call('ping', {})).toMatchObject({ result: 'pong' });
    expect(narrow.messages).toEqual([]);
  });

  test('an application hears neither messages nor what others tell theirs', async () => {
    const another = await addApp(portal);
    const [boriss, theirs] = [await app.as(boris), await another.as(boris)];
    const socket = await connect(boriss, { method: APPLICATION });
    await say(anna, boris, 'not for applications');
    await theirs.call('pull.application.event.add', { COMMAND: 'theirs' });
    await (await app.as(portal.admin)).call('pull.application.event.add', { COMMAND: 'annas', USER_ID: [anna.userId] });
    await boriss.call('pull.application.event.add', { COMMAND: 'own' });
    await socket.next('own');
    expect(socket.messages.map(({ command }) => command)).toEqual(['own']);
  });
});

describe('clients of users', () => {
  const body = (command: string, params: unknown = { a: 1 }) => ({ module_id: 'Call', command, params });

  test('tell each other what is from a client, to whom they may meet', async () => {
    const [annas, boriss, guests] = [await connect(anna), await connect(boris), await connect(guest)];
    expect(await annas.call('publish', { userList: [boris.userId, guest.userId], body: body('ring'), expiry: 60 })).toMatchObject({ result: true });
    expect(await boriss.next('ring')).toMatchObject({ module: 'call', params: { a: 1 }, sender: { type: 1, id: expect.stringMatching(/^[\da-f]{32}$/) } });
    const { public_id, signature } = await anna.call<{ public_id: string; signature: string }>('pull.channel.public.get', { USER_ID: boris.userId });
    await annas.call('publish', { channelList: [`${public_id}.${signature}`, { publicId: public_id, signature: 'ff' }, 'x.y'], body: body('by:channel') });
    await boriss.next('by:channel');
    await guests.call('publish', { userList: [boris.userId, guest.userId], body: body('from:guest') });
    await guests.next('from:guest');
    expect([guests, boriss].map(({ messages }) => messages.map(({ command }) => command))).toEqual([['from:guest'], ['ring', 'by:channel']]);
  });

  test('long ones come whole', async () => {
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    const text = 'Ж"\\😀'.repeat(1500);
    await annas.call('publish', { userList: [boris.userId], body: body('long', { text }) });
    expect((await boriss.next('long')).params).toEqual({ text });
  });

  test('of an application reach those of the same application alone', async () => {
    const [annas, boriss, users] = [await connect(await app.as(anna), { method: APPLICATION }), await connect(await app.as(boris), { method: APPLICATION }), await connect(boris)];
    await annas.call('publish', { userList: [boris.userId], body: body('within') });
    await boriss.next('within');
    await (await connect(anna)).call('publish', { userList: [boris.userId], body: body('user') });
    await users.next('user');
    expect([boriss, users].map(({ messages }) => messages.map(({ command }) => command))).toEqual([['within'], ['user']]);
  });

  test('ask who is there, and are told when that changes', async () => {
    const annas = await connect(anna);
    const away = await portal.addUser('Away');
    expect(await annas.call('getUsersLastSeen', { userList: [anna.userId, away.userId, guest.userId] })).toMatchObject({ result: { [anna.userId]: 0 } });
    expect(await annas.call('subscribeStatusChange', { userId: String(away.userId) })).toMatchObject({ result: true });
    expect(await annas.call('subscribeStatusChange', { userId: 999_999 })).toMatchObject({ error: { code: -32_602 } });
    const aways = await connect(away);
    expect(await annas.next('userStatusChange')).toMatchObject({ module: 'online', params: { user_id: away.userId, online: true } });
    expect(await anna.call('pull.api.user.getLastSeen', { userIds: [away.userId] })).toEqual({ [away.userId]: 0 });
    await aways.leave();
    expect(await annas.next('userStatusChange')).toMatchObject({ params: { user_id: away.userId, online: false } });
    expect(await annas.call('unsubscribeStatusChange', { userId: away.userId })).toMatchObject({ result: true });
    expect(await annas.call('listChannels', {})).toMatchObject({ result: [expect.stringMatching(/^[\da-f]{32}:[\da-f]{32}$/), expect.stringMatching(/^[\da-f]{32}$/)] });
  });
});

describe('whatever a client says', () => {
  const JUNK: Array<[what: string, frame: string | Uint8Array, code: number]> = [
    ['no JSON', 'x', -32_700], ['half of it', '{"jsonrpc":"2.0","id":1', -32_700], ['too deep', `${'['.repeat(60_000)}`, -32_700], ['maps too deep', '{"a":'.repeat(10_000), -32_700],
    ['no call', '5', -32_600], ['none of it', '[]', -32_600], ['too many calls', `[${'{},'.repeat(60)}{}]`, -32_600], ['another version', '{"jsonrpc":"1.0","method":"ping","id":1}', -32_600],
    ['no method', '{"jsonrpc":"2.0","method":"__proto__","id":1}', -32_601], ['one of objects', '{"jsonrpc":"2.0","method":"constructor","id":1}', -32_601],
    ['a list of parameters', '{"jsonrpc":"2.0","method":"ping","params":[1],"id":1}', -32_602],
    ['to nobody', '{"jsonrpc":"2.0","method":"publish","params":{"body":{"module_id":"a","command":"b"}},"id":1}', -32_602],
    ['no body', '{"jsonrpc":"2.0","method":"publish","params":{"userList":[1]},"id":1}', -32_602],
    ['users that are none', '{"jsonrpc":"2.0","method":"getUsersLastSeen","params":{"userList":["x"]},"id":1}', -32_602],
    ['too long', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'publish', params: { userList: [1], body: { module_id: 'a', command: 'b', params: { a: 'x'.repeat(17_000) } } } }), -32_602],
  ];
  test.each(JUNK)('%s: it is told what is wrong', async (_what, frame, code) => {
    const socket = await connect(anna);
    const before = socket.frames.length;
    socket.socket.send(frame);
    expect(await socket.call('ping', {})).toMatchObject({ result: 'pong' });
    expect(JSON.parse(socket.frames[before]!)).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  test('in binary changes nothing for anybody', async () => {
    const socket = await connect(anna);
    for (let i = 0; i < 40; i += 1) socket.socket.send(Uint8Array.from({ length: i * 7 }, (_, at) => (at * 31 + i * 17) % 256));
    expect(await socket.call('ping', {})).toMatchObject({ result: 'pong' });
  });

  test('more than a frame may hold ends it', async () => {
    const socket = await connect(anna);
    socket.socket.send('x'.repeat(200_000));
    expect((await socket.closed).code).toBe(1009);
  });

  test('many calls at once are answered, the later ones with a refusal; acknowledgements without end end it', async () => {
    const socket = await connect(anna);
    const answers = await Promise.all(Array.from({ length: 200 }, () => socket.call('ping', {})));
    const refused = answers.filter((answer) => 'error' in answer);
    expect(refused.length).toBeGreaterThan(100);
    expect(refused[0]).toMatchObject({ error: { code: -32_000 } });
    const flood = await connect(boris);
    for (let i = 0; i < 12_000; i += 1) flood.socket.send('mack:ff');
    expect((await flood.closed).code).toBe(1008);
  });
});

test('a peer that answers no more is given up; one that does is asked by ping', async () => {
  await using lively = await startTestServer({}, { pull: { beatMs: 500 } });
  const who = await lively.addUser('Anna');
  const config = await configOf(who);
  const silent = new WebSocket(`${config.server.websocket}?token=${config.jwt}&jsonRpc=true`, { autoPong: false });
  const pinged = once(silent, 'message') as Promise<[Buffer]>;
  const [code] = (await once(silent, 'close')) as [number];
  expect([code, String((await pinged)[0])]).toEqual([1006, 'ping']);
});
