/** Portals that are not as one wishes: that lack methods, are tired, cut connections, or give what cannot be. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IntakeFault } from '../../src/intake/fault.ts';
import { type IntakeOptions, takeIn } from '../../src/intake/intake.ts';
import { Source, type SourceOptions } from '../../src/intake/source.ts';
import type { Client } from '../support/client.ts';
import { dump } from '../support/dump.ts';
import { type Answer, meddle, type Meddling } from '../support/meddler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let from: TestServer;
let to: TestServer;
let ann: Client;
let bob: Client;
let chat: number;
beforeAll(async () => {
  [from, to] = await Promise.all([startTestServer(), startTestServer()]);
  [ann, bob] = [await from.addUser('Ann', { email: 'ann@example.com' }), await from.addUser('Bob', { email: 'bob@example.com' })];
  chat = await ann.call<number>('im.chat.add', { TITLE: 'Both', USERS: [bob.userId] });
  for (let i = 0; i < 3; i += 1) await bob.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `number ${i}` });
  await bob.call('im.message.add', { DIALOG_ID: ann.userId, MESSAGE: 'hello' });
}, 60_000);
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const USUAL: IntakeOptions = { chats: 100, messages: 100, since: 0, watch: () => {} };

async function takeThrough(meddling: (methods: string[], before: number) => Meddling, change?: (answer: Answer) => void, options: SourceOptions = {}) {
  await using between = await meddle(meddling, change);
  const source = new Source(new URL(between.through(ann.url)), { perSecond: 10_000, pauseMs: 1, ...options });
  const result = await takeIn(to.server.context.messenger, source, USUAL);
  return { ...result, sent: between.requests.length };
}

const pass = (): Meddling => 'pass';

function lacking(...methods: string[]) {
  return (answer: Answer) => {
    if (!methods.includes(answer.method)) return;
    answer.result = undefined;
    answer.error = { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' };
  };
}

test('a portal that lacks methods gives what it has, and what was left out is said', async () => {
  const result = await takeThrough(pass, lacking('im.recent.list', 'im.dialog.users.list', 'im.dialog.get', 'user.current', 'im.user.list.get'));
  expect(result).toMatchObject({ chats: 2, messages: 6 });
  expect(result.left).toEqual([
    'the address of the owner (user.current: ERROR_METHOD_NOT_FOUND)', 'the profile of the owner (im.user.list.get: ERROR_METHOD_NOT_FOUND)',
    'chats in which nothing has happened for a month (im.recent.list: ERROR_METHOD_NOT_FOUND)',
    'descriptions, and how far others have read (im.dialog.get: ERROR_METHOD_NOT_FOUND)', 'members of some chats (im.dialog.users.list: ERROR_METHOD_NOT_FOUND)',
  ]);
});

test('a portal without lists cannot be taken from', async () => {
  await expect(takeThrough(pass, lacking('im.recent.list', 'im.recent.get'))).rejects.toThrow('im.recent.get: ERROR_METHOD_NOT_FOUND');
});

test('a portal that has had enough is asked again, method by method and as a whole', async () => {
  let tired = 3;
  const busy = { status: 503, body: '{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}' };
  const change = (answer: Answer) => {
    if (answer.method !== 'im.dialog.messages.get' || tired-- <= 0) return;
    answer.result = undefined;
    answer.error = { error: 'QUERY_LIMIT_EXCEEDED' };
  };
  expect(await takeThrough((_methods, before) => (before % 2 === 0 ? busy : 'pass'), change)).toMatchObject({ chats: 2, messages: 6 });
});

test('a plan with limits is kept to', { timeout: 60_000 }, async () => {
  await using limited = await startTestServer({ plan: 'standard' });
  const other = await limited.addUser('Other');
  await limited.admin.call('im.message.add', { DIALOG_ID: other.userId, MESSAGE: 'once' });
  // As many requests as the plan has room for: nothing is left of it.
  await Promise.all(Array.from({ length: 60 }, () => limited.admin.raw('server.time')));
  const waited: string[] = [];
  const source = new Source(new URL(limited.admin.url), { pauseMs: 100, waiting: (why) => waited.push(why) });
  expect(await takeIn(to.server.context.messenger, source, USUAL)).toMatchObject({ chats: 1, messages: 1 });
  expect(waited).toContain('QUERY_LIMIT_EXCEEDED');
});

test('a portal that stays away is given up with what to do; the webhook is in no message', async () => {
  const code = ann.url.split('/').at(-2)!;
  const fault = await takeThrough(() => 'cut').catch((thrown: unknown) => thrown);
  expect(fault).toBeInstanceOf(IntakeFault);
  expect(String(fault)).toMatch(/cannot be reached .*run the command again, and it goes on/);
  const refused = await takeIn(to.server.context.messenger, new Source(new URL(`${from.http}/rest/1/wrong${code}/`)), USUAL).catch((thrown: unknown) => thrown);
  expect(String(refused)).toMatch(/refuses the webhook: INVALID_CREDENTIALS/);
  expect(String(fault) + String(refused) + JSON.stringify(await dump(to.server.context.messenger.db))).not.toContain(code);
});

/** Changes what a method gives. */
function giving(method: string, change: (result: never) => unknown) {
  return (answer: Answer) => {
    if (answer.method === method) answer.result = change(answer.result as never);
  };
}

