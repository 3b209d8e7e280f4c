import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadConfig } from '../src/config.ts';
import { type Ready, startServer } from '../src/server.ts';
import { load, post, timeCalls } from './load.ts';
import { longestStop, runFloor, type Running, runServer } from './processes.ts';
import type { Seeder } from './seed.ts';
import { table, verdict } from './table.ts';
import { type BenchUser, hook, userWithChats } from './users.ts';

type Measure = (server: Running<Ready>, folder: string) => Promise<string>;

/** A part of the bench: what it needs in the store, and the measurement that follows. */
export interface Section {
  seed(seeder: Seeder): Promise<Measure>;
}

const SECONDS = 5;
const CONNECTIONS = 16;

const answers: Section = {
  async seed(seeder) {
    const users: Array<BenchUser & { rows: number }> = [];
    for (const rows of [50, 200, 1000]) users.push({ rows, ...(await userWithChats(seeder, rows)) });
    return async (server, folder) => {
      const lines = [];
      // The start of the server is not what is measured.
      await longestStop(server.ready.http);
      for (const user of users) lines.push(await againstFloor(server, folder, user));
      const stop = await longestStop(server.ready.http);
      const share = Number(lines[0]!.at(-1));
      return [
        `## 1. im.recent.get against the floor (${CONNECTIONS} connections)`,
        'The floor is a bare `node:http` server that sends the same bytes from memory.',
        table(['rows', 'bytes', 'requests/s', 'p50 ms', 'p99 ms', 'floor requests/s', 'floor p99 ms', 'share of the floor'], lines),
        verdict(share >= 0.35, `50 rows at ${share} of the floor, wanted at least 0.35`),
        verdict(stop <= 50, `event loop never stopped for more than ${stop.toFixed(1)} ms, wanted at most 50`),
      ].join('\n\n');
    };
  },
};

async function againstFloor(server: Running<Ready>, folder: string, user: { rows: number; id: number; code: string }): Promise<string[]> {
  const url = hook(server, user, 'im.recent.get');
  const body = Buffer.from(await (await fetch(url)).arrayBuffer());
  const file = join(folder, 'floor.json');
  writeFileSync(file, body);
  await using floor = await runFloor(file);
  const target = { connections: CONNECTIONS, seconds: SECONDS };
  await load({ url, connections: CONNECTIONS, seconds: 1 });
  await load({ url: floor.ready.http, connections: CONNECTIONS, seconds: 1 });
  const [ours, bare] = [await load({ url, ...target }), await load({ url: floor.ready.http, ...target })];
  return [
    String(user.rows), String(body.length), ours.perSecond.toFixed(0), String(ours.p50), String(ours.p99),
    bare.perSecond.toFixed(0), String(bare.p99), (ours.perSecond / bare.perSecond).toFixed(2),
  ];
}

const flatList: Section = {
  async seed(seeder) {
    const users: Array<BenchUser & { all: number }> = [];
    for (const all of [100, 1_000, 10_000, 50_000]) users.push({ all, ...(await userWithChats(seeder, 50, all - 50)) });
    return async (server) => {
      const lines = [];
      const medians: number[] = [];
      for (const user of users) {
        // A changing filter and a pin before each call: nothing is answered from memory as a whole.
        const pin = (i: number) => post(hook(server, user, 'im.recent.pin'), { DIALOG_ID: `chat${user.chats[0]}`, PIN: i % 2 ? 'N' : 'Y' });
        const get = () => post(hook(server, user, 'im.recent.get'), {});
        const list = () => post(hook(server, user, 'im.recent.list'), {});
        const cold = await timeCalls(1, async () => void (await get()));
        const changed = await timeCalls(300, async () => void (await get()), async (i) => void (await pin(i)));
        const page = await timeCalls(300, async () => void (await list()));
        medians.push(page.p50);
        lines.push([user.all, cold.p50, changed.p50, changed.p99, page.p50, page.p99].map((n, i) => (i === 0 ? String(n) : n.toFixed(2))));
      }
      const ratio = medians.at(-1)! / medians[0]!;
      return [
        '## 2. The list of users with many chats, 50 of them in the window (one connection)',
        '`get` after a change of one row, and a page of 50 of `im.recent.list`, which is never kept.',
        table(['chats in all', 'first get ms', 'get p50 ms', 'get p99 ms', 'list p50 ms', 'list p99 ms'], lines),
        verdict(ratio <= 1.5, `50 000 chats take ${ratio.toFixed(2)} times as long as 100, wanted at most 1.5`),
      ].join('\n\n');
    };
  },
};

