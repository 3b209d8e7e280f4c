/** The same call again takes a short way, on which nothing may be overlooked that the ordinary way would have met. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { recordActivity, updateUser } from '../../src/db/stores/user-store.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { databaseIn } from '../../src/portal/folder.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let partner: Client;
let viewer: Client;

beforeAll(async () => {
  portal = await startTestServer();
  partner = await portal.addUser('Partner');
  await set(POLICY_KEYS.rehearsals, '1');
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  viewer = await portal.addUser('Viewer');
  for (let i = 0; i < 3; i++) await say(partner, `chat${await partner.call<number>('im.chat.add', { TITLE: `Chat ${i}`, USERS: [viewer.userId] })}`);
});

const db = () => portal.server.context.db;
const shortened = () => portal.server.context.dispatch.repeats.answered;
const set = (key: string, value: string) => db().write((s) => writeSetting(s, key, value));
const webhook = async () => (await db().read((s) => webhookNamed(s, viewer.url)))!;

/** Ways to ask. Each is sent again and again; the same with one more parameter was never sent before. */
const CALLS: Record<string, (extra: string) => Promise<Reply>> = {
  'the list': (extra) => send(`${viewer.url}im.recent.get?${extra}`),
  'part of the list': (extra) => send(`${viewer.url}im.recent.get?SKIP_DIALOG=Y&${extra}`),
  'open lines alone': (extra) => send(`${viewer.url}im.recent.get?ONLY_OPENLINES=Y&${extra}`),
  'a page': (extra) => send(`${viewer.url}im.recent.list?LIMIT=2&${extra}`),
  'a page of what is unread': (extra) => send(`${viewer.url}im.recent.list?UNREAD_ONLY=Y&${extra}`),
  'a page in the original text': (extra) => send(`${viewer.url}im.recent.list?GET_ORIGINAL_TEXT=Y&${extra}`),
  'a list by POST': (extra) => send(`${viewer.url}im.recent.get`, { body: JSON.stringify({ SKIP_CHAT: 'N', ...(extra && { [extra]: 1 }) }), headers: { 'content-type': 'application/json' } }),
  'a list as XML': (extra) => send(`${viewer.url}im.recent.get.xml?${extra}`),
  'a list compressed': (extra) => send(`${viewer.url}im.recent.get?${extra}`, { headers: { 'accept-encoding': 'gzip' } }),
  'a list that is known': (extra) => send(`${viewer.url}im.recent.get?${extra}`, { headers: { 'if-none-match': '*' } }),
  'HEAD': (extra) => send(`${viewer.url}im.recent.get?${extra}`, { method: 'HEAD' }),
};

const rehearsal = { app_id: 0, method: '', error: 'QUERY_LIMIT_EXCEEDED', remaining: -1, per_million: 1_000_000, delay_ms: 0, created_at: 0 };

