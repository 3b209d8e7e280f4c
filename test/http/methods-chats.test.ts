/** What creating, joining, leaving and renaming chats do for everybody in them, whatever the size of the chat. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, type Circle, historyOf, type Row, rowOf, say, SIZES } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const members = (who: Client, CHAT_ID: number) => who.call<number[]>('im.chat.user.list', { CHAT_ID });
const cardOf = (who: Client, DIALOG_ID: number | string) => who.call<Record<string, unknown>>('im.dialog.get', { DIALOG_ID });

describe.each(SIZES)('in %s', (_size, extras) => {
  let crowd: number[];
  const circle = (params?: Record<string, unknown>): Promise<Circle> => addCircle(portal, crowd, params);

  beforeAll(async () => {
    crowd = await addCrowd(portal, extras);
  });

  describe('a new chat', () => {
    test('has its members and first lines, of which the greeting counts for nobody', async () => {
      const [owner, member] = [await portal.addUser('Owner'), await portal.addUser('Member')];
      const given = { USERS: [member.userId, member.userId, owner.userId, ...crowd], TITLE: ' New ', DESCRIPTION: 'About', MESSAGE: 'First' };
      const chat = await owner.call<number>('im.chat.add', given);
      expect(await members(member, chat)).toEqual([owner.userId, member.userId, ...crowd].sort((a, b) => a - b));
      const history = await historyOf(member, `chat${chat}`, { FIRST_ID: 0 });
      expect(history.map((message) => message.author_id)).toEqual([owner.userId, owner.userId, 0, 0]);
      expect(history.slice(0, 2).map((message) => message.text)).toEqual(['First', 'About']);
      expect(await rowOf(owner, `chat${chat}`)).toMatchObject({ title: 'New', counter: 0, chat: { role: 'OWNER', user_counter: 2 + extras } });
      expect(await rowOf(member, `chat${chat}`)).toMatchObject({ counter: 3, last_id: 0, chat: { role: 'MEMBER' } });
      expect(await cardOf(member, `chat${chat}`)).toMatchObject({ description: 'About', name: 'New', owner: owner.userId, role: 'member' });
    });
  });

  describe('adding people', () => {
    test('shows them the chat from then on, unless the history is not hidden', async () => {
      const { owner, member, chat, dialog } = await circle();
      const old = await say(owner, dialog, { MESSAGE: 'old' });
      const [late, curious] = [await portal.addUser('Late'), await portal.addUser('Curious')];
      expect(await member.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] })).toBe(true);
      await member.call('im.chat.user.add', { CHAT_ID: chat, USERS: [curious.userId], HIDE_HISTORY: 'N' });
      expect((await historyOf(late, dialog)).map((message) => message.text)).toEqual([
        expect.stringMatching(/invited .*Curious/), expect.stringMatching(/invited .*Late/),
      ]);
      expect(await late.fails('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'x', REPLY_ID: old })).toMatchObject({ error: 'REPLY_ACCESS_ERROR' });
      expect((await historyOf(curious, dialog)).map((message) => message.id)).toContain(old);
      expect(await rowOf(late, dialog)).toMatchObject({ counter: 2, chat: { user_counter: 5 + extras } });
      expect(await rowOf(curious, dialog)).toMatchObject({ counter: 1 });
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 2, message: { author_id: 0 } });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0 });
    });

    test('the line that says so has its code', async () => {
      const { owner, chat, dialog } = await circle();
      const late = await portal.addUser('Late');
      await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
      expect(await historyOf(owner, dialog, { LIMIT: 1 })).toMatchObject([{ author_id: 0, params: { CODE: ['CHAT_JOIN'], NOTIFY: 'N' } }]);
    });

    test('passes over those who are in it and who are dismissed, refuses those who are nobody', async () => {
      const { owner, member, chat, dialog } = await circle();
      const gone = await portal.addUser('Gone', { active: 0 });
      const before = await rowOf(owner, dialog);
      expect(await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId, gone.userId] })).toBe(true);
      expect(await owner.fails('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId, 999_999] })).toMatchObject({ argument: 'USERS' });
      expect(await rowOf(owner, dialog)).toEqual(before);
    });
  });

  describe('leaving', () => {
    test('takes the chat away; the others get a line that counts for nobody', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      expect(await member.call('im.chat.leave', { CHAT_ID: chat })).toBe(true);
      expect(await rowOf(member, dialog)).toBeUndefined();
      expect(await member.fails('im.dialog.get', { DIALOG_ID: dialog })).toMatchObject({ error: 'ACCESS_ERROR' });
      expect(await rowOf(other, dialog)).toMatchObject({ counter: 0, message: { author_id: 0 }, chat: { user_counter: 2 + extras } });
      expect(await historyOf(owner, dialog, { LIMIT: 1 })).toMatchObject([{ params: { CODE: ['CHAT_LEAVE'] } }]);
      expect(await members(owner, chat)).not.toContain(member.userId);
      expect(await member.fails('im.chat.leave', { CHAT_ID: chat })).toMatchObject({ error: 'ACCESS_DENIED_KICK' });
    });

    test('with something unread leaves no counter behind', async () => {
      const { owner, member, chat, dialog } = await circle();
      await say(owner, dialog);
      await member.call('im.recent.unread', { DIALOG_ID: dialog });
      await member.call('im.chat.leave', { CHAT_ID: chat });
      expect(await member.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0 }, CHAT: [], CHAT_UNREAD: [] });
    });

    test('and coming back begins anew: no pin, no mute, no mark, no role, no history', async () => {
      const { owner, member, chat, dialog } = await circle();
      await member.call('im.recent.pin', { DIALOG_ID: dialog });
      await member.call('im.chat.mute', { CHAT_ID: chat });
      await member.call('im.recent.unread', { DIALOG_ID: dialog });
      await member.call('im.chat.leave', { CHAT_ID: chat });
      await say(owner, dialog);
      await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId] });
      expect(await rowOf(member, dialog)).toMatchObject({ pinned: false, unread: false, counter: 1, chat: { role: 'MEMBER', mute_list: [] } });
      expect(await historyOf(member, dialog)).toHaveLength(1);
      expect(await rowOf(owner, dialog)).toMatchObject({ chat: { user_counter: 3 + extras } });
    });

    test('of the owner passes the chat to the longest-standing person', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      await owner.call('im.chat.leave', { CHAT_ID: chat });
      const heir = Math.min(member.userId, other.userId, ...crowd);
      const shown = { owner: heir, manager_list: [heir], user_counter: 2 + extras };
      expect(await rowOf(member, dialog)).toMatchObject({ chat: { ...shown, role: heir === member.userId ? 'OWNER' : 'MEMBER' } });
      await other.call('im.chat.user.add', { CHAT_ID: chat, USERS: [owner.userId] });
      expect(await rowOf(owner, dialog)).toMatchObject({ chat: { ...shown, user_counter: 3 + extras, role: 'MEMBER' } });
    });
  });

  describe('removing', () => {
    test('is for the owner; the one removed loses the chat, the others get a line that counts for nobody', async () => {
      const { owner, member, other, chat, dialog } = await circle();
      const USER_ID = other.userId;
      expect(await member.fails('im.chat.user.delete', { CHAT_ID: chat, USER_ID })).toMatchObject({ error: 'ACCESS_DENIED_KICK' });
      expect(await owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID })).toBe(true);
      expect(await rowOf(other, dialog)).toBeUndefined();
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 0, chat: { user_counter: 2 + extras } });
      expect(await owner.fails('im.chat.user.delete', { CHAT_ID: chat, USER_ID })).toMatchObject({ error: 'USER_NOT_FOUND' });
    });

    test('of oneself is leaving', async () => {
      const { member, chat, dialog } = await circle();
      expect(await member.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: member.userId })).toBe(true);
      expect(await rowOf(member, dialog)).toBeUndefined();
    });
  });

  describe('a new title', () => {
    test('shows everywhere, and in a line of the system that counts', async () => {
      const { owner, member, chat, dialog } = await circle();
      expect(await member.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: '\n New title \n' })).toBe(true);
      expect(await rowOf(owner, dialog)).toMatchObject({
        title: 'New title', counter: 1, message: { author_id: 0, text: 'Member renamed the chat to "New title"' },
      });
      expect(await rowOf(member, dialog)).toMatchObject({ title: 'New title', counter: 0 });
      expect(await cardOf(owner, dialog)).toMatchObject({ name: 'New title' });
      const before = await rowOf(owner, dialog);
      expect(await member.call('im.chat.updateTitle', { DIALOG_ID: dialog, TITLE: 'New title' })).toBe(true);
      expect(await rowOf(owner, dialog)).toEqual(before);
    });
  });

  describe('an open chat', () => {
    test('may be looked into by any employee, who joins by writing', async () => {
      const { owner, chat, dialog } = await circle({ TYPE: 'OPEN' });
      const [visitor, guest] = [await portal.addUser('Visitor'), await portal.addUser('Guest', { extranet: 1 })];
      await say(owner, dialog);
      expect(await historyOf(visitor, dialog)).toHaveLength(3);
      expect(await cardOf(visitor, dialog)).toMatchObject({ role: 'guest', counter: 0 });
      expect(await rowOf(visitor, dialog)).toBeUndefined();
      expect(await visitor.fails('im.recent.pin', { DIALOG_ID: dialog })).toMatchObject({ error: 'ACCESS_ERROR' });
      const id = await say(visitor, dialog);
      expect(await rowOf(visitor, dialog)).toMatchObject({ counter: 0, last_id: id, chat: { role: 'MEMBER', user_counter: 4 + extras } });
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 2 });
      expect(await members(owner, chat)).toContain(visitor.userId);
      for (const method of ['im.dialog.get', 'im.message.add']) {
        expect(await guest.fails(method, { DIALOG_ID: dialog, MESSAGE: 'x' })).toMatchObject({ error: 'ACCESS_ERROR' });
      }
    });

    test('a visitor who writes many times at once joins once', async () => {
      const { owner, dialog } = await circle({ TYPE: 'OPEN' });
      const visitor = await portal.addUser('Visitor');
      await Promise.all(Array.from({ length: 8 }, () => say(visitor, dialog)));
      expect(await rowOf(owner, dialog)).toMatchObject({ counter: 9, chat: { user_counter: 4 + extras } });
    });
  });

  describe('a channel', () => {
    test('is written in and renamed by its owner, and read by its members', async () => {
      const { owner, member, chat, dialog } = await circle({ TYPE: 'CHANNEL' });
      const id = await say(owner, dialog);
      expect(await member.fails('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'x' })).toMatchObject({ error: 'ACCESS_ERROR' });
      expect(await member.fails('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'x' })).toMatchObject({ error: 'ACCESS_ERROR' });
      expect(await rowOf(member, dialog)).toMatchObject({ counter: 1, message: { id } });
      expect(await owner.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'x' })).toBe(true);
    });
  });
});

describe('without parameters', () => {
  test('a chat has a title of its colour and a number, and only its owner', async () => {
    const who = await portal.addUser('Founder');
    const [first, second] = [
      await who.call<number>('im.chat.add', { COLOR: 'light_blue' }),
      await who.call<number>('im.chat.add', { COLOR: 'LIGHT_BLUE', TITLE: ' ' }),
    ];
    const titles = [await cardOf(who, `chat${first}`), await cardOf(who, `chat${second}`)].map((card) => String(card['name']));
    expect(titles[0]).toMatch(/^Light blue Chat #\d+$/);
    expect(Number(titles[1]!.split('#')[1])).toBe(Number(titles[0]!.split('#')[1]) + 1);
    expect(await members(who, first)).toEqual([who.userId]);
    expect(await cardOf(who, `chat${first}`)).toMatchObject({ color: '#4ba5c3' });
  });

  test.each([['COLOR', 'ORANGE'], ['COLOR', 'x'], ['TYPE', 'SECRET'], ['USERS', [999_999]], ['ENTITY_TYPE', 'a-b']])('%s %j is refused', async (name, value) => {
    const who = await portal.addUser('Founder');
    expect(await who.fails('im.chat.add', { [name]: value })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: name });
    expect(await who.call('im.recent.get')).toEqual([]);
  });
});

describe('the last one to leave', () => {
  test('closes the door', async () => {
    const who = await portal.addUser('Founder');
    const chat = await who.call<number>('im.chat.add');
    expect(await who.call('im.chat.leave', { CHAT_ID: chat })).toBe(true);
    expect(await who.call('im.recent.get')).toEqual([]);
  });

  test('a chat does not pass to bots or guests', async () => {
    const [bot, guest] = [await portal.addUser('Bot', { external_auth_id: 'bot' }), await portal.addUser('Guest', { extranet: 1 })];
    const { owner, member, other, chat, dialog } = await addCircle(portal, [bot.userId, guest.userId]);
    for (const who of [owner, member]) await who.call('im.chat.leave', { CHAT_ID: chat });
    expect(await rowOf(guest, dialog)).toMatchObject({ chat: { owner: other.userId, role: 'MEMBER' } });
    await other.call('im.chat.leave', { CHAT_ID: chat });
    const row = await rowOf(guest, dialog);
    expect(row!.chat).toMatchObject({ owner: 0, manager_list: [], role: 'MEMBER' });
  });
});

describe('a chat that grows above a hundred', () => {
  test('keeps everybody\'s counters, pins, marks and silences', async () => {
    const { owner, member, other, chat, dialog } = await addCircle(portal, await addCrowd(portal, 97));
    await say(owner, dialog);
    await member.call('im.recent.pin', { DIALOG_ID: dialog });
    await member.call('im.recent.unread', { DIALOG_ID: dialog });
    await member.call('im.chat.mute', { CHAT_ID: chat });
    const before = await rowOf(member, dialog);
    const shared = (row: Row | undefined) => ({ pinned: row!.pinned, unread: row!.unread, last_id: row!.last_id, mute: row!.chat.mute_list });
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: await addCrowd(portal, 5) });
    expect(shared(await rowOf(member, dialog))).toEqual(shared(before));
    expect(await rowOf(member, dialog)).toMatchObject({ counter: 2, chat: { user_counter: 105 } });
    await say(owner, dialog);
    expect(await rowOf(member, dialog)).toMatchObject({ counter: 3, pinned: true });
    expect(await other.call('im.dialog.read', { DIALOG_ID: dialog })).toMatchObject({ counter: 0 });
    expect(await member.call('im.counters.get')).toMatchObject({ CHAT_MUTED: { [chat]: 3 }, CHAT_UNREAD: [chat] });
  });
});