const wideSends: Section = {
  async seed(seeder) {
    const people = await seeder.users(100_000);
    const sizes = [2, 100, 1_000, 10_000, 100_000];
    const chats = await seeder.chats('chats of 2 to 100 000 members', sizes.map((size) => ({ members: people.slice(0, size), daysAgo: 1 })));
    const sender = { id: people[0]!, code: await seeder.webhook(people[0]!) };
    return async (server, folder) => {
      const lines = [];
      const medians = new Map<number, number>();
      for (const [index, size] of sizes.entries()) {
        const body = { DIALOG_ID: `chat${chats[index]}`, MESSAGE: 'Hello everybody' };
        const send = async () => void (await post(hook(server, sender, 'im.message.add'), body));
        await timeCalls(30, send);
        const took = await timeCalls(300, send);
        medians.set(size, took.p50);
        lines.push([String(size), '', took.p50.toFixed(2), took.p99.toFixed(2)]);
      }
      await server[Symbol.asyncDispose]();
      const written = await rowsPerSend(folder, sender, chats);
      for (const [index, line] of lines.entries()) line[1] = String(written[index]);
      const ratio = medians.get(100_000)! / medians.get(1_000)!;
      return [
        '## 3. im.message.add by the size of the chat (one connection, durable)',
        table(['members', 'rows written', 'p50 ms', 'p99 ms'], lines),
        verdict(ratio <= 2, `100 000 members take ${ratio.toFixed(2)} times as long as 1 000, wanted at most 2`),
      ].join('\n\n');
    };
  },
};

/** Counts the rows that one send changes, by the engine's own counter. */
async function rowsPerSend(folder: string, sender: { id: number; code: string }, chats: readonly number[]): Promise<number[]> {
  const config = { ...loadConfig({}, {}), port: 0, tlsPort: 0, data: folder, json: true, logLevel: 'warn' };
  await using server = await startServer(config);
  const { db } = server.context;
  const changes = () => db.write(async (s) => (await s.query((q) => q.selectNoFrom(sql<number>`total_changes()`.as('n'))))[0]!.n);
  const rows: number[] = [];
  for (const chat of chats) {
    const before = await changes();
    await post(`${server.ready.http}/rest/${sender.id}/${sender.code}/im.message.add`, { DIALOG_ID: `chat${chat}`, MESSAGE: 'Hello' });
    rows.push((await changes()) - before);
  }
  return rows;
}

const polls: Section = {
  async seed(seeder) {
    const user = await userWithChats(seeder, 200);
    return async (server) => {
      const lines = [];
      await post(hook(server, user, 'im.recent.get'), {});
      for (const changed of [0, 1, 10]) {
        let since = '';
        const change = async (i: number) => {
          since = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString();
          const chats = Array.from({ length: changed }, (_, k) => user.chats[(i * changed + k) % user.chats.length]);
          for (const chat of chats) await post(hook(server, user, 'im.chat.mute'), { CHAT_ID: chat, MUTE: i % 2 ? 'N' : 'Y' });
          if (changed > 0) since = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
        };
        const poll = async () => void (await post(hook(server, user, 'im.recent.get'), { LAST_SYNC_DATE: since }));
        const took = await timeCalls(200, poll, change);
        lines.push([String(changed), took.p50.toFixed(2), took.p99.toFixed(2)]);
      }
      return [
        '## 4. LAST_SYNC_DATE polls of a user with 200 rows (one connection)',
        'The answer also holds what changed earlier in the same second, as dates have only seconds.',
        table(['chats changed before the poll', 'p50 ms', 'p99 ms'], lines),
      ].join('\n\n');
    };
  },
};

const memory: Section = {
  async seed() {
    return async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-demo-'));
      try {
        await using server = await runServer({ folder, databaseUrl: '' });
        const url = `${server.ready.admin.webhook}im.recent.get`;
        await fetch(url);
        const rest = server.residentMb();
        await load({ url, connections: 64, seconds: SECONDS });
        const busy = server.residentMb();
        return [
          '## 5. Resident memory with the demo data',
          table(['at rest MB', 'after a load of 64 connections MB'], [[rest.toFixed(0), busy.toFixed(0)]]),
          verdict(rest <= 150, `${rest.toFixed(0)} MB at rest, wanted at most 150`),
        ].join('\n\n');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
  },
};

const sends: Section = {
  async seed(seeder) {
    const user = await userWithChats(seeder, 200);
    return async (server) => {
      const url = hook(server, user, 'im.message.add');
      const bodies = user.chats.map((chat) => JSON.stringify({ DIALOG_ID: `chat${chat}`, MESSAGE: 'The quick brown fox jumps over the lazy dog' }));
      const lines = [];
      let perSecond = 0;
      await load({ url, method: 'POST', bodies, connections: 64, seconds: 2 });
      await longestStop(server.ready.http);
      for (const connections of [1, 64]) {
        const result = await load({ url, method: 'POST', bodies, connections, seconds: SECONDS });
        perSecond = result.perSecond;
        lines.push([String(connections), result.perSecond.toFixed(0), String(result.p50), String(result.p99)]);
      }
      const stop = await longestStop(server.ready.http);
      return [
        '## 6. Acknowledged, durable sends over HTTP',
        table(['connections', 'sends/s', 'p50 ms', 'p99 ms'], lines),
        verdict(perSecond >= 4000, `${perSecond.toFixed(0)} sends/s with 64 connections, wanted at least 4 000`),
        verdict(stop <= 50, `event loop never stopped for more than ${stop.toFixed(1)} ms, wanted at most 50`),
      ].join('\n\n');
    };
  },
};

/** In the order in which the results list them. */
export const sections: readonly Section[] = [answers, flatList, wideSends, polls, memory, sends];