/** What may happen between two equal calls, and what undoes it where it concerns others too. */
const HAPPENINGS: Record<string, { happen: () => Promise<unknown>; undo?: () => Promise<unknown> }> = {
  'nothing': { happen: async () => {} },
  'a message': { happen: () => say(partner, viewer.userId) },
  'a message in another chat': { happen: () => say(partner, portal.admin.userId) },
  'everything read': { happen: () => viewer.call('im.dialog.read.all') },
  'a row hidden': { happen: async () => viewer.call('im.recent.hide', { DIALOG_ID: `chat${(await viewer.call<Array<{ chat_id: number }>>('im.recent.get'))[0]!.chat_id}` }) },
  'the partner active': { happen: () => db().write((s) => recordActivity(s, partner.userId, portal.clock.now() + 3_600_000)) },
  'thirty-one days': { happen: async () => portal.clock.advance(31 * 86_400_000) },
  'the webhook deleted': { happen: async () => { const { id } = await webhook(); return db().write((s) => deleteWebhook(s, id)); } },
  'the webhook held': { happen: async () => { const { id } = await webhook(); return db().write((s) => holdWebhook(s, id, 1)); } },
  'the viewer dismissed': { happen: () => portal.admin.call('user.update', { ID: viewer.userId, ACTIVE: 'N' }) },
  'the viewer a guest': { happen: () => db().write((s) => updateUser(s, viewer.userId, { extranet: 1 })) },
  'another time zone': { happen: () => set(SETTING_KEYS.timezone, 'Asia/Tokyo'), undo: () => set(SETTING_KEYS.timezone, 'UTC') },
  'the portal closed': { happen: () => set(POLICY_KEYS.closed, '1'), undo: () => set(POLICY_KEYS.closed, '0') },
  'HTTPS required': { happen: () => set(POLICY_KEYS.httpsRequired, '1'), undo: () => set(POLICY_KEYS.httpsRequired, '0') },
  'the plan without REST': { happen: () => set(POLICY_KEYS.restPlan, 'free'), undo: () => set(POLICY_KEYS.restPlan, 'commercial') },
  'an error rehearsed': {
    happen: async () => {
      const { id } = await webhook();
      await db().write((s) => insertRehearsal(s, { ...rehearsal, webhook_id: id }));
    },
    undo: async () => {
      const { id } = await webhook();
      await db().write((s) => deleteRehearsals(s, { webhookId: id, appId: 0 }));
    },
  },
};

/** All but what differs between any two calls. */
function essence({ status, headers, bytes, text }: Reply): unknown {
  const { date: _date, 'content-length': _length, 'x-tidemark-token': _token, ...head } = headers;
  return { status, head, body: bytes.length === 0 ? '' : text.replace(/"time":\{[^}]*\}|<time>.*<\/time>/s, '') };
}

const EVERY = Object.entries(HAPPENINGS).flatMap(([what, { happen, undo }]) => Object.entries(CALLS).map(([how, call]) => ({ what, how, happen, undo, call })));

test.each(EVERY)('$how after: $what', async ({ happen, undo, call }) => {
  for (let i = 0; i < 3; i++) await call('');
  await happen();
  const again = await call('');
  const anew = await call('other');
  await undo?.();
  expect(essence(again)).toEqual(essence(anew));
});

test('what is known at once takes the short way, and nothing else does', async () => {
  const short: string[] = [];
  for (const [how, call] of Object.entries(CALLS)) {
    for (let i = 0; i < 3; i++) await call('');
    const before = shortened();
    await call('');
    if (shortened() > before) short.push(how);
  }
  expect(short).toEqual(['the list', 'part of the list', 'a page', 'a page of what is unread', 'a list by POST', 'a list compressed', 'a list that is known', 'HEAD']);
});

test('the calls are counted, limited and dated like others', async () => {
  await set(POLICY_KEYS.plan, 'standard');
  const statuses = new Set<number>();
  for (let i = 0; i < 80; i++) statuses.add((await CALLS['the list']!('')).status);
  await set(POLICY_KEYS.plan, 'self-hosted');
  expect([...statuses].sort()).toEqual([200, 503]);
  const starts: number[] = [];
  for (let i = 0; i < 3; i++) starts.push((((await CALLS['the list']!('')).body['time']) as { start: number }).start);
  expect([...starts].sort((a, b) => a - b)).toEqual(starts);
  const calls = async () => Number(/tidemark_calls_total\{method="im.recent.get",status="200"\} (\d+)/.exec((await send(`${portal.http}/metrics`)).text)?.[1]);
  const before = await calls();
  for (let i = 0; i < 5; i++) await CALLS['the list']!('');
  expect(await calls()).toBe(before + 5);
});

if (ENGINE === 'sqlite') test('what another process writes is seen', async () => {
  for (let i = 0; i < 3; i++) await CALLS['the list']!('');
  const fail = (fault: unknown): never => { throw fault; };
  const other = await openStore({ data: portal.folder, databaseUrl: '' }, databaseIn(portal.folder), { onFailure: fail, onFault: fail });
  const { id } = await webhook();
  await other.write((s) => deleteWebhook(s, id));
  await other.close();
  expect((await CALLS['the list']!('')).status).toBe(401);
});
