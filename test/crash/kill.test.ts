/**
 * Kills a server with SIGKILL while many clients write, again and again on the same data, and looks each time whether
 * everything that was answered is still true. TIDEMARK_KILLS sets how often. On PostgreSQL, whose address
 * TIDEMARK_TEST_DATABASE_URL gives, the server process is killed and the database goes on.
 *
 * This is about a process that dies: what it wrote is then in the hands of the kernel. For power loss see
 * durability.test.ts.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Client, clientFor } from '../support/client.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';
import { type Home, killHard, makeWebhooks, type ServerProcess, startProcess } from './server-process.ts';
import { verify } from './verify.ts';
import { keepWriting, Ledger } from './ledger.ts';

const KILLS = Number(process.env['TIDEMARK_KILLS'] ?? 30);
const KILLS_AT_THE_FIRST_START = Math.ceil(KILLS / 5);
const PEOPLE = ['Ann', 'Bob', 'Cid', 'Dot'];
const HANDS_EACH = 4;
const LONGEST_RUN_MS = 700;
const LONGEST_FIRST_START_MS = 900;
/** Every so often the server is killed while it starts, before it answers anything. */
const KILLED_AT_START_EVERY = 5;

async function withHome(work: (home: Home) => Promise<void>): Promise<void> {
  const home = { folder: await mkdtemp(join(tmpdir(), 'tidemark-crash-')), databaseUrl: await freshDatabase() };
  try {
    await work(home);
  } finally {
    await rm(home.folder, { recursive: true, force: true });
    await dropDatabase(home.databaseUrl);
  }
}

test(`what was answered is true after each of ${KILLS} kills`, () =>
  withHome(async (home) => {
    const codes = await populate(home);
    const ledger = new Ledger();
    const ids = [...codes.keys()];
    ids.forEach((a, index) => ids.slice(index + 1).forEach((b) => ledger.places.push({ members: [a, b] })));
    let since = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      if (kill % KILLED_AT_START_EVERY === 0) await dieStarting(home);
      const server = startProcess(home);
      try {
        const clients = await clientsOf(server, codes);
        since = await verify(clients, ledger, since);
        await writeUntilKilled(server, [...clients.values()], ledger);
      } catch (error) {
        await killHard(server);
        throw new Error(`run ${kill}: ${(error as Error).message}`, { cause: error });
      }
    }
    const server = startProcess(home);
    try {
      await verify(await clientsOf(server, codes), ledger, since);
      await verify(await clientsOf(server, codes), ledger, 0);
    } finally {
      await killHard(server);
    }
    const answered = ledger.sent.filter(({ id }) => id !== undefined).length;
    console.log(`${KILLS} kills, ${answered} messages, ${ledger.places.length} dialogs`);
    expect(answered).toBeGreaterThan(KILLS * 10);
  }));

test('a first start that was killed leaves nothing in the way of the next', { retry: 0 }, async () => {
  for (let kill = 1; kill <= KILLS_AT_THE_FIRST_START; kill++) {
    await withHome(async (home) => {
      const first = startProcess(home);
      await sleep(randomInt(LONGEST_FIRST_START_MS));
      await killHard(first);
      const second = startProcess(home);
      const { admin } = await second.ready;
      expect(await clientFor(admin.webhook, 1).call('user.current')).toMatchObject({ ID: '1' });
      await killHard(second);
    });
  }
});

/** The portal and its people. Gives the codes of their webhooks by user id. */
async function populate(home: Home): Promise<Map<number, string>> {
  const server = startProcess(home);
  const { admin } = await server.ready;
  const client = clientFor(admin.webhook, admin.user_id);
  const ids: number[] = [];
  for (const NAME of PEOPLE) ids.push(await client.call<number>('user.add', { NAME, EMAIL: `${NAME}@example.com` }));
  const codes = await makeWebhooks(home, ids);
  await killHard(server);
  return codes;
}

async function clientsOf(server: ServerProcess, codes: ReadonlyMap<number, string>): Promise<Map<number, Client>> {
  const { http } = await server.ready;
  return new Map([...codes].map(([id, code]) => [id, clientFor(`${http}/rest/${id}/${code}/`, id)]));
}

async function writeUntilKilled(server: ServerProcess, clients: readonly Client[], ledger: Ledger): Promise<void> {
  const hands = clients.flatMap((client) => Array.from({ length: HANDS_EACH }, () => keepWriting(client, ledger)));
  const writing = Promise.all(hands);
  await Promise.race([sleep(randomInt(20, LONGEST_RUN_MS)), writing]);
  await killHard(server);
  await writing;
}

async function dieStarting(home: Home): Promise<void> {
  const server = startProcess(home);
  await sleep(randomInt(LONGEST_FIRST_START_MS));
  await killHard(server);
}
