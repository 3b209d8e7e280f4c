/** What reading, unreading and marks do to counters, rows and statuses, whatever the size of the chat. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, type Circle, historyOf, rowOf, say, SIZES } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Counters {
  TYPE: Record<string, number>;
  CHAT_UNREAD: number[];
  DIALOG_UNREAD: number[];
}

const countersOf = (who: Client) => who.call<Counters>('im.counters.get');

describe.each(SIZES)('in %s', (_size, extras) => {
  let crowd: number[];
  /** With five messages of the owner that the member has not read. */
  async function circle(params?: Record<string, unknown>): Promise<Circle & { ids: number[] }> {
    const made = await addCircle(portal, crowd, params);
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.push(await say(made.owner, made.dialog, { MESSAGE: `m${i}` }));
    return { ...made, ids };
  }

  beforeAll(async () => {
    crowd = await addCrowd(portal, extras);
  });

  describe('im.dialog.read', () => {
    test('up to a message: what comes after stays unread; never back', async () => {
      const { member, chat, dialog, ids } = await circle();
      const read = (MESSAGE_ID: number | string) => member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID });
      expect(await read(ids[1]!)).toEqual({ dialogId: dialog, chatId: chat, lastId: ids[1], counter: 3 });
      expect(await read(ids[0]!)).toEqual({ dialogId: dialog, chatId: chat, lastId: ids[1], counter: 3 });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 3, last_id: ids[1] });
      const unread = (await historyOf(member, dialog)).filter((message) => message.unread).map((message) => message.id);
      expect(unread).toEqual([ids[4], ids[3], ids[2]]);
      expect(await member.call('im.dialog.get', { DIALOG_ID: dialog })).toMatchObject({ counter: 3, last_id: ids[1], unread_id: ids[2] });
      expect(await read(String(ids[4]! + 1_000_000))).toMatchObject({ lastId: ids[4], counter: 0 });
    });

    test('up to a message changes the status of what was read, the whole chat does not', async () => {
      const { owner, member, other, dialog, ids } = await circle();
      await member.call('im.dialog.read', { DIALOG_ID: dialog });
      expect(await rowOf(owner, dialog)).toMatchObject({ message: { status: 'received' } });
      await other.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[3] });
      expect(await rowOf(owner, dialog)).toMatchObject({ message: { status: 'received' } });
      await other.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[4] });
      expect(await rowOf(owner, dialog)).toMatchObject({ message: { status: 'delivered' } });
    });

    test('one\'s own message is not seen by reading it', async () => {
      const { owner, dialog, ids } = await circle();
      await owner.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[4] });
      expect(await rowOf(owner, dialog)).toMatchObject({ message: { status: 'received' } });
    });

    test.each([{}, { MESSAGE_ID: 0 }, { MESSAGE_ID: -1 }, { MESSAGE_ID: '' }])('the whole chat: %j', async (params) => {
      const { member, dialog, ids } = await circle();
      expect(await member.call('im.dialog.read', { DIALOG_ID: dialog, ...params })).toMatchObject({ lastId: ids[4], counter: 0 });
      expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 0 }, CHAT: [] });
    });

    test('LAST_ID is another name, which wins', async () => {
      const { member, dialog, ids } = await circle();
      const read = await member.call('im.dialog.read', { DIALOG_ID: dialog, LAST_ID: ids[0], MESSAGE_ID: ids[4] });
      expect(read).toMatchObject({ lastId: ids[0], counter: 4 });
    });

    test('without access gives false', async () => {
      const { dialog } = await circle();
      const stranger = await portal.addUser('Stranger');
      for (const DIALOG_ID of [dialog, portal.admin.userId, 'chat999999', 999_999]) {
        expect(await stranger.call('im.dialog.read', { DIALOG_ID })).toBe(false);
      }
    });
  });

  describe('im.dialog.unread', () => {
    test('from a message on, one\'s own not counted', async () => {
      const { owner, member, dialog, ids } = await circle();
      await say(member, dialog);
      await say(owner, dialog);
      await member.call('im.dialog.read', { DIALOG_ID: dialog });
      expect(await member.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[2] })).toBe(true);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 4, last_id: ids[1] });
      expect(await countersOf(member)).toMatchObject({ TYPE: { CHAT: 4, ALL: 4 } });
      expect(await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[4] })).toMatchObject({ counter: 1 });
    });

    test('leaves unread what was unread before it', async () => {
      const { member, dialog, ids } = await circle();
      await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: ids[0] });
      await member.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[3] });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 4, last_id: ids[0] });
    });

    test('is undone by writing', async () => {
      const { member, dialog, ids } = await circle();
      await member.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[0] });
      const id = await say(member, dialog);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0, last_id: id });
    });

    test('goes on with new messages, and forgets deleted ones', async () => {
      const { owner, member, dialog, ids } = await circle();
      await member.call('im.dialog.read', { DIALOG_ID: dialog });
      await member.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[3] });
      await say(owner, dialog);
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 3 });
      await owner.call('im.message.delete', { MESSAGE_ID: ids[3] });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 2 });
    });

    test('without access gives false', async () => {
      const { dialog, ids } = await circle();
      const stranger = await portal.addUser('Stranger');
      expect(await stranger.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: ids[0] })).toBe(false);
    });
  });

  describe('the mark', () => {
    test('is a flag: it moves no counter and no cursor', async () => {
      const { member, chat, dialog, ids } = await circle();
      await member.call('im.dialog.read', { DIALOG_ID: dialog });
      expect(await member.call('im.recent.unread', { DIALOG_ID: dialog })).toBe(true);
      expect(await rowOf(member, dialog)).toMatchObject({ unread: true, counter: 0, last_id: ids[4] });
      expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 1, CHAT: 1, MESSENGER: 1, DIALOG: 0 }, CHAT: [], CHAT_UNREAD: [chat] });
    });

    test('adds nothing to the totals where messages are unread, or the chat is silenced', async () => {
      const { member, chat, dialog } = await circle();
      await member.call('im.recent.unread', { DIALOG_ID: dialog });
      expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 5, CHAT: 5 }, CHAT: { [chat]: 5 }, CHAT_UNREAD: [chat] });
      await member.call('im.chat.mute', { CHAT_ID: chat });
      expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 0, CHAT: 0 }, CHAT: [], CHAT_MUTED: { [chat]: 5 }, CHAT_UNREAD: [chat] });
    });

    test.each([{ ACTION: 'N' }, { UNREAD: 'N' }, { ACTION: 'unmark' }, { ACTION: 'N', UNREAD: 'Y' }])('is taken away by %j, which reads too', async (params) => {
      const { member, dialog, ids } = await circle();
      await member.call('im.recent.unread', { DIALOG_ID: dialog });
      expect(await member.call('im.recent.unread', { DIALOG_ID: dialog, ...params })).toBe(true);
      expect(await rowOf(member, dialog)).toMatchObject({ unread: false, counter: 0, last_id: ids[4] });
    });

    test('is taken away by reading, also by reading a part', async () => {
      const { member, dialog, ids } = await circle();
      for (const params of [{ MESSAGE_ID: ids[1] }, {}]) {
        await member.call('im.recent.unread', { DIALOG_ID: dialog });
        await member.call('im.dialog.read', { DIALOG_ID: dialog, ...params });
        expect(await rowOf(member, dialog)).toMatchObject({ unread: false });
      }
    });

    test('where there is no row gives false', async () => {
      const { member, dialog } = await circle();
      await member.call('im.recent.hide', { DIALOG_ID: dialog });
      for (const DIALOG_ID of [dialog, portal.admin.userId, 'chat999999']) {
        expect(await member.call('im.recent.unread', { DIALOG_ID })).toBe(false);
      }
    });
  });
});

