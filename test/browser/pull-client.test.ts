/** PullClient of the official SDK, unmodified, in a page: by a webhook, by an application's tokens, and without sockets. */
import type { Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHANNEL_MS } from '../../src/identity/channels.ts';
import { makeLink } from '../../src/identity/logins.ts';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { inPage, type Site, startSite } from './site.ts';

const { open } = useChromium();
let portal: TestServer;
let site: Site;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  // Clients come back to the address that they know.
  portal = await startTestServer({ port: await freePort(), tlsPort: await freePort() }, { pull: { pollMs: 300, beatMs: 1000 } });
  site = await startSite();
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

interface Told {
  type: string;
  command: string;
  params: Record<string, unknown>;
}

function hookOf({ url, userId }: Client): object {
  return { b24Url: portal.https, userId, secret: url.split('/').at(-2)! };
}

async function openSite(before: (page: Page) => Promise<unknown> = async () => {}): Promise<Page> {
  const page = await open();
  await before(page);
  await page.goto(site.origin);
  return page;
}

const told = (page: Page) => page.evaluate('window.told') as Promise<Told[]>;

/** Once the page has been told of it. */
async function heard(page: Page, command: string, text?: string): Promise<Told> {
  const fits = `window.told.find((one) => one.command === ${JSON.stringify(command)} && (${text === undefined} || one.params.message.text === ${JSON.stringify(text)}))`;
  await page.waitForFunction(fits);
  return page.evaluate(fits);
}

const say = (who: Client, to: Client, MESSAGE: string) => who.call<number>('im.message.add', { DIALOG_ID: to.userId, MESSAGE });
const textsIn = (all: readonly Told[]) => all.filter(({ command }) => command === 'message').map(({ params }) => (params['message'] as { text: string }).text);

test('it hears messages, reading, pins, mutes and hiding, and after a restart of the server what it has missed, once', async () => {
  const page = await openSite((fresh) => fresh.clock.install());
  expect(await inPage(page, 'startPull', { hook: hookOf(anna), userId: anna.userId })).toMatchObject({ Connect: 'Y', 'WebSocket connected': 'Y', 'WebSocket mode': 'json-rpc' });
  await say(boris, anna, 'Ahoy 🌊');
  expect(await heard(page, 'message', 'Ahoy 🌊')).toMatchObject({ type: 'server', params: { dialogId: boris.userId, counter: 1 } });
  await anna.call('im.dialog.read', { DIALOG_ID: boris.userId });
  expect((await heard(page, 'readMessage')).params).toMatchObject({ counter: 0 });
  await anna.call('im.recent.pin', { DIALOG_ID: boris.userId, PIN: 'Y' });
  expect((await heard(page, 'chatPin')).params).toMatchObject({ active: true });
  const chat = await boris.call<number>('im.chat.add', { TITLE: 'Group', USERS: [anna.userId] });
  await anna.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'Y' });
  expect((await heard(page, 'chatMuteNotify')).params).toMatchObject({ chatId: chat, muted: true });
  await anna.call('im.recent.hide', { DIALOG_ID: `chat${chat}` });
  await heard(page, 'chatHide');
  await portal.restart();
  // It waits for a quarter of a minute before it comes back.
  for (const text of ['missed 1', 'missed 2']) await say(boris, anna, text);
  await page.clock.fastForward(20_000);
  await heard(page, 'message', 'missed 2');
  await say(boris, anna, 'and on');
  await heard(page, 'message', 'and on');
  expect(textsIn(await told(page))).toEqual(['Ahoy 🌊', 'missed 1', 'missed 2', 'and on']);
});

/** A page of the portal itself in a browser where somebody is signed in, with the SDK and the site's script in it. */
async function openOwnPage({ userId }: Client): Promise<{ page: Page; sessid: string; signOut: string }> {
  const page = await open({ bypassCSP: true });
  await page.clock.install();
  await page.goto(`${portal.http}/sign-in/?link=${await makeLink(portal.server.context, userId)}`);
  const content = (name: string) => page.locator(`meta[name="tidemark:${name}"]`).getAttribute('content');
  const [sessid, signOut] = [await content('sessid'), await content('sign-out')];
  // One that does not listen by itself.
  await page.goto(`${portal.http}/about`);
  for (const script of ['sdk', 'app']) await page.addScriptTag({ content: await (await fetch(`${site.origin}/${script}.js`)).text() });
  return { page, sessid: sessid!, signOut: signOut! };
}

test('on a page of the portal by the session: it hears its user\'s messages and what it watches, and stops when that is signed out', async () => {
  const { page, sessid, signOut } = await openOwnPage(anna);
  expect(await inPage(page, 'startPull', { sessid, userId: anna.userId })).toMatchObject({ Connect: 'Y', 'WebSocket connected': 'Y', 'WebSocket mode': 'json-rpc' });
  await say(boris, anna, 'By the session');
  await heard(page, 'message', 'By the session');
  const chat = await boris.call<number>('im.chat.add', { TITLE: 'Open', TYPE: 'OPEN' });
  const extended = page.waitForResponse((response) => response.url().endsWith('/rest/pull.watch.extend'));
  await inPage(page, 'pullDoes', 'extendWatch', `IM_PUBLIC_${chat}`, true);
  // It waits a while, so that several tags go together.
  await page.clock.fastForward(10_000);
  expect(await (await extended).json()).toMatchObject({ result: [] });
  await boris.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'For whoever looks' });
  await heard(page, 'messageChat', 'For whoever looks');
  const refused = page.waitForResponse((response) => response.url().endsWith('/rest/pull.config.get') && response.status() === 401);
  await page.evaluate((token) => fetch('/sign-out/', { method: 'POST', body: new URLSearchParams({ token }) }), signOut);
  await say(boris, anna, 'Not any more');
  await page.clock.fastForward(1000);
  await refused;
  await page.waitForFunction('!window.pull.isConnected()');
  expect(textsIn(await told(page))).toEqual(['By the session']);
});

