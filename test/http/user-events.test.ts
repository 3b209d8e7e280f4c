/** im.v2.Event.*: what happens in a user's chats is recorded for them once, as they may see it, until they confirm it or a day has passed. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { Deliverer } from '../../src/delivery/handlers/deliverer.ts';
import { issueTokens, lifeNow } from '../../src/identity/tokens.ts';
import { createMessenger } from '../../src/messenger/messenger.ts';
import { trim } from '../../src/portal/trimming.ts';
import { addApp, clientWith } from '../support/application.ts';
import { recorded } from '../support/bindings.ts';
import type { Client } from '../support/client.ts';
import { say } from '../support/people.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Page {
  events: Array<{ eventId: number; type: string; date: string; data: Record<string, unknown> & { message?: { id: number; chatId: number; text: string }; messageId?: number; user?: object } }>;
  nextOffset: number;
  hasMore: boolean;
}

const DAY_MS = 86_400_000;

let portal: TestServer;
let anna: Client;
let boris: Client;
let vera: Client;
beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  [anna, boris, vera] = [await portal.addUser('Anna'), await portal.addUser('Boris'), await portal.addUser('Vera')];
});

const subscribe = (who: Client) => who.call('im.v2.Event.subscribe');
const chatOf = (owner: Client, ...members: Client[]) => owner.call<number>('im.chat.add', { TITLE: 'Events', USERS: members.map(({ userId }) => userId) });

async function fetchOf(who: Client, params: Record<string, unknown> = {}): Promise<Page> {
  await recorded(portal);
  return who.call<Page>('im.v2.Event.get', params);
}

const textsOf = ({ events }: Page) => events.flatMap(({ data }) => data.message?.text ?? []);

describe('what is recorded', () => {
  test('messages, edits, deletions and those who join, with the data of the page; from the subscription on until it ends', async () => {
    const chat = await chatOf(anna, boris);
    await say(anna, `chat${chat}`, { MESSAGE: 'before' });
    expect(await fetchOf(boris)).toEqual({ events: [], nextOffset: 0, hasMore: false });
    expect([await subscribe(boris), await subscribe(boris)]).toEqual([true, true]);
    // An event shows what is there when it is recorded.
    const then = async <T>(work: Promise<T>): Promise<T> => {
      const done = await work;
      await recorded(portal);
      return done;
    };
    const first = await then(say(anna, `chat${chat}`, { MESSAGE: 'one' }));
    await then(anna.call('im.message.update', { MESSAGE_ID: first, MESSAGE: 'two' }));
    const own = await then(say(boris, `chat${chat}`, { MESSAGE: 'own' }));
    await then(anna.call('im.message.delete', { MESSAGE_ID: first }));
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [vera.userId] });
    const page = await fetchOf(boris);
    const about = { chat: expect.objectContaining({ id: chat, dialogId: `chat${chat}`, name: 'Events' }), language: 'en' };
    const by = (who: Client) => ({ ...about, user: expect.objectContaining({ id: who.userId, lastActivityDate: false }) });
    const isLine = ({ data }: Page['events'][number]) => (data.message as { isSystem?: boolean } | undefined)?.isSystem === true;
    expect(page.events.filter((event) => !isLine(event)).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'ONIMV2MESSAGEADD', data: { message: expect.objectContaining({ id: first, text: 'one', chatId: chat, isSystem: false }), ...by(anna) } },
      { type: 'ONIMV2MESSAGEUPDATE', data: { message: expect.objectContaining({ id: first, text: 'two' }), ...by(anna) } },
      { type: 'ONIMV2MESSAGEADD', data: { message: expect.objectContaining({ id: own, text: 'own' }), ...by(boris) } },
      { type: 'ONIMV2MESSAGEDELETE', data: { messageId: first, ...by(anna) } },
      { type: 'ONIMV2JOINCHAT', data: { dialogId: `chat${chat}`, ...by(vera) } },
    ]);
    expect(page).toMatchObject({ nextOffset: page.events.at(-1)!.eventId + 1, hasMore: false });
    expect(Date.parse(page.events[0]!.date)).toBeGreaterThan(portal.clock.now() - DAY_MS);
    expect([await boris.call('im.v2.Event.unsubscribe'), await boris.call('im.v2.Event.unsubscribe')]).toEqual([true, true]);
    await say(anna, `chat${chat}`, { MESSAGE: 'after' });
    expect(await fetchOf(boris)).toEqual(page);
    expect((await fetchOf(anna)).events).toEqual([]);
  });

  test('a private dialog is named by its partner', async () => {
    await subscribe(boris);
    await say(anna, boris.userId, { MESSAGE: 'private' });
    const { events } = await fetchOf(boris);
    expect(events.filter(({ type }) => type === 'ONIMV2MESSAGEADD')).toMatchObject([{ data: { chat: { dialogId: String(anna.userId), type: 'private' }, message: { text: 'private' } } }]);
  });

  test('also what is done with a token after which no further event follows', async () => {
    const { clientId, id } = await addApp(portal);
    expect(clientId).not.toBe('');
    const life = await lifeNow(portal.server.context.messenger);
    const { accessToken } = await portal.server.context.db.write((s) => issueTokens(s, { appId: id, userId: anna.userId, scope: 'im', hops: 0 }, life));
    await subscribe(boris);
    await say(clientWith(portal, accessToken, anna.userId), boris.userId, { MESSAGE: 'the last of a chain' });
    expect(textsOf(await fetchOf(boris))).toEqual(['the last of a chain']);
  });
});

describe('confirming', () => {
  test('without an offset the same comes again; an offset confirms what is below it, for all programs of the user', async () => {
    await subscribe(boris);
    for (const MESSAGE of ['a', 'b', 'c', 'd']) await say(anna, boris.userId, { MESSAGE });
    const all = await fetchOf(boris);
    expect(await fetchOf(boris)).toEqual(all);
    const ids = all.events.map(({ eventId }) => eventId);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const some = await fetchOf(boris, { LIMIT: 2 });
    expect(some).toEqual({ events: all.events.slice(0, 2), nextOffset: ids[1]! + 1, hasMore: true });
    expect(await fetchOf(boris, { OFFSET: some.nextOffset, LIMIT: 1000 })).toEqual({ ...all, events: all.events.slice(2) });
    expect(await fetchOf(boris)).toEqual({ ...all, events: all.events.slice(2) });
    expect(await fetchOf(boris, { OFFSET: all.nextOffset })).toEqual({ events: [], nextOffset: all.nextOffset, hasMore: false });
    expect(await fetchOf(boris)).toMatchObject({ events: [], hasMore: false });
    expect(await boris.fails('im.v2.Event.get', { OFFSET: -1 })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'OFFSET' });
  });

  test('a page ends where it holds some megabytes, and the next goes on', async () => {
    await subscribe(boris);
    const MESSAGE = '\u0001'.repeat(20_000);
    const ids: number[] = [];
    for (let i = 0; i < 40; i += 1) ids.push(await say(anna, boris.userId, { MESSAGE: `${MESSAGE}` }));
    const first = await fetchOf(boris, { LIMIT: 1000 });
    expect(first.hasMore).toBe(true);
    const second = await fetchOf(boris, { LIMIT: 1000, OFFSET: first.nextOffset });
    expect([...first.events, ...second.events].map(({ data }) => data.message!.id)).toEqual(ids);
  });

  test('nobody confirms for somebody else', async () => {
    await Promise.all([subscribe(anna), subscribe(boris)]);
    await say(vera, `chat${await chatOf(vera, anna, boris)}`, { MESSAGE: 'both' });
    await fetchOf(anna, { OFFSET: 2 ** 40 });
    expect(textsOf(await fetchOf(anna))).toEqual([]);
    expect(textsOf(await fetchOf(boris))).toContain('both');
  });

  test('a day later it is gone, and after 30 days that nobody has fetched the subscription too', async () => {
    const [late, talker] = [await portal.addUser('Late'), await portal.addUser('Talker')];
    await subscribe(late);
    await say(talker, late.userId, { MESSAGE: 'old' });
    expect(textsOf(await fetchOf(late))).toEqual(['old']);
    portal.clock.advance(DAY_MS + 1000);
    expect(await fetchOf(late)).toMatchObject({ events: [] });
    const trimNow = () => trim(portal.server.context.db, portal.clock.now());
    await trimNow();
    const rows = (table: 'user_event' | 'event_subscriber') => portal.server.context.db.read((s) => s.query((q) => q.selectFrom(table).selectAll().where('user_id', '=', late.userId)));
    expect([await rows('user_event'), (await rows('event_subscriber')).length]).toEqual([[], 1]);
    portal.clock.advance(30 * DAY_MS);
    await late.call('im.v2.Event.get');
    await trimNow();
    expect((await rows('event_subscriber')).length).toBe(1);
    portal.clock.advance(31 * DAY_MS);
    await trimNow();
    expect(await rows('event_subscriber')).toEqual([]);
  });
});

describe('rights', () => {
  test('who has left fetches nothing of the chat any more, and nothing is recorded for them', async () => {
    await subscribe(boris);
    const chat = await chatOf(anna, boris, vera);
    await say(anna, `chat${chat}`, { MESSAGE: 'secret' });
    await say(anna, boris.userId, { MESSAGE: 'between us' });
    expect(textsOf(await fetchOf(boris))).toEqual(expect.arrayContaining(['secret', 'between us']));
    await anna.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: boris.userId });
    await say(anna, `chat${chat}`, { MESSAGE: 'later' });
    expect(textsOf(await fetchOf(boris))).toEqual(['between us']);
    await anna.call('im.chat.user.add', { CHAT_ID: chat, USERS: [boris.userId], HIDE_HISTORY: 'Y' });
    expect(textsOf(await fetchOf(boris)).filter((text) => ['secret', 'later'].includes(text))).toEqual([]);
  });

  test('a guest who shares no group any more is told nothing of the private dialog, nor of who speaks in it', async () => {
    const guest = await portal.addUser('Guest', { extranet: 1 });
    await subscribe(guest);
    const chat = await chatOf(anna, guest);
    await say(anna, guest.userId, { MESSAGE: 'hello guest' });
    expect(textsOf(await fetchOf(guest))).toContain('hello guest');
    await anna.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: guest.userId });
    expect(textsOf(await fetchOf(guest))).not.toContain('hello guest');
  });
});

test('several nodes: each message of one\'s chats comes exactly once, in order, however pages and confirmations fall', async () => {
  const { context, ready } = portal.server;
  await using _second = new Deliverer(createMessenger(context.db, portal.clock), ready.http, createLog('silent'));
  const step = fc.record({ chat: fc.nat(2), size: fc.integer({ min: 0, max: 3 }), limit: fc.integer({ min: 1, max: 4 }), confirm: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const reader = await portal.addUser('Reader');
      const chats = [await chatOf(anna, reader), await chatOf(boris, reader), await chatOf(vera, anna)];
      await subscribe(reader);
      const expected: number[] = [];
      const got = new Map<number, { id: number; chatId: number }>();
      let offset = 0;
      const take = async (limit: number, confirm: boolean) => {
        const page = await fetchOf(reader, { LIMIT: limit, ...(offset > 0 && { OFFSET: offset }) });
        for (const { eventId, data } of page.events) got.set(eventId, data.message!);
        if (confirm) offset = page.nextOffset;
        return page;
      };
      for (const { chat, size, limit, confirm } of steps) {
        const who = [anna, boris, vera][chat]!;
        const sent = await Promise.all(Array.from({ length: size }, () => say(who, `chat${chats[chat]}`)));
        if (chat < 2) expected.push(...sent.sort((a, b) => a - b));
        await take(limit, confirm);
      }
      for (let page = await take(3, true); page.hasMore; page = await take(3, true));
      const inOrder = [...got].sort(([a], [b]) => a - b).map(([, message]) => message);
      const ascending = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
      expect(ascending(inOrder.map(({ id }) => id))).toEqual(ascending(expected));
      for (const chat of chats) {
        const ofChat = inOrder.filter(({ chatId }) => chatId === chat).map(({ id }) => id);
        expect(ofChat).toEqual(ascending(ofChat));
      }
    }),
    { numRuns: runs(12) },
  );
});
