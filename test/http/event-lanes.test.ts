/** Handlers that are slow, dead or hostile: they delay neither other handlers nor the end of the server, and nothing is told twice at once. */
import { once } from 'node:events';
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { loadConfig } from '../../src/config.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import { databaseIn } from '../../src/portal/folder.ts';
import { createLog } from '../../src/base/log.ts';
import { Deliverer } from '../../src/delivery/handlers/deliverer.ts';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { Handler } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let app: TestApp;
let admin: Client;
let handler: Handler;

beforeEach(async () => {
  portal = await startTestServer();
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
  app = await addApp(portal);
  admin = await app.as(portal.admin);
  handler = await new Handler().start();
});
afterEach(async () => {
  handler.server.closeAllConnections();
  handler.server.close();
  await portal[Symbol.asyncDispose]();
});

const bind = (HANDLER: string) => admin.call('event.bind', { EVENT: 'ONAPPTEST', HANDLER });
const portOf = (server: Server | TcpServer) => (server.address() as AddressInfo).port;

/** A server that takes connections and does with each whatever is wrong with it. */
class Bad implements AsyncDisposable {
  readonly server: TcpServer;
  connections = 0;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void) | undefined;

  constructor(misbehave: (socket: Socket) => void) {
    this.server = createTcpServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        misbehave(socket);
        this.#waiting?.();
      });
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  url(path = ''): string {
    return `http://127.0.0.1:${portOf(this.server)}/${path}`;
  }

  /** Until somebody has sent something. */
  called(): Promise<void> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }
}

const MISBEHAVIOURS: Record<string, (socket: Socket) => void> = {
  'never answers': () => {},
  'answers without an end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = setInterval(() => socket.write(`x-more: ${'x'.repeat(10)}\r\n`), 50);
    socket.on('close', () => clearInterval(more));
  },
  'sends a body without an end': (socket) => {
    socket.write('HTTP/1.1 500 No\r\n\r\n');
    const more = setInterval(() => socket.write('x'.repeat(100_000)), 5);
    socket.on('close', () => clearInterval(more));
  },
  'hangs up': (socket) => socket.destroy(),
  'leads elsewhere': (socket) => void socket.end('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
};

describe.each(Object.entries(MISBEHAVIOURS))('a handler that %s', (_what, misbehave) => {
  test('delays nobody else, however often it is to be told, nor the end of the server', async () => {
    await using bad = await new Bad(misbehave).start();
    const called = bad.called();
    for (let at = 0; at < 30; at += 1) await bind(bad.url(String(at)));
    await bind(handler.url);
    for (let turn = 0; turn < 20; turn += 1) await admin.call('event.test', { turn });
    for (let turn = 0; turn < 20; turn += 1) expect((await handler.next('ONAPPTEST')).data).toMatchObject({ QUERY: { turn: String(turn) } });
    // An attempt may take 10 s, and thirty addresses are at it: one after another they would take longer than the test may.
    await called;
    const stopping = performance.now();
    await portal.server[Symbol.asyncDispose]();
    expect(performance.now() - stopping).toBeLessThan(9000);
  }, 90_000);
});

