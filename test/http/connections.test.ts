/** Connections that hold a descriptor and give nothing for it are closed, and at the limit they make room for others. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionLimit } from '../../src/rest/net/connections.ts';
import { Listeners } from '../../src/rest/net/listeners.ts';
import { ensureCertificates } from '../../src/portal/tls.ts';
import { send } from '../support/http.ts';

const SHORT = {
  handshakeTimeout: 300, headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50, keepAliveTimeout: 300, stallTimeout: 800,
  lingerTimeout: 100,
};
/** More than the buffers of both sides hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x');

let folder: string;
let listeners: Listeners;
let sockets: Socket[];
/** Answers of `/wait`, which the test gives. */
let waiting: ServerResponse[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-connections-'));
  sockets = [];
  waiting = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await listeners.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(patience: typeof SHORT | undefined, maxConnections?: number): Promise<{ http: string; https: string }> {
  listeners = new Listeners(patience, maxConnections);
  await listeners.open('127.0.0.1', 0, 0);
  listeners.serve(answer, await ensureCertificates(folder, [], new Date()));
  return listeners.origins('127.0.0.1');
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => {
    if (request.url === '/wait') waiting.push(response);
    else response.end(request.url === '/large' ? LARGE : 'done');
  });
}

/** A connection whose owner closes it in no case, and reads only when told. */
function open(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** On a busy machine a handshake may take longer than a short patience allows: then it is made once more. */
async function openTls(origin: string, tries = 5): Promise<TLSSocket> {
  const secure = connectTls({ socket: open(origin), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  secure.on('error', () => {});
  const made = await once(secure, 'secureConnect').then(() => true, () => false);
  if (!made && tries === 1) throw new Error('no handshake with TLS');
  return made ? secure : openTls(origin, tries - 1);
}

/** What each does once it is connected; afterwards it waits for ever. */
const SAYINGS: Record<string, string> = {
  nothing: '',
  'an empty line': '\r\n',
  'half a head': 'GET /x HTTP/1.1\r\nHost: x\r\n',
  'half a body': 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf',
  'half a chunk': 'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf',
  'what is not HTTP': 'EHLO example.org\r\n\r\n',
  'a head too large': `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
  'one request': 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n',
  'a request and half of the next': 'GET /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HT',
  'a request whose answer it does not read': 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n',
  'requests whose answers it does not read': 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3),
  'CONNECT': 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'an upgrade': 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
};

/** Resolves once the server has let go of all its connections. */
async function allGone(): Promise<void> {
  const held = () => Promise.all([listeners.http, listeners.https].map((server) => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))));
  await expect.poll(async () => [listeners.connections.size, ...(await held())], { timeout: 10_000 }).toEqual([0, 0, 0]);
}

/** The server's side of each connection, by the port of its peer. */
function watchAccepted(): Map<number, Socket> {
  const accepted = new Map<number, Socket>();
  for (const server of [listeners.http, listeners.https]) server.on('connection', (socket) => accepted.set(socket.remotePort!, socket));
  return accepted;
}

/** All of these say their part at once, and after a while the server holds none of them. */
async function expectLetGo(accepted: ReadonlyMap<number, Socket>, said: ReadonlyMap<string, Socket>): Promise<void> {
  const isHeld = (port: number) => accepted.get(port)?.destroyed !== true;
  const ports = [...said].map(([what, socket]) => [what, socket.localPort!] as const);
  await expect.poll(() => ports.filter(([, port]) => isHeld(port)).map(([what]) => what), { timeout: 10_000 }).toEqual([]);
  await allGone();
}

describe('who says this and then nothing more is let go', () => {
  test('over HTTP', async () => {
    const { http } = await start(SHORT);
    const accepted = watchAccepted();
    const said = new Map<string, Socket>();
    for (const [what, bytes] of Object.entries(SAYINGS)) {
      const socket = open(http).pause();
      await once(socket, 'connect');
      socket.write(bytes);
      said.set(what, socket);
    }
    await expectLetGo(accepted, said);
  });

  test('over TLS', async () => {
    const { https } = await start(SHORT);
    const accepted = watchAccepted();
    const said = new Map<string, Socket>();
    for (const [what, bytes] of Object.entries(SAYINGS)) {
      const secure = await openTls(https);
      secure.pause().write(bytes);
      said.set(what, secure);
    }
    await expectLetGo(accepted, said);
  });

  test('before the handshake of TLS, or unable to make it', async () => {
    const { https } = await start(SHORT);
    const accepted = watchAccepted();
    const said = new Map<string, Socket>();
    for (const [what, bytes] of Object.entries({ nothing: '', 'plain HTTP': SAYINGS['one request']!, 'half a hello': '\x16\x03\x01\x02\x00\x01', noise: '\x80\xff'.repeat(99) })) {
      const socket = open(https).pause();
      await once(socket, 'connect');
      socket.write(bytes, 'latin1');
      said.set(what, socket);
    }
    const modern = open(https);
    await once(modern, 'connect');
    connectTls({ socket: modern, rejectUnauthorized: false, ALPNProtocols: ['h2'] }).on('error', () => {});
    await expectLetGo(accepted, said.set('only HTTP/2', modern));
  });

  test('but not who waits for an answer, however long that takes', async () => {
    const { http } = await start({ ...SHORT, stallTimeout: 100 });
    const socket = open(http);
    socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => waiting.length).toBe(1);
    const silent = open(http);
    silent.resume();
    await once(silent, 'end');
    waiting[0]!.end('at last');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 200 [^]*at last/);
  });
});

/** Connects in a thread of its own and sends a request on each, whatever the server is doing; tells what came back. */
const CROWD = `
  const { connect } = require('node:net');
  const { parentPort, workerData: { port, flag, size } } = require('node:worker_threads');
  let connected = 0;
  const call = () => new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET /x HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
      if ((connected += 1) === size) Atomics.notify(flag, Atomics.store(flag, 0, 1) - 1);
    });
    socket.on('data', (data) => (answer += data)).on('error', (error) => resolve(error.message)).on('close', () => resolve(answer));
  });
  void Promise.all(Array.from({ length: size }, call)).then((answers) => parentPort.postMessage(answers));
