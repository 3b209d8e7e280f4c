/** How clients of the vendor's protocol connect, in each of the ways there are, and how they go on after they were away. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { configOf, type PullConfig, PullSocket } from '../support/pull-socket.ts';
import { ENGINE, movedTo, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
const open: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { pull: { pollMs: 200 } });
  [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function connect(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
  const socket = await PullSocket.open(who, options);
  open.push(socket);
  return socket;
}

const say = (who: Client, MESSAGE: string) => who.call<number>('im.message.add', { DIALOG_ID: (who.userId === anna.userId ? boris : anna).userId, MESSAGE });
const textOf = ({ params }: PullSocket['messages'][number]) => (params['message'] as { text: string }).text;
const textsOf = (socket: PullSocket) => socket.messages.filter(({ command }) => command === 'message').map(textOf);
const bothChannels = ({ channels }: PullConfig) => `${channels.private.id}/${channels.shared.id}`;

async function wholly(socket: PullSocket, last: string): Promise<string[]> {
  await socket.next('message', (message) => textOf(message) === last);
  return textsOf(socket);
}

describe('after a reconnect', () => {
  test('with the last message\'s mid there come those that were missed, and no others', async () => {
    const first = await connect(boris);
    await say(anna, 'seen');
    const { mid } = await first.next('message');
    await first.leave();
    for (const text of ['missed 1', 'missed 2']) await say(anna, text);
    const again = await connect(boris, { query: { mid } });
    await say(anna, 'new');
    expect(await wholly(again, 'new')).toEqual(['missed 1', 'missed 2', 'new']);
  });

  test('from any of many that came at once', async () => {
    const socket = await connect(boris);
    const texts = Array.from({ length: 8 }, (_, index) => `at once ${index}`);
    await Promise.all(texts.map((text) => say(anna, text)));
    await say(anna, 'end');
    const all = await wholly(socket, 'end');
    expect(all.toSorted()).toEqual([...texts, 'end'].toSorted());
    const told = socket.messages.filter(({ command }) => command === 'message');
    for (const [index, { mid }] of told.entries()) {
      const again = await connect(boris, { query: { mid } });
      await say(anna, `after ${index}`);
      const rest = (await wholly(again, `after ${index}`)).filter((text) => !text.startsWith('after'));
      const missed = all.slice(index + 1);
      // With several writers at once some may come twice, whom its client knows by what they say.
      if (ENGINE === 'sqlite') expect(rest).toEqual(missed);
      else expect(rest.slice(rest.length - missed.length)).toEqual(missed);
      await again.leave();
    }
    expect(new Set(told.map(({ mid }) => mid)).size).toBe(told.length);
  });

  test('also past what is told beside the journal', async () => {
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    await say(anna, 'before');
    await boriss.next('message');
    await annas.call('publish', { userList: [boris.userId], body: { module_id: 'call', command: 'ring', params: {} } });
    const { mid } = await boriss.next('ring');
    await boriss.leave();
    await say(anna, 'missed');
    expect(await wholly(await connect(boris, { query: { mid } }), 'missed')).toEqual(['missed']);
  });

  test('of the server, which has said so before it stopped', async () => {
    const socket = await connect(boris);
    await say(anna, 'seen');
    const { mid } = await socket.next('message');
    await portal.restart();
    [anna, boris] = [movedTo(portal, anna), movedTo(portal, boris)];
    expect(socket.messages.at(-1)).toMatchObject({ module: 'pull', command: 'server_restart' });
    expect((await socket.closed).code).toBe(3002);
    await say(anna, 'missed');
    expect(await wholly(await connect(boris, { query: { mid } }), 'missed')).toEqual(['missed']);
    expect(await wholly(await connect(boris, { query: { mid: socket.messages.at(-1)!.mid } }), 'missed')).toEqual(['missed']);
  });

  test.each(['ff', 'x', 'ab'.repeat(40), Buffer.from('abcdefgh1234.zzz/x').toString('hex')])('with a mid that says nothing (%s) it is told to load anew', async (mid) => {
    const socket = await connect(boris, { query: { mid } });
    expect(await socket.next('reset')).toMatchObject({ module: 'tidemark' });
    await say(anna, 'new');
    expect(await wholly(socket, 'new')).toEqual(['new']);
  });
});

describe('by channels instead of a token', () => {
  test('in frames of text, one message each, where nothing else is asked for', async () => {
    const config = await configOf(boris);
    const socket = new PullSocket(`${config.server.websocket}?CHANNEL_ID=${encodeURIComponent(bothChannels(config))}`);
    open.push(socket);
    await socket.letIn();
    await say(anna, '#!NGINXNME!#{}');
    expect(await wholly(socket, '#!NGINXNME!#{}')).toContain('#!NGINXNME!#{}');
    for (const frame of socket.frames.filter((text) => text !== 'pong')) expect(frame).toMatch(/^#!NGINXNMS!#\{[^]*?\}#!NGINXNME!#$/);
  });

  test('in protobuf, with a sender', async () => {
    const sdk = new URL('../../node_modules/@bitrix24/b24jssdk/dist/esm/pullClient/protobuf/index.mjs', import.meta.url);
    const { ResponseBatch } = (await import(sdk.href)) as { ResponseBatch: { decode(bytes: Uint8Array): { responses: Array<{ outgoingMessages: { messages: Array<{ body: string; sender: { type: number } }> } }> } } };
    const config = await configOf(boris);
    const socket = new WebSocket(`${config.server.websocket}?CHANNEL_ID=${encodeURIComponent(bothChannels(config))}&binaryMode=true`);
    await once(socket, 'open');
    const frames = once(socket, 'message') as Promise<[Buffer, boolean]>;
    // Whoever is not there yet misses nothing that is said from now on.
    await connect(boris);
    await say(anna, 'in binary 𠀀');
    const [frame, isBinary] = await frames;
    const { body, sender } = ResponseBatch.decode(frame).responses[0]!.outgoingMessages.messages[0]!;
    expect({ isBinary, sender: sender.type, ...(JSON.parse(body) as object) }).toMatchObject({ isBinary: true, sender: 2, command: 'message', params: { message: { text: 'in binary 𠀀' } } });
    socket.terminate();
  });

  test('of an application: what it tells all by the shared one alone, what it tells one user by the private one', async () => {
    const app = await addApp(portal);
    const annas = await app.as(anna);
    const config = await configOf(annas, 'pull.application.config.get');
    const whole = await connect(annas, { config });
    const shared = new PullSocket(`${config.server.websocket}?CHANNEL_ID=${config.channels.shared.id}`);
    open.push(shared);
    await shared.letIn();
    await (await app.as(portal.admin)).call('pull.application.event.add', { COMMAND: 'mine', PARAMS: { a: 1 }, USER_ID: [anna.userId] });
    await annas.call('pull.application.event.add', { COMMAND: 'all:told', PARAMS: { a: [2] }, MODULE_ID: 'orders' });
    expect(await whole.next('mine')).toMatchObject({ module: 'application', params: { a: 1 } });
    expect(await whole.next('all:told')).toMatchObject({ module: 'orders', params: { a: [2] } });
    await shared.next('all:told');
    expect(shared.messages.map(({ command }) => command)).toEqual(['all:told']);
  });
});

describe('by polls', () => {
  const pollOf = async (who: Client, query: Record<string, string> = {}) => {
    const { server, jwt } = await configOf(who);
    return fetch(`${server.long_polling}?${new URLSearchParams({ token: jwt, jsonRpc: 'true', revision: '19', ...query })}`);
  };

  test('one that waits in vain ends in peace, with what to go on with', async () => {
    const idle = await pollOf(boris);
    expect([idle.status, idle.headers.get('expires'), idle.headers.get('access-control-allow-origin')]).toEqual([304, 'Thu, 01 Jan 1973 11:11:01 GMT', '*']);
    expect(idle.headers.get('access-control-expose-headers')).toMatch(/Last-Message-Id.*Expires/);
    const mid = idle.headers.get('last-message-id')!;
    for (const text of ['first', 'second']) await say(anna, text);
    const answer = await pollOf(boris, { mid });
    expect(answer.status).toBe(200);
    const batch = (await answer.json()) as Array<{ method: string; params: { mid: string; body: { params: { message: { text: string } } } } }>;
    expect(batch.map(({ params }) => params.body.params.message.text)).toEqual(['first', 'second']);
    expect((await pollOf(boris, { mid: batch[1]!.params.mid })).status).toBe(304);
    const one = (await (await pollOf(boris, { mid: batch[0]!.params.mid })).json()) as (typeof batch)[number];
    expect(one.params.body.params.message.text).toBe('second');
  });

  test('in text and as a list', async () => {
    const mid = (await pollOf(boris)).headers.get('last-message-id')!;
    await say(anna, 'polled');
    expect(await (await pollOf(boris, { mid, jsonRpc: '' })).text()).toMatch(/^#!NGINXNMS!#.*"polled".*#!NGINXNME!#$/);
    expect(await (await pollOf(boris, { mid, jsonRpc: '', format: 'json' })).json()).toMatchObject([{ text: { params: { message: { text: 'polled' } } } }]);
  });

  test('what is said meanwhile is posted', async () => {
    const { server, channels } = await configOf(anna);
    const post = (body: string) => fetch(`${server.publish}?CHANNEL_ID=${channels.private.id}`, { method: 'POST', body });
    expect((await post('mack:aa')).status).toBe(200);
    const boriss = await connect(boris);
    const answer = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'publish', params: { userList: [boris.userId], body: { module_id: 'call', command: 'posted', params: {} } } }));
    expect(await answer.json()).toEqual({ jsonrpc: '2.0', id: 1, result: true });
    await boriss.next('posted');
  });

  test('with wrong channels it is refused', async () => {
    const answer = await pollOf(boris, { token: 'x' });
    expect([answer.status, await answer.json()]).toEqual([403, { error: 'WRONG_CHANNEL', error_description: expect.any(String) }]);
  });
});
