/** What rows of a chat show all of its members is encoded once; each member's row is what it would be if it were read alone. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Row, say, stable } from '../support/people.ts';
import { runs } from '../support/runs.ts';
import { HeldStore } from '../support/held-store.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MEMBERS = 5;

const store = new HeldStore();
let portal: TestServer;
let people: Client[];
let chat: number;

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  people = [];
  while (people.length < MEMBERS) people.push(await portal.addUser(`Member ${people.length}`));
  chat = await people[0]!.call<number>('im.chat.add', { TITLE: 'Team', USERS: people.map(({ userId }) => userId) });
});
afterAll(() => portal[Symbol.asyncDispose]());

const dialog = () => ({ DIALOG_ID: `chat${chat}` });

/** What one of the members does, or what is done to them. */
const STEPS: Record<string, (who: Client) => Promise<unknown>> = {
  'a message': (who) => say(who, `chat${chat}`),
  'a mention': (who) => say(who, `chat${chat}`, { MESSAGE: `[USER=${who.userId}]somebody[/USER]` }),
  'reading': (who) => who.call('im.dialog.read', dialog()),
  'a pin': (who) => who.call('im.recent.pin', { ...dialog(), PIN: 'Y' }),
  'a mark': (who) => who.call('im.recent.unread', { ...dialog(), ACTION: 'Y' }),
  'a mute': (who) => who.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'Y' }),
  'being heard again': (who) => who.call('im.chat.mute', { CHAT_ID: chat, MUTE: 'N' }),
  'hiding': (who) => who.call('im.recent.hide', dialog()),
  'a title': (who) => people[0]!.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: `Team of ${who.userId}, ${Math.random()}` }),
  'leaving, and coming back without the history': async (who) => {
    if (who === people[0]) return;
    await people[0]!.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: who.userId });
    await people[0]!.call('im.chat.user.add', { CHAT_ID: chat, USERS: [who.userId], HIDE_HISTORY: 'Y' });
  },
  'another name': (who) => portal.admin.call('user.update', { ID: who.userId, NAME: `Other ${Math.random()}` }),
};

/** What is drawn rarely: whoever a row shows looks different while it is kept; somebody's history begins anew. */
const EXAMPLES: Array<[Array<[string, number]>]> = [
  [[['a message', 1], ['another name', 1]]],
  [[['a message', 1], ['leaving, and coming back without the history', 2], ['a pin', 2], ['a message', 1]]],
];

test('whatever happens, every member\'s row is the one that is read alone', async () => {
  const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(MEMBERS - 1));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
      for (const [what, who] of steps) {
        await STEPS[what]!(people[who]!);
        await Promise.all(people.map(async (person) => {
          const rows = await person.call<Row[]>('im.recent.get');
          const { items } = await person.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200, TOKEN: '' });
          expect(stable(rows)).toEqual(stable(items));
        }));
      }
    }),
    { numRuns: runs(15), endOnFailure: true, examples: EXAMPLES },
  );
}, 120_000);

test('after a message one row of each role is read whole, of all other members only their own sides', async () => {
  const team: Client[] = [];
  while (team.length < 12) team.push(await portal.addUser(`Team ${team.length}`));
  const id = await team[0]!.call<number>('im.chat.add', { TITLE: 'Twelve', USERS: team.map(({ userId }) => userId) });
  for (let i = 0; i < 2; i++) for (const person of team) await person.call('im.recent.get');
  // Whoever is seen to be there meanwhile has their rows read once more: the cheapest message counts.
  let fewest = Infinity;
  for (let message = 0; message < 20 && fewest > 2; message++) {
    await say(team[0]!, `chat${id}`);
    let whole = 0;
    for (const person of team) {
      store.sent.length = 0;
      expect((await person.call<Row[]>('im.recent.get'))[0]).toMatchObject({ chat_id: id, message: { author_id: team[0]!.userId } });
      whole += store.sent.filter((sql) => sql.includes('"c"."title"')).length;
    }
    fewest = Math.min(fewest, whole);
  }
  // The owner's, and a member's.
  expect(fewest).toBe(2);
});
