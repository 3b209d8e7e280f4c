/** SIGTERM, at any moment and under load: what was called is answered, what was acknowledged is there, the exit code is 0. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ready } from '../../src/server.ts';
import { clientFor } from '../support/client.ts';
import { CLI, serve, tidemark } from '../support/command.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';

const LONGEST_MS = 10_000;

let folder: string;
let databaseUrl: string;
let store: string[];
let open: Socket[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-stop-'));
  databaseUrl = await freshDatabase();
  store = ['--data', folder, '--empty', ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
  open = [];
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

interface Heard {
  /** Ids of the messages that were acknowledged. */
  ids: number[];
  /** What went wrong other than that nobody listens any more. */
  wrong: string[];
}

/** Sends messages over one connection that is kept, until nobody listens any more. */
async function keepSending(webhook: string, heard: Heard): Promise<void> {
  const secure = webhook.startsWith('https:');
  const agent = secure ? new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false }) : new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    try {
      const { status, text } = await post(`${webhook}im.message.add`, { DIALOG_ID: 1, MESSAGE: 'under load' }, agent);
      if (status === 200) heard.ids.push((JSON.parse(text) as { result: number }).result);
      else heard.wrong.push(`${status} ${text}`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNREFUSED') heard.wrong.push(message);
      return;
    }
  }
}

async function post(url: string, params: object, agent: http.Agent): Promise<{ status: number; text: string }> {
  const request = (url.startsWith('https:') ? https : http).request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  request.end(JSON.stringify(params));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

/** Connections that would hold a server which waits for them. */
async function lurk({ http: plain, https: secure }: Ready): Promise<void> {
  const sayings = ['', 'GET /rest/profile HTTP/1.1\r\nHost: x\r\n', 'POST /rest/profile HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'];
  for (const [origin, bytes] of [plain, secure].flatMap((origin) => sayings.map((bytes) => [origin, bytes] as const))) {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }).on('error', () => {});
    await once(socket, 'connect');
    open.push(socket.pause());
    if (origin === plain || bytes === '') socket.write(bytes);
    else connectTls({ socket, rejectUnauthorized: false }).on('error', () => {}).pause().write(bytes);
  }
}

/** An application whose handler takes every event and never answers. */
async function bindDeafHandler(): Promise<void> {
  const deaf = createServer((socket) => void open.push(socket)).listen(0, '127.0.0.1');
  await once(deaf.unref(), 'listening');
  const url = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}/`;
  await run('portal', 'set', '--private-handlers');
  await run('app', 'add', '--title', 'Deaf', '--handler', url);
}

async function run(...args: string[]): Promise<void> {
  const { code, stderr } = await tidemark(...args, ...store.filter((arg) => arg !== '--empty'));
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

test('under load, with connections that say nothing and a handler that never answers', async () => {
  const server = await serve(...store);
  const { ready } = server;
  await bindDeafHandler();
  await lurk(ready);
  await expect.poll(() => open.length, { timeout: 20_000 }).toBeGreaterThan(8);
  const heard: Heard = { ids: [], wrong: [] };
  const secure = ready.admin.webhook.replace(ready.http, ready.https);
  const senders = [...Array.from({ length: 12 }, () => ready.admin.webhook), secure, secure, secure].map((webhook) => keepSending(webhook, heard));
  await expect.poll(() => heard.ids.length, { timeout: 20_000 }).toBeGreaterThan(100);
  const began = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(LONGEST_MS);
  await Promise.all(senders);
  expect(heard.wrong).toEqual([]);
  expect(existsSync(join(folder, 'server.json'))).toBe(false);
  const again = await serve(...store);
  const { messages } = await clientFor(again.ready.admin.webhook, 1).call<{ messages: Array<{ id: number }> }>('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 50 });
  expect(messages.map(({ id }) => id)).toEqual([...heard.ids].sort((a, b) => b - a).slice(0, messages.length));
  expect(await again.stop()).toBe(0);
});

test('a call that takes two seconds is answered; one that takes a minute is cut off', async () => {
  await using server = await serve(...store);
  const { webhook } = server.ready.admin;
  await run('portal', 'set', '--rehearsals');
  await run('rehearse', '--webhook', webhook, '--method', 'server.time', '--delay', '2s');
  await run('rehearse', '--webhook', webhook, '--method', 'profile', '--delay', '60s');
  const agent = new http.Agent({ keepAlive: true });
  const [slow, endless] = [post(`${webhook}server.time`, {}, agent), post(`${webhook}profile`, {}, agent)].map((call) => call.catch((error: Error) => error));
  await expect.poll(() => sentBoth(agent)).toBe(true);
  const began = Date.now();
  const code = server.stop();
  expect(await slow).toMatchObject({ status: 200 });
  expect(await endless).toBeInstanceOf(Error);
  expect(await code).toBe(0);
  expect(Date.now() - began).toBeLessThan(LONGEST_MS);
});

/** Whether the bytes of both calls are on the way. */
function sentBoth(agent: http.Agent): boolean {
  return Object.values(agent.sockets).flat().filter((socket) => socket?.bytesWritten).length === 2;
}

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
}

function start(): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--tls-port', '0', '--json', ...store], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'test' } });
  let stdout = '';
  child.stdout!.on('data', (data: Buffer) => (stdout += String(data)));
  child.stderr!.resume();
  return { child, ended: once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, stdout })) };
}

test('while it starts, twice: it ends as if it had run, and says nothing of being ready', async () => {
  mkdirSync(folder, { recursive: true });
  const { child, ended } = start();
  for await (const _ of changes(folder)) if (existsSync(join(folder, 'server.json'))) break;
  child.kill('SIGTERM');
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 0, signal: null, stdout: '' });
  expect(readdirSync(folder)).not.toContain('server.json');
  await using again = await serve(...store);
  expect(await clientFor(again.ready.admin.webhook, 1).call('user.current')).toMatchObject({ ID: '1' });
});

async function* changes(path: string): AsyncGenerator<void> {
  let wake = () => {};
  const watcher = watch(path, () => wake());
  try {
    for (;;) {
      yield;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    watcher.close();
  }
}

test('right after the ready line, and again and again', async () => {
  const { child, ended } = start();
  child.stdout!.once('data', () => {
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT', 'SIGTERM'] as const) child.kill(signal);
  });
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(existsSync(join(folder, 'server.json'))).toBe(false);
});

test('at random moments: it ends in time, and the next start finds everything in order', async () => {
  for (let round = 0; round < 4; round += 1) {
    const { child, ended } = start();
    await sleep(randomInt(900));
    const began = Date.now();
    child.kill('SIGTERM');
    const { code, signal } = await ended;
    // Before the program has been loaded there is nobody to hear the signal, and nothing to clean up.
    expect(code === 0 || signal === 'SIGTERM').toBe(true);
    expect(existsSync(join(folder, 'server.json'))).toBe(false);
    expect(Date.now() - began).toBeLessThan(LONGEST_MS);
  }
  await using again = await serve(...store);
  expect(await clientFor(again.ready.admin.webhook, 1).call('user.current')).toMatchObject({ ID: '1' });
});
