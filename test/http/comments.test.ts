/** Posts of channels and the comments on them: who may, who is told, what counts where. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, historyOf, type Row, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const open = async (who: Client, MESSAGE_ID: number) => (await who.call<{ dialog_id: string }>('tidemark.comments.open', { MESSAGE_ID })).dialog_id;

interface Counters {
  TYPE: { ALL: number; MESSENGER: number; CHAT: number };
  CHAT: Record<string, number> | [];
  CHANNEL_COMMENT: Record<string, Record<string, number>> | [];
}

const countersOf = (who: Client) => who.call<Counters>('im.counters.get');

/** What is unread of a thread, by each of the ways that say so. */
async function unreadOf(who: Client, channel: number, thread: string): Promise<number> {
  const { CHANNEL_COMMENT: all, TYPE } = await countersOf(who);
  const count = Array.isArray(all) ? 0 : (all[channel]?.[thread.slice('chat'.length)] ?? 0);
  const { counter } = await who.call<{ counter: number }>('im.dialog.get', { DIALOG_ID: thread });
  expect([counter, TYPE.ALL >= count, TYPE.MESSENGER >= count]).toEqual([count, true, true]);
  return count;
}

async function addChannel(TYPE = 'CHANNEL') {
  const circle = await addCircle(portal, [], { TYPE });
  const post = await say(circle.owner, circle.dialog, { MESSAGE: 'A post' });
  for (const who of [circle.member, circle.other]) await who.call('im.dialog.read', { DIALOG_ID: circle.dialog });
  return { ...circle, post };
}

describe('a thread', () => {
  test('belongs to its post, is the same for all, and is in nobody\'s list', async () => {
    const { owner, member, other, chat, post } = await addChannel();
    const threads = await Promise.all([owner, member, other, member].map((who) => open(who, post)));
    expect(new Set(threads).size).toBe(1);
    const [thread] = threads;
    await say(member, thread!, { MESSAGE: 'First' });
    await say(other, thread!, { MESSAGE: 'Second' });
    for (const who of [owner, member, other]) {
      expect(await who.call('im.dialog.get', { DIALOG_ID: thread })).toMatchObject({
        type: 'comment', message_type: 'T', parent_chat_id: chat, parent_message_id: post, message_count: 2,
      });
      expect((await historyOf(who, thread!)).map(({ text }) => text)).toEqual(['Second', 'First']);
      const rows = await who.call<Row[]>('im.recent.get');
      const { items } = await who.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
      expect([...rows, ...items].filter(({ id }) => id === thread)).toEqual([]);
      expect((await who.call<Array<{ id: number }>>('im.search.chat.list', { FIND: 'Circle' })).map(({ id }) => id)).toEqual([chat]);
    }
    await owner.call('im.recent.hide', { DIALOG_ID: thread });
    await say(member, thread!);
    expect(await rowOf(owner, thread!)).toBeUndefined();
  });

  test('is not made for what is no post', async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    expect(await owner.fails('tidemark.comments.open', { MESSAGE_ID: await say(owner, dialog) })).toMatchObject({ error: 'NO_POST' });
    const channel = await addChannel();
    const [, line] = await historyOf(channel.owner, channel.dialog);
    expect(await channel.owner.fails('tidemark.comments.open', { MESSAGE_ID: line!.id })).toMatchObject({ error: 'NO_POST' });
    const thread = await open(channel.owner, channel.post);
    const comment = await say(channel.owner, thread);
    expect(await channel.owner.fails('tidemark.comments.open', { MESSAGE_ID: comment })).toMatchObject({ error: 'NO_POST' });
    expect(chat).toBeGreaterThan(0);
  });

  test('can be neither renamed, extended, left nor given away', async () => {
    const { owner, member, other, post } = await addChannel();
    const thread = Number((await open(owner, post)).slice('chat'.length));
    await say(member, `chat${thread}`);
    for (const [method, params] of [
      ['im.chat.updateTitle', { TITLE: 'X' }], ['im.chat.updateColor', { COLOR: 'MINT' }], ['im.chat.setOwner', { USER_ID: member.userId }],
      ['im.chat.setManager', { USER_ID: member.userId }], ['tidemark.chat.permissions.set', { CAN_POST: 'owner' }],
      ['im.chat.user.add', { USERS: [other.userId] }], ['im.chat.user.delete', { USER_ID: member.userId }], ['im.chat.leave', {}],
    ] as const) {
      expect([method, (await owner.raw(method, { CHAT_ID: thread, ...params })).status]).toEqual([method, 403]);
    }
  });
});

