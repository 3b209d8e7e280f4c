import { afterAll, beforeAll, expect, test } from 'vitest';
import { bestStop } from './stops.ts';
import { type CrowdedPortal, openCrowdedPortal } from './crowded-portal.ts';
import { dispatch, type RestRequest } from '../../src/rest/dispatch.ts';

let crowded: CrowdedPortal;
beforeAll(async () => { const t = performance.now(); crowded = await openCrowdedPortal(); console.log('seeded', performance.now() - t); }, 300_000);
afterAll(() => crowded[Symbol.asyncDispose]());

const json = (value: unknown): Pick<RestRequest, 'contentType' | 'body'> => ({ contentType: 'application/json', body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) });

test('table', async () => {
  const { busy, usual, guest, app, wide, heavy, users, portal } = crowded;
  const go = async (who: { url: string }, method: string, params: unknown, copies = 1) => {
    const url = new URL(who.url + method);
    const requests = Array.from({ length: copies }, async () => {
      const { response } = await dispatch(portal.server.context.dispatch, { path: url.pathname, query: url.search.slice(1), authorization: undefined, source: '192.0.2.1', origin: portal.http, ...json(params) });
      return response;
    });
    const [first] = await Promise.all(requests);
    return first!;
  };
  const many = (n: number, f: (i: number) => string) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, f(i)]));
  const kinds: Array<[string, () => Promise<unknown>]> = [];
  const add = (name: string, who: { url: string }, method: string, params: unknown, copies = 1) => kinds.push([name, () => go(who, method, params, copies)]);
  add('recent.get 10k', busy, 'im.recent.get', {});
  add('recent.get 10k xml', busy, 'im.recent.get.xml', {});
  add('recent.get 2k', usual, 'im.recent.get', {});
  add('recent.get 2k date', usual, 'im.recent.get', { LAST_SYNC_DATE: '2026-01-01' });
  add('recent.get guest', guest, 'im.recent.get', {});
  add('recent.list guest', guest, 'im.recent.list', { LIMIT: 200 });
  add('recent.list deep', busy, 'im.recent.list', { LIMIT: 200, OFFSET: 9000 });
  add('recent.list date', busy, 'im.recent.list', { LIMIT: 200, LAST_MESSAGE_DATE: '2026-11-10T00:00:00+00:00' });
  add('recent.list unread', busy, 'im.recent.list', { LIMIT: 200, UNREAD_ONLY: 'Y' });
  add('recent.list manage', busy, 'im.recent.list', { LIMIT: 200, CAN_MANAGE_MESSAGES: 'Y' });
  add('counters', busy, 'im.counters.get', {});
  add('counters guest', guest, 'im.counters.get', {});
  add('users 1000', busy, 'im.user.list.get', { ID: users.slice(0, 1000) });
  add('users 1000 guest', guest, 'im.user.list.get', { ID: users.slice(0, 1000) });
  add('access.name', busy, 'access.name', { ACCESS: users.slice(0, 1000).map((id) => `U${id}`) });
  add('chat users', busy, 'im.chat.user.list', { CHAT_ID: wide });
  add('dialog.get wide', busy, 'im.dialog.get', { DIALOG_ID: `chat${wide}` });
  add('messages heavy', busy, 'im.dialog.messages.get', { DIALOG_ID: `chat${heavy}`, LIMIT: 50 });
  add('messages heavy x20', busy, 'im.dialog.messages.get', { DIALOG_ID: `chat${heavy}`, LIMIT: 50 }, 20);
  add('recent.get 10k x20', busy, 'im.recent.get', {}, 20);
  add('read all', busy, 'im.dialog.read.all', {});
  add('batch messages heavy', busy, 'batch', { cmd: many(50, () => `im.dialog.messages.get?DIALOG_ID=chat${heavy}&LIMIT=50`) });
  add('batch recent', busy, 'batch', { cmd: many(50, () => 'im.recent.get') });
  add('batch recent xml', busy, 'batch.xml', { cmd: many(50, () => 'im.recent.get') });
  add('refs nowhere', busy, 'batch', { cmd: { ...many(49, () => 'im.recent.get'), z: `profile?${Array.from({ length: 990 }, () => 'a[]=$result[none]').join('&')}` } });
  add('refs nowhere usual', usual, 'batch', { cmd: { ...many(49, () => 'im.recent.list?LIMIT=200'), z: `profile?${Array.from({ length: 990 }, () => 'a[]=$result[none]').join('&')}` } });
  add('refs to whole', usual, 'batch', { cmd: { a: 'im.recent.list?LIMIT=200', ...many(49, () => `profile?${Array.from({ length: 990 }, () => 'a[]=$result[a]').join('&')}`) } });
  add('refs open', usual, 'batch', { cmd: { a: 'profile', b: `profile?x=${'$result['.repeat(250_000)}` } });
  add('message.add 2MB', busy, 'im.message.add', { DIALOG_ID: `chat${heavy}`, MESSAGE: 'x'.repeat(2_000_000) });
  add('message.add wide', busy, 'im.message.add', { DIALOG_ID: `chat${wide}`, MESSAGE: 'x' });
  add('deep text', busy, 'im.user.list.get', { ID: '['.repeat(1_900_000) });
  add('wide text', busy, 'im.message.add', { DIALOG_ID: 1, MESSAGE: 'x', KEYBOARD: `[${'{},'.repeat(500_000)}{}]` });
  add('options', app, 'user.option.get', {});
  add('event.test', app, 'event.test', { a: 'x'.repeat(1_900_000) });
  for (const [name, run] of kinds) {
    let status = '';
    globalThis.gc?.();
    const before = process.memoryUsage();
    const t = performance.now();
    const stop = await bestStop(50, async () => { const r = await run() as { status: number; body: Array<string | Uint8Array> }; status = `${r.status} ${r.body.reduce((n, p) => n + p.length, 0)} ${r.status !== 200 ? String(r.body[0]).slice(0, 120) : ''}`; });
    const total = performance.now() - t;
    globalThis.gc?.();
    const after = process.memoryUsage();
    console.log(name.padEnd(24), stop.toFixed(1).padStart(8), total.toFixed(0).padStart(7), ((after.rss - before.rss) / 1e6).toFixed(0).padStart(6), status);
  }
  expect(1).toBe(1);
}, 600_000);
