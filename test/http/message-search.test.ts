/** Messages by text and date: what is found is what a naive look at every message finds, however far the index is. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fold } from '../../src/db/fold.ts';
import type { Client } from '../support/client.ts';
import { addCircle, say } from '../support/people.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Found {
  messages: Array<{ id: number; chatId: number; text: string; unread: boolean }>;
  chats: Array<{ id: number; dialogId: string; type: string; title: string }>;
}

interface Said {
  id: number;
  chat: number;
  text: string;
}

let portal: TestServer;
beforeAll(async () => {
  portal = await startTestServer({}, { indexing: 'never' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const indexAll = () => portal.server.context.indexing.indexAll();
const everywhere = (who: Client, params: Record<string, unknown> = {}) => who.call<Found>('tidemark.messages.search', params);
const ids = async (who: Client, params: Record<string, unknown> = {}) => (await everywhere(who, params)).messages.map(({ id }) => id);

describe('tidemark.messages.search', () => {
  test('finds in all chats of the caller, with the chats, and in no others', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const stranger = await portal.addUser('Stranger');
    const [inChat, inPrivate, inOwn] = [
      await say(owner, dialog, { MESSAGE: 'Tidal chart' }), await say(owner, member.userId, { MESSAGE: 'a tidal wave' }), await say(owner, owner.userId, { MESSAGE: 'TIDAL' }),
    ];
    await stranger.call('im.chat.add', { TYPE: 'OPEN', MESSAGE: 'tidal too' });
    const found = await everywhere(owner, { SEARCH_MESSAGE: 'tidal' });
    expect(found.messages.map(({ id }) => id)).toEqual([inOwn, inPrivate, inChat]);
    expect(found.chats.map(({ dialogId }) => dialogId).sort()).toEqual([String(owner.userId), String(member.userId), `chat${chat}`].sort());
    expect(found.chats.find(({ id }) => id === chat)).toMatchObject({ type: 'chat' });
    const theirs = await everywhere(member, { SEARCH_MESSAGE: 'tidal' });
    expect(theirs.messages).toMatchObject([{ id: inPrivate, unread: true }, { id: inChat, unread: true }]);
    expect(theirs.chats.find(({ dialogId }) => dialogId === String(owner.userId))).toMatchObject({ title: 'Owner', type: 'private' });
    await member.call('im.chat.leave', { CHAT_ID: chat });
    expect(await ids(member, { SEARCH_MESSAGE: 'tidal' })).toEqual([inPrivate]);
  });

  test('leaves out what was said before one came, what is deleted, and dialogs with guests whom one may not meet', async () => {
    const { owner, member, chat, dialog } = await addCircle(portal);
    const guest = await portal.addUser('Guest', { extranet: 1 });
    const [old, gone, edited] = [await say(owner, dialog, { MESSAGE: 'ebbing' }), await say(owner, dialog, { MESSAGE: 'ebbing' }), await say(owner, dialog, { MESSAGE: 'sluice' })];
    await indexAll();
    await owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [guest.userId] });
    await owner.call('im.message.delete', { MESSAGE_ID: gone });
    await owner.call('im.message.update', { MESSAGE_ID: edited, MESSAGE: 'an ebbing tide' });
    const [fresh, toGuest] = [await say(owner, dialog, { MESSAGE: 'ebbing' }), await say(owner, guest.userId, { MESSAGE: 'ebbing' })];
    for (const _ of [1, 2]) {
      expect(await ids(member, { SEARCH_MESSAGE: 'ebbing' })).toEqual([fresh, edited, old]);
      expect(await ids(guest, { SEARCH_MESSAGE: 'ebbing' })).toEqual([toGuest, fresh]);
      expect(await ids(owner, { SEARCH_MESSAGE: 'ebbing' })).toEqual([toGuest, fresh, edited, old]);
      expect(await ids(owner, { SEARCH_MESSAGE: 'sluice' })).toEqual([]);
      await indexAll();
    }
    await owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: guest.userId });
    expect(await ids(guest, { SEARCH_MESSAGE: 'ebbing' })).toEqual([]);
    expect(await ids(owner, { SEARCH_MESSAGE: 'ebbing' })).toEqual([fresh, edited, old]);
  });

  test('finds by date alone, and goes on after the last one in either order', async () => {
    const { owner, dialog } = await addCircle(portal);
    const said: number[] = [];
    for (let i = 0; i < 12; i++) said.push(await say(owner, i % 2 === 0 ? dialog : owner.userId, { MESSAGE: `flood ${i}` }));
    await indexAll();
    for (const [ORDER, expected] of [[undefined, said.toReversed()], [{ ID: 'ASC' }, said]] as const) {
      const walked: number[] = [];
      const page = () => ids(owner, { SEARCH_MESSAGE: 'flood', LIMIT: 5, ORDER, LAST_ID: walked.at(-1) });
      for (let found = await page(); found.length > 0; found = await page()) walked.push(...found);
      expect(walked).toEqual(expected);
    }
    const DATE_FROM = new Date(portal.clock.now() + 60_000).toISOString();
    expect(await ids(owner, { SEARCH_MESSAGE: 'flood', DATE_FROM })).toEqual([]);
    expect((await ids(owner, { DATE_TO: DATE_FROM })).slice(0, 12)).toEqual(said.toReversed());
  });
});

const word = fc.constantFrom('a', 'ab', 'Abc', 'ABCD', 'bca', 'Σσς', 'ß', 'ÄÖ', 'äöü', 'Ёж', 'встреча', '日', '日本', '日本語', '한국', '%', '_', "'", '"', '*', '[b]', '🌊', '👩‍👩‍👧');
const sentence = (most: number) => fc.array(word, { minLength: 1, maxLength: most }).map((words) => words.join(' '));

/** What happens: somebody says something in one of three chats, changes or deletes it; a part of it, or all, gets into the index. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('say' as const), chat: fc.nat(2), text: sentence(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), which: fc.nat(), text: sentence(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat() }) },
);
const asked = fc.record({
  text: fc.oneof(sentence(2), fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(''))), where: fc.nat(3), ascending: fc.boolean(), limit: fc.constantFrom(2, 200),
});

type Random = fc.GeneratorValue;

/** When what is said gets into the index. */
const WAYS: Record<string, (gen: Random) => Promise<unknown>> = {
  'at once': () => indexAll(),
  'at random moments': async (gen) => gen(fc.nat, { max: 3 }) === 0 && portal.server.context.indexing.indexSome(),
  'never': async () => {},
  'anew from the newest on, at random moments': async (gen) => {
    if (gen(fc.nat, { max: 5 }) === 0) await forget();
    if (gen(fc.nat, { max: 3 }) === 0) await portal.server.context.indexing.indexSome();
  },
};