describe('who comments', () => {
  test('is in the channel, whoever may post there', async () => {
    const { owner, member, chat, post } = await addChannel();
    const thread = await open(owner, post);
    expect(await member.fails('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'No' })).toMatchObject({ error: 'ACCESS_ERROR' });
    await say(member, thread);
    const stranger = await portal.addUser('Stranger');
    for (const [method, params] of [
      ['im.message.add', { MESSAGE: 'No' }], ['im.dialog.get', {}], ['im.dialog.messages.get', {}], ['im.dialog.writing', {}], ['im.dialog.users.list', {}],
    ] as const) expect([method, (await stranger.fails(method, { DIALOG_ID: thread, ...params })).error]).toEqual([method, 'ACCESS_ERROR']);
    expect(await stranger.fails('tidemark.comments.open', { MESSAGE_ID: post })).toMatchObject({ error: 'MESSAGE_ID_ERROR' });
  });

  test('of an open channel becomes a member by it; whoever looks in may read', async () => {
    const { owner, chat, post } = await addChannel('OPEN_CHANNEL');
    const stranger = await portal.addUser('Stranger');
    const guest = await portal.addUser('Guest', { extranet: 1 });
    const thread = await open(stranger, post);
    await say(owner, thread, { MESSAGE: 'Come in' });
    expect((await historyOf(stranger, thread)).map(({ text }) => text)).toEqual(['Come in']);
    expect(await stranger.call('im.chat.user.list', { CHAT_ID: chat })).not.toContain(stranger.userId);
    expect(await guest.fails('im.dialog.get', { DIALOG_ID: thread })).toMatchObject({ error: 'ACCESS_ERROR' });
    await say(stranger, thread, { MESSAGE: 'Here' });
    expect(await stranger.call('im.chat.user.list', { CHAT_ID: chat })).toContain(stranger.userId);
    expect(await rowOf(stranger, `chat${chat}`)).toMatchObject({ chat: { role: 'MEMBER' } });
  });

  test('sees the post: newcomers without the history comment on what came after', async () => {
    const { owner, member, chat, dialog, post } = await addChannel();
    const thread = await open(member, post);
    const late = await portal.addUser('Late');
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
    expect(await late.fails('im.message.add', { DIALOG_ID: thread, MESSAGE: 'No' })).toMatchObject({ error: 'ACCESS_ERROR' });
    expect(await late.fails('im.dialog.messages.get', { DIALOG_ID: thread })).toMatchObject({ error: 'ACCESS_ERROR' });
    const comment = await say(owner, thread);
    expect(await late.fails('im.message.like', { MESSAGE_ID: comment })).toMatchObject({ error: 'MESSAGE_ID_ERROR' });
    await say(late, await open(late, await say(owner, dialog)));
  });

  test('no longer, nor counts, once they have left the channel; who comes back begins anew', async () => {
    const { owner, member, other, chat, post } = await addChannel();
    const thread = await open(owner, post);
    for (const who of [member, other]) await say(who, thread);
    await say(owner, thread);
    expect(await unreadOf(member, chat, thread)).toBe(2);
    await member.call('im.chat.leave', { CHAT_ID: chat });
    await owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: other.userId });
    for (const who of [member, other]) {
      expect(await who.fails('im.message.add', { DIALOG_ID: thread, MESSAGE: 'No' })).toMatchObject({ error: 'ACCESS_ERROR' });
      expect((await countersOf(who)).CHANNEL_COMMENT).toEqual([]);
    }
    expect(await owner.call('im.dialog.get', { DIALOG_ID: thread })).toMatchObject({ user_counter: 1 });
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId], HIDE_HISTORY: 'N' });
    await say(owner, thread);
    expect(await unreadOf(member, chat, thread)).toBe(0);
    await say(member, thread);
    await say(owner, thread);
    expect(await unreadOf(member, chat, thread)).toBe(1);
  });
});

