/** Streams that are not read: they are given up, cost nobody else anything, and lose nothing to who comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { byEvents, bySocket, isEvent, openSocket } from '../support/push.ts';
import { configOf, type PullConfig, PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Together more than connections hold by themselves. */
const MESSAGES = 250;
const LONG = '漢'.repeat(19_000);

let portal: TestServer;
let ann: Client;
let ben: Client;

beforeAll(async () => {
  portal = await startTestServer();
  [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
});
afterAll(() => portal[Symbol.asyncDispose]());

/** By which Ben's clients of the vendor's protocol may go on from here. */
async function midOf(who: Client): Promise<{ config: PullConfig; mid: string }> {
  const config = await configOf(who);
  const pull = await PullSocket.open(who, { config });
  await ann.call('im.message.add', { DIALOG_ID: who.userId, MESSAGE: 'First' });
  const { mid } = await pull.next('message');
  await pull.leave();
  return { config, mid };
}

const dropped = async () => Number(/^tidemark_push_dropped (\d+)$/m.exec(await (await fetch(`${portal.http}/metrics`)).text())![1]);

test('who does not read is given up, who does hears all of it, and the token goes on', { timeout: 60_000 }, async () => {
  const before = await midOf(ben);
  const begun = await bySocket(ben);
  const { token } = await begun.take(isEvent('ready'));
  await begun.close();
  const socket = openSocket(ben);
  await new Promise((resolve) => void socket.once('open', resolve));
  socket.pause();
  const lines = await fetch(`${ben.url}push/events`);
  await using reads = await byEvents(ann);
  await reads.take(isEvent('ready'));
  const sent: number[] = [];
  for (let i = 0; i < MESSAGES; i++) sent.push(await ann.call<number>('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: LONG }));
  await reads.take(isEvent('message', ({ message }) => message.id === sent.at(-1)));
  expect(reads.heard.filter(isEvent('message')).map(({ data }) => data['message'].id)).toEqual(sent);
  await expect.poll(dropped, { timeout: 20_000 }).toBe(2);
  await expect.poll(() => portal.server.context.live.listeners(ben.userId)).toBe(0);
  socket.terminate();
  await lines.body!.cancel().catch(() => {});
  await using again = await bySocket(ben, token);
  await again.take(isEvent('message', ({ message }) => message.id === sent.at(-1)));
  expect(again.heard.filter(isEvent('message')).map(({ data }) => data['message'].id)).toEqual(sent);
  // Much at once is read for a while: nobody is given up for that.
  const { config, mid } = before;
  const pull = new PullSocket(`${config.server.websocket}?${new URLSearchParams({ token: config.jwt, jsonRpc: 'true', mid })}`);
  const ids = () => pull.messages.filter(({ command }) => command === 'message').map(({ params }) => (params['message'] as { id: number }).id);
  await pull.next('message', () => ids().length === sent.length);
  expect(ids()).toEqual(sent);
  const last = await ann.call<number>('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Last' });
  await again.take(isEvent('message', ({ message }) => message.id === last));
  await pull.next('message', () => ids().at(-1) === last);
  expect(await dropped()).toBe(2);
  await pull.leave();
});
