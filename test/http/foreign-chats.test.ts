/** What happens in chats of others costs a kept list nothing; whatever makes such a chat one's own is seen at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { addCrowd, type Row, say } from '../support/people.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

const store = new HeldStore();
let portal: TestServer;
let viewer: Client;
let owner: Client;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  owner = await portal.addUser('Owner');
  crowd = await addCrowd(portal, 105);
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  viewer = await portal.addUser('Viewer');
  await say(owner, viewer.userId);
});

const list = async () => withoutActivity(await viewer.call<Row[]>('im.recent.get'));
/** A page by token comes from the store. */
const stored = async () => withoutActivity((await viewer.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200, TOKEN: '' })).items);

/** When somebody was last seen is written down a little later, while the calls go on. */
function withoutActivity(rows: Row[]): Row[] {
  return JSON.parse(JSON.stringify(rows, (key, value: unknown) => (key === 'last_activity_date' ? undefined : value))) as Row[];
}

/** How the viewer stands to a chat that their list does not show, and what brings it into the list. */
const WAYS: Record<string, { before: (chat: number) => Promise<unknown>; next: (chat: number) => Promise<unknown> }> = {
  'invited': { before: async () => {}, next: (chat) => owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [viewer.userId] }) },
  'hidden, and somebody writes': {
    before: async (chat) => {
      await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [viewer.userId] });
      await viewer.call('im.recent.hide', { DIALOG_ID: `chat${chat}` });
    },
    next: (chat) => say(owner, `chat${chat}`),
  },
  'left, and invited again': {
    before: async (chat) => {
      await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [viewer.userId] });
      await viewer.call('im.chat.leave', { CHAT_ID: chat });
    },
    next: (chat) => owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [viewer.userId] }),
  },
};

describe.each([['a small chat', 0], ['a chat of more than a hundred', 105]])('%s', (_size, others) => {
  const make = async () => {
    const chat = await owner.call<number>('im.chat.add', { TITLE: 'Foreign', USERS: crowd.slice(0, others) });
    await say(owner, `chat${chat}`);
    return chat;
  };

  test.each(Object.entries(WAYS))('%s', async (_way, { before, next }) => {
    const chat = await make();
    await before(chat);
    await list();
    // What changes in it without a message: the chat shows in no row, and the list learns what it has to do with it.
    for (const TITLE of ['Renamed', 'Renamed again']) {
      await owner.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE });
      const rows = await list();
      expect(rows).toEqual(await stored());
    }
    for (let round = 0; round < 2; round++) {
      await (round === 0 ? next(chat) : say(owner, `chat${chat}`));
      const rows = await list();
      expect(rows).toEqual(await stored());
      expect(rows.map((row) => row.chat_id)).toContain(chat);
    }
  });

  if (ENGINE === 'sqlite') test('of others asks nothing once it is known to be', async () => {
    const chat = await make();
    await list();
    const asked: number[] = [];
    for (let i = 0; i < 6; i++) {
      await say(owner, `chat${chat}`);
      const before = store.sent.length;
      await list();
      asked.push(store.sent.length - before);
    }
    // What the server does from time to time comes on top.
    expect(asked[0]).toBeGreaterThan(0);
    expect(Math.min(...asked)).toBe(0);
  });
});