describe('comments count', () => {
  test('for whoever wrote the post, has commented or is mentioned, and for nobody else', async () => {
    const { owner, member, other, chat, post } = await addChannel();
    const thread = await open(member, post);
    await say(member, thread);
    expect(await unreadOf(owner, chat, thread)).toBe(1);
    expect(await unreadOf(member, chat, thread)).toBe(0);
    await say(owner, thread);
    expect(await unreadOf(owner, chat, thread)).toBe(0);
    expect(await unreadOf(member, chat, thread)).toBe(1);
    expect(await unreadOf(other, chat, thread)).toBe(0);
    const stranger = await portal.addUser('Stranger');
    await say(owner, thread, { MESSAGE: `[USER=${other.userId}][/USER] and [USER=${stranger.userId}]you[/USER]?` });
    expect(await unreadOf(other, chat, thread)).toBe(1);
    expect((await countersOf(stranger)).CHANNEL_COMMENT).toEqual([]);
    expect((await countersOf(other)).TYPE).toMatchObject({ ALL: 1, MESSENGER: 1, CHAT: 0 });
    expect(await rowOf(other, `chat${chat}`)).toMatchObject({ counter: 0 });
  });

  test('until they are read: the thread, the channel, or all there is', async () => {
    const { owner, member, chat, dialog, post } = await addChannel();
    const thread = await open(owner, post);
    const comment = async () => {
      await say(member, thread);
      const id = await say(member, thread);
      expect(await unreadOf(owner, chat, thread)).toBe(2);
      return id;
    };
    const last = await comment();
    await owner.call('im.dialog.read', { DIALOG_ID: thread, MESSAGE_ID: last - 1 });
    expect(await unreadOf(owner, chat, thread)).toBe(1);
    for (const read of [
      () => owner.call('im.dialog.read', { DIALOG_ID: thread }), () => owner.call('im.dialog.read', { DIALOG_ID: dialog }),
      () => owner.call('im.dialog.read.all'), () => owner.call('im.recent.unread', { DIALOG_ID: dialog, ACTION: 'N' }),
    ]) {
      await read();
      expect(await unreadOf(owner, chat, thread)).toBe(0);
      await comment();
    }
    await owner.call('im.chat.mute', { DIALOG_ID: thread });
    expect((await countersOf(owner)).CHANNEL_COMMENT).toEqual([]);
  });
});

describe('the channel\'s row', () => {
  test.each([['small', 0], ['of more than a hundred', 100]])('of a channel that is %s changes for those who are subscribed, but stays in its place', async (_, size) => {
    const { owner, member, other, dialog, post } = { ...(await addChannel()) };
    const crowd = await addCrowd(portal, size);
    if (crowd.length > 0) await owner.call('im.chat.user.add', { CHAT_ID: Number(dialog.slice(4)), USERS: crowd, HIDE_HISTORY: 'N' });
    const thread = await open(owner, post);
    const above = await owner.call<number>('im.chat.add', { TITLE: 'Above' });
    for (const who of [owner, member, other]) await who.call('im.dialog.read', { DIALOG_ID: dialog });
    const sync = async (who: Client, LAST_SYNC_DATE: string) => (await who.call<Row[]>('im.recent.get', { LAST_SYNC_DATE })).map(({ id }) => id);
    portal.clock.advance(60_000);
    const [before] = [await rowOf(owner, dialog)];
    const at = new Date(portal.clock.now()).toISOString();
    const token = (await owner.call<{ token: string }>('tidemark.recent.changes')).token;
    await say(member, thread);
    expect(await rowOf(owner, dialog)).toMatchObject({ message: before!.message, counter: 0, date_update: expect.not.stringMatching(before!.date_update.replaceAll('+', '\\+')) });
    expect(await sync(owner, at)).toEqual([dialog]);
    expect(await sync(member, at)).toEqual([dialog]);
    expect(await sync(other, at)).toEqual([]);
    const changes = await owner.call<{ items: Row[]; removed: unknown[] }>('tidemark.recent.changes', { TOKEN: token });
    expect([changes.items.map(({ id }) => id), changes.removed]).toEqual([[dialog], []]);
    expect((await owner.call<Row[]>('im.recent.get')).map(({ id }) => id).slice(0, 2)).toEqual([`chat${above}`, dialog]);
  });
});

