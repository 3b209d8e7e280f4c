/**
 * Kills a server between what happens in chats and its move into their members' rows: on either side of the kill everybody's list,
 * counters and tokens are what they would have been, and the move is made up for. TIDEMARK_KILLS sets how often.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { onPortal } from '../../src/portal/open-portal.ts';
import type { WireRow } from '../model/answers.ts';
import { recount } from '../model/recount.ts';
import { TokenCopy } from '../model/token-copy.ts';
import { type Client, clientFor } from '../support/client.ts';
import { dropDatabase, ENGINE, freshDatabase } from '../support/server.ts';
import { type Home, killHard, makeWebhooks, type ServerProcess, startProcess } from './server-process.ts';

const KILLS = Math.max(4, Math.ceil(Number(process.env['TIDEMARK_KILLS'] ?? 30) / 5));
const PEOPLE = ['Ann', 'Bob', 'Cid', 'Dot'];
const GROUPS = 6;
/** Longer than chats stay warm after the last message. */
const LONGEST_WAIT_MS = 1600;

test(`a chat that is warm at one of ${KILLS} kills is right before and after it is folded`, async () => {
  const home = { folder: await mkdtemp(join(tmpdir(), 'tidemark-warm-')), databaseUrl: await freshDatabase() };
  let server: ServerProcess | undefined;
  try {
    const codes = await populate(home);
    const copies = new Map([...codes.keys()].map((id) => [id, new TokenCopy()]));
    let warm = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      server = startProcess(home);
      const clients = await clientsOf(server, codes);
      if (kill === 0) await makeGroups(clients);
      for (const client of clients) await copies.get(client.userId)!.catchUp(client);
      const touched = await write(clients);
      // Every other time at once, when all of it is warm; else while some of it is being folded, or has been.
      if (kill % 2 === 1) await sleep(randomInt(LONGEST_WAIT_MS));
      await killHard(server);
      warm += await countWarm(home);

      server = startProcess(home);
      const again = await clientsOf(server, codes);
      for (const client of again) {
        const told = await copies.get(client.userId)!.catchUp(client);
        expect([...told]).toEqual(expect.arrayContaining([...touched]));
        // On PostgreSQL what overlapped may come again.
        if (ENGINE === 'sqlite') expect([...told].sort()).toEqual([...touched].sort());
        copies.get(client.userId)!.compare(await recount(client));
      }
      while ((await countWarm(home)) > 0) await sleep(50);
      for (const client of again) {
        const told = await copies.get(client.userId)!.catchUp(client);
        if (ENGINE === 'sqlite') expect([...told]).toEqual([]);
        copies.get(client.userId)!.compare(await recount(client));
      }
      await killHard(server);
    }
    expect(warm).toBeGreaterThan(GROUPS);
  } finally {
    if (server) await killHard(server);
    await rm(home.folder, { recursive: true, force: true });
    await dropDatabase(home.databaseUrl);
  }
});

/** The portal and its people. Gives the codes of their webhooks by user id. */
async function populate(home: Home): Promise<Map<number, string>> {
  const server = startProcess(home);
  const { admin } = await server.ready;
  const client = clientFor(admin.webhook, admin.user_id);
  const ids: number[] = [];
  for (const NAME of PEOPLE) ids.push(await client.call<number>('user.add', { NAME, EMAIL: `${NAME}@example.com` }));
  await killHard(server);
  return makeWebhooks(home, ids);
}

async function clientsOf(server: ServerProcess, codes: ReadonlyMap<number, string>): Promise<Client[]> {
  const { http } = await server.ready;
  return [...codes].map(([id, code]) => clientFor(`${http}/rest/${id}/${code}/`, id));
}

async function makeGroups(clients: readonly Client[]): Promise<void> {
  const USERS = clients.map(({ userId }) => userId);
  for (let i = 0; i < GROUPS; i += 1) await clients[i % clients.length]!.call('im.chat.add', { TITLE: `Group ${i}`, USERS });
}

/** Everybody writes, some also change their own side of what is warm. Gives the chats in which something has happened for all. */
async function write(clients: readonly Client[]): Promise<Set<number>> {
  const rows = await clients[0]!.call<WireRow[]>('im.recent.get');
  const chats = rows.map((row) => row.chat_id).filter(() => randomInt(3) > 0);
  await Promise.all(clients.map(async (client, index) => {
    for (const chat of chats) await client.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `from ${client.userId}` });
    const own = `chat${chats[index % chats.length]}`;
    if (chats.length === 0) return;
    if (index === 1) await client.call('im.dialog.read', { DIALOG_ID: own });
    if (index === 2) await client.call('im.recent.pin', { DIALOG_ID: own, PIN: randomInt(2) === 0 ? 'Y' : 'N' });
    if (index === 3) await client.call('im.recent.unread', { DIALOG_ID: own, ACTION: 'Y' });
  }));
  return new Set(chats);
}

function countWarm({ folder, databaseUrl }: Home): Promise<number> {
  return onPortal(loadConfig({ data: folder, databaseUrl }, {}), async (db) => {
    const warm = await db.read((s) => s.query((q) => q.selectFrom('chat').select('id').where('warm', '=', 1)));
    return warm.length;
  });
}
