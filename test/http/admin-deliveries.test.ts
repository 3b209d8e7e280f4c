/** Events to applications: what failed is seen with why, and told again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { Handler, handlerForEach } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  await admin.call('tidemark.settings.set', { SETTINGS: { 'private-handlers': 'Y' } });
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));

interface Listed {
  id: number;
  state: string;
  attempts: number;
  status: number;
  event: string;
}

const list = (params: Record<string, unknown> = {}) => admin.call<Listed[]>('tidemark.deliveries.list', { URL: handler.url, ...params });
const addressOf = async () => (await admin.call<Array<{ url: string; failed: number; waiting: number; done: number }>>('tidemark.deliveries.addresses')).find(({ url }) => url === handler.url);

/** An application whose handler is told of tests. */
async function robot(): Promise<{ app: TestApp; told: Client }> {
  const app = await addApp(portal, { scopes: ['im', 'user'] });
  const told = await app.as(admin);
  await told.call('event.bind', { EVENT: 'ONAPPTEST', HANDLER: handler.url });
  return { app, told };
}

/** Waits until what the handler was told is written down. */
async function settled(state: string, count: number): Promise<Listed[]> {
  await expect.poll(async () => (await list()).filter((row) => row.state === state && (state !== 'waiting' || row.attempts > 0)).length, { timeout: 20_000 }).toBe(count);
  return list();
}

test('what a handler does not take waits, with why; replayed it is told at once, without the pause', async () => {
  const { app, told } = await robot();
  handler.status = 500;
  await told.call('event.test', { name: 'first' });
  await handler.next('ONAPPTEST');
  const [row] = await settled('waiting', 1);
  expect(row).toMatchObject({ event: 'ONAPPTEST', attempts: 1, status: 500, client_id: app.clientId, application: 'Test', next: expect.any(String), finished: false });
  expect(await addressOf()).toMatchObject({ client_id: app.clientId, waiting: 1, failed: 0, done: 0 });
  handler.status = 200;
  expect(await admin.call('tidemark.deliveries.replay', { URL: handler.url })).toEqual({ replayed: 1 });
  expect((await handler.next('ONAPPTEST')).data).toMatchObject({ QUERY: { name: 'first' } });
  await settled('done', 1);
  expect(await admin.call('tidemark.deliveries.replay', { URL: handler.url })).toEqual({ replayed: 0 });
});

test('all that failed for good is told in the order in which it happened, each once; of one application alone where that is asked', async () => {
  const { app, told } = await robot();
  handler.status = 500;
  for (const name of ['1', '2', '3']) await told.call('event.test', { name });
  await handler.next('ONAPPTEST');
  await settled('waiting', 1);
  await portal.server.context.db.write(async (s) => void (await s.query((q) => q.updateTable('delivery').set({ state: 'failed', attempts: 9, finished_at: 1 }).where('url', '=', handler.url))));
  expect((await list({ STATE: 'failed' })).length).toBe(3);
  expect(await addressOf()).toMatchObject({ failed: 3, failed_at: expect.any(String) });
  handler.status = 200;
  const other = await addApp(portal);
  expect(await admin.call('tidemark.deliveries.replay', { URL: handler.url, CLIENT_ID: other.clientId })).toEqual({ replayed: 0 });
  expect(await admin.call('tidemark.deliveries.replay', { URL: handler.url, CLIENT_ID: app.clientId })).toEqual({ replayed: 3 });
  const names = [];
  for (let i = 0; i < 3; i += 1) names.push((await handler.next('ONAPPTEST')).data['QUERY']);
  expect(names).toMatchObject([{ name: '1' }, { name: '2' }, { name: '3' }]);
  await settled('done', 3);
  expect(handler.told).toEqual([]);
});

test('one that was taken is told again where somebody wants it', async () => {
  const { told } = await robot();
  await told.call('event.test', { name: 'again' });
  await handler.next('ONAPPTEST');
  const [row] = await settled('done', 1);
  expect(await admin.call('tidemark.deliveries.replay', { ID: row!.id })).toEqual({ replayed: 1 });
  expect((await handler.next('ONAPPTEST')).data).toMatchObject({ QUERY: { name: 'again' } });
});

test.each([[{}, 'ID'], [{ ID: 1, URL: 'https://app.example/' }, 'ID']])('replay with %j is refused by name', async (params, argument) => {
  expect(await admin.fails('tidemark.deliveries.replay', params)).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
});
