/** Whoever asks the same again is answered by one small look while nothing at all has been committed, by whichever server; whatever is committed is met at the very next call. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import type { Client } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { say } from '../support/people.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

const store = new HeldStore();
let one: TestServer;
let other: TestServer;
let anna: Client;
let boris: Client;
let there: Client;

beforeAll(async () => {
  one = await startTestServer({}, { store: store.wrap });
  other = await startTestServer({ databaseUrl: one.databaseUrl });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
});
beforeEach(async () => {
  [anna, boris] = [await one.addUser('Anna'), await one.addUser('Boris')];
  there = movedTo(other, boris);
  await say(boris, anna.userId);
});

const ask = () => anna.call<Array<{ id: unknown; message: { text: string } }>>('im.recent.get');

/** Asked until one small look is all that it takes. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) {
    store.sent.length = 0;
    await ask();
    if (store.sent.length === 1 && store.sent[0]!.includes('"look"')) return;
  }
  throw new Error(`never still: ${store.sent.join('\n')}`);
}

const webhook = async () => (await one.server.context.db.read((s) => webhookNamed(s, anna.url)))!;

test('one small look, and nothing else, while nothing is committed', settle);

const HAPPENINGS: Record<string, () => Promise<unknown>> = {
  'a message through the other server': () => say(there, anna.userId),
  'a message through this one': () => say(boris, anna.userId),
  'a chat through the other server': () => there.call('im.chat.add', { TITLE: 'New', USERS: [anna.userId] }),
  'the row hidden through the other server': () => movedTo(other, anna).call('im.recent.hide', { DIALOG_ID: boris.userId }),
  'the partner renamed through the other server': () => other.server.context.db.write((s) => updateUser(s, boris.userId, { first_name: 'Renamed' })),
  'another time zone': () => other.server.context.db.write((s) => writeSetting(s, SETTING_KEYS.timezone, 'Asia/Tokyo')),
  'everything read by the other server': () => movedTo(other, anna).call('im.dialog.read.all'),
};

test.each(Object.entries(HAPPENINGS))('%s shows at the next call', async (_what, happen) => {
  await settle();
  await happen();
  expect(await ask()).toEqual(await anna.call('im.recent.get', { SKIP_CHAT: 'N', OTHER: 1 }));
});

test('whoever is no longer let in is refused at the next call', async () => {
  await settle();
  const { id } = await webhook();
  await other.server.context.db.write((s) => deleteWebhook(s, id));
  expect(await anna.fails('im.recent.get')).toMatchObject({ error: 'INVALID_CREDENTIALS' });
});

test('what was under way when it was looked shows once it is committed, in whichever order', async () => {
  const partners = await Promise.all(['First', 'Second', 'Third'].map((name) => one.addUser(name)));
  for (const partner of partners) await say(partner, anna.userId);
  const names = new Map(partners.map(({ userId }) => [userId, '']));
  const shown = async () => new Map((await anna.call<Array<{ user: { id: number; first_name: string } }>>('im.recent.get')).map(({ user }) => [user.id, user.first_name]));
  for (const [id, name] of await shown()) if (names.has(id)) names.set(id, name);
  let renamed = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ which: fc.nat(2), asked: fc.nat(4) }), { minLength: 1, maxLength: 8 }), async (steps) => {
    const open = new Map<number, { name: string; commit: () => void; done: Promise<unknown> }>();
    const end = async (id: number) => {
      const { name, commit, done } = open.get(id)!;
      open.delete(id);
      commit();
      await done;
      names.set(id, name);
    };
    for (const { which, asked } of steps) {
      const id = partners[which]!.userId;
      if (open.has(id)) await end(id);
      else open.set(id, await begin(id, `Name ${(renamed += 1)}`));
      for (let i = 0; i <= asked; i++) {
        const now = await shown();
        expect([...names.keys()].map((userId) => now.get(userId))).toEqual([...names.values()]);
      }
    }
    for (const id of open.keys()) await end(id);
  }), { numRuns: 15 });
}, 120_000);

/** Renames somebody through the other server, which commits it only when it is told to. */
async function begin(id: number, name: string) {
  const [written, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const done = other.server.context.db.write(async (s) => {
    await updateUser(s, id, { first_name: name });
    written.resolve();
    await committed.promise;
  });
  await written.promise;
  return { name, commit: committed.resolve, done };
}
