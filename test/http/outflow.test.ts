/** Answers that nobody reads: they take no more room than one answer does, and their connections do not last. */
import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Outflow, type OutflowLimits } from '../../src/rest/net/outflow.ts';
import { oneAtATime } from '../../src/rest/net/pipelining.ts';

const MB = 1024 * 1024;
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

interface Served extends AsyncDisposable {
  port: number;
  /** How many answers have been begun. */
  begun(): number;
  /** Which of them, by number, have been given up. */
  dropped: number[];
  /** Bytes of answers that have been written and not been taken. */
  written(): number;
}

/** A server that answers everything with so many bytes. */
async function serve(size: number, limits: OutflowLimits): Promise<Served> {
  const outflow = new Outflow(limits);
  const dropped: number[] = [];
  const responses: http.ServerResponse[] = [];
  let begun = 0;
  const server = http.createServer(oneAtATime((_request, response) => {
    const number = begun++;
    responses.push(response);
    response.once('close', () => {
      if (!response.writableFinished) dropped.push(number);
    });
    response.writeHead(200, { 'content-length': size });
    outflow.send(response, [Buffer.alloc(size / 2, 'a'), 'b'.repeat(size / 2)], size);
  }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    begun: () => begun,
    dropped,
    written: () => responses.reduce((sum, { writableLength, socket }) => sum + writableLength + (socket?.writableLength ?? 0), 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const LAX = { waiting: 1024 * MB, ahead: 64 * MB, patience: 600_000, least: 1 };

/** A connection that asks and does not read. */
async function ask(port: number, times = 1): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(GET.repeat(times));
  return socket;
}

/** Everything that comes until so many bytes are there, or the connection ends. */
async function read(socket: Socket, bytes: number): Promise<number> {
  let got = 0;
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got >= bytes) resolve(got);
    });
    socket.on('close', () => resolve(got));
    socket.resume();
  });
}

test('pipelined requests are begun one by one, as their answers are taken, and in order', async () => {
  await using server = await serve(8 * MB, LAX);
  await using other = await serve(2, LAX);
  const socket = await ask(server.port, 20);
  // An exchange on another connection: the twenty have long been received by its end.
  for (let i = 0; i < 20; i += 1) await read(await ask(other.port), 2);
  expect(server.begun()).toBe(1);
  expect(server.written()).toBeLessThan(MB);
  expect(await read(socket, 20 * 8 * MB)).toBeGreaterThan(20 * 8 * MB);
  expect(server.begun()).toBe(20);
  socket.destroy();
});

test('a connection on which more wait than may is closed', async () => {
  await using server = await serve(8 * MB, LAX);
  const socket = await ask(server.port, 500);
  await once(socket.resume(), 'close');
  expect(server.begun()).toBeLessThan(500);
});

test('an answer of which nothing is taken is given up after a while, one that is taken slowly is not', async () => {
  await using server = await serve(32 * MB, { ...LAX, patience: 1500, least: 1 });
  const silent = await ask(server.port);
  await until(() => server.begun() === 1);
  const slow = await ask(server.port);
  let got = 0;
  slow.on('data', (chunk) => {
    got += chunk.length;
    slow.pause();
    setImmediate(() => slow.resume());
  });
  slow.resume();
  await until(() => server.dropped.length > 0);
  while (got < 32 * MB) await once(slow, 'data');
  expect(server.dropped).toEqual([0]);
  for (const socket of [silent, slow]) socket.destroy();
});

test('of more answers than there is room for, those go of which nothing has been taken for longest', async () => {
  await using server = await serve(16 * MB, { ...LAX, waiting: 40 * MB });
  const sockets: Socket[] = [];
  for (let count = 1; count <= 4; count += 1) {
    sockets.push(await ask(server.port));
    await until(() => server.begun() === count);
  }
  await until(() => server.dropped.length === 2);
  expect(server.dropped).toEqual([0, 1]);
  for (const socket of sockets.slice(2)) expect(await read(socket, 16 * MB)).toBeGreaterThan(16 * MB);
  for (const socket of sockets) socket.destroy();
});

/** A server that makes every answer piece by piece, and how far it has come with the one it made last. */
async function serveMaking(make: () => AsyncGenerator<Uint8Array>, limits: OutflowLimits): Promise<AsyncDisposable & { port: number }> {
  const outflow = new Outflow(limits);
  const server = http.createServer((_request, response) => {
    response.writeHead(200);
    void outflow.follow(response, make());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('an answer that is sent while it is made', () => {
  let [made, ended] = [0, false];
  const making = (most: number, failing = false) => async function* () {
    [made, ended] = [0, false];
    try {
      for (; made < most; made += MB) {
        yield Buffer.alloc(MB, 'a');
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (failing) throw new Error('on purpose');
    } finally {
      ended = true;
    }
  };

  test('comes whole', async () => {
    await using server = await serveMaking(making(20 * MB), { ...LAX, ahead: 2 * MB });
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    expect((await answer.arrayBuffer()).byteLength).toBe(20 * MB);
  });

  test('breaks off where it fails', async () => {
    await using server = await serveMaking(making(3 * MB, true), LAX);
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
  });

  test('is made no further than so much ahead of who reads it, goes on once they read, and is given up when they never do', async () => {
    await using server = await serveMaking(making(Infinity), { ...LAX, ahead: 4 * MB });
    const socket = await ask(server.port);
    await until(() => made > 4 * MB);
    // An exchange on another connection: whatever would be made beyond it has been by then.
    await using other = await serve(2, LAX);
    for (let i = 0; i < 20; i += 1) await read(await ask(other.port), 2);
    const ahead = made;
    // What the system holds of both ends comes on top.
    expect(ahead).toBeLessThan(24 * MB);
    await read(socket, 40 * MB);
    await until(() => made > 40 * MB);
    expect(ended).toBe(false);
    socket.destroy();
    await until(() => ended);
  });

  test('is given up when nobody takes it', async () => {
    await using server = await serveMaking(making(Infinity), { ...LAX, ahead: 4 * MB, patience: 200 });
    const socket = await ask(server.port);
    await until(() => ended);
    socket.destroy();
  });

  test('makes room for others like any other', async () => {
    await using server = await serveMaking(making(Infinity), { ...LAX, waiting: 3 * MB });
    const socket = await ask(server.port);
    await until(() => ended);
    socket.destroy();
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
