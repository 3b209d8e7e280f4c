/** Answers given before the request has been read: they reach clients that read only after they have sent everything. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Linger, lingerAfter } from '../../src/rest/net/lingering.ts';
import { BODY_LIMIT } from '../../src/rest/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let ca: string;
beforeAll(async () => {
  portal = await startTestServer();
  ca = readFileSync(portal.ca, 'utf8');
});
afterAll(() => portal[Symbol.asyncDispose]());

async function open(origin: string): Promise<Socket> {
  const { protocol, hostname, port } = new URL(origin);
  const socket = protocol === 'https:' ? connectTls({ host: hostname, port: Number(port), ca }) : connect(Number(port), hostname);
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
  return socket;
}

const CHUNK = Buffer.alloc(64 * 1024, 'a');

/** Sends everything before it reads anything, and then reads until the connection ends or an answer is complete. */
async function sendAllThenRead(origin: string, head: string[], bytes: number, chunked: boolean): Promise<string> {
  const socket = await open(origin);
  socket.pause();
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  for (let sent = 0; sent < bytes; sent += CHUNK.length) {
    const piece = chunked ? Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from('\r\n')]) : CHUNK;
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
  }
  if (chunked) socket.write('0\r\n\r\n');
  return readAnswer(socket);
}

function readAnswer(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = '';
  const done = () => {
    socket.removeAllListeners('error').on('error', () => undefined).destroy();
    resolve(received);
  };
  socket.on('error', reject).on('end', done).on('data', (chunk) => {
    received += String(chunk);
    if (received.endsWith('}')) done();
  }).resume();
  return promise;
}

/** More than a connection holds on its way, so that a client is stuck unless somebody reads. */
const LARGE = 8 * BODY_LIMIT;
const WHERE = { rest: '/rest/1/wrong/im.recent.get', unknown: '/rest/im.nope', token: '/oauth/token/', page: '/sign-in/', mcp: '/mcp', nothing: '/nothing' };
const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'];
const cases = (['http', 'https'] as const).flatMap((scheme) =>
  Object.entries(WHERE).flatMap(([name, path], at) =>
    ['close', 'keep-alive'].flatMap((connection) => [false, true].map((chunked) => ({ scheme, name, path, connection, chunked, type: TYPES[at % TYPES.length]! }))),
  ),
);

describe('a body that is too large', () => {
  test.each(cases)('$scheme $name, Connection: $connection, chunked: $chunked', async ({ scheme, path, connection, chunked, type }) => {
    const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${LARGE}`;
    const head = [`POST ${path} HTTP/1.1`, 'Host: x', `Connection: ${connection}`, `Content-Type: ${type}`, length];
    const answer = await sendAllThenRead(portal[scheme], head, LARGE, chunked);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ error: 'REQUEST_TOO_LARGE' });
  });

  test.each(['1.0', '1.1'])('HTTP/%s with Expect: 100-continue: the answer comes whether or not the body does', async (version) => {
    const head = [`POST /rest/im.nope HTTP/${version}`, 'Host: x', 'Connection: close', 'Expect: 100-continue', `Content-Length: ${LARGE}`];
    expect(await sendAllThenRead(portal.http, head, LARGE, false)).toMatch(/413 [^]*REQUEST_TOO_LARGE/);
    const patient = await open(portal.http);
    patient.write(`${head.join('\r\n')}\r\n\r\n`);
    expect(await readAnswer(patient)).toMatch(/413 [^]*REQUEST_TOO_LARGE/);
  });

  test('a length that is never made good: the answer comes at once', async () => {
    const socket = await open(portal.http);
    socket.write(`POST /rest/im.nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${LARGE}\r\n\r\nabc`);
    expect(await readAnswer(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a length that is too small: the rest is no request', async () => {
    const socket = await open(portal.http);
    socket.write(`POST /rest/im.nope HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{}${'a'.repeat(5000)}`);
    let received = '';
    for await (const chunk of socket) received += String(chunk);
    expect(received).toContain('ERROR_METHOD_NOT_FOUND');
    expect(received).toMatch(/INVALID_REQUEST/);
  });
});

test.each(['100-continue', '100-Continue', 'nonsense', ''])('a request that expects %j is answered in JSON as any other', async (expectation) => {
  for (const origin of [portal.http, portal.https]) {
    const [socket, body] = [await open(origin), '{"ID":1}'];
    socket.write(`POST ${new URL(portal.admin.url).pathname}im.user.get HTTP/1.1\r\nHost: x\r\nExpect: ${expectation}\r\n`);
    socket.write(`Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
    if (expectation.startsWith('100')) expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 100 /);
    socket.write(body);
    expect(await readAnswer(socket)).toMatch(/^HTTP\/1\.1 200 [^]*"result":\{"id":1,/);
  }
});

describe('reading on', () => {
  /** A server that answers before it has read. */
  async function answering(linger: Linger): Promise<{ origin: string; server: http.Server }> {
    const server = http.createServer((request, response) => {
      lingerAfter(request, response, linger);
      response.writeHead(413, { 'content-length': 2 }).end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000000000000\r\n\r\n';

  test.each([
    ['after a while without a byte', { idle: 100, time: 1e6, bytes: 1e9 }, 0],
    ['after a while in all', { idle: 1e6, time: 100, bytes: 1e9 }, 0],
    ['after a while in all, whatever still comes', { idle: 1e6, time: 100, bytes: 1e9 }, 1],
  ])('ends %s, and the client has its answer meanwhile', async (_when, linger, drip) => {
    const { server, origin } = await answering(linger);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = await open(origin);
    const closed = once((await accepted)[0], 'close').then(() => true);
    let received = '';
    socket.on('error', () => undefined).on('data', (chunk) => (received += String(chunk))).write(HEAD);
    while (drip > 0 && !(await Promise.race([closed, new Promise<false>((resolve) => socket.write('x', () => setImmediate(resolve, false)))])));
    await closed;
    expect(received).toMatch(/^HTTP\/1\.1 413 [^]*\{\}$/);
    server.close();
  });

  test('ends after so many bytes', async () => {
    const { server, origin } = await answering({ idle: 1e6, time: 1e6, bytes: 3 * CHUNK.length });
    const socket = await open(origin);
    let closed = false;
    socket.on('error', () => undefined).on('close', () => (closed = true)).resume().write(HEAD);
    while (!closed) await new Promise<void>((resolve) => socket.write(CHUNK, () => setImmediate(resolve)));
    server.close();
  });
});
