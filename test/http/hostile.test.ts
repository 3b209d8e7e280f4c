/** Requests that no client sends: cut off, slow, flooding. Every answer is JSON, and everybody else is answered meanwhile. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Listeners } from '../../src/rest/net/listeners.ts';
import type { Client } from '../support/client.ts';
import { send, sendRaw } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

function openSocket(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect(Number(port), hostname);
}

const path = () => new URL(anna.url).pathname;

describe('what is no HTTP', () => {
  const rubbish: Record<string, string> = {
    'not a request': 'hello\r\n\r\n',
    'no such method': 'BREW /rest/profile HTTP/1.1\r\nHost: x\r\n\r\n',
    'a bad version': 'GET /rest/profile HTTP/9.9\r\nHost: x\r\n\r\n',
    'bytes of TLS': '\u0016\u0003\u0001\u0002\u0000\u0001',
    'two lengths': 'POST /rest/profile HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'length and chunks': 'POST /rest/profile HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a bad chunk': 'POST /rest/profile HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'a header without a name': 'GET /rest/profile HTTP/1.1\r\n: x\r\n\r\n',
  };
  test.each(Object.entries(rubbish))('%s', async (_what, bytes) => {
    const { status, body, headers } = await sendRaw(portal.http, bytes);
    expect({ status, body }).toEqual({ status: 400, body: { error: 'INVALID_REQUEST', error_description: 'The request is not valid HTTP' } });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  });

  test.each([
    ['one header too large', `x: ${'y'.repeat(100_000)}\r\n`],
    ['a flood of headers', Array.from({ length: 5000 }, (_, index) => `x-${index}: ${index}\r\n`).join('')],
  ])('%s', async (_what, header) => {
    const reply = await sendRaw(portal.http, `GET ${path()}profile HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
    expect(reply).toMatchObject({ status: 431, body: { error: 'INVALID_REQUEST' } });
    expect((await send(`${anna.url}profile`)).status).toBe(200);
  });
});

describe('slow ones', () => {
  test('a head or a body that does not come to its end is given up', async () => {
    const listeners = new Listeners({ headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 });
    await listeners.open('127.0.0.1', 0, 0);
    try {
      const { http } = listeners.origins('127.0.0.1');
      const slow = ['GET /rest/profile HTTP/1.1\r\nHost: x\r\n', 'POST /rest/profile HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: never'];
      for (const bytes of slow) {
        expect(await sendRaw(http, bytes)).toMatchObject({ status: 408, body: { error: 'INVALID_REQUEST', error_description: expect.stringContaining('too long') } });
      }
    } finally {
      await listeners.close();
    }
  });

  test('a hundred that trickle keep nobody waiting', async () => {
    const sockets = Array.from({ length: 100 }, () => openSocket(portal.http));
    for (const socket of sockets) socket.write(`POST ${path()}im.message.add HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nMESSAGE=half`);
    expect((await send(`${anna.url}profile`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect(await anna.call('im.recent.get')).toEqual([]);
  });

  test('one that goes away before its body has come leaves nothing behind', async () => {
    const socket = openSocket(portal.http);
    socket.write(`POST ${path()}im.chat.add HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nTITLE=cut`);
    socket.resume().end();
    await once(socket, 'close');
    expect(await anna.call('im.recent.get')).toEqual([]);
  });
});

describe('floods', () => {
  test('an oversized batch is answered, the part that may run did', async () => {
    const cmd = Array.from({ length: 9_000 }, () => 'server.time');
    const { result, result_error } = await anna.call<{ result: unknown[]; result_error: Record<string, unknown> }>('batch', { cmd });
    expect(result).toHaveLength(50);
    expect(Object.keys(result_error)).toHaveLength(8_950);
  });

  test('ten thousand parameters, in a form and in JSON', async () => {
    const form = Array.from({ length: 10_000 }, (_, index) => `p${index}=1`).join('&');
    expect(await send(`${anna.url}profile`, { body: form })).toMatchObject({ status: 400, body: { error: 'TOO_MANY_PARAMETERS' } });
    const params = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`p${index}`, 1]));
    expect(await anna.raw('profile', params)).toMatchObject({ status: 400, body: { error: 'TOO_MANY_PARAMETERS' } });
  });

  test('references to everything, over and over', async () => {
    const all = 'im.message.add?DIALOG_ID=1&MESSAGE=$result[none]';
    const cmd = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`c${index}`, index < 25 ? 'methods?FULL=Y' : all]));
    const { result_error } = await anna.call<{ result_error: Record<string, { error: string }> }>('batch', { cmd });
    expect(Object.keys(result_error)).toHaveLength(25);
    // What all of them may read together has an end.
    for (const { error } of Object.values(result_error)) expect(['MESSAGE_EMPTY', 'ERROR_ARGUMENT']).toContain(error);
  });
});
