/** What rows of a chat show all of its members is encoded once; each member's row is what it would be if it were read alone. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Row, say, stable } from '../support/people.ts';
import { runs } from '../support/runs.ts';
import { HeldStore } from '../support/held-store.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

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

/** A chat of new people; the first of them owns it. */
async function newTeam(size: number): Promise<{ members: Client[]; dialogId: string; id: number }> {
  const members: Client[] = [];
  while (members.length < size) members.push(await portal.addUser(`Team ${members.length}`));
  const id = await members[0]!.call<number>('im.chat.add', { TITLE: 'Team', USERS: members.map(({ userId }) => userId) });
  return { members, dialogId: `chat${id}`, id };
}

test('after a message one row of each role is read whole, of all other members only their own sides', async () => {
  const { members: team, id } = await newTeam(12);
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

const list = (who: Client) => who.call<Row[]>('im.recent.get');
const SIDES = /"c"\."rev" as "chat_rev", "c"\."last_message_id"/;

// What this process knows of all commits it does not ask.
if (ENGINE === 'sqlite') {
  test('after a message whoever is shown what others are shown asks the store for their own side alone', async () => {
    const { members, dialogId } = await newTeam(4);
    let fewest = Infinity;
    for (let message = 0; message < 20 && fewest > 1; message++) {
      for (const member of members) await list(member);
      await say(members[0]!, dialogId, { MESSAGE: `News ${message}` });
      for (const member of members.slice(0, 3)) await list(member);
      store.sent.length = 0;
      expect((await list(members[3]!))[0]!.message.text).toBe(`News ${message}`);
      fewest = Math.min(fewest, store.sent.length);
    }
    expect(fewest).toBe(1);
    expect(store.sent[0]).toMatch(SIDES);
  });

  test('what is committed while somebody\'s side is read is in the list as a whole, or not at all', async () => {
    const one = await newTeam(3);
    const [author, viewer, other] = one.members as [Client, Client, Client];
    const second = await author.call<number>('im.chat.add', { TITLE: 'Second', USERS: [viewer.userId, other.userId] });
    await say(author, `chat${second}`, { MESSAGE: 'before' });
    for (let again = 0; again < 2; again++) for (const member of one.members) await list(member);
    await say(author, one.dialogId, { MESSAGE: 'first' });
    await list(other);
    const held = store.hold(SIDES);
    const asked = list(viewer);
    await held.reached;
    await say(author, `chat${second}`, { MESSAGE: 'second' });
    await say(author, one.dialogId, { MESSAGE: 'third' });
    await list(other);
    held.release();
    const texts = (await asked).map(({ message }) => message.text);
    expect(texts.includes('third')).toBe(texts.includes('second'));
    expect((await list(viewer)).map(({ message }) => message.text)).toEqual(expect.arrayContaining(['second', 'third']));
  });
}

/** Gives what is still to be done when somebody else has looked. */
const RENAMED: Record<string, (rename: () => Promise<unknown>, read: () => Promise<unknown>) => Promise<() => Promise<unknown>>> = {
  'after it was read': async (rename, read) => {
    await read();
    await rename();
    return async () => {};
  },
  'while it is read': async (rename, read) => {
    const held = store.hold(/as "stranger"/);
    const reading = read();
    await held.reached;
    await rename();
    // The reader, whose row may be out of date, reads it once more.
    const again = store.hold(/as "stranger"/);
    held.release();
    await again.reached;
    return async () => {
      again.release();
      await reading;
    };
  },
};

test.each(Object.entries(RENAMED))('whoever gets another name %s is shown with it to those who did not see them before', async (_when, happens) => {
  const { members, dialogId } = await newTeam(3);
  const [owner, author, viewer] = members as [Client, Client, Client];
  const reader = await portal.addUser('Reader');
  await owner.call('im.chat.user.add', { CHAT_ID: dialogId.slice(4), USERS: [reader.userId] });
  await say(owner, dialogId);
  for (let again = 0; again < 2; again++) for (const member of [viewer, reader]) await list(member);
  await say(author, dialogId);
  const rest = await happens(() => portal.admin.call('user.update', { ID: author.userId, NAME: 'Another' }), () => list(reader));
  expect((await list(viewer))[0]).toMatchObject({ user: { id: author.userId, first_name: 'Another' } });
  await rest();
});
