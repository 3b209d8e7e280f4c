/** The MCP server through the official client, over HTTP in both revisions of the protocol and over stdio. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import pino from 'pino';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { CLI } from '../support/command.ts';
import { send } from '../support/http.ts';
import { dropDatabase, freshDatabase, startTestServer, type TestServer } from '../support/server.ts';


let portal: TestServer;
/** User and code of the administrator's webhook. */
let short: string;

beforeAll(async () => {
  portal = await startTestServer();
  short = portal.admin.url.split('/').slice(-3, -1).join('/');
  await portal.admin.call('im.chat.add', { TITLE: 'Harbour', MESSAGE: 'Ahoy' });
});
afterAll(() => portal[Symbol.asyncDispose]());

type Mode = 'legacy' | 'auto';
interface Outcome {
  failed: boolean;
  text: string;
  structured: Record<string, unknown>;
}
interface Connection extends AsyncDisposable {
  client: Client;
  use(tool: string, args?: Record<string, unknown>): Promise<Outcome>;
}

async function connection(client: Client): Promise<Connection> {
  return {
    client,
    async use(tool, args = {}) {
      const { isError, content, structuredContent } = await client.callTool({ name: tool, arguments: args });
      const [first] = content;
      return { failed: isError === true, text: first?.type === 'text' ? first.text : '', structured: structuredContent as Outcome['structured'] };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function overHttp(mode: Mode = 'auto', origin = portal.http): Promise<Connection> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
  return connection(client);
}

async function overStdio(mode: Mode, ...args: string[]): Promise<Connection> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', ...args], env: { NODE_ENV: 'test', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE']! } }));
  return connection(client);
}

const names = ({ structured }: Outcome) => (structured['methods'] as Array<{ name: string }>).map(({ name }) => name);

