/** The vendor's protocol on a socket: what is told, to whom, and how a client goes on after it was away. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { configOf, PullSocket } from '../support/pull-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;
let clara: Client;
const open: PullSocket[] = [];

beforeAll(async () => {
  portal = await startTestServer({}, { pull: { beatMs: 50 } });
  [anna, boris, clara] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Clara')];
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.socket.terminate();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function connect(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
  const socket = await PullSocket.open(who, options);
  open.push(socket);
  return socket;
}

const say = (who: Client, DIALOG_ID: string | number, MESSAGE: string) => who.call<number>('im.message.add', { DIALOG_ID, MESSAGE });
const group = (...members: Client[]) => anna.call<number>('im.chat.add', { TITLE: 'Group', USERS: members.map(({ userId }) => userId) });

describe('messages', () => {
  test('of a private dialog come to both, each from where they stand', async () => {
    const [annas, boriss] = [await connect(anna), await connect(boris)];
    const id = await anna.call<number>('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Hi [b]B[/b]', TEMPLATE_ID: 'temp-1' });
    const [own, others] = [await annas.next('message'), await boriss.next('message')];
    expect(own).toMatchObject({ module: 'im', params: { dialogId: boris.userId, counter: 0, message: { id, recipientId: boris.userId, senderId: anna.userId, system: 'N' } } });
    expect(others).toMatchObject({
      module: 'im', sender: undefined, extra: { revision_web: 19, server_time_unix: expect.any(Number) },
      params: {
        dialogId: anna.userId, chat: [], counter: 1, counterType: 'chat', notify: true, files: [], userBlockChat: [],
        users: { [anna.userId]: { id: anna.userId, name: 'Anna' } }, message: { id, recipientId: boris.userId, text: 'Hi [b]B[/b]', textLegacy: 'Hi [b]B[/b]', params: [], counter: 0 },
      },
    });
    expect(others.mid).toMatch(/^[\da-f]+$/);
  });
});
