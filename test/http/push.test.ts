/** Our stream: whoever is connected is told at once, in absolute values, and misses nothing over a lost connection. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { byEvents, bySocket, type Connect, isEvent } from '../support/push.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let ann: Client;
let ben: Client;

beforeAll(async () => {
  portal = await startTestServer();
  [ann, ben] = [await portal.addUser('Ann'), await portal.addUser('Ben')];
});
afterAll(() => portal[Symbol.asyncDispose]());

describe.each<[string, Connect]>([['events', byEvents], ['socket', bySocket]])('by %s', (_name, connect) => {
  test('a message comes with its row and the totals', async () => {
    await using heard = await connect(ben);
    const ready = await heard.take(isEvent('ready'));
    expect(ready).toMatchObject({ token: expect.any(String), data: { user_id: ben.userId, reset_required: false, counters: await ben.call('im.counters.get') } });
    const id = await ann.call<number>('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Hello' });
    const message = await heard.take(isEvent('message'));
    const { messages, users } = await ben.call<any>('im.dialog.messages.get', { DIALOG_ID: ann.userId, LIMIT: 1 });
    expect(message.data).toMatchObject({ dialog_id: ann.userId, action: 'added', message: messages[0], users, files: [] });
    expect(message.data['message'].id).toBe(id);
    const list = await heard.take(isEvent('list'));
    const { items } = await ben.call<any>('im.recent.list', { LIMIT: 1 });
    expect(list.data['items']).toEqual(items);
    expect(list.data['counters']).toEqual((await ben.call<any>('im.counters.get')).TYPE);
    expect(list.token).toBeDefined();
  });
});
