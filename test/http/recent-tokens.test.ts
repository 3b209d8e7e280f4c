/** What becomes of tokens when the database is not what it was: restarts, restored backups, copies, trimmed tombstones. */
import { cp, rm } from 'node:fs/promises';
import { beforeEach, afterEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { ENGINE, movedTo, onPostgres, startTestServer, type TestServer } from '../support/server.ts';

interface Answer {
  items: Array<{ id: number | string }>;
  removed: Array<number | string>;
  token: string;
  reset_required: boolean;
}

let portal: TestServer;
let anna: Client;
let boris: Client;
beforeEach(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  await say(boris, anna.userId);
});
afterEach(() => portal[Symbol.asyncDispose]());

const sync = (who: Client, TOKEN?: string) => who.call<Answer>('tidemark.recent.changes', TOKEN === undefined ? {} : { TOKEN });

async function restart(between: () => Promise<void> = async () => {}): Promise<void> {
  await portal.restart(between);
  anna = movedTo(portal, anna);
  boris = movedTo(portal, boris);
}

test('a restart takes nothing from a token, neither before the change nor after it', async () => {
  const { token } = await sync(anna);
  await say(boris, anna.userId);
  await restart();
  const { items, token: next, reset_required } = await sync(anna, token);
  expect({ ids: items.map(({ id }) => id), reset_required }).toEqual({ ids: [boris.userId], reset_required: false });
  await restart();
  expect(await sync(anna, next)).toMatchObject({ items: [], reset_required: false });
});

describe('of a backup that was restored', () => {
  /** Puts everything back to what it was at `taken`, once the server stands still. */
  async function restoredTo(taken: string): Promise<void> {
    await restart(async () => {
      if (ENGINE === 'sqlite') return copyFolder(taken, portal.folder);
      await onServer(`drop database "${nameOf(portal)}"`, `create database "${nameOf(portal)}" template "${taken}"`);
    });
  }

  async function backup(): Promise<string> {
    const taken = ENGINE === 'sqlite' ? `${portal.folder}-taken` : `${nameOf(portal)}_taken`;
    await restart(async () => {
      if (ENGINE === 'sqlite') return copyFolder(portal.folder, taken);
      await onServer(`create database "${taken}" template "${nameOf(portal)}"`);
    });
    return taken;
  }

  async function discard(taken: string): Promise<void> {
    if (ENGINE === 'sqlite') await rm(taken, { recursive: true });
    else await onServer(`drop database "${taken}"`);
  }

  test('a token that has seen what was undone is not gone on with, however much happens afterwards', async () => {
    const taken = await backup();
    await say(boris, anna.userId);
    const { token } = await sync(anna);
    await restoredTo(taken);
    expect(await sync(anna, token)).toMatchObject({ items: [], reset_required: true });
    for (let i = 0; i < 20; i += 1) await say(boris, anna.userId);
    expect(await sync(anna, token)).toMatchObject({ items: [], reset_required: true });
    await restart();
    expect(await sync(anna, token)).toMatchObject({ items: [], reset_required: true });
    expect((await anna.call<Answer['items']>('im.recent.get')).map(({ id }) => id)).toEqual([boris.userId]);
    const { items, token: fresh } = await sync(anna);
    expect(items.map(({ id }) => id)).toEqual([boris.userId]);
    expect(await sync(anna, fresh)).toMatchObject({ items: [], removed: [], reset_required: false });
    await discard(taken);
  });

  test('no snapshot of the server before stands beside a revision', async () => {
    const snapshots = () => portal.server.context.db.read((s) => s.query((q) => q.selectFrom('chat').select('rev_seen').where('rev_seen', '<>', '')));
    await say(boris, anna.userId);
    expect((await snapshots()).length > 0).toBe(ENGINE === 'postgres');
    const taken = await backup();
    await restoredTo(taken);
    expect(await snapshots()).toEqual([]);
    await discard(taken);
  });

  test('one from before the backup loses nothing', async () => {
    const { token } = await sync(anna);
    const taken = await backup();
    await say(boris, anna.userId);
    await restoredTo(taken);
    await say(boris, anna.userId);
    const { items, reset_required } = await sync(anna, token);
    expect(reset_required || items.map(({ id }) => id).includes(boris.userId)).toBe(true);
    await discard(taken);
  });
});

function nameOf({ databaseUrl }: TestServer): string {
  return new URL(databaseUrl).pathname.slice(1);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}

function onServer(...statements: string[]): Promise<void> {
  return onPostgres(async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}
