/** Plan, switches and rehearsals: set by a method, they hold at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SWITCHES } from '../../src/portal/switches.ts';
import type { Client } from '../support/client.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Setting {
  name: string;
  kind: string;
  value: string;
}

const settings = async () => new Map((await admin.call<Setting[]>('tidemark.settings.get')).map((setting) => [setting.name, setting]));
const set = (SETTINGS: unknown) => admin.call('tidemark.settings.set', { SETTINGS });

test('all that `portal set` sets is there, and what the portal keeps for itself is not', async () => {
  const found = await settings();
  expect([...found.keys()]).toEqual(SWITCHES.map(({ flag }) => flag));
  expect([...found.values()].filter(({ name }) => /secret|member/.test(name))).toEqual([]);
  expect(found.get('plan')).toMatchObject({ kind: 'choice', options: ['self-hosted', 'standard', 'enterprise'] });
});

test('what is set holds for the next call', async () => {
  await set({ timezone: 'Asia/Kolkata', 'access-ttl': 60, 'require-https': true });
  expect(await admin.fails('server.time')).toMatchObject({ text: 'Https required.' });
  await portal.server.context.db.write(async (s) => s.query((q) => q.updateTable('portal').set({ value: '0' }).where('key', '=', 'https_required')));
  await portal.restart();
  admin = movedTo(portal, admin);
  anna = movedTo(portal, anna);
  expect(await admin.call('server.time')).toMatch(/\+05:30$/);
  const found = await settings();
  expect([found.get('timezone')!.value, found.get('access-ttl')!.value, found.get('require-https')!.value]).toEqual(['Asia/Kolkata', '60', 'N']);
});

test.each([
  [{ plan: 'gold' }, 'SETTINGS[plan]'], [{ timezone: 'Mars/Base' }, 'SETTINGS[timezone]'], [{ rehearsals: 'perhaps' }, 'SETTINGS[rehearsals]'], [{ plan: true }, 'SETTINGS[plan]'],
  [{ nope: 'Y' }, 'SETTINGS'], [{}, 'SETTINGS'], ['plan', 'SETTINGS'], [[1], 'SETTINGS'], [{ name: ['x'] }, 'SETTINGS[name]'], [{ link_secret: 'x' }, 'SETTINGS'],
  [{ 'code-ttl': '77', url: 'nowhere' }, 'SETTINGS[url]'],
])('%j is refused by name, and sets nothing of it', async (SETTINGS, argument) => {
  const before = await settings();
  expect(await admin.fails('tidemark.settings.set', { SETTINGS })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
  expect(await settings()).toEqual(before);
});

test('errors are rehearsed, listed, and ended one by one or all of a webhook', async () => {
  const plan = { WEBHOOK: anna.url, ERROR: 'DIALOG_ID_EMPTY', METHOD: 'IM.dialog.get', NEXT: 2, DELAY: 1 };
  await set({ rehearsals: 'N' });
  expect(await admin.fails('tidemark.rehearsals.set', plan)).toMatchObject({ error: 'REHEARSALS_OFF' });
  await set({ rehearsals: 'Y' });
  await admin.call('tidemark.rehearsals.set', plan);
  await admin.call('tidemark.rehearsals.set', { WEBHOOK: anna.url, ERROR: 'QUERY_LIMIT_EXCEEDED', RATE: '1' });
  const listed = await admin.call<Array<{ id: number }>>('tidemark.rehearsals.list');
  expect(listed).toMatchObject([
    { error: 'DIALOG_ID_EMPTY', method: 'im.dialog.get', left: 2, rate: 1, delay: 1, client_id: '' }, { error: 'QUERY_LIMIT_EXCEEDED', method: '', left: -1, rate: 1 },
  ]);
  expect(await anna.fails('im.dialog.get', { DIALOG_ID: 1 })).toMatchObject({ error: 'DIALOG_ID_EMPTY' });
  expect(await anna.fails('im.user.get')).toMatchObject({ error: 'QUERY_LIMIT_EXCEEDED' });
  await admin.call('tidemark.rehearsals.clear', { ID: listed[1]!.id });
  expect(await anna.call('im.user.get')).toMatchObject({ id: anna.userId });
  expect(await admin.fails('tidemark.rehearsals.clear', { ID: listed[1]!.id })).toMatchObject({ error: 'REHEARSAL_NOT_FOUND' });
  await admin.call('tidemark.rehearsals.clear', { WEBHOOK: anna.url });
  expect(await admin.call('tidemark.rehearsals.list')).toEqual([]);
});

test.each([
  [{ ERROR: 'NOPE' }, 'ERROR'], [{ ERROR: 'DIALOG_ID_EMPTY' }, 'ERROR'], [{}, 'ERROR'], [{ ERROR: 'QUERY_LIMIT_EXCEEDED', METHOD: 'im.nope' }, 'METHOD'],
  [{ ERROR: 'QUERY_LIMIT_EXCEEDED', RATE: 2 }, 'RATE'], [{ ERROR: 'QUERY_LIMIT_EXCEEDED', RATE: '0' }, 'RATE'], [{ DELAY: 60_001 }, 'DELAY'],
  [{ ERROR: 'QUERY_LIMIT_EXCEEDED', CLIENT_ID: 'local.x' }, 'WEBHOOK'], [{ ERROR: 'QUERY_LIMIT_EXCEEDED', WEBHOOK: '999999' }, 'WEBHOOK'],
])('a rehearsal of %j is refused by name', async (params, argument) => {
  expect(await admin.fails('tidemark.rehearsals.set', { WEBHOOK: anna.url, ...params })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
});