describe('what is deleted', () => {
  test('of comments leaves a line; a post takes its comments along', async () => {
    const { owner, member, other, chat, dialog, post } = await addChannel();
    const thread = await open(owner, post);
    const own = await say(member, thread);
    const foreign = await say(other, thread);
    await member.call('im.message.delete', { MESSAGE_ID: own });
    await owner.call('im.message.delete', { MESSAGE_ID: foreign });
    expect((await historyOf(member, thread)).map(({ params }) => params)).toEqual([{ IS_DELETED: 'Y' }, { IS_DELETED: 'Y' }]);
    expect(await member.fails('im.message.delete', { MESSAGE_ID: await say(other, thread) })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
    expect(await unreadOf(owner, chat, thread)).toBe(1);
    await owner.call('im.message.delete', { MESSAGE_ID: post });
    for (const who of [owner, member]) {
      expect(await who.fails('im.message.add', { DIALOG_ID: thread, MESSAGE: 'No' })).toMatchObject({ error: 'ACCESS_ERROR' });
      expect((await countersOf(who)).CHANNEL_COMMENT).toEqual([]);
    }
    expect(await owner.fails('tidemark.comments.open', { MESSAGE_ID: post })).toMatchObject({ error: 'MESSAGE_ID_ERROR' });
    await say(owner, await open(member, await say(owner, dialog)));
  });

  test('while others comment: either they are in time, or there is no post', async () => {
    for (let round = 0; round < 5; round++) {
      const { owner, member, other, post } = await addChannel();
      const comment = async (who: Client) => {
        const thread = await who.raw('tidemark.comments.open', { MESSAGE_ID: post });
        if (thread.status !== 200) return thread.body.error;
        return (await who.raw('im.message.add', { DIALOG_ID: (thread.body.result as { dialog_id: string }).dialog_id, MESSAGE: 'Quick' })).body.error;
      };
      const results = await Promise.all([comment(member), comment(other), owner.call('im.message.delete', { MESSAGE_ID: post }), comment(member)]);
      for (const result of results) expect([undefined, true, 'MESSAGE_ID_ERROR', 'ACCESS_ERROR']).toContain(result);
      for (const who of [owner, member, other]) expect((await countersOf(who)).CHANNEL_COMMENT).toEqual([]);
    }
  });
});

describe('what else there is to comments', () => {
  test('replies, likes, edits, search and the list of who is subscribed', async () => {
    const { owner, member, other, post } = await addChannel();
    const thread = await open(owner, post);
    const comment = await say(member, thread, { MESSAGE: 'findable' });
    const reply = await say(owner, thread, { REPLY_ID: comment });
    expect(await other.fails('im.message.add', { DIALOG_ID: thread, MESSAGE: 'x', REPLY_ID: post })).toMatchObject({ error: 'REPLY_FROM_OTHER_CHAT_ERROR' });
    expect(await other.call('im.message.like', { MESSAGE_ID: reply })).toBe(true);
    expect(await member.call('im.message.update', { MESSAGE_ID: comment, MESSAGE: 'findable still' })).toBe(true);
    const found = await other.call<{ messages: Array<{ id: number }> }>('im.dialog.messages.search', { CHAT_ID: Number(thread.slice(4)), SEARCH_MESSAGE: 'findable' });
    expect(found.messages.map(({ id }) => id)).toEqual([comment]);
    expect(await other.call('im.chat.user.list', { CHAT_ID: Number(thread.slice(4)) })).toEqual([owner.userId, member.userId]);
    expect(await other.call('im.dialog.writing', { DIALOG_ID: thread })).toBe(true);
  });

  test('the same comment sent again is one; a crowd that comments is subscribed', async () => {
    const { owner, member, chat, post } = await addChannel();
    const thread = await open(owner, post);
    const TEMPLATE_ID = '0b0b0b0b-0000-4000-8000-000000000001';
    const sent = await Promise.all([1, 2, 3].map(() => say(member, thread, { TEMPLATE_ID })));
    expect(new Set(sent).size).toBe(1);
    const crowd = await addCrowd(portal, 101);
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: crowd, HIDE_HISTORY: 'N' });
    await say(owner, thread, { MESSAGE: crowd.slice(0, 60).map((id) => `[USER=${id}][/USER]`).join(' ') });
    await say(owner, thread, { MESSAGE: crowd.slice(60).map((id) => `[USER=${id}][/USER]`).join(' ') });
    expect(await owner.call('im.dialog.get', { DIALOG_ID: thread })).toMatchObject({ user_counter: 103 });
    await say(owner, thread);
    expect(await unreadOf(member, chat, thread)).toBe(3);
    expect(await unreadOf(owner, chat, thread)).toBe(0);
  });
});
