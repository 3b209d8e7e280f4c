/** What events tell of people: no more than their reader could read with calls. And which scopes only read. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp } from '../support/application.ts';
import { narrowed, settled } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Handler, handlerForEach } from '../support/handler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;
let guest: Client;
let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer();
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
  guest = await portal.addUser('Guest', { extranet: 1 });
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));

const robot = () => addApp(portal, { scopes: ['im', 'user', 'user_brief', 'user_basic'] });
const bind = (caller: Client, event: string, params: Record<string, unknown> = {}) => caller.raw('event.bind', { event, handler: handler.url, ...params });

describe('an event carries what its reader could read', () => {
  test('a guest hears of nobody whom it shares no chat with, and user_brief sees no e-mail', async () => {
    const app = await robot();
    await bind(await app.as(guest), 'ONUSERADD');
    const brief = await narrowed(portal, app, clara, ['user_brief']);
    await bind(brief.caller, 'ONUSERADD', { handler: `${handler.url}?brief` });
    const basic = await narrowed(portal, app, boris, ['user_basic']);
    await bind(basic.caller, 'ONUSERADD', { handler: `${handler.url}?basic` });
    await portal.admin.call('user.add', { EMAIL: 'secret@example.org', NAME: 'Nora' });
    const told = [await handler.next('ONUSERADD'), await handler.next('ONUSERADD')];
    const byReader = Object.fromEntries(told.map(({ auth, data }) => [auth['user_id']!, data]));
    expect(byReader[clara.userId]).toMatchObject({ NAME: 'Nora' });
    expect(byReader[clara.userId]).not.toHaveProperty('EMAIL');
    expect(byReader[boris.userId]).toMatchObject({ EMAIL: 'secret@example.org' });
    await settled(portal, app);
    expect(handler.told).toEqual([]);
  });

  test.each(['user_brief', 'user_basic'])('%s reads and does not write', async (scope) => {
    const app = await robot();
    const { caller } = await narrowed(portal, app, portal.admin, [scope]);
    expect(await caller.call('user.get', { ID: anna.userId })).toHaveLength(1);
    for (const method of ['user.add', 'user.update']) {
      expect(await caller.fails(method, { ID: anna.userId, EMAIL: 'x@example.org', NAME: 'Other' })).toMatchObject({ status: 401, error: 'insufficient_scope' });
      expect(await caller.call('methods')).not.toContain(method);
      expect(await caller.call('method.get', { NAME: method })).toEqual({ isExisting: true, isAvailable: false });
      expect((await caller.raw('batch', { cmd: { a: method } })).body.result).toMatchObject({ result_error: { a: { error: 'insufficient_scope' } } });
    }
  });
});
