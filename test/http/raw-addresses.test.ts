/** Addresses as scripts paste them together, with bytes that HTTP does not allow in them; and addresses that name the host. */
import fc from 'fast-check';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Reply, sendRaw } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let ca: string;
/** `/rest/2/<code>/` */
let hook: string;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  ca = readFileSync(portal.ca, 'utf8');
  hook = new URL(anna.url).pathname;
});
afterAll(() => portal[Symbol.asyncDispose]());

async function open(origin: string): Promise<Socket> {
  const { protocol, hostname, port } = new URL(origin);
  const socket = protocol === 'https:' ? connectTls({ host: hostname, port: Number(port), ca }) : connect(Number(port), hostname);
  socket.setNoDelay(true);
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
  return socket;
}

/** Sends the pieces one by one and gives everything that comes until the connection ends. */
async function converse(origin: string, ...pieces: Array<string | Uint8Array>): Promise<string> {
  const socket = await open(origin);
  let received = '';
  const ended = once(socket.on('data', (chunk) => (received += String(chunk))), 'end');
  for (const piece of pieces) await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)));
  await ended;
  return received;
}

const statusesOf = (received: string) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
const bodyOf = (received: string) => JSON.parse(received.slice(received.lastIndexOf('\r\n\r\n'))) as Record<string, unknown>;
const get = (address: string | Uint8Array, more = '') => Buffer.concat([Buffer.from('GET '), Buffer.from(address), Buffer.from(` HTTP/1.1\r\nHost: x\r\n${more}\r\n`)]);

async function lastMessage(): Promise<string> {
  const { messages } = await anna.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: anna.userId, LIMIT: 1 });
  return messages[0]!.text;
}

const TEXTS = ['Привет', 'Привет мир, как дела?', '東京 🌊', 'ä', ' ', 'a b', 'Größe=1', '\u00a0x\u0085y', '"<>{}|\\^`'];

