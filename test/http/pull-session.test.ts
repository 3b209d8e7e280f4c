/** The vendor's protocol for whoever is signed in to a page of the portal: channels by the session, and what ends them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { makeLink, SESSION_MS, setPassword } from '../../src/identity/logins.ts';
import { Browser } from '../support/browser.ts';
import { type Client, clientFor } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { configOf, type PullConfig, PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
const sockets: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Page {
  browser: Browser;
  headers: Record<string, string>;
  sessid: string;
}

async function pageOf({ userId }: Client): Promise<Page> {
  const browser = new Browser(portal.http);
  await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
  const sessid = /<meta name="tidemark:sessid" content="([\da-f]{32})">/.exec((await browser.get('/')).text)![1]!;
  return { browser, headers: { cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'content-type': 'application/json' }, sessid };
}

const ask = (headers: Record<string, string>, params: object): Promise<Reply> =>
  send(`${portal.http}/rest/pull.config.get`, { method: 'POST', body: JSON.stringify({ CACHE: 'N', ...params }), headers });

async function configFor({ headers, sessid }: Page): Promise<PullConfig> {
  const { status, body } = await ask(headers, { sessid });
  expect(status).toBe(200);
  return body['result'] as unknown as PullConfig;
}

async function connect(who: Client, config: PullConfig): Promise<PullSocket> {
  const socket = await PullSocket.open(who, { config });
  sockets.push(socket);
  return socket;
}

const say = (from: Client, to: Client, MESSAGE = 'Hello') => from.call<number>('im.message.add', { DIALOG_ID: to.userId, MESSAGE });

async function closing({ server, jwt }: PullConfig): Promise<number> {
  return (await new PullSocket(`${server.websocket}?token=${jwt}&jsonRpc=true`).closed).code;
}

test('a page of the portal gets channels, and hears by them all that its user hears', async () => {
  const page = await pageOf(anna);
  const config = await configFor(page);
  const socket = await connect(anna, config);
  await say(boris, anna);
  expect(await socket.next('message')).toMatchObject({ module: 'im', params: { dialogId: boris.userId } });
  const boriss = await connect(boris, await configOf(boris));
  expect(await socket.call('publish', { userList: [boris.userId], body: { module_id: 'call', command: 'ring', params: {} } })).toMatchObject({ result: true });
  await boriss.next('ring');
});

describe('channels are given to nobody', () => {
  test('who does not prove that a page of the portal asks', async () => {
    const { headers, sessid } = await pageOf(anna);
    expect(await ask(headers, {})).toMatchObject({ status: 401, body: { error: 'NO_AUTH_FOUND' } });
    expect(await ask(headers, { sessid: '0'.repeat(32) })).toMatchObject({ status: 401, body: { error: 'session_failed' } });
    for (const more of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }]) {
      expect(await ask({ ...headers, ...(more as Record<string, string>) }, { sessid })).toMatchObject({ status: 401, body: { error: 'access_denied' } });
    }
    expect((await ask({ 'content-type': 'application/json' }, { sessid })).status).toBe(401);
  });

  test('by the cookie alone: a socket is not opened with it', async () => {
    const { headers } = await pageOf(anna);
    const { server } = await configOf(anna);
    const socket = new WebSocket(server.websocket, { headers: { cookie: headers['cookie']! } });
    const code = await new Promise((resolve) => socket.on('close', resolve));
    expect(code).toBe(4010);
  });
});

describe('a page\'s connection ends, and its channels with it, when', () => {
  const ENDS: ReadonlyArray<[what: string, end: (page: Page, userId: number) => Promise<unknown>]> = [
    ['it is signed out', async ({ browser }) => browser.post('/sign-out/', { token: /name="tidemark:sign-out" content="([^"]+)"/.exec((await browser.get('/')).text)![1]! })],
    ['the password is changed', (_, userId) => setPassword(portal.server.context, userId, 'a new password 1')],
    ['the user is dismissed', (_, userId) => portal.server.context.db.write((s) => updateUser(s, userId, { active: 0 }))],
  ];
  test.each(ENDS)('%s', async (_what, end) => {
    const victim = await portal.addUser('Victim');
    const page = await pageOf(victim);
    const config = await configFor(page);
    const socket = await connect(victim, config);
    await end(page, victim.userId);
    await boris.raw('im.message.add', { DIALOG_ID: victim.userId, MESSAGE: 'secret' });
    expect((await socket.closed).code).toBe(3003);
    expect(socket.messages.map(({ command }) => command)).toEqual(['config_expire']);
    expect(await closing(config)).toBe(4010);
  });

  test('the session ends by time, though the channels would go on', async () => {
    const victim = await portal.addUser('Victim');
    const page = await pageOf(victim);
    portal.clock.advance(SESSION_MS - 60_000);
    const config = await configFor(page);
    const socket = await connect(victim, config);
    portal.clock.advance(120_000);
    await say(boris, victim, 'too late');
    expect((await socket.closed).code).toBe(3001);
    expect(socket.messages.map(({ command }) => command)).toEqual(['channel_expire']);
    expect(await closing(config)).toBe(4010);
  });

  test('not when another session of the same user does', async () => {
    const [page, other] = [await pageOf(anna), await pageOf(anna)];
    const socket = await connect(anna, await configFor(page));
    await ENDS[0]![1](other, anna.userId);
    await say(boris, anna, 'still there');
    await socket.next('message');
  });
});

test('by a webhook and by a session the same user is one who is there', async () => {
  const away = await portal.addUser('Away');
  const config = await configFor(await pageOf(away));
  const hook = clientFor(away.url, away.userId);
  const socket = await connect(away, config);
  expect(await anna.call('pull.api.user.getLastSeen', { userIds: [hook.userId] })).toEqual({ [away.userId]: 0 });
  await socket.leave();
});