describe('im.dialog.read.all', () => {
  test('reads everything but open lines, silenced chats too, and takes all marks away', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const crowd = await addCrowd(portal, 100);
    const wide = await owner.call<number>('im.chat.add', { TITLE: 'Wide', USERS: [member.userId, ...crowd], MESSAGE: 'Hello' });
    const line = await owner.call<number>('im.chat.add', { TITLE: 'Line', USERS: [member.userId], ENTITY_TYPE: 'LINES', MESSAGE: 'Hello' });
    await say(owner, dialog);
    await say(owner, member.userId);
    await member.call('im.chat.mute', { CHAT_ID: chat });
    for (const DIALOG_ID of [owner.userId, `chat${wide}`]) await member.call('im.recent.unread', { DIALOG_ID });
    expect(await member.call('im.dialog.read.all')).toBe(true);
    expect(await countersOf(member)).toEqual({
      TYPE: { ALL: 2, NOTIFY: 0, CHAT: 0, LINES: 2, DIALOG: 0, MESSENGER: 2 },
      CHAT: [], CHAT_MUTED: [], CHAT_UNREAD: [], LINES: { [line]: 2 }, DIALOG: [], DIALOG_UNREAD: [], CHANNEL_COMMENT: [],
    });
    for (const id of [dialog, owner.userId, `chat${wide}`]) expect(await rowOf(member, id)).toMatchObject({ counter: 0, unread: false });
    await say(owner, dialog);
    expect(await rowOf(member, dialog)).toMatchObject({ counter: 1 });
  });
});

describe('im.counters.get', () => {
  test('is empty lists for somebody new', async () => {
    const newcomer = await portal.addUser('Newcomer');
    expect(await countersOf(newcomer)).toEqual({
      TYPE: { ALL: 0, NOTIFY: 0, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 },
      CHAT: [], CHAT_MUTED: [], CHAT_UNREAD: [], LINES: [], DIALOG: [], DIALOG_UNREAD: [], CHANNEL_COMMENT: [],
    });
  });

  test('sorts by kind: dialogs by partner, lines, everything else by chat; silenced chats add to no total', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const add = (params: object) => owner.call<number>('im.chat.add', { TITLE: 'x', USERS: [member.userId], MESSAGE: 'Hello', ...params });
    const [channel, line, task] = [
      await add({ TYPE: 'CHANNEL' }), await add({ ENTITY_TYPE: 'LINES' }), await add({ ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '5' }),
    ];
    await say(owner, dialog);
    await say(owner, member.userId);
    await say(owner, member.userId);
    await member.call('im.chat.mute', { CHAT_ID: task });
    expect(await countersOf(member)).toEqual({
      TYPE: { ALL: 7, NOTIFY: 0, CHAT: 3, LINES: 2, DIALOG: 2, MESSENGER: 7 },
      CHAT: { [chat]: 1, [channel]: 2 }, CHAT_MUTED: { [task]: 2 }, CHAT_UNREAD: [], LINES: { [line]: 2 }, DIALOG: { [owner.userId]: 2 },
      DIALOG_UNREAD: [], CHANNEL_COMMENT: [],
    });
    await member.call('im.chat.mute', { CHAT_ID: task, MUTE: 'N' });
    expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 9, CHAT: 5 }, CHAT_MUTED: [] });
  });

  test('a marked dialog is listed by partner and counts as one', async () => {
    const { owner, member } = await addCircle(portal);
    await say(member, owner.userId);
    await member.call('im.recent.unread', { DIALOG_ID: owner.userId });
    expect(await countersOf(member)).toMatchObject({ TYPE: { ALL: 1, DIALOG: 1, CHAT: 0 }, DIALOG: [], DIALOG_UNREAD: [owner.userId] });
  });
});
