/** What a call may cost is bounded: counted here, timed in the fuzzing lane. */
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

  test('copies no more than a batch may, in one command or in all', async () => {
    const whole = (count: number) => `profile?${Array.from({ length: count }, () => 'a[]=$result[all]').join('&')}`;
    const { result_error } = await anna.call<BatchResult>('batch', { cmd: { all: 'tidemark.manifest.get', few: whole(5), one: whole(990), next: whole(990) } });
    expect(Object.keys(result_error)).toEqual(['one', 'next']);
    expect(result_error['one']).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'CMD', error_description: expect.stringContaining('more than a batch may') });
  });
});

describe('without credentials', () => {
  const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(300_000) });
  const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

  test.each(['/mcp', '/oauth/token/', '/oauth/authorize/', '/sign-in/', '/sign-out'])('%s takes no large body', async (path) => {
    const { status, body } = await send(portal.http + path, { body: large, headers: JSON_TYPE });
    expect([status, body]).toEqual([413, { error: 'REQUEST_TOO_LARGE', error_description: expect.stringMatching(/^Request body is larger than (65536|262144) bytes$/) }]);
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

  test('requests to /mcp count like calls', async () => {
    await using limited = await startTestServer({ plan: 'standard' });
    const ping = () => send(`${limited.http}/mcp`, { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}', headers: JSON_TYPE });
    const statuses: number[] = [];
    while (statuses.at(-1) !== 503 && statuses.length < 300) statuses.push((await ping()).status);
    expect(statuses.at(-1)).toBe(503);
    expect((await limited.admin.fails('profile')).error).toBe('QUERY_LIMIT_EXCEEDED');
  });
});
