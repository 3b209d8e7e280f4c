/**
 * PostgreSQL restarts, is killed and freezes under load. Calls get 503 in JSON and soon, the server goes on by itself,
 * nothing that was acknowledged is lost and nothing is there twice. The test has a PostgreSQL of its own.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Answer, type Client, clientFor } from '../support/client.ts';
import { type ServerProcess, startProcess } from '../crash/server-process.ts';

/** A call that is refused is refused within this time, however long the outage. */
const LONGEST_MS = 15_000;

let folder: string;
let port: number;
let server: ServerProcess;
let client: Client;

const bin = () => {
  const [found] = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  if (found === undefined) throw new Error('this test needs PostgreSQL (apt-get install postgresql)');
  return found;
};

/** PostgreSQL refuses to run as root. */
function postgres(program: string, ...args: string[]): void {
  const command = [join(bin(), program), ...args];
  const [name, ...rest] = process.getuid!() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
  const { status, stderr } = spawnSync(name!, rest, { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

const control = (...args: string[]) => postgres('pg_ctl', '-D', join(folder, 'data'), '-l', join(folder, 'log'), '-w', ...args);

/** After a kill the system may take a moment until nothing of the one before is left, and it refuses to start until then. */
async function startPostgres(): Promise<void> {
  const start = () => control('-o', `-p ${port} -h 127.0.0.1 -c unix_socket_directories=${folder}`, 'start');
  await vi.waitFor(start, { timeout: 30_000, interval: 200 });
}

const postmaster = () => Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

/** Does it where that is possible. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // What was to be ended has ended by itself.
  }
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

/** The postmaster and all its backends, also those that it makes just now. */
function signalAll(signal: NodeJS.Signals): void {
  const main = postmaster();
  const before = childrenOf(main);
  process.kill(main, signal);
  for (const pid of new Set([...before, ...childrenOf(main)])) tryTo(() => process.kill(pid, signal));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  return free;
}

const databaseUrl = (name = 'postgres') => `postgres://tidemark@127.0.0.1:${port}/${name}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-outage-'));
  if (process.getuid!() === 0) chownSync(folder, Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout), 0);
  port = await freePort();
  postgres('initdb', '-D', join(folder, 'data'), '-U', 'tidemark', '-A', 'trust', '-E', 'UTF8', '--locale=C');
  await startPostgres();
  server = startProcess({ folder: join(folder, 'tidemark'), databaseUrl: databaseUrl() });
  client = clientFor((await server.ready).admin.webhook, 1);
});
afterAll(async () => {
  if (server.child.exitCode === null) {
    server.child.kill('SIGTERM');
    expect(await once(server.child, 'exit')).toEqual([0, null]);
  }
  tryTo(() => control('-m', 'immediate', 'stop'));
  rmSync(folder, { recursive: true, force: true });
});

interface Ledger {
  acknowledged: Map<number, string>;
  uncertain: Set<string>;
  refused: number;
  longest: number;
  running: boolean;
}

let sent = 0;

/** Sends one message after the other and writes down what it is told. */
async function keepSending(ledger: Ledger): Promise<void> {
  while (ledger.running) {
    const text = `message ${(sent += 1)}`;
    const began = performance.now();
    const { status, body } = await client.raw('im.message.add', { DIALOG_ID: 1, MESSAGE: text });
    ledger.longest = Math.max(ledger.longest, performance.now() - began);
    if (status === 200) ledger.acknowledged.set(body.result as number, text);
    else note(ledger, text, status, body);
  }
}

function note(ledger: Ledger, text: string, status: number, body: Answer['body']): void {
  expect({ status, error: body.error }).toEqual({ status: 503, error: expect.stringMatching(/^STORAGE_(UNAVAILABLE|UNCERTAIN)$/) });
  if (body.error === 'STORAGE_UNCERTAIN') ledger.uncertain.add(text);
  ledger.refused += 1;
}

async function underLoad(outage: (ledger: Ledger) => Promise<void>): Promise<Ledger> {
  const ledger: Ledger = { acknowledged: new Map(), uncertain: new Set(), refused: 0, longest: 0, running: true };
  const hands = Promise.all(Array.from({ length: 24 }, () => keepSending(ledger)));
  try {
    await expect.poll(() => ledger.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(50);
    await outage(ledger);
    const before = ledger.acknowledged.size;
    await expect.poll(() => ledger.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(before + 50);
  } finally {
    ledger.running = false;
  }
  await hands;
  return ledger;
}

/** Everything acknowledged is there once; nothing else is, but what was uncertain may be. */
async function audit({ acknowledged, uncertain, longest }: Ledger): Promise<void> {
  const stored = new Map<number, string>();
  let last = Infinity;
  const oldest = Math.min(...acknowledged.keys());
  while (last > oldest) {
    const { messages } = await client.call<{ messages: Array<{ id: number; text: string }> }>('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 50, ...(stored.size > 0 && { LAST_ID: last }) });
    for (const { id, text } of messages) stored.set(id, text);
    last = messages.at(-1)?.id ?? 0;
  }
  for (const [id, text] of acknowledged) expect(stored.get(id)).toBe(text);
  const extra = [...stored].filter(([id, text]) => id > oldest && !acknowledged.has(id) && !uncertain.has(text));
  expect(extra).toEqual([]);
  const texts = [...stored.values()];
  expect(new Set(texts).size).toBe(texts.length);
  expect(longest).toBeLessThan(LONGEST_MS);
  expect(server.child.exitCode).toBe(null);
}

/** Refusals go on to come while it is away. */
async function refusedMeanwhile(ledger: Ledger): Promise<void> {
  const before = ledger.refused;
  await expect.poll(() => ledger.refused, { timeout: 20_000 }).toBeGreaterThan(before + 24);
  const read = await client.raw('im.recent.get');
  expect({ status: read.status, error: read.body.error }).toEqual({ status: 503, error: 'STORAGE_UNAVAILABLE' });
}

test.each(['fast', 'immediate'])('a restart (%s)', async (mode) => {
  await audit(await underLoad(async (ledger) => {
    control('-m', mode, 'stop');
    await refusedMeanwhile(ledger);
    await startPostgres();
  }));
});

test('kill -9 of the whole of it', async () => {
  await audit(await underLoad(async (ledger) => {
    signalAll('SIGKILL');
    await refusedMeanwhile(ledger);
    rmSync(join(folder, 'data', 'postmaster.pid'), { force: true });
    await startPostgres();
  }));
});

test('kill -9 of one backend, which ends them all for a moment', async () => {
  await audit(await underLoad(async () => {
    process.kill(childrenOf(postmaster()).at(-1)!, 'SIGKILL');
  }));
});

test('frozen: calls are refused while it is, a batch does not wait for each of its commands, and it goes on', async () => {
  const ledger = await underLoad(async (running) => {
    signalAll('SIGSTOP');
    try {
      await refusedMeanwhile(running);
      const began = performance.now();
      const cmd = Array.from({ length: 50 }, () => 'im.recent.get');
      expect((await client.raw('batch', { cmd })).status).toBe(503);
      expect(performance.now() - began).toBeLessThan(LONGEST_MS);
    } finally {
      signalAll('SIGCONT');
    }
  });
  await audit(ledger);
});

test('SIGTERM while it is frozen ends the server with 0 in time', async () => {
  const load = { acknowledged: new Map(), uncertain: new Set<string>(), refused: 0, longest: 0, running: true } as Ledger;
  const hands = Promise.allSettled(Array.from({ length: 8 }, () => keepSending(load)));
  await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(20);
  signalAll('SIGSTOP');
  try {
    await sleep(200);
    const began = performance.now();
    server.child.kill('SIGTERM');
    expect(await once(server.child, 'exit')).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(10_500);
  } finally {
    signalAll('SIGCONT');
    load.running = false;
  }
  await hands;
});

/** What a server that was to start says, when it does not. */
async function refusal(started: ServerProcess): Promise<string> {
  return started.ready.then(() => 'it started', (error: Error) => error.message);
}

/** One line for the person who started it, and exit code 1. */
const SAID = /^the server ended with 1: tidemark: [^\n]*PostgreSQL[^\n]*\n$/;

test('a start while it is away or frozen says so and ends', async () => {
  const start = () => startProcess({ folder: join(folder, 'other'), databaseUrl: databaseUrl() });
  control('-m', 'fast', 'stop');
  expect(await refusal(start())).toMatch(SAID);
  await startPostgres();
  signalAll('SIGSTOP');
  try {
    expect(await refusal(start())).toMatch(SAID);
  } finally {
    signalAll('SIGCONT');
  }
});

test('it goes away while the tables are made: that is said, and the next start makes them', async () => {
  const client = new pg.Client({ connectionString: databaseUrl() });
  client.on('error', () => {});
  await client.connect();
  await client.query('create database half_made');
  await client.end();
  const other = { folder: join(folder, 'half'), databaseUrl: databaseUrl('half_made') };
  const blocker = new pg.Client({ connectionString: other.databaseUrl });
  blocker.on('error', () => {});
  await blocker.connect();
  await blocker.query('create table schema_version (id bigint primary key)');
  await blocker.query('begin; lock table schema_version');
  const started = startProcess(other);
  await expect.poll(async () => (await blocker.query('select 1 from pg_locks where not granted')).rowCount, { timeout: 20_000 }).toBe(1);
  control('-m', 'immediate', 'stop');
  expect(await refusal(started)).toMatch(SAID);
  expect(existsSync(other.folder)).toBe(false);
  await startPostgres();
  const again = startProcess(other);
  expect((await again.ready).ready).toBe(true);
  again.child.kill('SIGTERM');
  expect(await once(again.child, 'exit')).toEqual([0, null]);
});
