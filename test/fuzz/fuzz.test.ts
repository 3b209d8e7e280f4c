/**
 * Random and hostile requests, a hundred thousand and more: nothing is the server's fault, nothing but JSON or XML comes
 * back, nobody sees what is another's, and nothing keeps the others waiting.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/rest/dispatch.ts';
import type { DispatchOptions } from '../../src/rest/pipeline.ts';
import { XMLValidator } from 'fast-xml-parser';
import type { AppContext } from '../../src/methods/index.ts';
import type { RestResponse } from '../../src/rest/envelope.ts';
import { parseBody } from '../../src/rest/body.ts';
import { parsePhpQuery } from '../../src/rest/php-query.ts';
import { RequestError } from '../../src/rest/request-error.ts';
import type { Client } from '../support/client.ts';
import { addApp } from '../support/application.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type CrowdedPortal, openCrowdedPortal } from './crowded-portal.ts';
import { type FuzzedRequest, fuzzedRequest, heavyRequest, type Targets } from './requests.ts';
import { bestStop, LONGEST_STOP_MS } from './stops.ts';

const RUNS = Number(process.env['TIDEMARK_FUZZ_RUNS'] ?? 100_000);
const SECRET = 'the-secret-of-boris';

let portal: TestServer;
let targets: Targets;
let options: DispatchOptions<AppContext>;
let faults: unknown[];

beforeAll(async () => {
  portal = await startTestServer();
  const mallory = await portal.addUser('Mallory');
  const boris = await portal.addUser('Boris');
  const chat = await boris.call<number>('im.chat.add', { TITLE: `${SECRET} title`, DESCRIPTION: SECRET, MESSAGE: `${SECRET} message` });
  await boris.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: SECRET });
  await boris.call('im.message.add', { DIALOG_ID: 1, MESSAGE: SECRET });
  await mallory.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'of Mallory' });
  aimAt(portal, mallory);
  targets.token = (await (await addApp(portal)).tokens(mallory.userId)).accessToken;
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Requests go to this portal from here on, as this user. */
function aimAt({ server }: TestServer, mallory: Client): void {
  const { dispatch: real } = server.context;
  const methods = real.registry.all();
  const names = new Set(methods.flatMap((method) => Object.keys(method.params)));
  targets = { hook: new URL(mallory.url).pathname, methods: methods.map(({ name }) => name), names: ['auth', 'auth_connector', 'start', 'method', 'aplogin', 'ap', ...names] };
  faults = [];
  options = { ...real, onFault: (method, fault) => {
    faults.push(fault);
    return real.onFault(method, fault);
  } };
}

async function respond(request: FuzzedRequest): Promise<RestResponse> {
  return (await dispatch(options, { ...request, source: '192.0.2.1', origin: 'http://127.0.0.1' })).response;
}

const STATUSES = new Set([200, 400, 401, 403, 404]);

function check({ status, body: pieces, type }: RestResponse): void {
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join('');
  if (faults.length > 0) throw faults.pop();
  if (!STATUSES.has(status)) throw new Error(`status ${status}: ${text.slice(0, 300)}`);
  if (text.includes(SECRET)) throw new Error(`what is Boris's: ${text.slice(Math.max(0, text.indexOf(SECRET) - 200)).slice(0, 500)}`);
  if (type === 'xml') return void expect(XMLValidator.validate(text)).toBe(true);
  const body = JSON.parse(text) as Record<string, unknown>;
  if (status === 200 ? !('result' in body && 'time' in body) || 'error' in body : typeof body['error'] !== 'string' || body['error'] === '') {
    throw new Error(`not an envelope: ${text.slice(0, 300)}`);
  }
}

async function tryAny(numRuns: number): Promise<void> {
  await fc.assert(fc.asyncProperty(fuzzedRequest(targets), async (request) => check(await respond(request))), { numRuns });
  expect({}).not.toHaveProperty('polluted');
}

test(`${RUNS} requests through the dispatcher`, () => tryAny(RUNS));

