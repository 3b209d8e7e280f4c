/**
 * PostgreSQL restarts, is killed and freezes under load. Calls get 503 in JSON and soon, the server goes on by itself,
 * nothing that was acknowledged is lost and nothing is there twice. The test has a PostgreSQL of its own.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Client, clientFor } from '../support/client.ts';
import { PostgresProcess } from '../support/postgres-process.ts';
import { type ServerProcess, startProcess } from '../crash/server-process.ts';

/** A call that is refused is refused within this time, however long the outage. */
const LONGEST_MS = 15_000;

let folder: string;
let database: PostgresProcess;
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-outage-'));
  database = await PostgresProcess.start();
  server = startProcess({ folder: join(folder, 'tidemark'), databaseUrl: database.url() });
  client = clientFor((await server.ready).admin.webhook, 1);
});
afterAll(async () => {
  if (server.child.exitCode === null) {
    server.child.kill('SIGTERM');
    expect(await once(server.child, 'exit')).toEqual([0, null]);
  }
  await database[Symbol.asyncDispose]();
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

test.each(['fast', 'immediate'] as const)('a restart (%s)', async (mode) => {
  await audit(await underLoad(async (ledger) => {
    database.stop(mode);
    await refusedMeanwhile(ledger);
    await database.start();
  }));
});

test('kill -9 of the whole of it', async () => {
  await audit(await underLoad(async (ledger) => {
    database.killAll();
    await refusedMeanwhile(ledger);
    await database.start();
  }));
});

test('kill -9 of one backend, which ends them all for a moment', async () => {
  await audit(await underLoad(async () => {
    process.kill(database.backends().at(-1)!, 'SIGKILL');
  }));
});

test('frozen: calls are refused while it is, a batch does not wait for each of its commands, and it goes on', async () => {
  const ledger = await underLoad(async (running) => {
    database.signalAll('SIGSTOP');
    try {
      await refusedMeanwhile(running);
      const began = performance.now();
      const cmd = Array.from({ length: 50 }, () => 'im.recent.get');
      expect((await client.raw('batch', { cmd })).status).toBe(503);
      expect(performance.now() - began).toBeLessThan(LONGEST_MS);
    } finally {
      database.signalAll('SIGCONT');
    }
  });
  await audit(ledger);
});

test('SIGTERM while it is frozen ends the server with 0 in time', async () => {
  const load = { acknowledged: new Map(), uncertain: new Set<string>(), refused: 0, longest: 0, running: true } as Ledger;
  const hands = Promise.allSettled(Array.from({ length: 8 }, () => keepSending(load)));
  await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(20);
  database.signalAll('SIGSTOP');
  try {
    await sleep(200);
    const began = performance.now();
    server.child.kill('SIGTERM');
    expect(await once(server.child, 'exit')).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(10_500);
  } finally {
    database.signalAll('SIGCONT');
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
  const start = () => startProcess({ folder: join(folder, 'other'), databaseUrl: database.url() });
  database.stop('fast');
  expect(await refusal(start())).toMatch(SAID);
  await database.start();
  database.signalAll('SIGSTOP');
  try {
    expect(await refusal(start())).toMatch(SAID);
  } finally {
    database.signalAll('SIGCONT');
  }
});

test('it goes away while the tables are made: that is said, and the next start makes them', async () => {
  const client = new pg.Client({ connectionString: database.url() });
  client.on('error', () => {});
  await client.connect();
  await client.query('create database half_made');
  await client.end();
  const other = { folder: join(folder, 'half'), databaseUrl: database.url('half_made') };
  const blocker = new pg.Client({ connectionString: other.databaseUrl });
  blocker.on('error', () => {});
  await blocker.connect();
  await blocker.query('create table schema_version (id bigint primary key)');
  await blocker.query('begin; lock table schema_version');
  const started = startProcess(other);
  await expect.poll(async () => (await blocker.query('select 1 from pg_locks where not granted')).rowCount, { timeout: 20_000 }).toBe(1);
  database.stop('immediate');
  expect(await refusal(started)).toMatch(SAID);
  expect(existsSync(other.folder)).toBe(false);
  await database.start();
  const again = startProcess(other);
  expect((await again.ready).ready).toBe(true);
  again.child.kill('SIGTERM');
  expect(await once(again.child, 'exit')).toEqual([0, null]);
});