/** As in a portal that had messages before it had the index. */
async function forget(): Promise<void> {
  await portal.server.context.db.write(async (s) => {
    await s.query((q) => q.deleteFrom('message_text'));
    await s.query((q) => q.updateTable('text_index').set({ floor: sql`(select coalesce(max(id), 0) + 1 from message)` }));
  });
}

test.each(Object.entries(WAYS))('is a naive look at every message with what is said indexed %s', { timeout: 120_000 }, async (_name, index) => {
  const { owner, chat, dialog } = await addCircle(portal);
  const second = await owner.call<number>('im.chat.add', { TITLE: 'Second' });
  const places = [dialog, `chat${second}`, owner.userId];
  const chats = [chat, second, 0];
  const said: Said[] = [];
  const play: Record<string, (what: { chat: number; which: number; text: string }) => Promise<unknown>> = {
    async say({ chat: at, text }) {
      said.push({ id: await say(owner, places[at]!, { MESSAGE: text }), chat: at, text });
    },
    async edit({ which, text }) {
      const one = said[which % said.length];
      if (!one) return;
      await owner.call('im.message.update', { MESSAGE_ID: one.id, MESSAGE: text });
      one.text = text;
    },
    async delete({ which }) {
      const [one] = said.splice(which % said.length, 1);
      if (one) await owner.call('im.message.delete', { MESSAGE_ID: one.id });
    },
  };
  await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), fc.array(asked, { minLength: 1, maxLength: 4 }), fc.gen(), async (events, questions, gen) => {
    for (const one of events) {
      if (said.length > 0 || one.kind === 'say') await play[one.kind]!({ chat: 0, which: 0, text: '', ...one });
      await index(gen);
    }
    for (const { text, where, ascending, limit } of questions) {
      const inOne = where < 2;
      const short = inOne && [...text.trim()].length < 3;
      const expected = said.filter((message) => (!inOne || message.chat === where) && (short || fold(message.text).includes(fold(text.trim())))).map(({ id }) => id);
      const params = { SEARCH_MESSAGE: text, ORDER: { ID: ascending ? 'ASC' : 'DESC' }, LIMIT: limit };
      const found = inOne ? await owner.call<Found>('im.dialog.messages.search', { CHAT_ID: chats[where], ...params }) : await everywhere(owner, params);
      const mine = new Set(said.map(({ id }) => id));
      // The chats begin with lines of the system's.
      const seen = found.messages.map(({ id }) => id).filter((id) => limit < 200 || mine.has(id));
      const all = ascending ? expected : expected.toReversed();
      if (limit === 200) expect({ text, where, seen }).toEqual({ text, where, seen: all });
      else if (seen.every((id) => mine.has(id))) expect({ text, where, seen }).toEqual({ text, where, seen: all.slice(0, limit) });
    }
  }), { numRuns: runs(25) });
});
