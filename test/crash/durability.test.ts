/**
 * That an answered message survives power loss, on SQLite.
 *
 * Power cannot be cut in a test, but what survives it is known: exactly what was written before an fdatasync began that
 * has since returned. So the server runs under strace, which stops every thread before and after each system call and
 * notes when; its notes therefore never show a call as begun before it was, nor as over before it was. Messages with
 * unmistakable texts are sent, and for each that was answered the trace must show, in this order:
 *
 *  1. the transaction that holds the text written to the write-ahead log: all its frames, up to the one whose header
 *     says that it commits. Frames are written by one connection, one transaction after the other, each as a header of
 *     24 bytes and a page (https://sqlite.org/fileformat2.html#the_write_ahead_log); bytes 4 to 7 of the header are 0
 *     in all frames but the committing one. The first transaction with the text is the one that brought it;
 *  2. an fdatasync or fsync of that file (through whichever descriptor) that begins after the last of those writes
 *     ended, and ends without an error;
 *  3. the write to a socket that carries `{"result":<id>,` for the id that the client got.
 *
 * Before the first answer the folder must have been synced as well, or the log's own name might not survive.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientFor } from '../support/client.ts';
import { ENGINE } from '../support/server.ts';
import { startProcess } from './server-process.ts';
import { readTrace, STRACE, type SystemCall } from './system-calls.ts';

const CALLS = ['openat', 'pwrite64', 'pwritev', 'write', 'writev', 'sendto', 'sendmsg', 'fdatasync', 'fsync'];
const SYNCS = new Set(['fdatasync', 'fsync']);
const LOG = 'tidemark.db-wal';
const FRAME_HEADER = 24;
/** Long enough that checkpoints happen meanwhile and the log starts anew. */
const ONE_BY_ONE = 150;
const CONNECTIONS = 16;
const EACH = 20;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-power-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Answered {
  text: string;
  id: number;
}

if (ENGINE === 'sqlite') test(`${ONE_BY_ONE} messages sent one by one were on the disk before they were answered`, async () => {
  const { answered, calls } = await traced(async (send) => {
    const sent: Answered[] = [];
    for (let i = 0; i < ONE_BY_ONE; i++) sent.push(await send(i));
    return sent;
  });
  expect(answered).toHaveLength(ONE_BY_ONE);
  prove(answered, calls);
});

if (ENGINE === 'sqlite') test(`messages sent over ${CONNECTIONS} connections at once were on the disk before they were answered`, async () => {
  const { answered, calls } = await traced(async (send) => {
    const lines = Array.from({ length: CONNECTIONS }, async (_, line) => {
      const sent: Answered[] = [];
      for (let i = 0; i < EACH; i++) sent.push(await send(line * EACH + i));
      return sent;
    });
    return (await Promise.all(lines)).flat();
  });
  expect(answered).toHaveLength(CONNECTIONS * EACH);
  const syncs = prove(answered, calls);
  expect(syncs, 'different syncs that answers waited for: messages that arrive together share one').toBeLessThan(answered.length);
});

type Send = (number: number) => Promise<Answered>;

/** Runs a server under strace, sends through it, stops it and reads what it did. */
async function traced(work: (send: Send) => Promise<Answered[]>): Promise<{ answered: Answered[]; calls: SystemCall[] }> {
  if (spawnSync('strace', ['-V']).status !== 0) throw new Error('this test needs strace (apt-get install strace)');
  const prefix = join(folder, 'trace');
  const wrapper = ['strace', ...STRACE, '-o', prefix, '-e', `trace=${CALLS.join(',')}`];
  const server = startProcess({ folder: join(folder, 'data'), databaseUrl: '' }, wrapper);
  const { admin, pid } = await server.ready;
  const client = clientFor(admin.webhook, admin.user_id);
  const answered = await work(async (number) => {
    const text = `power-loss-${number}-${Math.random().toString(36).slice(2)}.`;
    return { text, id: await client.call<number>('im.message.add', { DIALOG_ID: 1, MESSAGE: text }) };
  });
  process.kill(pid, 'SIGTERM');
  if (server.child.exitCode === null) await once(server.child, 'close');
  return { answered, calls: await readTrace(prefix) };
}

/** @returns how many different syncs it took */
function prove(answered: readonly Answered[], calls: readonly SystemCall[]): number {
  const transactions = transactionsIn(calls.filter(({ name, file }) => isLog(file) && !SYNCS.has(name) && name !== 'openat'));
  const syncs = calls.filter(({ name, file }) => SYNCS.has(name) && isLog(file));
  const answers = calls.filter(({ file, name }) => file.startsWith('socket') && !SYNCS.has(name));
  const used = new Set<SystemCall>();
  for (const { text, id } of answered) {
    const own = transactions.find(({ pages }) => pages.some((page) => page.includes(text)));
    expect(own, `a committed transaction with "${text}" in the log`).toBeDefined();
    const answer = answers.find(({ data }) => data.includes(`{"result":${id},`));
    expect(answer, `the answer with the id ${id}`).toBeDefined();
    const sync = syncs.find(({ start, end }) => start >= own!.end && end <= answer!.start);
    const story = `transaction until ${own!.end}, answer at ${answer!.start}`;
    expect(sync, `a sync of the log between message ${id} and its answer: ${story}`).toBeDefined();
    used.add(sync!);
  }
  proveFolder(calls, Math.min(...answers.map(({ start }) => start)));
  return used.size;
}

interface Transaction {
  pages: Buffer[];
  /** When the last of its writes was over. */
  end: number;
}

function transactionsIn(writes: readonly SystemCall[]): Transaction[] {
  const transactions: Transaction[] = [];
  let open: Transaction = { pages: [], end: 0 };
  let commits = false;
  for (const { data, end } of writes) {
    open.end = Math.max(open.end, end);
    if (data.length === FRAME_HEADER) {
      commits = data.readUInt32BE(4) > 0;
      continue;
    }
    open.pages.push(data);
    if (!commits) continue;
    transactions.push(open);
    open = { pages: [], end: 0 };
    commits = false;
  }
  return transactions;
}

/** The log's entry in the folder is on the disk before anything is answered. */
function proveFolder(calls: readonly SystemCall[], firstAnswer: number): void {
  const data = join(folder, 'data');
  const created = calls.find(({ name, data: path }) => name === 'openat' && path.toString().endsWith(LOG));
  expect(created, 'the opening of the log').toBeDefined();
  const synced = calls.find(({ name, file, start, end }) => name === 'fsync' && file === data && start >= created!.end && end <= firstAnswer);
  expect(synced, `a sync of the folder ${data} between the making of the log and the first answer`).toBeDefined();
}

function isLog(file: string): boolean {
  return file.endsWith(LOG);
}