describe.each<Mode>(['legacy', 'auto'])('over HTTP, %s revision', (mode) => {
  test('the tools are announced', async () => {
    await using server = await overHttp(mode);
    const { tools } = await server.client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(['call_method', 'list_methods', 'read_method', 'search_methods']);
    expect(server.client.getInstructions()).toContain('call_method');
    expect(server.client.getProtocolEra()).toBe(mode === 'auto' ? 'modern' : 'legacy');
    expect(server.client.getServerVersion()).toMatchObject({ name: 'tidemark' });
  });

  test('methods are found by words of their name, summary, parameters and errors', async () => {
    await using server = await overHttp(mode);
    expect(names(await server.use('search_methods', { query: 'im.recent.get' }))[0]).toBe('im.recent.get');
    expect(names(await server.use('search_methods', { query: 'recent list pages' }))).toContain('im.recent.list');
    expect(names(await server.use('search_methods', { query: 'TEMPLATE_ID' }))).toEqual(['im.message.add']);
    expect(names(await server.use('search_methods', { query: 'CANT_EDIT_MESSAGE', limit: 1 }))).toHaveLength(1);
    expect(await server.use('search_methods', { query: 'zeppelin' })).toMatchObject({ failed: false, text: 'No method found.', structured: { methods: [] } });
  });

  test('methods are listed, all or by scope', async () => {
    await using server = await overHttp(mode);
    const all = portal.server.context.dispatch.registry.all();
    expect(names(await server.use('list_methods'))).toHaveLength(all.length);
    expect(names(await server.use('list_methods', { scope: 'user' }))).toEqual([
      'user.add', 'user.counters', 'user.current', 'user.fields', 'user.get', 'user.online', 'user.search', 'user.update',
    ]);
    expect(names(await server.use('list_methods', { scope: '' }))).toContain('server.time');
  });

  test('the reference of a method is text and structure', async () => {
    await using server = await overHttp(mode);
    const { text, structured } = await server.use('read_method', { method: 'IM.Recent.Pin' });
    expect(text).toContain('# im.recent.pin');
    expect(text).toContain('DIALOG_ID (string, required)');
    expect(text).toContain("DIALOG_ID_EMPTY (HTTP 400): Dialog ID can't be empty");
    expect(structured).toMatchObject({ name: 'im.recent.pin', scope: 'im', result: { type: 'boolean' }, example: { DIALOG_ID: 'chat5' } });
    const unknown = await server.use('read_method', { method: 'im.nope' });
    expect(unknown).toMatchObject({ failed: true, text: expect.stringContaining('ERROR_METHOD_NOT_FOUND') });
  });

  test('a call gives what the REST API gives, with the address of a webhook or with its two parts', async () => {
    await using server = await overHttp(mode);
    for (const webhook of [portal.admin.url, portal.admin.url.replace('127.0.0.1', 'localhost'), portal.admin.url.replace(portal.http, portal.https), short]) {
      const { failed, text, structured } = await server.use('call_method', { method: 'im.recent.get', params: { SKIP_DIALOG: 'Y' }, webhook });
      expect({ webhook, failed }).toEqual({ webhook, failed: false });
      expect(structured).toMatchObject({ result: [{ title: 'Harbour', message: { text: 'Ahoy' } }], time: { operating: expect.any(Number) } });
      expect(JSON.parse(text)).toEqual(structured);
    }
  });

  test.each([
    ['an unknown method', { method: 'im.nope' }, /^ERROR_METHOD_NOT_FOUND: Method not found!$/],
    ['a wrong parameter', { method: 'im.dialog.get' }, /^DIALOG_ID_EMPTY: Dialog ID can't be empty$/],
    ['a wrong code', { webhook: '1/wrong' }, /^INVALID_CREDENTIALS: /],
    ['another host', { webhook: 'http://example.org/rest/1/abc/' }, /^INVALID_WEBHOOK: .*another host/],
    ['another port', { webhook: 'http://127.0.0.1:1/rest/1/abc/' }, /^INVALID_WEBHOOK: .*another host/],
    ['no webhook at all', { webhook: 'file:///etc/passwd' }, /^INVALID_WEBHOOK: /],
    ['a path that climbs', { webhook: '1/../../x' }, /^INVALID_WEBHOOK: /],
    ['a method that climbs', { method: '../../mcp' }, /^ERROR_METHOD_NOT_FOUND: /],
  ])('%s is an error of the tool', async (_what, args, message) => {
    await using server = await overHttp(mode);
    const { failed, text } = await server.use('call_method', { method: 'server.time', webhook: short, ...args });
    expect({ failed, text }).toEqual({ failed: true, text: expect.stringMatching(message) });
  });

  test('arguments that are none are refused', async () => {
    await using server = await overHttp(mode);
    const outcome = await server.use('call_method', { method: 7 }).catch((error: Error) => ({ failed: true, text: error.message }));
    expect(outcome.failed).toBe(true);
  });
});

describe('the HTTP side', () => {
  const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } } };
  const post = (headers: Record<string, string>, body = JSON.stringify(hello)) =>
    send(`${portal.http}/mcp`, { headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }, body });

  test('answers are JSON and there are no sessions', async () => {
    const { status, headers, body } = await post({});
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(headers['mcp-session-id']).toBeUndefined();
    expect(body).toMatchObject({ id: 1, result: { serverInfo: { name: 'tidemark' } } });
    for (const method of ['GET', 'DELETE']) expect(await send(`${portal.http}/mcp`, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test('pages of this portal may speak to it, those of others may not, whatever name they go by', async () => {
    const host = new URL(portal.http).host;
    const rebound = `evil.example:${new URL(portal.http).port}`;
    expect((await post({ origin: `http://${host}` })).status).toBe(200);
    expect((await post({ host: 'chat.example.com', origin: 'https://chat.example.com' })).status).toBe(200);
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'not an origin' },
      { origin: `http://${rebound}`, host: rebound },
      { origin: 'https://evil.example', host },
    ]) {
      expect({ headers, status: (await post(headers)).status }).toEqual({ headers, status: 403 });
    }
  });

  test('bodies that are too large or no JSON are refused', async () => {
    expect((await post({}, `{"pad":"${'x'.repeat(2 * 1024 * 1024)}"}`)).status).toBe(413);
    expect((await post({}, '{')).status).toBe(400);
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('no stream stays open', async () => {
    await using server = await overHttp('auto');
    await expect(server.client.listen({ toolsListChanged: true })).rejects.toThrow('Subscription limit reached');
  });
});

test('calls are counted and logged like others, without their webhooks', async () => {
  let lines = '';
  const log = pino({ level: 'debug' }, new Writable({ write: (chunk: Buffer, _encoding, done) => ((lines += String(chunk)), done()) }));
  const data = await mkdtemp(join(tmpdir(), 'tidemark-mcp-'));
  const databaseUrl = await freshDatabase();
  const running = await startServer({ ...loadConfig({}, {}), port: 0, tlsPort: 0, data, empty: true, printWebhook: true, databaseUrl }, { log });
  const { http, admin } = running.ready;
  {
    await using server = await overHttp('auto', http);
    await server.use('call_method', { method: 'server.time', webhook: admin.webhook });
    await server.use('call_method', { method: 'im.nope', webhook: 'http://example.org/rest/1/elsewheresecret/' });
  }
  expect((await send(`${http}/metrics`)).text).toMatch(/method="server\.time"/);
  await running[Symbol.asyncDispose]();
  await rm(data, { recursive: true });
  await dropDatabase(databaseUrl);
  expect(lines).toContain('server.time');
  for (const secret of [admin.webhook.split('/').at(-2), 'elsewheresecret']) expect(lines).not.toContain(secret);
});

describe.each<Mode>(['legacy', 'auto'])('over stdio, %s revision', (mode) => {
  test('the reference needs no server, and no call is made without a webhook', async () => {
    await using server = await overStdio(mode);
    expect(names(await server.use('search_methods', { query: 'im.recent.get' }))).toContain('im.recent.get');
    expect(await server.use('call_method', { method: 'server.time' })).toMatchObject({ failed: true, text: expect.stringContaining('NO_WEBHOOK') });
  });

  test('calls go to the webhook it was started with', async () => {
    await using server = await overStdio(mode, '--webhook', portal.admin.url);
    const { tools } = await server.client.listTools();
    expect(JSON.stringify(tools)).not.toContain('"webhook"');
    expect((await server.use('call_method', { method: 'im.recent.get' })).structured).toMatchObject({ result: [{ title: 'Harbour' }] });
    expect(await server.use('call_method', { method: 'im.nope', webhook: 'http://example.org/rest/1/abc/' })).toMatchObject({ failed: true, text: 'ERROR_METHOD_NOT_FOUND: Method not found!' });
  });
});
