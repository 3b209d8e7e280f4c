/** A connection on which a request may be answered by its bytes, between a peer that sends when it likes and whoever answers when they can. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureCertificates } from '../../src/portal/tls.ts';
import { Listeners } from '../../src/rest/net/listeners.ts';
import type { OnceMore } from '../../src/rest/net/verbatim.ts';

const REQUEST = 'GET /same HTTP/1.1\r\nHost: localhost\r\n\r\n';
const UPGRADE = 'GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n';

let folder: string;
let listeners: Listeners;
let socket: Socket;
let received: string;
/** Those who ask by bytes, to be answered by the test. */
let asked: Array<Parameters<OnceMore>[1]>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-lines-'));
  [received, asked] = ['', []];
});
afterEach(async () => {
  socket.destroy();
  await listeners.close();
  await rm(folder, { recursive: true, force: true });
});

/** @param handle answers what is parsed */
async function start(handle: RequestListener, maxConnections?: number): Promise<void> {
  listeners = new Listeners({}, maxConnections);
  await listeners.open('127.0.0.1', 0, 0);
  listeners.serve((request, response) => {
    const remember = listeners.verbatim.noted(request, response);
    handle(request, response);
    if (remember) late(() => remember((_body, done) => asked.push(done)));
    else setImmediate(() => listeners.verbatim.watch(request.socket));
  }, await ensureCertificates(folder, [], new Date()));
  socket = connect(Number(new URL(listeners.origins('127.0.0.1').http).port), '127.0.0.1').setNoDelay();
  socket.on('data', (packet) => (received += packet));
  await once(socket, 'connect');
}

async function send(packet: string): Promise<void> {
  socket.write(packet);
  await sleep(20);
}

/** What the test answers by hand. */
const handOver = (text: string) => (taken: () => void) => {
  for (const peer of held) peer.write(text);
  taken();
};
let held: Socket[];
/** When it is said that a request may be answered once more. */
let late: (say: () => void) => void;
beforeEach(() => {
  held = [];
  late = (say) => say();
});

test('an answer that is still being written is not broken into', async () => {
  let finish: (() => void) | undefined;
  await start((request, response) => {
    held = [request.socket];
    response.writeHead(200, { 'content-length': '8' });
    response.write('half');
    if (finish === undefined && received !== '') finish = () => response.end('half');
    else response.end('half');
  });
  await send(REQUEST);
  await send(REQUEST);
  await send(REQUEST);
  expect(asked).toEqual([]);
  finish!();
  await vi.waitFor(() => expect(received.match(/halfhalf/g)).toHaveLength(3));
  await send(REQUEST);
  await send(REQUEST);
  expect(asked.length).toBeGreaterThan(0);
});

test('what comes while a request is being answered waits, also where another protocol begins in it', async () => {
  let taken = '';
  await start((request, response) => {
    held = [request.socket];
    response.end('parsed');
  });
  listeners.upgrade({
    wants: ({ url }) => url === '/socket',
    take: (_request, peer, head) => {
      expect(peer.listenerCount('data')).toBe(0);
      peer.on('end', () => peer.end());
      peer.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      taken += String(head);
      peer.on('data', (packet) => (taken += String(packet)));
    },
  });
  await send(REQUEST);
  await send(REQUEST);
  await send(REQUEST);
  expect(asked).toHaveLength(1);
  for (const packet of [UPGRADE, 'one ', 'two ', 'three']) await send(packet);
  expect(received).not.toContain('101');
  asked[0]!(handOver('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nby'));
  await vi.waitFor(() => expect(taken).toBe('one two three'));
  await send(' four');
  expect(taken).toBe('one two three four');
  expect(received.indexOf('by')).toBeLessThan(received.indexOf('101'));
});

test('whom nobody can answer is read like any other, and what waits after it', async () => {
  await start((request, response) => {
    held = [request.socket];
    response.end(`parsed ${request.url};`);
  });
  for (let i = 0; i < 3; i++) await send(REQUEST);
  await send(REQUEST.replace('same', 'other'));
  asked[0]!(undefined);
  await vi.waitFor(() => expect(received.match(/parsed \/\w+;/g)).toEqual(['same', 'same', 'same', 'other'].map((path) => `parsed /${path};`)));
});

test('a connection that ends meanwhile takes nobody along', async () => {
  await start((request, response) => {
    held = [request.socket];
    response.end(`parsed ${request.url};`);
  });
  for (let i = 0; i < 3; i++) await send(REQUEST);
  const { port } = new URL(listeners.origins('127.0.0.1').http);
  socket.destroy();
  await sleep(50);
  // Node gives its parser to the next one.
  received = '';
  socket = connect(Number(port), '127.0.0.1').setNoDelay().on('data', (packet) => (received += packet));
  await send('GET /half HTTP/1.1\r\nX-Field: ');
  asked[0]!(undefined);
  await send('x\r\nHost: localhost\r\n\r\n');
  expect(received.match(/parsed \/\w+;/g)).toEqual(['parsed /half;']);
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
});

test('that it may be answered once more is said too late when something else has been parsed', async () => {
  await start((request, response) => {
    held = [request.socket];
    response.end(`parsed ${request.url};`);
  });
  const said: Array<() => void> = [];
  late = (say) => void said.push(say);
  for (let i = 0; i < 3; i++) await send(REQUEST);
  await send('GET /trick HTTP/1.1\r\nX-Trick: ');
  for (const say of said) say();
  await send(REQUEST);
  expect(asked).toEqual([]);
  expect(received.match(/parsed \/\w+;/g)!.at(-1)).toBe('parsed /trick;');
});

test('who is being answered makes room for nobody', async () => {
  await start((request, response) => {
    held = [request.socket];
    response.end('parsed');
  }, 1);
  for (let i = 0; i < 3; i++) await send(REQUEST);
  const other = connect(socket.remotePort!, '127.0.0.1').on('error', () => {});
  await once(other, 'close');
  asked[0]!(handOver('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nby'));
  await vi.waitFor(() => expect(received).toMatch(/by$/));
  const next = connect(socket.remotePort!, '127.0.0.1').on('error', () => {});
  await once(socket, 'close');
  next.destroy();
});