describe.each(['http', 'https'] as const)('raw characters over %s', (scheme) => {
  const addressOf = (text: string) => `${hook}im.message.add?DIALOG_ID=${anna.userId}&MESSAGE=x${text}`;

  test.each(TEXTS)('%s', async (text) => {
    const received = await converse(portal[scheme], get(addressOf(text), 'Connection: close\r\n'));
    expect(statusesOf(received)).toEqual([200]);
    expect(await lastMessage()).toBe(`x${text}`.trim());
  });

  test('in a keep-alive connection, after other calls', async () => {
    const socket = await open(portal[scheme]);
    let received = '';
    const ended = once(socket.on('data', (chunk) => (received += String(chunk))), 'end');
    for (const answers of [1, 2]) {
      socket.write(get(`${hook}profile`));
      while (statusesOf(received).length < answers || !received.endsWith('}')) await once(socket, 'data');
    }
    socket.write(get(addressOf('Ж')));
    await ended;
    expect(statusesOf(received)).toEqual([200, 200, 200]);
    expect(await lastMessage()).toBe('xЖ');
  });

  test('with a body', async () => {
    const body = '{"MESSAGE":"тело"}';
    const head = `POST ${hook}im.message.add?DIALOG_ID=${anna.userId}&x=Ж HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    expect(statusesOf(await converse(portal[scheme], head, body))).toEqual([200]);
    expect(await lastMessage()).toBe('тело');
  });

  test('wherever the packets are cut after the first raw byte', async () => {
    const bytes = get(addressOf('Привет мир'));
    const first = bytes.findIndex((byte) => byte > 0x7f) + 1;
    for (const at of [first, first + 1, first + 5, bytes.length - 30, bytes.length - 3, bytes.length - 1]) {
      expect(statusesOf(await converse(portal[scheme], bytes.subarray(0, at), bytes.subarray(at)))).toEqual([200]);
    }
    const [begun, rest] = [bytes.subarray(0, first), [...bytes.subarray(first)].map((byte) => Uint8Array.of(byte))];
    expect(statusesOf(await converse(portal[scheme], begun, ...rest))).toEqual([200]);
  });

  test('bytes that are no UTF-8 are said to be so, in parameters and in the path', async () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xcf, 0xf0, 0xe8], [0xd0]]) {
      const query = await converse(portal[scheme], get(Buffer.concat([Buffer.from(`${hook}profile?NAME=`), Buffer.from(bytes)])));
      expect(bodyOf(query)).toMatchObject({ error: 'WRONG_ENCODING', argument: 'NAME' });
      const path = await converse(portal[scheme], get(Buffer.concat([Buffer.from(hook), Buffer.from(bytes)])));
      expect(statusesOf(path)).toEqual([400]);
      expect(bodyOf(path)).toHaveProperty('error');
    }
  });

  test.each(['/oauth/token/?grant_type=Ж', '/oauth/authorize/?client_id=Ж', '/docs/Ж', '/Ж', '/sign-in/?x=a b'])('everywhere: %s', async (path) => {
    const [raw, encoded] = [await converse(portal[scheme], get(path)), await converse(portal[scheme], get(encodeURI(path), 'Connection: close\r\n'))];
    expect(statusesOf(raw)).toEqual(statusesOf(encoded));
    expect(statusesOf(raw)).not.toEqual([]);
  });

  test('what no front end takes stays refused, once', async () => {
    for (const address of ['/x?\tЖ', '/x?Ж\u007f', '/x?Ж\u0001', 'Ж', `/${'Ж'.repeat(40_000)}`]) {
      const received = await converse(portal[scheme], get(address, 'Connection: close\r\n'));
      expect(statusesOf(received)).toEqual([address.length > 9000 ? 431 : 400]);
      expect(bodyOf(received)).toMatchObject({ error: 'INVALID_REQUEST' });
    }
  });
});

test('raw characters in header fields are nobody\'s business', async () => {
  const fields = 'User-Agent: Бот 東京\r\nReferer: http://x/Ж?я\r\nCookie: имя=Ж; b=\u00a0\r\nX-Request-Id: ж\r\nHost: портал.рф\r\n';
  const received = await converse(portal.http, `GET ${hook}im.user.get?ID=1 HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`);
  expect(statusesOf(received)).toEqual([200]);
  const page = await converse(portal.http, `GET /oauth/authorize/?client_id=Ж HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`);
  expect(statusesOf(page)).toEqual([404]);
});

test('any bytes reach the server as they would percent-encoded', async () => {
  const usual = fc.mapToConstant({ num: 94, build: (v) => 0x21 + v });
  const byte = fc.oneof(usual, fc.constant(0x20), fc.integer({ min: 0x80, max: 0xff }));
  const value = fc.oneof(fc.array(byte, { maxLength: 40 }).map((bytes) => Buffer.from(bytes)), fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text.replace(/[^ -~\u0080-\u{10ffff}]/gu, ''))));
  await fc.assert(
    fc.asyncProperty(value, async (bytes) => {
      const start = Buffer.from(`${hook}user.get?NAME=x`);
      const encoded = bytes.toString('latin1').replace(/[ \x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
      const [raw, plain] = [await converse(portal.http, get(Buffer.concat([start, bytes]), 'Connection: close\r\n')), await converse(portal.http, get(`${start}${encoded}`, 'Connection: close\r\n'))];
      expect(statusesOf(raw)).toEqual(statusesOf(plain));
      expect({ ...bodyOf(raw), time: 0 }).toEqual({ ...bodyOf(plain), time: 0 });
    }),
    { numRuns: 150 },
  );
});

test('a request that cannot be read is refused after those before it have been answered', async () => {
  const rubbish = ['rubbish\r\n\r\n', 'GET /\t HTTP/1.1\r\n\r\n', 'GET /Ж HTTP/1.1\r\nHost: x\r\n\r\n'];
  for (const bytes of rubbish) {
    const received = await converse(portal.http, Buffer.concat([get(`${hook}profile`), get(`${hook}profile`), Buffer.from(bytes)]));
    expect(statusesOf(received)).toEqual([200, 200, 400]);
  }
});

test.each([['rubbish\r\n\r\n', 400], ['GET /\t', 431], ['GET /\t HTTP/1.1\r\n\r\n', 400], ['GET /Ж\u0001 HTTP/1.1\r\n', 400]])('the refusal of %j reaches those who go on sending', async (begin, status) => {
  const socket = await open(portal.http);
  socket.pause();
  for (let sent = 0; sent < 200; sent += 1) {
    const piece = sent === 0 ? begin : 'x'.repeat(65_536);
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
  }
  let received = '';
  for await (const chunk of socket) {
    received += String(chunk);
    if (received.endsWith('}')) break;
  }
  expect(statusesOf(received)).toEqual([status]);
});

describe('addresses that name the host, as for a proxy', () => {
  const PATHS = ['/healthz', '/readyz', '/metrics', '/', '', '?x=1', '/docs/', '/docs/im.recent.get', '/openapi.json', '/oauth/token/?x=1', '/rest//oauth/token/', '/oauth/authorize/?client_id=x', '/sign-in/', '/mcp', '/nothing', '/rest/im.nope', '/rest/%FF', '/rest/profile?auth=x', 'HOOKprofile', 'HOOK/im.user.get.json/?ID=1', 'HOOKprofile?x=Ж'];

  test.each(PATHS)('%s', async (pattern) => {
    const path = pattern.replace('HOOK', hook);
    const direct = await converse(portal.http, get(path.startsWith('/') ? path : `/${path}`, 'Connection: close\r\n'));
    for (const [scheme, host] of [['http', 'x'], ['HTTP', 'x'], ['https', 'x'], ['http', 'user:secret@x']]) {
      const received = await converse(portal.http, get(`${scheme}://${host}${path}`, 'Connection: close\r\n'));
      expect(statusesOf(received)).toEqual(statusesOf(direct));
      expect(received.match(/content-type: .*/i)?.[0]).toBe(direct.match(/content-type: .*/i)?.[0]);
    }
  });

  test('the host of the address counts, not that of the field', async () => {
    const received = await converse(portal.http, get('http://chat.example.org:81/openapi.json', 'Connection: close\r\n'));
    expect(bodyOf(received)).toMatchObject({ servers: [{ url: 'http://chat.example.org:81' }] });
  });

  test('with a body, and OPTIONS', async () => {
    const only = ({ status, body }: Reply) => ({ status, body });
    const post = `POST http://x${hook}im.user.get HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"ID":1}`;
    expect(only(await sendRaw(portal.http, post))).toMatchObject({ status: 200, body: { result: { id: 1 } } });
    expect(await sendRaw(portal.http, `OPTIONS http://x${hook}profile HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatchObject({ status: 200, headers: { 'access-control-allow-methods': 'GET, POST, OPTIONS' } });
  });

  test.each(['ftp://x/rest/profile', 'http:/rest/profile', 'x/rest/profile'])('%s is none', async (target) => {
    const [status] = statusesOf(await converse(portal.http, get(target, 'Connection: close\r\n')));
    expect([400, 404, 405]).toContain(status);
  });
});
