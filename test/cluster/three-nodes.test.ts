/**
 * Three nodes behind a proxy are one server to their clients: whichever node a call hits, and whatever is killed or
 * restarted meanwhile. TIDEMARK_CLUSTER_SECONDS sets for how long.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doSomething, Ledger } from '../crash/ledger.ts';
import { verify } from '../crash/verify.ts';

import type { WireMessage } from "../model/recount.ts";
import type { WireRow } from '../model/answers.ts';
import type { Client } from '../support/client.ts';
import { Cluster, outageOf } from './cluster.ts';

const SECONDS = Number(process.env['TIDEMARK_CLUSTER_SECONDS'] ?? 60);
const PEOPLE = ['Ann', 'Bob', 'Cid', 'Dot', 'Eve', 'Fay', 'Gus', 'Hal'];
/** Thirty-two clients in all. */
const HANDS_EACH = 4;

let cluster: Cluster;
let people: Map<number, Client>;

beforeAll(async () => {
  cluster = await Cluster.start();
  const ids: number[] = [];
  for (const NAME of PEOPLE) ids.push(await cluster.admin().call<number>('user.add', { NAME, EMAIL: `${NAME}@example.com` }));
  people = await cluster.roaming(ids);
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

/** A read, at any node, until one answers it. */
async function patiently<T>(client: Client, method: string, params: Record<string, unknown>): Promise<T> {
  for (;;) {
    try {
      return await client.call<T>(method, params);
    } catch (error) {
      if (outageOf(error) === undefined) throw error;
      await sleep(20);
    }
  }
}

interface Tally {
  done: number;
  refused: number;
  uncertain: number;
  running: boolean;
}

/** Does one thing after the other and looks each time, wherever the next call goes, whether it sees what it has done. */
async function keepActing(client: Client, ledger: Ledger, tally: Tally): Promise<void> {
  while (tally.running) {
    const watched = watching(client, ledger);
    try {
      await doSomething(watched, ledger);
      tally.done += 1;
    } catch (error) {
      const outage = outageOf(error);
      if (outage === undefined) throw error;
      tally[outage] += 1;
      continue;
    }
    await watched.check?.();
  }
}

/** Notes what a call has changed, to be looked for. */
function watching(client: Client, ledger: Ledger): Client & { check?: () => Promise<void> } {
  const watched: Client & { check?: () => Promise<void> } = {
    ...client,
    async call<T>(method: string, params: Record<string, unknown> = {}) {
      const result = await client.call<T>(method, params);
      watched.check = () => seesOwn(client, ledger, method, params, result);
      return result;
    },
  };
  return watched;
}

async function seesOwn(client: Client, ledger: Ledger, method: string, params: Record<string, unknown>, result: unknown): Promise<void> {
  const who = `user ${client.userId} at the next node`;
  const row = async (dialogId: unknown) => {
    const { items } = await patiently<{ items: WireRow[] }>(client, 'im.recent.list', { LIMIT: 200 });
    return items.find(({ id }) => String(id) === String(dialogId));
  };
  const newest = async () => (await patiently<{ messages: WireMessage[] }>(client, 'im.dialog.messages.get', { DIALOG_ID: params['DIALOG_ID'], LIMIT: 50 })).messages;
  if (method === 'im.message.add') {
    const [messages, shown] = [await newest(), await row(params['DIALOG_ID'])];
    // Another hand of the same person may have deleted it meanwhile.
    if (ledger.sent.some(({ id, deletion }) => id === result && deletion !== 'none')) return;
    expect(messages.map(({ id }) => id), `the message that ${who} has just sent`).toContain(result);
    expect(shown?.message.id, `the last message in the list of ${who}`).toBeGreaterThanOrEqual(Number(result));
  } else if (method === 'im.dialog.read' && result !== false) {
    const [shown, messages] = [await row(params['DIALOG_ID']), await newest()];
    // Where the newest of them have been deleted, the list names the newest that is left.
    const unread = messages.filter(({ id }) => id > shown!.last_id && id <= (result as { lastId: number }).lastId);
    expect(unread, `what ${who} has read is unread`).toEqual([]);
  } else if (method === 'im.chat.add') {
    expect(await row(`chat${String(result)}`), `the chat that ${who} has just made`).toBeDefined();
  }
}

/** One trouble after the other, so that there is always somebody who answers in the end. */
async function makeTrouble(tally: Tally): Promise<string[]> {
  const { postgres, redis } = cluster;
  const had: string[] = [];
  const troubles: Array<[string, () => Promise<unknown>]> = [
    ['a node was killed', async () => {
      const i = randomInt(3);
      await cluster.killNode(i);
      await sleep(randomInt(1000));
      await cluster.startNode(i);
    }],
    ['two nodes were killed at once', async () => {
      const spared = randomInt(3);
      const killed = [0, 1, 2].filter((i) => i !== spared);
      await Promise.all(killed.map((i) => cluster.killNode(i)));
      await Promise.all(killed.map((i) => cluster.startNode(i)));
    }],
    ['PostgreSQL was restarted', async () => {
      postgres.stop(randomInt(2) === 0 ? 'fast' : 'immediate');
      await postgres.start();
    }],
    ['Redis was killed', async () => {
      await redis.kill();
      await sleep(randomInt(1000));
      await redis.start();
    }],
    ['Redis was frozen', async () => {
      redis.freeze();
      await sleep(1500);
      redis.thaw();
    }],
    ['Redis was flushed', () => redis.command('FLUSHALL')],
  ];
  for (let next = 0; tally.running; next += 1) {
    const [what, happen] = troubles[next % troubles.length]!;
    await happen();
    had.push(what);
    await sleep(500 + randomInt(1500));
  }
  return had;
}

test(`${PEOPLE.length * HANDS_EACH} clients at random nodes for ${SECONDS} s, while nodes, PostgreSQL and Redis are killed and restarted: nothing is lost, everybody sees what they do, every counter is right`, async () => {
  const ledger = new Ledger();
  const ids = [...people.keys()];
  ids.forEach((a, index) => ids.slice(index + 1).forEach((b) => ledger.places.push({ members: [a, b] })));
  const tally: Tally = { done: 0, refused: 0, uncertain: 0, running: true };
  const hands = [...people.values()].flatMap((client) => Array.from({ length: HANDS_EACH }, () => keepActing(client, ledger, tally)));
  const acting = Promise.all(hands);
  const trouble = makeTrouble(tally);
  await Promise.race([sleep(SECONDS * 1000), acting, trouble]);
  tally.running = false;
  const had = await trouble;
  await acting;
  console.log(`${tally.done} things done, ${tally.refused} refused, ${tally.uncertain} uncertain; ${had.length} troubles, ${ledger.places.length} dialogs`);
  await verify(people, ledger, 0);
  expect(tally.done).toBeGreaterThan(SECONDS * 5);
  expect(new Set(had).size).toBe(SECONDS < 30 ? new Set(had).size : 6);
});
