/** What a call may cost is bounded: counted here, timed in the fuzzing lane. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

/** An application that has stored nothing yet, called as Anna. */
const newApp = async () => (await addApp(portal)).as(anna);
const options = (count: number, size: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`o${i}`, 'x'.repeat(size)]));

interface BatchResult {
  result: Record<string, unknown>;
  result_error: Record<string, { error: string; error_description: string; argument?: string }>;
}
const MEGABYTE = 1024 * 1024;

describe('the options of an application', () => {
  test('have a size in all; what is beyond it changes nothing', async () => {
    const app = await newApp();
    await app.call('user.option.set', { OPTIONS: options(15, 65_000) });
    const before = await app.call('user.option.get');
    const problem = await app.fails('user.option.set', { OPTIONS: { more: 'x'.repeat(10_000), evenMore: 'ю'.repeat(32_000) } });
    expect(problem).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'OPTIONS', text: expect.stringContaining('1048576 bytes') });
    expect(await app.call('user.option.get')).toEqual(before);
  });

  test('replaced ones count once, and smaller ones make room', async () => {
    const app = await newApp();
    await app.call('user.option.set', { OPTIONS: options(15, 64_000) });
    await app.call('user.option.set', { OPTIONS: options(10, 10) });
    await app.call('user.option.set', { OPTIONS: { more: 'x'.repeat(65_000), evenMore: 'x'.repeat(65_000) } });
    expect(Object.keys(await app.call('user.option.get'))).toHaveLength(17);
  });
});

describe('a batch', () => {
  const commands = (count: number, name: string, command: (i: number) => string) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, command(i)]));

  test('runs no more commands once its results are too large, and says so', async () => {
    const app = await newApp();
    await app.call('user.option.set', { OPTIONS: options(15, 65_000) });
    const { result, result_error } = await app.call<BatchResult>('batch', { cmd: commands(49, 'k', () => 'user.option.get') });
    const size = JSON.stringify(result).length;
    expect(size).toBeGreaterThan(16 * MEGABYTE);
    expect(size).toBeLessThan(18 * MEGABYTE);
    const refused = Object.values(result_error);
    expect(refused).toHaveLength(49 - Object.keys(result).length);
    expect(refused[0]).toEqual({ error: 'ERROR_BATCH_RESULT_TOO_LARGE', error_description: 'The results of the batch are too large for more commands' });
  });

  test('reads no more of its results than may be referred to, however the references are spread', async () => {
    const app = await newApp();
    await app.call('user.option.set', { OPTIONS: options(15, 65_000) });
    const cmd = { ...commands(6, 'k', () => 'user.option.get'), ...commands(6, 'r', (i) => `profile?x=$result[k${i}][o0]`) };
    const { result_error } = await app.call<BatchResult>('batch', { cmd });
    expect(Object.keys(result_error)).toEqual(['r4', 'r5']);
    expect(result_error['r4']).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'CMD', error_description: expect.stringContaining("'k4'") });
  });

  test('what all commands have left is what they have left so far', async () => {
    const app = await newApp();
    const all = 'user.option.set?OPTIONS=$result[none]';
    const { result } = await app.call<BatchResult>('batch', { cmd: { a: 'scope', first: all, b: 'scope', second: all, options: 'user.option.get' } });
    expect(Object.keys(result['options'] as object).toSorted()).toEqual(['a', 'b', 'first']);
  });

  test('texts that are referred to as a whole cost their length, whatever is done with them', async () => {
    const app = await newApp();
    await app.call('user.option.set', { OPTIONS: options(15, 65_000) });
    const list = (name: string, count: number) => Array.from({ length: count }, () => `${name}[]=$result[0]`).join('&');
    for (const command of [(count: number) => `user.option.set?${list('OPTIONS[x]', count)}`, (count: number) => `event.test?${list('a', count)}`]) {
      const { result_error } = await app.call<{ result_error: Record<string, { argument: string }> }>('batch', { cmd: ['user.option.get', command(990)] });
      expect(result_error[1]).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'CMD', error_description: expect.stringContaining('more than a batch may') });
    }
    expect((await app.call<{ result: object }>('batch', { cmd: ['user.option.get', 'profile?a=$result[0]'] })).result).toHaveProperty('1');
  });

  test('copies no more than a batch may, in one command or in all', async () => {
    const whole = (count: number) => `profile?${Array.from({ length: count }, () => 'a[]=$result[all]').join('&')}`;
    const { result_error } = await anna.call<BatchResult>('batch', { cmd: { all: 'tidemark.manifest.get', few: whole(5), one: whole(990), next: whole(990) } });
    expect(Object.keys(result_error)).toEqual(['one', 'next']);
    expect(result_error['one']).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'CMD', error_description: expect.stringContaining('more than a batch may') });
  });
});

