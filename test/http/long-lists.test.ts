/** Lists of which only a part is kept: whatever happens, what is answered out of memory is what the store has. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Row, say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

/** Who calls is written down now and then, between two calls too. */
function quiet(row: Row): Row {
  return JSON.parse(JSON.stringify(row, (key, value: unknown) => (key === 'last_activity_date' ? '' : value))) as Row;
}

const CHATS = 12;
const RUNS = runs(ENGINE === 'sqlite' ? 12 : 5);

describe.each([
  ['a long list', { longest: 3, head: 5, changes: 500 }],
  ['a long list, and much that has changed', { longest: 3, head: 5, changes: 3 }],
  ['a short window', { longest: 50, head: 3, changes: 500 }],
  ['all of it', { longest: 50, head: 100, changes: 500 }],
])('%s', (_name, kept) => {
  let portal: TestServer;
  let viewer: Client;
  let others: Client[];
  let chats: number[];
  /** Of the last call. */
  let since: string;

  beforeAll(async () => {
    portal = await startTestServer({}, { kept });
    others = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  });
  afterAll(() => portal[Symbol.asyncDispose]());
  beforeEach(() => void (since = ''));
  afterEach(() => portal.clock.advance(1000));

  const start = async () => {
    viewer = await portal.addUser('Viewer');
    chats = [];
    for (let i = 0; i < CHATS; i++) {
      const chat = await others[i % 2]!.call<number>('im.chat.add', { TITLE: `Chat ${i}`, USERS: [viewer.userId, others[(i + 1) % 2]!.userId] });
      await say(others[i % 2]!, `chat${chat}`);
      if (i % 3 === 0) portal.clock.advance(1000);
      chats.push(chat);
    }
    since = new Date(portal.clock.now()).toISOString();
  };

  const steps: Record<string, (chat: number) => Promise<unknown>> = {
    say: (chat) => say(others[0]!, `chat${chat}`),
    // Whoever has left may do none of it.
    pin: (chat) => viewer.call('im.recent.pin', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    unpin: (chat) => viewer.call('im.recent.pin', { DIALOG_ID: `chat${chat}`, PIN: 'N' }).catch(() => {}),
    hide: (chat) => viewer.call('im.recent.hide', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    read: (chat) => viewer.call('im.dialog.read', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    mark: (chat) => viewer.call('im.recent.unread', { DIALOG_ID: `chat${chat}` }).catch(() => {}),
    leave: (chat) => viewer.call('im.chat.leave', { CHAT_ID: chat }).catch(() => {}),
    invite: (chat) => others[1]!.call('im.chat.user.add', { CHAT_ID: chat, USERS: [viewer.userId] }).catch(() => {}),
    rename: (chat) => others[0]!.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: `Renamed ${portal.clock.now()}` }).catch(() => {}),
    person: () => portal.admin.call('user.update', { ID: others[0]!.userId, LAST_NAME: `Renamed ${portal.clock.now()}` }),
    time: async () => portal.clock.advance(1500),
    fold: () => portal.server.context.folding.foldAll(),
  };

  /** A page by token is that of the store. */
  const page = async (LIMIT: number, extra: object) => {
    const { items, hasMore } = await viewer.call<{ items: Row[]; hasMore: boolean }>('im.recent.list', { LIMIT, ...extra });
    return { items: items.map(quiet), hasMore };
  };

  async function compare(): Promise<void> {
    for (const [limit, extra] of [[2, {}], [4, {}], [20, {}], [2, { UNREAD_ONLY: 'Y' }]] as const) {
      const { items, hasMore } = await page(limit, extra);
      const fromStore = await page(20, { ...extra, TOKEN: '' });
      expect(items).toEqual(fromStore.items.slice(0, limit));
      expect(hasMore).toBe(fromStore.items.length > limit);
    }
    const { items: all } = await page(200, { TOKEN: '' });
    expect((await viewer.call<Row[]>('im.recent.get')).map(quiet)).toEqual(all);
    const changed = (await viewer.call<Row[]>('im.recent.get', { LAST_SYNC_DATE: since })).map(quiet);
    const order = all.filter((row) => changed.some(({ chat_id: id }) => id === row.chat_id));
    expect(changed).toEqual(order);
    const missing = all.filter((row) => Date.parse(row.date_update) >= Date.parse(since) && !changed.some(({ chat_id: id }) => id === row.chat_id));
    expect(missing).toEqual([]);
  }

  /** Page by page, out of memory and the store in turn: what was walked before may bring a row again. */
  async function walk(way: (rows: readonly Row[]) => object): Promise<void> {
    const rows: Row[] = [];
    for (let more = true; more; ) {
      const { items, hasMore } = await page(2, rows.length === 0 ? {} : way(rows));
      rows.push(...items);
      more = hasMore;
    }
    const { items: all } = await page(200, { TOKEN: '' });
    expect(all.filter((row) => !rows.some((came) => isDeepStrictEqual(came, row)))).toEqual([]);
    expect(rows.filter((row) => !all.some((there) => isDeepStrictEqual(there, row)))).toEqual([]);
  }

  test('pages, the list and what has changed are those of the store, whatever happens', { timeout: 120_000 }, async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(CHATS - 1), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (plan) => {
        await start();
        await compare();
        for (const [name, index, look] of plan) {
          if (name === 'time') since = new Date(portal.clock.now()).toISOString();
          await steps[name]!(chats[index]!);
          if (look) await compare();
        }
        await compare();
        await walk((rows) => ({ OFFSET: rows.length }));
        await walk((rows) => ({ LAST_MESSAGE_DATE: rows.at(-1)!.message.date }));
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 90_000 },
    );
  });
});