test('the parsers, with any bytes under any type', async () => {
  const types = fc.constantFrom(undefined, 'application/json', 'multipart/form-data; boundary=b', 'text/plain');
  const soup = fc.array(fc.constantFrom('a', '[', ']', '=', '&', '%', '41', '+', '"', '{', '}', ',', ':', '\\u', 'd800', '--b', '\r\n', '\0', '\u00ff'), { maxLength: 60 });
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), soup.map((parts) => Buffer.from(parts.join(''), 'latin1')));
  const property = fc.asyncProperty(types, body, async (type, content) => {
    for (const parse of [() => parseBody(type, content), () => parsePhpQuery(content)]) {
      try {
        const params = await parse();
        expect(Object.getPrototypeOf(params)).toBe(null);
        expect(JSON.stringify(params).isWellFormed()).toBe(true);
      } catch (thrown) {
        if (!(thrown instanceof RequestError)) throw thrown;
      }
    }
  });
  await fc.assert(property, { numRuns: RUNS });
});

/** Tries requests, none of which may keep others waiting. What is done here to check the answers does not count. */
async function tryStops(requests: fc.Arbitrary<FuzzedRequest>, numRuns: number): Promise<void> {
  let longest = 0;
  const property = fc.asyncProperty(requests, async (request) => {
    let response: RestResponse | undefined;
    const stop = await bestStop(async () => {
      response = await respond(request);
    });
    check(response!);
    longest = Math.max(longest, stop);
    if (stop > LONGEST_STOP_MS) throw new Error(`stopped the loop for ${stop.toFixed(0)} ms: ${request.path}?${request.query}, ${Buffer.from(request.body.subarray(0, 80)).toString()}`);
  });
  await fc.assert(property, { numRuns, endOnFailure: true });
  process.stdout.write(`the longest stop of the event loop was ${longest.toFixed(1)} ms\n`);
}

test('bodies near the limits keep nobody waiting', () => tryStops(heavyRequest(targets), Math.max(100, RUNS / 100)));

/** Everything that comes back on a connection to which the bytes are written. */
async function exchange(bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(portal.http);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The server may be done with the connection before all is written.
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test('broken HTTP', async () => {
  const line = fc.constantFrom('GET ', 'POST ', 'HEAD ', 'OPTIONS ', 'PUT ', `${targets.hook}profile`, '/rest/', '/oauth/token/', '/oauth/authorize/', '/mcp', '/docs/', ' HTTP/1.1', ' HTTP/1.0', '\r\n', '\r\n\r\n', '\n', '\r');
  const header = fc.constantFrom('Host: x', 'Content-Length: 5', 'Content-Length: -1', 'Transfer-Encoding: chunked', 'Connection: Upgrade\r\nUpgrade: h2c', 'Content-Type: application/json', 'Cookie: a=b', 'X: \0', 'Expect: 100-continue', '5\r\nhello\r\n0', '{"a":1}');
  const noise = fc.string({ unit: 'binary', maxLength: 8 });
  const request = fc.array(fc.oneof({ weight: 6, arbitrary: line }, { weight: 4, arbitrary: header }, noise), { maxLength: 20 }).map((parts) => parts.join(''));
  const shaped = fc.tuple(fc.constantFrom('GET', 'POST', 'HEAD'), fc.constantFrom(`${targets.hook}profile`, '/rest/%', '/oauth/token/?x'), fc.array(header, { maxLength: 4 }), request)
    .map(([method, path, headers, rest]) => [`${method} ${path} HTTP/1.1`, ...headers, '', rest].join('\r\n'));
  await fc.assert(fc.asyncProperty(fc.oneof(request, shaped), async (text) => {
    const answer = await exchange(Buffer.from(text, 'latin1'));
    for (const type of answer.matchAll(/^content-type: (.*)$/gim)) expect(type[1]).toMatch(/^(application\/json|text\/xml|text\/html; charset=utf-8$)/);
    if (/^content-type: text\/html/im.test(answer)) expect(text).toMatch(/\/(oauth\/authorize|docs)/);
    expect(answer).not.toContain(SECRET);
  }), { numRuns: Math.max(300, RUNS / 25) });
  expect((await fetch(`${portal.http}${targets.hook}profile`)).status).toBe(200);
});

describe('on a portal with ten thousand users, as somebody with ten thousand chats', () => {
  let crowded: CrowdedPortal;
  beforeAll(async () => {
    crowded = await openCrowdedPortal();
    aimAt(crowded.portal, crowded.busy);
  });
  afterAll(() => crowded[Symbol.asyncDispose]());

  test('any requests', () => tryAny(Math.max(100, RUNS / 50)));

  test('any one request keeps nobody waiting', () => tryStops(fuzzedRequest(targets), Math.max(100, RUNS / 100)));

  test('bodies near the limits keep nobody waiting', () => tryStops(heavyRequest(targets), Math.max(100, RUNS / 500)));
});
