/** Who likes which message, and for how long one may change one's own. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import type { Client } from '../support/client.ts';
import { addCircle, historyOf, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const like = (who: Client, MESSAGE_ID: number, ACTION?: string) => who.raw('im.message.like', { MESSAGE_ID, ACTION });

async function likesOf(who: Client, dialog: string | number, id: number): Promise<unknown> {
  return (await historyOf(who, dialog)).find((message) => message.id === id)?.params['LIKE'];
}

describe('likes', () => {
  test('show in the history in the order in which they came, and in nobody\'s list', async () => {
    const { owner, member, other, dialog } = await addCircle(portal);
    const message = await say(owner, dialog);
    const before = await rowOf(owner, dialog);
    for (const who of [other, owner, member]) expect((await like(who, message, 'plus')).body.result).toBe(true);
    expect(await likesOf(member, dialog, message)).toEqual([other.userId, owner.userId, member.userId]);
    await like(owner, message, 'minus');
    expect(await likesOf(owner, dialog, message)).toEqual([other.userId, member.userId]);
    expect(await rowOf(owner, dialog)).toEqual(before);
  });

  test('and all other reactions are told beside the page of messages', async () => {
    const { owner, member, other, dialog } = await addCircle(portal);
    const [message, plain] = [await say(owner, dialog), await say(owner, dialog)];
    for (const who of [other, member]) await who.call('tidemark.message.react', { MESSAGE_ID: message, REACTION: 'fire' });
    await like(member, message);
    const page = await member.call<{ messages: Array<{ id: number }>; reactions: unknown[] }>('im.dialog.messages.get', { DIALOG_ID: dialog });
    expect(page.messages.map(({ id }) => id)).toContain(plain);
    expect(page.reactions).toEqual([{
      messageId: message,
      reactionCounters: { fire: 2, like: 1 },
      reactionUsers: { fire: [other.userId, member.userId], like: [member.userId] },
      ownReactions: ['fire', 'like'],
    }]);
  });

  test('stand beside the other parts of a message and are gone when nobody likes it', async () => {
    const { owner, member, dialog } = await addCircle(portal);
    const message = await say(owner, dialog, { ATTACH: [{ MESSAGE: 'More' }] });
    await like(member, message);
    const [{ params } = { params: {} }] = await historyOf(owner, dialog);
    expect(params).toMatchObject({ ATTACH: [{ ID: 1 }], LIKE: [member.userId] });
    await like(member, message);
    expect(await likesOf(owner, dialog, message)).toBeUndefined();
    const plain = await say(owner, dialog);
    await like(member, plain);
    await like(member, plain, 'minus');
    expect(await historyOf(owner, dialog, { LIMIT: 1 })).toMatchObject([{ id: plain, params: [] }]);
  });

  test('survive an edit, and go with the message', async () => {
    const { owner, member, dialog } = await addCircle(portal);
    const message = await say(owner, dialog);
    await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: message });
    await like(member, message);
    await owner.call('im.message.update', { MESSAGE_ID: message, MESSAGE: 'Changed' });
    expect(await likesOf(owner, dialog, message)).toEqual([member.userId]);
    await owner.call('im.message.delete', { MESSAGE_ID: message });
    expect((await historyOf(owner, dialog)).find(({ id }) => id === message)?.params).toEqual({ IS_DELETED: 'Y' });
    expect((await like(member, message)).body.error).toBe('MESSAGE_ID_ERROR');
  });

  test('are for who may see the message', async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    const message = await say(owner, dialog);
    const [stranger, late] = [await portal.addUser('Stranger'), await portal.addUser('Late')];
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
    for (const who of [stranger, late]) expect((await like(who, message)).body.error).toBe('MESSAGE_ID_ERROR');
    await owner.call('im.chat.leave', { CHAT_ID: chat });
    expect((await like(owner, message)).body.error).toBe('MESSAGE_ID_ERROR');
  });

  test('are what a plain set says, whoever does what', async () => {
    const { owner, member, other, dialog } = await addCircle(portal);
    const step = fc.record({ who: fc.nat({ max: 2 }), action: fc.constantFrom('plus', 'minus', 'auto', undefined, 'PLUS', 'whatever') });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const message = await say(owner, dialog);
      const model = new Set<number>();
      for (const { who, action } of steps) {
        const client = [owner, member, other][who]!;
        const [has, word] = [model.has(client.userId), action?.toLowerCase()];
        const changes = word === 'plus' ? !has : word === 'minus' ? has : true;
        expect((await like(client, message, action)).body.error).toBe(changes ? undefined : 'WITHOUT_CHANGES');
        if (changes && has) model.delete(client.userId);
        else if (changes) model.add(client.userId);
        expect((await likesOf(owner, dialog, message)) ?? []).toEqual([...model]);
      }
    }), { numRuns: 10 });
  });

  test('are one of many reactions, which search shows by code and the history does not', async () => {
    const { owner, member, other, chat, dialog } = await addCircle(portal);
    const message = await say(owner, dialog);
    const react = (who: Client, REACTION: string, ACTION?: string) => who.raw('tidemark.message.react', { MESSAGE_ID: message, REACTION, ACTION });
    const reactions = async () => (await owner.call<{ reactions: unknown[] }>('im.dialog.messages.search', { CHAT_ID: chat })).reactions;
    expect(await reactions()).toEqual([]);
    await like(other, message);
    for (const [who, code] of [[member, 'fire'], [owner, 'fire'], [owner, 'like']] as const) {
      portal.clock.advance(1000);
      expect((await react(who, code)).body.result).toBe(true);
    }
    expect((await react(member, 'fire')).body.error).toBe('WITHOUT_CHANGES');
    expect(await reactions()).toEqual([{
      messageId: message, reactionCounters: { like: 2, fire: 2 },
      reactionUsers: { like: [other.userId, owner.userId], fire: [member.userId, owner.userId] }, ownReactions: ['like', 'fire'],
    }]);
    expect(await likesOf(owner, dialog, message)).toEqual([other.userId, owner.userId]);
    for (const who of [member, owner]) expect((await react(who, 'fire', 'delete')).body.result).toBe(true);
    expect(await reactions()).toMatchObject([{ reactionCounters: { like: 2 } }]);
  });

  test('given by many at once are all there once', async () => {
    const { owner, member, other, dialog } = await addCircle(portal);
    const message = await say(owner, dialog);
    const answers = await Promise.all([owner, member, other, owner, member, other].map((who) => like(who, message, 'plus')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect([...(await likesOf(owner, dialog, message)) as number[]].sort((a, b) => a - b)).toEqual([owner, member, other].map(({ userId }) => userId).sort((a, b) => a - b));
  });
});

describe('where the portal lets editing end', () => {
  const HOUR = 3600;
  const limit = (seconds: string) => portal.server.context.db.write((s) => writeSetting(s, 'edit_limit', seconds));
  afterAll(() => limit(''));

  test('one changes and deletes one\'s own messages until then, managers and administrators what they may as before', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [portal.admin.userId] });
    await limit(String(HOUR));
    const said = await say(member, dialog);
    const admins = await say(portal.admin, dialog);
    portal.clock.advance((HOUR - 60) * 1000);
    expect(await member.call('im.message.update', { MESSAGE_ID: said, MESSAGE: 'In time' })).toBe(true);
    portal.clock.advance(61_000);
    for (const method of ['im.message.update', 'im.message.delete']) {
      expect(await member.fails(method, { MESSAGE_ID: said, MESSAGE: 'Too late' })).toEqual({
        status: 403, error: 'CANT_EDIT_MESSAGE', text: "Time has expired for modification or you don't have access",
      });
    }
    expect(await member.fails('im.message.update', { MESSAGE_ID: said, MESSAGE: '' })).toMatchObject({ error: 'CANT_EDIT_MESSAGE' });
    expect(await portal.admin.call('im.message.update', { MESSAGE_ID: admins, MESSAGE: 'Still' })).toBe(true);
    expect(await owner.call('im.message.delete', { MESSAGE_ID: said })).toBe(true);
  });

  test('it ends no longer once that is taken back', async () => {
    const { member, dialog } = await addCircle(portal);
    await limit(String(HOUR));
    const said = await say(member, dialog);
    portal.clock.advance(2 * HOUR * 1000);
    await limit('');
    expect(await member.call('im.message.update', { MESSAGE_ID: said, MESSAGE: 'Much later' })).toBe(true);
  });
});
