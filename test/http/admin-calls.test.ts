/** The last calls and the figures of the server: written down while somebody wants it, without secrets. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  anna = await portal.addUser('Anna');
  await admin.call('tidemark.settings.set', { SETTINGS: { calls: 'Y' } });
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Logged {
  id: number;
  at: string;
  user_id: number;
  method: string;
  command: boolean;
  params: string;
  status: number;
  code: string;
  why: string;
  ms: number;
  statements: number;
}

interface Answer {
  on: boolean;
  calls: Logged[];
}

const look = (params: Record<string, unknown> = {}) => admin.call<Answer>('tidemark.calls.list', params);
const lastOf = async (params: Record<string, unknown> = {}) => (await look(params)).calls.at(-1)!;

test('who asked for what, and what came of it', async () => {
  await anna.call('im.user.get', { ID: anna.userId });
  expect(await lastOf()).toEqual({
    id: expect.any(Number), at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/), user_id: anna.userId, webhook_id: expect.any(Number), client_id: '', method: 'im.user.get', command: false,
    params: `{"ID":${anna.userId}}`, status: 200, code: '', why: '', rehearsed: '', ms: expect.any(Number), statements: expect.any(Number),
  });
  await anna.fails('im.dialog.get', { DIALOG_ID: 'nonsense' });
  expect(await lastOf({ ERRORS: 'Y' })).toMatchObject({ method: 'im.dialog.get', status: 400, code: 'DIALOG_ID_EMPTY', why: "Dialog ID can't be empty" });
  await anna.fails('im.nope.get');
  expect(await lastOf()).toMatchObject({ method: 'im.nope.get', status: 404, code: 'ERROR_METHOD_NOT_FOUND', user_id: 0 });
  const robot = await (await addApp(portal)).as(anna);
  await robot.call('profile');
  expect(await lastOf()).toMatchObject({ method: 'profile', client_id: expect.stringMatching(/^local\./), webhook_id: 0, params: expect.stringContaining('"auth":"***"') });
  expect((await lastOf({ METHOD: 'IM.user.*' })).method).toBe('im.user.get');
  expect((await look({ USER_ID: 1 })).calls.filter(({ user_id }) => user_id !== 1)).toEqual([]);
});

test('the same call again, which takes a short way, is written down as well', async () => {
  await anna.call('im.chat.add', { TITLE: 'Listed' });
  const { calls } = await look();
  const since = calls.at(-1)!.id;
  for (let i = 0; i < 4; i += 1) await send(`${anna.url}im.recent.get?SKIP_CHAT=N`);
  const listed = (await look({ SINCE: since })).calls;
  expect(portal.server.context.dispatch.repeats.answered).toBeGreaterThan(0);
  expect(listed.map(({ method, params, user_id }) => ({ method, params, user_id }))).toEqual(Array.from({ length: 4 }, () => ({ method: 'im.recent.get', params: '{"SKIP_CHAT":"N"}', user_id: anna.userId })));
  expect(listed.at(-1)!.statements).toBeLessThanOrEqual(1);
});

test('each command of a batch, with its own error, before the batch', async () => {
  const since = (await lastOf()).id;
  await anna.call('batch', { cmd: { a: 'im.user.get', b: 'im.dialog.get?DIALOG_ID=x&auth=verysecret', c: 'nope' } });
  const { calls } = await look({ SINCE: since });
  expect(calls.map(({ method, command, code }) => [method, command, code])).toEqual([
    ['im.user.get', true, ''], ['im.dialog.get', true, 'DIALOG_ID_EMPTY'], ['nope', true, 'ERROR_METHOD_NOT_FOUND'], ['batch', false, ''],
  ]);
  expect(JSON.stringify(calls)).not.toContain('verysecret');
});

test('statements are those of the call', async () => {
  await anna.call('im.chat.add', { TITLE: 'Counted' });
  expect((await lastOf({ METHOD: 'im.chat.add' })).statements).toBeGreaterThan(3);
});

test('no secret is written down, and files are told by their length', async () => {
  const secret = 'S3cretS3cret';
  const { id } = await admin.call<{ id: number }>('tidemark.people.add', { NAME: 'Newcomer' });
  await admin.call('tidemark.people.password', { ID: id, PASSWORD: secret });
  await anna.raw('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: `${admin.url} https://user:${secret}@example.org/?access_token=${secret}`, auth_token: secret, nested: { client_secret: secret } });
  await anna.raw('im.v2.File.upload', { DIALOGID: anna.userId, FIELDS: { name: 'x', content: Buffer.from(secret.repeat(50)).toString('base64') } });
  const text = JSON.stringify((await look({ LIMIT: 1000 })).calls);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(admin.url.split('/').at(-2));
  expect(text).toContain('characters of base64');
});

test('no more than a thousand, and who looks is not among them', async () => {
  for (let i = 0; i < 45; i += 1) await anna.call('batch', { cmd: Array.from({ length: 50 }, () => 'server.time') });
  const { calls } = await look({ LIMIT: 5000 });
  expect(calls).toHaveLength(1000);
  const ids = calls.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(calls.filter(({ method }) => method === 'tidemark.calls.list')).toEqual([]);
  expect(portal.server.context.dispatch.calls.bytes).toBeLessThan(5 * 1024 * 1024);
});

test('switched off, all is forgotten and nothing is written down', async () => {
  await admin.call('tidemark.settings.set', { SETTINGS: { calls: 'N' } });
  await anna.call('im.user.get');
  expect(await look()).toMatchObject({ on: false, calls: [] });
  await admin.call('tidemark.settings.set', { SETTINGS: { calls: 'Y' } });
  await anna.call('im.user.get');
  expect((await look()).calls.map(({ method }) => method)).toEqual(['im.user.get']);
});

test('figures: a sample at once, with what the server has done', async () => {
  const first = await admin.call<{ engine: string; samples: Array<Record<string, number>> }>('tidemark.figures.get');
  expect(first.samples).toHaveLength(1);
  const [sample] = first.samples;
  expect(sample!['memory']).toBeGreaterThan(10_000_000);
  expect(sample!['database_bytes']).toBeGreaterThan(10_000);
  expect(sample!['hit_rate']).toBeLessThanOrEqual(1);
  expect(await admin.call('tidemark.figures.get', { SINCE: sample!['at'] })).toMatchObject({ samples: [] });
});