type Page = { messages: Array<Record<string, unknown>>; users: unknown[] };
type Items = { items: Array<Record<string, unknown> & { message: object; chat: object }> };
const eachMessage = (change: object) => giving('im.dialog.messages.get', (page: Page) => ({ ...page, messages: page.messages.map((message) => ({ ...message, ...change })) }));
const eachRow = (change: object) => giving('im.recent.list', (page: Items) => ({ ...page, items: page.items.map((row) => ({ ...row, ...change })) }));

test.each<[string, (answer: Answer) => void, string]>([
  ['a list that is none', giving('im.recent.list', () => ({ items: 'many' })), "the portal's answer to im.recent.list cannot be used: items: "],
  ['rows of no chat', eachRow({ chat_id: 'x' }), "the portal's answer to im.recent.list cannot be used: items.0.chat_id: "],
  ['ids beyond all ids', eachRow({ chat_id: 1e300 }), "the portal's answer to im.recent.list cannot be used: items.0.chat_id: "],
  ['rows of another kind', eachRow({ type: 'folder' }), "the portal's answer to im.recent.list cannot be used: items.0.type: "],
  ['a dialog with nobody', eachRow({ type: 'user', id: 'chat7' }), "the portal's answer to im.recent.list cannot be used: id: names no user"],
  ['messages without numbers', eachMessage({ id: null }), "the portal's answer to im.dialog.messages.get cannot be used: messages.0.id: "],
  ['messages of no date', eachMessage({ date: 'yesterday' }), "the portal's answer to im.dialog.messages.get cannot be used: messages.0.date: is not a date"],
  ['a page that is none', giving('im.dialog.messages.get', () => 7), "the portal's answer to im.dialog.messages.get cannot be used: the result: "],
  ['nothing', giving('profile', () => undefined), "the portal's answer to batch has nothing of profile"],
  ['a profile of nobody', giving('profile', () => ({ ID: '-1' })), "the portal's answer to profile cannot be used: ID: "],
])('what cannot be is refused by method and field, and nothing of it written: %s', async (_what, change, problem) => {
  await using between = await meddle(pass, change);
  const fresh = { ...USUAL, as: 1 };
  const before = await counted();
  const fault = await takeIn(to.server.context.messenger, new Source(new URL(between.through(ann.url)), { perSecond: 10_000 }), fresh).catch((thrown: unknown) => thrown);
  expect(String(fault)).toContain(problem);
  expect((await counted()).message).toBe(before.message);
});

async function counted(): Promise<Record<string, number>> {
  return Object.fromEntries(Object.entries(await dump(to.server.context.messenger.db)).map(([table, rows]) => [table, rows.length]));
}

test('what can be made something of is: texts of any length, dates to come, strange codes and loops', async () => {
  const change = (answer: Answer) => {
    eachMessage({ text: `[USER=1]a[/USER] \0\ud800 ${'[b]'.repeat(10_000)}`, date: '2999-01-01T00:00:00+00:00', params: { ATTACH: { BLOCKS: 'no' }, REPLY_ID: {}, LIKE: 'x', FILE_ID: [1e99], __proto__: 1 } })(answer);
    eachRow({ title: '\0<script>', counter: -5, pinned: 'N', user: 'nobody', last_id: 'x', date_last_activity: 7 })(answer);
    giving('im.recent.list', (page: Items) => ({ ...page, hasMore: true }))(answer);
    giving('im.dialog.users.list', (users: unknown[]) => Array.from({ length: 200 }, () => users[0]))(answer);
    giving('im.user.list.get', () => [{ id: 'x' }, null, 7])(answer);
  };
  const { owner, messages, chats } = await takeThrough(pass, change);
  expect([messages, chats]).toEqual([6, 2]);
  expect(owner).toBeGreaterThan(1);
  expect(await to.admin.call('user.admin')).toBe(true);
  // Nobody who comes from elsewhere administers this portal, and nothing is dated ahead.
  const rows = await dump(to.server.context.messenger.db);
  expect(rows['user']!.filter((row) => row.includes('["admin",1]'))).toHaveLength(1);
  const latest = Math.max(...rows['message']!.map((row) => Number(/"created_at",(\d+)/.exec(row)![1])));
  expect(latest).toBeLessThanOrEqual(to.clock.now());
});

test('an answer without end is not kept', { timeout: 30_000 }, async () => {
  const flood = { status: 200, body: `{"result":"${'x'.repeat(25 * 1024 * 1024)}"}` };
  await expect(takeThrough(() => flood)).rejects.toThrow(/the portal's answer to profile is too large/);
});

test('a redirect is not followed: it would give the webhook away', async () => {
  await expect(takeThrough(() => ({ status: 302, body: '' }))).rejects.toThrow(/refuses the webhook: HTTP 302/);
});

test('the same webhook belongs to whom it belonged', async () => {
  const first = await takeThrough(pass);
  await using between = await meddle(pass);
  const source = () => new Source(new URL(between.through(ann.url)), { perSecond: 10_000 });
  const { owner } = await takeIn(to.server.context.messenger, source(), USUAL);
  expect(owner).toBe(first.owner);
  await expect(takeIn(to.server.context.messenger, source(), { ...USUAL, as: 1 })).rejects.toThrow(`came before, as user ${owner}`);
});