test('its users write to each other\'s clients, and ask who is there', async () => {
  const page = await openSite();
  await inPage(page, 'startPull', { hook: hookOf(anna), userId: anna.userId });
  const boriss = await PullSocket.open(boris);
  await inPage(page, 'pullDoes', 'sendMessage', [boris.userId], 'call', 'ring', { a: 1 }, 60);
  expect(await boriss.next('ring')).toMatchObject({ module: 'call', params: { a: 1 }, sender: { type: 1 } });
  await boriss.call('publish', { userList: [anna.userId], body: { module_id: 'call', command: 'answer', params: { b: 2 } } });
  expect(await heard(page, 'answer')).toMatchObject({ type: 'client', params: { b: 2 } });
  await inPage(page, 'pullDoes', 'ping');
  expect(await inPage(page, 'pullDoes', 'listChannels')).toHaveLength(2);
  await inPage(page, 'pullDoes', 'getUsersLastSeen', [boris.userId]);
  await boriss.leave();
});

test('of an application it hears what that tells, and no messages', async () => {
  const app = await addApp(portal);
  const { accessToken, refreshToken, expiresAt, expiresIn } = await app.tokens(anna.userId);
  const tokens = {
    domain: portal.http.replace('http://', ''), accessToken, refreshToken, expires: Math.floor(expiresAt / 1000), expiresIn, scope: 'pull', applicationToken: 'x', memberId: 'x', userId: anna.userId,
    clientEndpoint: `${portal.http}/rest/`, serverEndpoint: `${portal.http}/rest/`, status: 'L', issuer: 'x',
  };
  const page = await openSite();
  await inPage(page, 'startPull', { application: { tokens, secret: { clientId: app.clientId, clientSecret: app.clientSecret } }, userId: anna.userId });
  await say(boris, anna, 'not for applications');
  await (await app.as(boris)).call('pull.application.event.add', { COMMAND: 'order.ready', PARAMS: { id: 17 } });
  expect(await heard(page, 'order.ready')).toMatchObject({ type: 'server', params: { id: 17 } });
  expect((await told(page)).map(({ command }) => command)).toEqual(['order.ready']);
});

test('without sockets it polls, and misses nothing between two polls', async () => {
  const page = await openSite((fresh) => fresh.addInitScript('delete window.WebSocket'));
  const mids: string[] = [];
  page.on('request', (request) => request.url().includes('/bitrix/sub/') && mids.push(new URL(request.url()).searchParams.get('mid') ?? ''));
  void inPage(page, 'startPull', { hook: hookOf(anna), userId: anna.userId }).catch(() => {});
  await page.waitForFunction('window.pull?.isConnected()');
  const texts = Array.from({ length: 5 }, (_, index) => `polled ${index}`);
  for (const text of texts) await say(boris, anna, text);
  await heard(page, 'message', 'polled 4');
  expect(textsIn(await told(page))).toEqual(texts);
  expect(mids.filter((mid) => mid !== '').length).toBeGreaterThan(1);
});

test('it answers pings; where they stop it connects anew, and has missed nothing', async () => {
  const page = await openSite((fresh) => fresh.clock.install());
  const sockets: Array<{ socket: WebSocket; frames: string[] }> = [];
  page.on('websocket', (socket) => {
    const frames: string[] = [];
    socket.on('framereceived', ({ payload }) => frames.push(`< ${String(payload)}`));
    socket.on('framesent', ({ payload }) => frames.push(`> ${String(payload)}`));
    sockets.push({ socket, frames });
  });
  await inPage(page, 'startPull', { hook: hookOf(anna), userId: anna.userId });
  await say(boris, anna, 'before');
  const { params: { message } } = await heard(page, 'message', 'before');
  await expect.poll(() => sockets[0]!.frames.filter((frame) => frame === '> pong').length).toBeGreaterThan(0);
  // To the client it is as if twenty seconds had passed without one.
  await page.clock.fastForward(25_000);
  await expect.poll(() => sockets[0]!.socket.isClosed()).toBe(true);
  await say(boris, anna, 'meanwhile');
  await page.clock.fastForward(20_000);
  await heard(page, 'message', 'meanwhile');
  const { frames } = sockets[0]!;
  expect(frames.filter((frame) => frame === '< ping').length).toBeGreaterThan(0);
  const { mid } = (JSON.parse(frames.find((frame) => frame.includes(`"id":${(message as { id: number }).id}`))!.slice(2)) as { params: { mid: string } }).params;
  expect(frames).toContain(`> mack:${mid}`);
  expect(new URL(sockets.at(-1)!.socket.url()).searchParams.get('mid')).toMatch(/^[\da-f]+$/);
  expect(textsIn(await told(page))).toEqual(['before', 'meanwhile']);
});

test('when its channels end it gets others, and goes on', async () => {
  const page = await openSite();
  await inPage(page, 'startPull', { hook: hookOf(anna), userId: anna.userId });
  await say(boris, anna, 'before');
  await heard(page, 'message', 'before');
  const again = page.waitForResponse((response) => response.url().includes('pull.config.get') && response.ok());
  portal.clock.advance(CHANNEL_MS + 1000);
  await say(boris, anna, 'with others');
  await again;
  await heard(page, 'message', 'with others');
  expect(textsIn(await told(page))).toEqual(['before', 'with others']);
});