`;

test('who has connected before a stop is answered, though the server was too busy to notice', async () => {
  const { http } = await start(undefined);
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const crowd = new Worker(CROWD, { eval: true, workerData: { port: Number(new URL(http).port), flag, size: 40 } });
  const answers = once(crowd, 'message');
  await once(crowd, 'online');
  expect(Atomics.wait(flag, 0, 0, 10_000)).toBe('ok');
  await listeners.close();
  for (const answer of (await answers)[0] as string[]) expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*done$/);
});

describe('at the limit of connections', () => {
  test('whoever waits makes room, whatever they have said', async () => {
    const { http, https } = await start(undefined, 20);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...Object.values(SAYINGS)), fc.boolean()), { minLength: 30, maxLength: 60 }), async (crowd) => {
        let accepted = 0;
        const count = () => (accepted += 1);
        for (const server of [listeners.http, listeners.https]) server.on('connection', count);
        for (const [bytes, secure] of crowd) open(secure ? https : http).pause().write(bytes);
        await expect.poll(() => accepted).toBe(crowd.length);
        for (const server of [listeners.http, listeners.https]) server.off('connection', count);
        expect((await send(`${http}/x`, { headers: { connection: 'close' } })).text).toBe('done');
        const secure = await openTls(https);
        secure.write('GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        expect(String((await once(secure, 'data'))[0])).toContain('200 OK');
        expect(listeners.connections.size).toBeLessThanOrEqual(20);
      }),
      { numRuns: 10 },
    );
  });

  test('nobody who waits for an answer makes room; when all do, the new one goes', async () => {
    const { http } = await start(undefined, 5);
    const callers = Array.from({ length: 5 }, () => open(http));
    for (const caller of callers) caller.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => waiting.length).toBe(5);
    const late = open(http);
    late.resume().on('end', () => late.destroy());
    await once(late, 'close');
    for (const response of waiting) response.end('answered');
    for (const caller of callers) expect(String((await once(caller, 'data'))[0])).toContain('answered');
    expect((await send(`${http}/x`, { headers: { connection: 'close' } })).text).toBe('done');
  });

  test('a connection that is used stays, one that never was goes first', async () => {
    const { http } = await start(undefined, 4);
    const used = open(http);
    const say = async () => {
      used.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(used, 'data');
    };
    await say();
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 6; i += 1) await once(open(http), 'connect');
      await say();
    }
  });

  test('the limit leaves descriptors for everything else', () => {
    expect(connectionLimit(4096, Infinity)).toBe(4096);
    expect(connectionLimit(4096, 1024)).toBe(924);
    expect(connectionLimit(50, 1024)).toBe(50);
    expect(connectionLimit(4096, 64)).toBe(16);
  });
});

test('very many who connect while nothing is taken in wait all of them, as far as the system lets them', async () => {
  const { http } = await start(undefined);
  const allowed = await readFile('/proc/sys/net/core/somaxconn', 'utf8').then(Number, () => 128);
  // All in one turn of the event loop: nothing is taken in meanwhile.
  const many = Math.min(1200, allowed);
  for (let i = 0; i < many; i += 1) open(http);
  // A turn takes one in. Whoever was not let wait tries again a second later: that is many turns from here.
  for (let i = 0; i < 2 * many && listeners.connections.accepted < many; i += 1) await turn();
  expect(listeners.connections.accepted).toBe(many);
});
