/** What calls cost a server and its database: statements, and time of processors, which others on the machine disturb least. */
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { Ready } from '../../src/server.ts';
import type { Home } from '../home.ts';
import { post } from '../load.ts';
import type { Running } from '../processes.ts';
import type { Cost } from './coefficients.ts';

const HANDS = 8;
/** Linux counts the time of processes that have ended in hundredths of a second. */
const TICK_MS = 10;
/** What disturbs a process only ever adds to its time: the cheapest of several rounds counts. */
const ROUNDS = 3;

export interface Meter {
  /** The cost of each of so many calls, made by several hands unless it is said how many. */
  measure(times: number, call: (index: number) => Promise<unknown>, hands?: number): Promise<Cost>;
}

export async function meterOf(server: Running<Ready>, home: Home): Promise<Meter> {
  const postmaster = home.databaseUrl === '' ? undefined : await postmasterOf(home.databaseUrl);
  const look = async () => ({
    statements: await statements(server.ready.http),
    server: timeOf(server.ready.pid),
    database: postmaster === undefined ? 0 : timeOfChildren(postmaster),
  });
  const round = async (times: number, call: (index: number) => Promise<unknown>, hands: number): Promise<Cost> => {
    const before = await look();
    let next = 0;
    const hand = async () => {
      while (next < times) await call(next++);
    };
    await Promise.all(Array.from({ length: hands }, hand));
    const after = await look();
    const each = (key: keyof Cost) => Math.max(0, after[key] - before[key]) / times;
    return { statements: each('statements'), server: each('server'), database: each('database') };
  };
  return {
    async measure(times, call, hands = HANDS) {
      const rounds: Cost[] = [];
      for (let done = 0; done < ROUNDS; done += 1) rounds.push(await round(times, call, hands));
      return rounds.reduce((least, cost) => (cost.server + cost.database < least.server + least.database ? cost : least));
    },
  };
}

/** A call of a user, as a client makes it. */
export function caller(server: Running<Ready>, user: { id: number; code: string }): (method: string, params?: object) => Promise<unknown> {
  return (method, params = {}) => post(`${server.ready.http}/rest/${user.id}/${user.code}/${method}`, params);
}

async function statements(http: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return [...text.matchAll(/^tidemark_store_statements_total\{\S+ (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Of all threads of a process, milliseconds; 0 when it has ended. */
function timeOf(pid: number): number {
  const threads = ifThere(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const spent = threads.map((thread) => ifThere(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')) ?? '0');
  return spent.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** Of all processes that a process has started, those that have ended included; milliseconds. */
function timeOfChildren(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  const ended = (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  return childrenOf(pid).reduce((sum, child) => sum + timeOf(child), ended);
}

/** Processes and threads end while they are looked at. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  const status = ifThere(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  return status === undefined ? undefined : Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}

/** The process from which the database's others come; undefined when it does not run on this machine. */
async function postmasterOf(databaseUrl: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const parent = parentOf(rows[0]!.pid);
    return parent !== undefined && nameOf(parent) === 'postgres' ? parent : undefined;
  } finally {
    await client.end();
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