test('event.test passes on no more than its handlers may be sent', async () => {
  const app = await newApp();
  expect(await app.call('event.test', { text: 'x'.repeat(16_000) })).toBe(1);
  expect(await app.fails('event.test', { text: 'x'.repeat(17_000) })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', text: expect.stringContaining('16384') });
});

test('of the requests on a connection that is not read no more are begun than have been answered', async () => {
  const app = await newApp();
  await app.call('user.option.set', { OPTIONS: options(15, 65_000) });
  const { pathname, search, hostname, port } = new URL(`${app.url}user.option.get`);
  const socket = connect({ host: hostname, port: Number(port) }).pause();
  await once(socket, 'connect');
  const begun = async () => Number(/^tidemark_calls_total\{method="user.option.get",status="200"\} (\d+)/m.exec((await send(`${portal.http}/metrics`)).text)?.[1] ?? 0);
  const before = await begun();
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(60));
  while ((await begun()) === before);
  for (let i = 0; i < 100; i += 1) await anna.call('profile');
  expect((await begun()) - before).toBeLessThan(30);
  socket.destroy();
});

describe('without credentials', () => {
  const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(300_000) });
  const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

  test.each(['/mcp', '/oauth/token/', '/oauth/authorize/', '/sign-in/', '/sign-out'])('%s takes no large body', async (path) => {
    const { status, body } = await send(portal.http + path, { body: large, headers: JSON_TYPE });
    expect([status, body]).toEqual([413, { error: 'REQUEST_TOO_LARGE', error_description: expect.stringMatching(/^Request body is larger than 262144 bytes$/) }]);
  });

  test.each([
    ['too deep', `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(70)}${']'.repeat(70)}}`, /nested deeper than 64/],
    ['too many values', `{"jsonrpc":"2.0","id":1,"method":"ping","params":[${'1,'.repeat(10_000)}1]}`, /more than 10000/],
    ['too many messages', JSON.stringify(Array.from({ length: 21 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/list' }))), /more than 20 messages/],
  ])('/mcp refuses what is %s', async (_, body, text) => {
    const answer = await send(`${portal.http}/mcp`, { body, headers: JSON_TYPE });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ jsonrpc: '2.0', error: { message: expect.stringMatching(text) } });
  });

  const callMethod = (who: Client, method: string, params: object) => {
    const webhook = who.url.split('/').slice(-3, -1).join('/');
    return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'call_method', arguments: { method, params, webhook } } });
  };

  test('an answer over /mcp is no longer than it may be', async () => {
    for (let i = 0; i < 30; i += 1) await anna.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'ю'.repeat(20_000) });
    const ask = async (LIMIT: number) => (await send(`${portal.http}/mcp`, { body: callMethod(anna, 'im.dialog.messages.get', { DIALOG_ID: 1, LIMIT }), headers: JSON_TYPE })).text;
    expect(await ask(30)).toContain('ANSWER_TOO_LARGE');
    expect(await ask(5)).toContain('юююю');
  });

  test('requests to /mcp count like calls, and not again for the call that they make', async () => {
    await using limited = await startTestServer({ plan: 'standard' });
    for (let i = 0; i < 40; i += 1) {
      const { status, text } = await send(`${limited.http}/mcp`, { body: callMethod(limited.admin, 'profile', {}), headers: JSON_TYPE });
      expect([status, text.includes('QUERY_LIMIT_EXCEEDED')]).toEqual([200, false]);
    }
    const ping = () => send(`${limited.http}/mcp`, { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}', headers: JSON_TYPE });
    const statuses: number[] = [];
    while (statuses.at(-1) !== 503 && statuses.length < 300) statuses.push((await ping()).status);
    expect(statuses.at(-1)).toBe(503);
    expect((await limited.admin.fails('profile')).error).toBe('QUERY_LIMIT_EXCEEDED');
  });
});