test('an address is told one thing at a time, in order, and a dead one rests', async () => {
  let [open, most] = [0, 0];
  const turns: string[] = [];
  const server = createServer((request, response) => {
    most = Math.max(most, (open += 1));
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      turns.push(decodeURIComponent(body).match(/data\[QUERY\]\[turn\]=(\d+)/)![1]!);
      setImmediate(() => {
        open -= 1;
        response.end();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await bind(`http://127.0.0.1:${portOf(server)}/`);
  for (let turn = 0; turn < 60; turn += 1) await admin.call('event.test', { turn });
  await bind(handler.url);
  while (turns.length < 60) await new Promise((resolve) => setImmediate(resolve));
  expect(most).toBe(1);
  expect(turns).toEqual(Array.from({ length: 60 }, (_, turn) => String(turn)));
  server.closeAllConnections();
  server.close();
});

test('a dead address is not tried once for every event', async () => {
  await using dead = await new Bad((socket) => socket.destroy()).start();
  await bind(dead.url());
  const called = dead.called();
  for (let turn = 0; turn < 20; turn += 1) await admin.call('event.test', { turn });
  await called;
  await bind(handler.url);
  await admin.call('event.test', { last: 1 });
  await handler.next('ONAPPTEST');
  expect(dead.connections).toBe(1);
});

describe('two processes on one store', () => {
  const fail = (fault: unknown): never => {
    throw fault;
  };

  /** Another process's look at the same store. `hold` may keep its writes back. */
  async function another(hold: () => Promise<void> = async () => {}): Promise<{ deliverer: Deliverer; db: Database }> {
    const config = { ...loadConfig({}, {}), data: portal.folder, databaseUrl: portal.databaseUrl };
    const db = await openStore(config, databaseIn(portal.folder), { onFailure: fail, onFault: fail });
    const write: Database['write'] = async (work) => {
      await hold();
      return db.write(work);
    };
    const held: Database = Object.assign(Object.create(db) as Database, {
      read: db.read.bind(db), write, onCommit: db.onCommit.bind(db), trustsOwnCommits: () => false,
    });
    const deliverer = new Deliverer(createMessenger(held, portal.clock), portal.http, createLog('error'));
    return { deliverer, db };
  }

  test('what one is at, the other leaves alone, and so the rest of its lane', async () => {
    await using slow = await new Bad(() => {}).start();
    await bind(slow.url());
    const called = slow.called();
    await admin.call('event.test', { turn: 1 });
    await admin.call('event.test', { turn: 2 });
    await called;
    const { deliverer, db } = await another();
    for (let look = 0; look < 5; look += 1) {
      deliverer.wake();
      await deliverer.idle();
    }
    expect(slow.connections).toBe(1);
    await deliverer[Symbol.asyncDispose]();
    await db.close();
  });

  test('of two that have seen the same delivery, one makes it', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let writes = 0;
    const seen = Promise.withResolvers<void>();
    // It has read what is due, and comes to its claim only after the other has made its own.
    const { deliverer, db } = await another(async () => {
      writes += 1;
      seen.resolve();
      await released;
    });
    await bind(handler.url);
    const { db: own } = portal.server.context;
    const before = handler.told.length;
    await own.write(async (s) => {
      const [{ id }] = (await s.query((q) => q.selectFrom('event_handler').select('id'))) as [{ id: number }];
      await s.query((q) =>
        q.insertInto('delivery').values({
          app_id: app.id, handler_id: id, event: 'ONAPPTEST', url: handler.url, lane: 'lane', user_id: 1, hops: 1, chat_id: 0, data: '{}', state: 'waiting',
          attempts: 0, next_at: portal.clock.now(), claimed_until: 0, status: 0, problem: '', created_at: portal.clock.now(), finished_at: 0,
        }),
      );
      // Seen by the other before this process has noticed it: it is not published as something that has occurred.
    });
    deliverer.wake();
    await seen.promise;
    while (handler.told.length === before) await new Promise((resolve) => setImmediate(resolve));
    release();
    await deliverer.idle();
    expect(writes).toBeGreaterThan(0);
    expect(handler.told).toHaveLength(1);
    await deliverer[Symbol.asyncDispose]();
    await db.close();
  });
});

test('old deliveries go as fast as they come', async () => {
  const { db } = portal.server.context;
  const old = {
    app_id: app.id, handler_id: 0, event: 'X', url: 'http://127.0.0.1:1/', lane: 'old', user_id: 0, hops: 1, chat_id: 0, data: '{}', state: 'done' as const,
    attempts: 1, next_at: 0, claimed_until: 0, status: 200, problem: '', created_at: 0, finished_at: 1,
  };
  const count = () => db.read(async (s) => (await s.query((q) => q.selectFrom('delivery').select('id').where('event', '=', 'X'))).length);
  for (let at = 0; at < 3000; at += 100) {
    await db.write((s) => s.query((q) => q.insertInto('delivery').values(Array.from({ length: 100 }, () => old))));
  }
  portal.clock.advance(120_000);
  while ((await count()) > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('what a dead address was to be told is given up when its turn does not come within a day', async () => {
  await using dead = await new Bad((socket) => socket.destroy()).start();
  await bind(dead.url());
  const called = dead.called();
  for (let turn = 0; turn < 5; turn += 1) await admin.call('event.test', { turn });
  await called;
  portal.clock.advance(2 * 86_400_000);
  const given = async () => JSON.parse(await tidemarkOn(portal, 'app', 'deliveries', '--app', app.clientId, '--json')) as Array<{ state: string; problem: string }>;
  let rows = await given();
  while (!rows.some(({ problem }) => problem.includes('within a day'))) rows = await given();
  expect(dead.connections).toBeLessThan(5);
});
