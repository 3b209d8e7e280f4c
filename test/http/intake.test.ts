/** What the owner of a webhook sees at another portal comes here: all of it, once, and later what is new. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IntakeOptions, takeIn } from '../../src/intake/intake.ts';
import { Source } from '../../src/intake/source.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { carried, historyOf, originsAt } from '../support/carried.ts';
import { type Client, clientFor } from '../support/client.ts';
import { dump } from '../support/dump.ts';
import { meddle } from '../support/meddler.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let from: TestServer;
beforeAll(async () => {
  from = await startTestServer({ empty: false });
}, 60_000);
afterAll(() => from[Symbol.asyncDispose]());

const USUAL: IntakeOptions = { chats: 1000, messages: 10_000, since: 0, watch: () => {} };

/** Takes as much in a second as it is given. */
function take(to: TestServer, url: string, options: Partial<IntakeOptions> = {}, stop?: AbortSignal) {
  return takeIn(to.server.context.messenger, new Source(new URL(url), { perSecond: 10_000, pauseMs: 1, ...(stop && { stop }) }), { ...USUAL, ...options });
}

/** A client of somebody who came. */
async function clientOf(to: TestServer, userId: number): Promise<Client> {
  const webhook = await addWebhook(to.server.context.messenger.db, to.clock, { userId, scopes: SCOPES, title: 'test' });
  return clientFor(`${to.http}/rest/${userId}/${webhook!.code}/`, userId);
}

test('the list, the counters and all that was said are the same there and here; a second time nothing is written', { timeout: 60_000 }, async () => {
  await using to = await startTestServer();
  const { owner, left } = await take(to, from.admin.url, { blobs: to.server.context.blobs });
  expect(left).toEqual([]);
  expect(await carried(await clientOf(to, owner), await originsAt(to))).toEqual(await carried(from.admin));
  const before = await dump(to.server.context.messenger.db);
  expect(await take(to, from.admin.url)).toMatchObject({ owner, users: 0, chats: 0, messages: 0, files: 0 });
  expect(await dump(to.server.context.messenger.db)).toEqual(before);
});

test('however often it breaks off, what comes in the end is the same', { timeout: 120_000 }, async () => {
  const whole = await carried(from.admin);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(12), fc.constantFrom('stop', 'cut', 'cut the answer', 'stop')), { minLength: 1, maxLength: 6 }), async (breaks) => {
      await using to = await startTestServer();
      let [stop, left] = [new AbortController(), breaks[0]];
      await using between = await meddle(() => {
        if (!left || left[0]-- > 0) return 'pass';
        const [, how] = left;
        breaks.shift();
        left = breaks[0] && [...breaks[0]];
        if (how === 'stop') stop.abort();
        return how === 'stop' ? 'cut' : (how as 'cut');
      });
      const url = between.through(from.admin.url);
      let result: Awaited<ReturnType<typeof take>> | undefined;
      while (!result) {
        stop = new AbortController();
        const { signal } = stop;
        result = await take(to, url, { blobs: to.server.context.blobs }, signal).catch((fault: unknown) => {
          if (!signal.aborted) throw fault;
          return undefined;
        });
      }
      expect(await carried(await clientOf(to, result.owner), await originsAt(to))).toEqual(whole);
    }),
    { numRuns: runs(3) },
  );
});

test('two at once bring everything once', { timeout: 60_000 }, async () => {
  await using alone = await startTestServer();
  await using together = await startTestServer();
  await take(alone, from.admin.url);
  await Promise.all([take(together, from.admin.url), take(together, from.admin.url)]);
  const sizes = async ({ server }: TestServer) => {
    const stored = await dump(server.context.messenger.db);
    return ['user', 'chat', 'message', 'member'].map((table) => [table, stored[table]!.length]);
  };
  expect(await sizes(together)).toEqual(await sizes(alone));
});

test('later what is new comes, and how the list stands by then', { timeout: 60_000 }, async () => {
  await using to = await startTestServer();
  await using portal = await startTestServer();
  const [ann, bob] = [await portal.addUser('Ann', { email: 'ann@example.com' }), await portal.addUser('Bob')];
  const chat = await ann.call<number>('im.chat.add', { TITLE: 'Both', USERS: [bob.userId], COLOR: 'MINT' });
  const say = (who: Client, text: string, dialog: number | string = `chat${chat}`) => who.call<number>('im.message.add', { DIALOG_ID: dialog, MESSAGE: text });
  const first = await say(bob, 'one');
  const { owner } = await take(to, ann.url);
  const here = await clientOf(to, owner);
  await say(bob, 'two');
  await bob.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `three for [USER=${ann.userId}]Ann[/USER] in [CHAT=${chat}]Both[/CHAT], [USER=999]nobody[/USER]`, REPLY_ID: first });
  await say(bob, 'hello', ann.userId);
  await ann.call('im.recent.pin', { DIALOG_ID: bob.userId });
  await ann.call('im.chat.mute', { CHAT_ID: chat, ACTION: 'Y' });
  await ann.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'All' });
  const cat = await portal.addUser('Cat');
  await ann.call('im.chat.user.add', { CHAT_ID: chat, USERS: [cat.userId] });
  expect(await take(to, ann.url)).toMatchObject({ owner, users: 1, chats: 1, messages: 5 });
  const origins = await originsAt(to);
  const there = JSON.parse(JSON.stringify(await carried(ann)).replaceAll('[USER=999]nobody[/USER]', 'nobody')) as object;
  expect(await carried(here, origins)).toEqual(there);
  expect((await here.call<Array<{ counter: number }>>('im.recent.get')).map(({ counter }) => counter)).toEqual((await ann.call<Array<{ counter: number }>>('im.recent.get')).map(({ counter }) => counter));
  // Somebody else who was there has not to read what they have read.
  const bobHere = await clientOf(to, [...origins.user].find(([, there]) => there === bob.userId)![0]);
  expect(await bobHere.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0 } });
  expect(await take(to, bob.url)).toMatchObject({ owner: bobHere.userId, users: 0, messages: 0 });
  expect(await carried(bobHere, await originsAt(to))).toEqual(JSON.parse(JSON.stringify(await carried(bob)).replaceAll('[USER=999]nobody[/USER]', 'nobody')));
});

test('of a long chat come the last messages that are wanted, and later all newer ones', { timeout: 60_000 }, async () => {
  await using to = await startTestServer();
  await using portal = await startTestServer();
  const chat = await portal.admin.call<number>('im.chat.add', { TITLE: 'Long' });
  const say = async (count: number) => {
    for (let i = 0; i < count; i += 1) await portal.admin.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: `${i} ${'x'.repeat(19_000)}` });
  };
  await say(150);
  const { owner, messages } = await take(to, portal.admin.url, { messages: 130 });
  expect(messages).toBe(130);
  await say(60);
  expect(await take(to, portal.admin.url, { messages: 10 })).toMatchObject({ messages: 60 });
  const origins = await originsAt(to);
  const [dialog] = [...origins.chat.keys()];
  expect(await historyOf(await clientOf(to, owner), `chat${dialog}`, origins)).toEqual((await historyOf(portal.admin, `chat${chat}`)).slice(-190));
});
