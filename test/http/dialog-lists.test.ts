/** Who is in a dialog, what was said in it by text and date, and who may say that they are writing. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fold } from '../../src/db/fold.ts';
import type { Client } from '../support/client.ts';
import { addCircle, addCrowd, historyOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inSmallPieces } from '../support/small-pieces.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer({}, { store: inSmallPieces });
});
afterAll(() => portal[Symbol.asyncDispose]());

describe('im.dialog.users.list', () => {
  const list = async (who: Client, params: Record<string, unknown>) => {
    const { body } = await who.raw('im.dialog.users.list', params);
    return { ids: (body.result as Array<{ id: number }>).map(({ id }) => id), total: body['total'], next: body['next'] };
  };

  test('gives everybody once, in pages by offset and by the last one', async () => {
    const { owner, member, other, dialog } = await addCircle(portal, await addCrowd(portal, 9));
    const all = await list(member, { DIALOG_ID: dialog });
    expect(all).toMatchObject({ total: 12, next: undefined });
    expect(all.ids.slice(-3)).toEqual([owner.userId, member.userId, other.userId]);
    const [byOffset, byLast]: [number[], number[]] = [[], []];
    for (let next: unknown = 0; next !== undefined; ) {
      const page = await list(member, { DIALOG_ID: dialog, LIMIT: 5, start: next });
      byOffset.push(...page.ids);
      next = page.next;
    }
    for (let page = await list(member, { DIALOG_ID: dialog, LIMIT: 5 }); page.ids.length > 0; page = await list(member, { DIALOG_ID: dialog, LIMIT: 5, LAST_ID: byLast.at(-1) })) {
      byLast.push(...page.ids);
    }
    expect([byOffset, byLast]).toEqual([all.ids, all.ids]);
    expect(await list(member, { DIALOG_ID: dialog, OFFSET: 10, LIMIT: 5 })).toEqual({ ids: all.ids.slice(10), total: 12, next: undefined });
  });

  test('leaves out those who have left, and accounts from outside where asked', async () => {
    const { owner, member, other, chat, dialog } = await addCircle(portal);
    const [bot, mail] = [await portal.addUser('Bot', { external_auth_id: 'bot' }), await portal.addUser('Mail', { external_auth_id: 'email' })];
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [bot.userId, mail.userId] });
    await member.call('im.chat.leave', { CHAT_ID: chat });
    const people = [owner.userId, other.userId];
    expect(await list(owner, { DIALOG_ID: dialog })).toMatchObject({ ids: [...people, bot.userId, mail.userId], total: 4 });
    expect(await list(owner, { DIALOG_ID: dialog, SKIP_EXTERNAL: 'Y' })).toMatchObject({ ids: people, total: 2 });
    expect(await list(owner, { DIALOG_ID: dialog, SKIP_EXTERNAL: 'Y', SKIP_EXTERNAL_EXCEPT_TYPES: ' Email,nothing' })).toMatchObject({ ids: [...people, mail.userId], total: 3 });
  });

  test('knows both sides of a private dialog, before and after its first message, and oneself alone', async () => {
    const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
    const both = { ids: [anna.userId, boris.userId], total: 2, next: undefined };
    expect(await list(boris, { DIALOG_ID: anna.userId })).toEqual(both);
    await say(anna, boris.userId);
    expect(await list(boris, { DIALOG_ID: anna.userId })).toEqual(both);
    expect(await list(boris, { DIALOG_ID: anna.userId, LIMIT: 1 })).toEqual({ ids: [anna.userId], total: 2, next: 1 });
    expect(await list(boris, { DIALOG_ID: boris.userId })).toMatchObject({ ids: [boris.userId], total: 1 });
  });
});

describe('im.dialog.writing', () => {
  test('is for who may write, and leaves nothing', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const [stranger, guest] = [await portal.addUser('Stranger'), await portal.addUser('Guest', { extranet: 1 })];
    const write = async (who: Client, DIALOG_ID: string | number) => (await who.raw('im.dialog.writing', { DIALOG_ID })).body.error ?? true;
    expect(await Promise.all([owner, member, stranger].map((who) => write(who, dialog)))).toEqual([true, true, 'ACCESS_ERROR']);
    expect(await Promise.all([write(member, stranger.userId), write(member, guest.userId)])).toEqual([true, 'ACCESS_ERROR']);
    expect(await stranger.call('im.recent.get')).toEqual([]);
    await owner.call('tidemark.chat.permissions.set', { CHAT_ID: chat, CAN_POST: 'manager' });
    expect(await Promise.all([owner, member].map((who) => write(who, dialog)))).toEqual([true, 'ACCESS_ERROR']);
    const open = await owner.call<number>('im.chat.add', { TYPE: 'OPEN' });
    expect(await Promise.all([stranger, guest].map((who) => write(who, `chat${open}`)))).toEqual([true, 'ACCESS_ERROR']);
  });
});

interface Found {
  messages: Array<{ id: number; text: string; unread: boolean; viewed: boolean; isSystem: boolean; author_id: number; authorId: number }>;
  users: Array<Record<string, unknown>>;
  usersShort: Array<{ id: number; name: string }>;
  reactions: unknown[];
}

describe('im.dialog.messages.search', () => {
  const search = (who: Client, CHAT_ID: number, params: Record<string, unknown> = {}) => who.call<Found>('im.dialog.messages.search', { CHAT_ID, ...params });
  const ids = async (who: Client, chat: number, params: Record<string, unknown> = {}) => (await search(who, chat, params)).messages.map(({ id }) => id);

  test('shows what it finds, with who wrote and who likes it', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const [first, second] = [await say(owner, dialog, { MESSAGE: 'The [b]Launch[/b] is near' }), await say(owner, dialog, { MESSAGE: 'launched' })];
    await member.call('im.message.like', { MESSAGE_ID: first });
    await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: first });
    const found = await search(member, chat, { SEARCH_MESSAGE: ' LAUNCH ' });
    expect(found.messages).toMatchObject([
      { id: second, unread: true, viewed: false, isSystem: false, author_id: owner.userId, authorId: owner.userId, chatId: chat, viewedByOthers: false },
      { id: first, unread: false, viewed: true, viewedByOthers: true, text: 'The [b]Launch[/b] is near' },
    ]);
    expect(found.users).toMatchObject([{ id: owner.userId, firstName: 'Owner', lastActivityDate: expect.anything() as unknown }]);
    expect(found.usersShort).toEqual([{ id: owner.userId, name: 'Owner', avatar: '' }]);
    expect(found.reactions).toEqual([{ messageId: first, reactionCounters: { like: 1 }, reactionUsers: { like: [member.userId] }, ownReactions: ['like'] }]);
  });

  test('finds in every script and case, parts of words too', async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    const texts = ['Встреча в Москве', '東京で会いましょう', 'ΣΊΣΥΦΟΣ', 'Grüße aus Köln', '🌊🌊🌊 high tide', 'İstanbul'];
    const said: number[] = [];
    for (const MESSAGE of texts) said.push(await say(owner, dialog, { MESSAGE }));
    const wanted = ['СКВ', '会いま', 'σίσυφος', 'GRÜSSE', 'köl', '🌊🌊🌊', 'stanbul', 'nothing like it'];
    const found = await Promise.all(wanted.map((SEARCH_MESSAGE) => ids(owner, chat, { SEARCH_MESSAGE })));
    expect(found).toEqual([[said[0]], [said[1]], [said[2]], [], [said[3]], [said[4]], [said[5]], []]);
  });

  test('leaves out what is deleted, finds what is edited, and only what the caller may see', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const [old, gone, edited] = [await say(owner, dialog, { MESSAGE: 'needle' }), await say(owner, dialog, { MESSAGE: 'needle' }), await say(owner, dialog)];
    await member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: edited });
    await owner.call('im.message.delete', { MESSAGE_ID: gone });
    await owner.call('im.message.update', { MESSAGE_ID: edited, MESSAGE: 'a needle now' });
    const late = await portal.addUser('Late');
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [late.userId] });
    const fresh = await say(owner, dialog, { MESSAGE: 'needle' });
    expect(await ids(member, chat, { SEARCH_MESSAGE: 'needle' })).toEqual([fresh, edited, old]);
    expect(await ids(late, chat, { SEARCH_MESSAGE: 'needle' })).toEqual([fresh]);
  });

  test('goes on after the last one, in either order, through all of a long chat', async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    for (let i = 0; i < 23; i++) await say(owner, dialog, { MESSAGE: `needle ${i}` });
    const all = await ids(owner, chat, { SEARCH_MESSAGE: 'needle' });
    expect(all).toHaveLength(23);
    for (const ORDER of [undefined, { ID: 'DESC' }, { id: 'asc' }]) {
      const walked: number[] = [];
      for (let page = await ids(owner, chat, { SEARCH_MESSAGE: 'needle', LIMIT: 5, ORDER }); page.length > 0; page = await ids(owner, chat, { SEARCH_MESSAGE: 'needle', LIMIT: 5, ORDER, LAST_ID: walked.at(-1) })) {
        walked.push(...page);
      }
      expect(walked).toEqual(ORDER && 'id' in ORDER ? all.toReversed() : all);
    }
    expect(await owner.fails('im.dialog.messages.search', { CHAT_ID: chat, ORDER: { DATE: 'ASC' } })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'ORDER' });
  });

  test('finds by date, both ends included, or by a day from a moment on', async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    const said: Array<{ id: number; date: string }> = [];
    for (let day = 0; day < 4; day++) {
      const id = await say(owner, dialog, { MESSAGE: 'Hello' });
      said.push({ id, date: (await historyOf(owner, dialog, { LIMIT: 1 }) as unknown as Array<{ date: string }>)[0]!.date });
      portal.clock.advance(24 * 3_600_000);
    }
    const [, second, third, fourth] = said;
    const next = (date: string) => new Date(Date.parse(date) + 1000).toISOString();
    const found = (params: Record<string, unknown>) => ids(owner, chat, { SEARCH_MESSAGE: 'hello', ...params });
    expect(await found({ DATE_FROM: second!.date, DATE_TO: next(third!.date) })).toEqual([third!.id, second!.id]);
    expect(await found({ DATE_FROM: next(third!.date) })).toEqual([fourth!.id]);
    expect(await found({ DATE: second!.date, DATE_FROM: fourth!.date })).toContain(second!.id);
    expect(await found({ DATE: next(second!.date) })).toEqual([third!.id]);
  });

  test('is a naive look at every message', { timeout: 60_000 }, async () => {
    const { owner, chat, dialog } = await addCircle(portal);
    const word = fc.constantFrom('ab', 'Abc', 'ABCD', 'bca', 'Σσς', 'ß', 'ÄÖ', 'äöü', '日本', '日本語', '%', '_', '\\', "'", '"', '*', '[b]', '🌊');
    const texts = fc.sample(fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' ')), 60);
    const said: Array<{ id: number; text: string }> = [];
    for (const MESSAGE of texts) said.unshift({ id: await say(owner, dialog, { MESSAGE }), text: MESSAGE });
    await fc.assert(fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 3 }), fc.constantFrom('', ' '), async (words, between) => {
      const text = words.join(between);
      const expected = said.filter((message) => [...text].length < 3 || fold(message.text).includes(fold(text))).map(({ id }) => id);
      const found = await ids(owner, chat, { SEARCH_MESSAGE: text, LIMIT: 200 });
      expect(found.filter((id) => said.some((message) => message.id === id))).toEqual(expected);
    }), { numRuns: 60 });
  });
});
