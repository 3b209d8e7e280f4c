/** Sync by token: what a client has always becomes the list, whatever happens. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  chat_id: number;
  title: string;
}
interface Answer {
  items: Row[];
  removed: Array<number | string>;
  users: Array<{ id: number; name: string }>;
  token: string;
  has_more: boolean;
  reset_required: boolean;
}

let portal: TestServer;
let anna: Client;
let boris: Client;
beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
});
afterAll(() => portal[Symbol.asyncDispose]());

/** All pages from a token on. */
async function sync(who: Client, token?: string, LIMIT = 50): Promise<Answer> {
  const first = await who.call<Answer>('tidemark.recent.changes', { LIMIT, ...(token !== undefined && { TOKEN: token }) });
  if (!first.has_more) return first;
  const rest = await sync(who, first.token, LIMIT);
  return { ...rest, items: [...first.items, ...rest.items], removed: [...first.removed, ...rest.removed], users: [...first.users, ...rest.users] };
}

const list = async (who: Client) => (await who.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 })).items;

test('without a token the list comes in pages, and then nothing until something changes', async () => {
  for (let i = 0; i < 5; i += 1) await say(boris, `chat${await boris.call<number>('im.chat.add', { TITLE: `Group ${i}`, USERS: [anna.userId] })}`);
  const first = await sync(anna, undefined, 2);
  expect(first.items.map(({ id }) => id)).toEqual((await list(anna)).map(({ id }) => id));
  expect(await sync(anna, first.token)).toMatchObject({ items: [], removed: [], users: [], has_more: false, reset_required: false });
});

test('a renamed colleague comes with every row that shows them', async () => {
  await say(boris, anna.userId);
  const { token } = await sync(anna);
  await portal.admin.call('user.update', { ID: boris.userId, NAME: 'Bob' });
  const { items, users } = await sync(anna, token, 2);
  expect(users.map(({ id }) => id)).toContain(boris.userId);
  expect(items.length).toBeGreaterThan(5);
  expect(items.find(({ id }) => id === boris.userId)!.title).toMatch(/^Bob/);
});

test('what leaves the list is named, and comes back whole', async () => {
  const chat = await boris.call<number>('im.chat.add', { TITLE: 'Passing', USERS: [anna.userId] });
  const { token } = await sync(anna);
  await anna.call('im.chat.leave', { CHAT_ID: chat });
  const left = await sync(anna, token);
  expect(left.removed).toEqual([`chat${chat}`]);
  await boris.call('im.chat.user.add', { CHAT_ID: chat, USERS: [anna.userId] });
  expect((await sync(anna, left.token)).items.map(({ id }) => id)).toEqual([`chat${chat}`]);
});

test('a call that waits is answered by the first change', async () => {
  const { token } = await sync(anna);
  const waiting = anna.call<Answer>('tidemark.recent.changes', { TOKEN: token, WAIT: 30 });
  await say(boris, anna.userId);
  expect((await waiting).items.map(({ id }) => id)).toEqual([boris.userId]);
});

test('a token of another database is not gone on with; what is no token is refused by name', async () => {
  await using other = await startTestServer();
  const { token } = await sync(other.admin);
  expect(await anna.call<Answer>('tidemark.recent.changes', { TOKEN: token })).toMatchObject({ items: [], token: '', reset_required: true });
  expect(await anna.fails('tidemark.recent.changes', { TOKEN: 'nonsense' })).toMatchObject({ argument: 'TOKEN' });
});

test('pages of the list by token repeat nothing, and what moved comes with the changes', async () => {
  const page = await anna.call<{ items: Row[]; token: string; hasMore: boolean }>('im.recent.list', { LIMIT: 3, TOKEN: '' });
  const below = (await list(anna)).at(-1)!;
  await say(boris, String(below.id));
  const rows = [...page.items];
  let { token, hasMore } = page;
  while (hasMore) {
    const next = await anna.call<typeof page>('im.recent.list', { LIMIT: 3, TOKEN: token });
    rows.push(...next.items);
    ({ token, hasMore } = next);
  }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const { items } = await sync(anna, token);
  expect(items.map(({ id }) => id)).toEqual([below.id]);
  expect([...rows, ...items].map(({ id }) => String(id)).sort()).toEqual((await list(anna)).map(({ id }) => String(id)).sort());
});

test('who waits is let in again: a webhook that is revoked meanwhile tells nothing any more', async () => {
  const carl = await portal.addUser('Carl');
  const { token } = await sync(carl);
  const waiting = carl.fails('tidemark.recent.changes', { TOKEN: token, WAIT: 30 });
  await portal.server.context.db.write(async (s) => {
    await s.query((q) => q.updateTable('webhook').set({ active: 0 }).where('user_id', '=', carl.userId));
    s.changes.note({ what: 'credentials' });
  });
  expect(await waiting).toMatchObject({ error: 'INVALID_CREDENTIALS' });
});

test('a stop does not wait for those who wait', async () => {
  const other = await startTestServer();
  const dora = await other.addUser('Dora');
  const { token } = await sync(dora);
  const waiting = dora.call<Answer>('tidemark.recent.changes', { TOKEN: token, WAIT: 30 });
  await expect.poll(() => other.server.context.waits.count).toBe(1);
  await other[Symbol.asyncDispose]();
  expect(await waiting).toMatchObject({ items: [], reset_required: false });
});

test('the list of im.recent.get goes on with the token in its header, also where the answer has no body', async () => {
  const get = (headers: Record<string, string> = {}) => fetch(`${anna.url}im.recent.get`, { headers });
  const tokenOf = (response: Response) => response.headers.get('x-tidemark-token')!;
  // What others do among themselves leaves the list as it is; its token may come to stand after it. That Boris is there may change it once.
  const [first, unchanged] = await vi.waitFor(async () => {
    const before = await get();
    await boris.call('im.chat.add', { TITLE: 'Without Anna' });
    const after = await get({ 'if-none-match': before.headers.get('etag')! });
    expect(after.status).toBe(304);
    return [before, after];
  }, 10_000);
  for (const token of [tokenOf(first), tokenOf(unchanged)]) expect(await sync(anna, token)).toMatchObject({ items: [], removed: [], reset_required: false });
  await say(boris, anna.userId);
  for (const token of [tokenOf(first), tokenOf(unchanged)]) expect((await sync(anna, token)).items.map(({ id }) => id)).toEqual([boris.userId]);
});
