/** What stands beside messages and is made of them: sent on, pinned, shared; what is left of those that are deleted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { addCircle, type Circle, historyOf, type Message, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Forward { id: number; userId: number; chatId: number; date: string }

const newest = async (who: Client, dialog: number | string) => (await historyOf(who, dialog, { LIMIT: 1 }))[0] as Message & { date: string; forward: Forward | null };
const found = async (who: Client, CHAT_ID: number) => (await who.call<{ messages: Array<{ id: number; forward: Forward | null }> }>('im.dialog.messages.search', { CHAT_ID, LIMIT: 1 })).messages[0];

describe('a message that is sent on', () => {
  test('says what it said, with its parts but no buttons, from whoever sends it, and where it comes from', async () => {
    const [from, to] = [await addCircle(portal), await addCircle(portal)];
    await to.owner.call('im.chat.user.add', { CHAT_ID: to.chat, USERS: [from.member.userId] });
    const original = await say(from.owner, from.dialog, { MESSAGE: 'Look [b]here[/b]', ATTACH: [{ MESSAGE: 'More' }], KEYBOARD: [{ TEXT: 'Go', LINK: '/' }] });
    const { date } = await newest(from.owner, from.dialog);
    const copy = await from.member.call<number>('im.message.add', { DIALOG_ID: to.dialog, FORWARD_ID: original });
    const forward = { id: original, userId: from.owner.userId, chatId: from.chat, date };
    const message = await newest(to.member, to.dialog);
    expect(message).toMatchObject({ id: copy, author_id: from.member.userId, text: 'Look [b]here[/b]', forward });
    expect(Object.keys(message.params)).toEqual(['ATTACH']);
    expect(await found(to.member, to.chat)).toMatchObject({ id: copy, forward });
    expect(await rowOf(to.member, to.dialog)).toMatchObject({ counter: 2, message: { id: copy, text: 'Look here [Attachment]' } });
    // Sent on once more it still comes from there.
    await to.member.call('im.message.add', { DIALOG_ID: to.owner.userId, FORWARD_ID: copy });
    expect(await newest(to.owner, to.member.userId)).toMatchObject({ author_id: to.member.userId, forward });
    expect(await newest(from.owner, from.dialog)).toMatchObject({ id: original, forward: null });
  });

  test('can be taken back but not changed, and stays when the first is deleted', async () => {
    const { owner, member, dialog } = await addCircle(portal);
    const original = await say(owner, dialog);
    const copy = await member.call<number>('im.message.add', { DIALOG_ID: dialog, FORWARD_ID: original });
    expect(await member.fails('im.message.update', { MESSAGE_ID: copy, MESSAGE: 'Never said' })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
    await owner.call('im.message.delete', { MESSAGE_ID: original });
    expect(await newest(owner, dialog)).toMatchObject({ id: copy, text: 'Hello' });
    expect(await member.call('im.message.delete', { MESSAGE_ID: copy })).toBe(true);
  });

  test('is one that the sender may see and somebody wrote', async () => {
    const { owner, member, other, dialog, chat } = await addCircle(portal);
    const said = await say(owner, dialog);
    const late = await portal.addUser('Late');
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
    const line = (await newest(owner, dialog)).id;
    for (const [who, FORWARD_ID] of [[late, said], [owner, line], [await portal.addUser('Stranger'), said]] as const) {
      expect(await who.fails('im.message.add', { DIALOG_ID: who.userId, FORWARD_ID })).toEqual({ status: 400, error: 'FORWARD_ACCESS_ERROR', text: 'Action unavailable' });
    }
    const open = await other.call<number>('im.chat.add', { TYPE: 'OPEN', MESSAGE: 'To all' });
    expect(await member.call('im.message.add', { DIALOG_ID: dialog, FORWARD_ID: (await newest(other, `chat${open}`)).id })).toBeGreaterThan(said);
  });
});

describe('a message that becomes a chat', () => {
  test('is its first, of whoever shares it and whoever wrote it', async () => {
    const { owner, member, other, chat, dialog } = await addCircle(portal);
    const said = await say(owner, dialog, { MESSAGE: 'To be discussed' });
    expect(await member.call('im.message.share', { MESSAGE_ID: said, DIALOG_ID: dialog, TYPE: 'chat' })).toBe(true);
    const [made] = await member.call<Array<{ id: string; chat_id: number; chat: { role: string; user_counter: number } }>>('im.recent.get');
    expect(made).toMatchObject({ title: expect.stringMatching(/ Chat #\d+$/), message: { text: 'To be discussed', author_id: member.userId }, chat: { role: 'OWNER', user_counter: 2 } });
    expect(await rowOf(owner, made!.id)).toMatchObject({ counter: 2, chat: { role: 'MEMBER' } });
    expect(await rowOf(other, made!.id)).toBeUndefined();
    expect(await newest(owner, made!.id)).toMatchObject({ forward: { id: said, chatId: chat } });
  });

  test('is one of the dialog that is named', async () => {
    const { owner, member, dialog } = await addCircle(portal);
    const said = await say(owner, dialog);
    await say(owner, member.userId);
    expect(await member.fails('im.message.share', { MESSAGE_ID: said, DIALOG_ID: owner.userId, TYPE: 'CHAT' })).toMatchObject({ error: 'MESSAGE_ID_ERROR' });
  });
});

interface Pins { chat_id: number; pins: Array<{ message: Message; pinned_by: number; pinned_date: string }>; users: Array<{ id: number }> }

const pin = (who: Client, MESSAGE_ID: number, PIN?: string) => who.raw('tidemark.message.pin', { MESSAGE_ID, PIN });
const pinsOf = (who: Client, DIALOG_ID: number | string) => who.call<Pins>('tidemark.message.pinned.list', { DIALOG_ID });
const idsOf = async (who: Client, dialog: number | string) => (await pinsOf(who, dialog)).pins.map(({ message }) => message.id);

describe('pinned messages', () => {
  test('are the dialog\'s, the last pinned first; pinning twice changes nothing; no row shows it', async () => {
    const { owner, member, other, chat, dialog } = await addCircle(portal);
    const [first, second] = [await say(owner, dialog), await say(other, dialog)];
    const before = await rowOf(owner, dialog);
    portal.clock.advance(1000);
    for (const id of [second, first, second]) {
      expect((await pin(member, id)).body.result).toBe(true);
      portal.clock.advance(1000);
    }
    expect(await pinsOf(owner, dialog)).toMatchObject({
      chat_id: chat, pins: [{ message: { id: first }, pinned_by: member.userId }, { message: { id: second } }], users: [{ id: owner.userId }, { id: other.userId }],
    });
    expect(await rowOf(owner, dialog)).toMatchObject({ message: before!.message, date_update: before!.date_update, counter: before!.counter });
    expect((await pin(owner, first, 'N')).body.result).toBe(true);
    expect((await pin(owner, first, 'N')).body.result).toBe(true);
    expect(await idsOf(other, dialog)).toEqual([second]);
  });

  test('go with their messages, and are for who may see those', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const [gone, seen, kept] = [await say(owner, dialog), await say(owner, dialog), await say(owner, dialog)];
    await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: seen });
    const late = await portal.addUser('Late');
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
    for (const id of [gone, seen, kept]) await pin(owner, id);
    expect(await idsOf(late, dialog)).toEqual([]);
    expect((await pin(late, kept, 'N')).body.error).toBe('MESSAGE_ID_ERROR');
    for (const id of [gone, seen]) await owner.call('im.message.delete', { MESSAGE_ID: id });
    expect(await idsOf(member, dialog)).toEqual([kept]);
    expect((await pin(owner, seen)).body.error).toBe('MESSAGE_ID_ERROR');
  });

  test('in private dialogs are both people\'s to pin; in others those of whoever may manage messages', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const toMember = await say(owner, member.userId);
    for (const who of [owner, member]) expect((await pin(who, toMember)).body.result).toBe(true);
    const said = await say(owner, dialog);
    await owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: 'manager' });
    expect((await pin(member, said)).body.error).toBe('ACCESS_ERROR');
    await owner.call('im.chat.setManager', { CHAT_ID: chat, USER_ID: member.userId });
    expect((await pin(member, said)).body.result).toBe(true);
  });

  test('are never more than there may be, however many pin at once', async () => {
    const { owner, member, other, dialog } = await addCircle(portal);
    const ids: number[] = [];
    for (let i = 0; i < 55; i++) ids.push(await say(owner, dialog));
    const answers = await Promise.all(ids.map((id, index) => pin([owner, member, other][index % 3]!, id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(await idsOf(owner, dialog)).toHaveLength(50);
  });
});

describe('what is left of one\'s own message that others have seen', () => {
  const deleteSeen = async ({ owner, member, dialog }: Circle) => {
    const said = await say(owner, dialog);
    await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: said });
    await owner.call('im.message.delete', { MESSAGE_ID: said });
    return (await historyOf(owner, dialog)).find(({ id }) => id === said);
  };

  test.each([['CHAT', true], ['OPEN', true], ['CHANNEL', false], ['OPEN_CHANNEL', false]])('in a %s', async (TYPE, line) => {
    const left = await deleteSeen(await addCircle(portal, [], { TYPE }));
    if (line) expect(left?.params).toEqual({ IS_DELETED: 'Y' });
    else expect(left).toBeUndefined();
  });
});
