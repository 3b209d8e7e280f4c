/**
 * Who may meet whom is one rule: every method gives the same verdict on two people, by whichever name their dialog is
 * called. A row that nobody can open is neither listed nor counted.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { type Message, type Row, rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let scenes = 0;

beforeAll(async () => {
  portal = await startTestServer({}, { folding: 'never' });
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Pair {
  viewer: Client;
  other: Client;
  /** Owns the chat. */
  host: Client;
  /** The group chat in which they met. */
  group: number;
  /** Their private dialog. */
  dialog: number;
  /** The other's unread message in it, and the viewer's own. */
  theirs: number;
  own: number;
}

/** Two people who have met in a chat and written to each other. */
async function addPair(viewerGuest: boolean, otherGuest: boolean): Promise<Pair> {
  scenes += 1;
  const viewer = await portal.addUser(`Viewer ${scenes}`, { extranet: viewerGuest ? 1 : 0 });
  const other = await portal.addUser(`Other ${scenes}`, { extranet: otherGuest ? 1 : 0, email: `other${scenes}@example.org` });
  const host = await portal.addUser('Host');
  const group = await host.call<number>('im.chat.add', { USERS: [viewer.userId, other.userId] });
  const own = await say(viewer, other.userId);
  const theirs = await say(other, viewer.userId);
  const { chat_id: dialog } = await viewer.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID: other.userId });
  return { viewer, other, host, group, dialog, theirs, own };
}

const part = async ({ viewer, group }: Pair) => void (await viewer.call('im.chat.leave', { CHAT_ID: group }));
const dismiss = async ({ other }: Pair) => void (await portal.admin.call('user.update', { ID: other.userId, ACTIVE: 'N' }));

const SITUATIONS: Array<[name: string, pair: () => Promise<Pair>, happens: Array<(pair: Pair) => Promise<void>>, open: boolean]> = [
  ['two employees', () => addPair(false, false), [part], true],
  ['an employee and a guest in one chat', () => addPair(false, true), [], true],
  ['an employee and a guest without a chat', () => addPair(false, true), [part], false],
  ['a guest and an employee in one chat', () => addPair(true, false), [], true],
  ['a guest and an employee without a chat', () => addPair(true, false), [part], false],
  ['two guests in one chat', () => addPair(true, true), [], true],
  ['two guests without a chat', () => addPair(true, true), [part], false],
  ['an employee and a dismissed one', () => addPair(false, false), [dismiss], true],
  ['an employee and a dismissed guest in one chat', () => addPair(false, true), [dismiss], true],
  ['an employee and a dismissed guest without a chat', () => addPair(false, true), [part, dismiss], false],
  ['a guest and a dismissed employee without a chat', () => addPair(true, false), [dismiss, part], false],
];

/** Whether each method lets the viewer in. Those that write come last: they must not change the verdict of others. */
const BY_DIALOG: Record<string, (pair: Pair, DIALOG_ID: string) => Promise<boolean>> = {
  'im.dialog.get': async ({ viewer }, DIALOG_ID) => (await viewer.raw('im.dialog.get', { DIALOG_ID })).body.error === undefined,
  'im.dialog.messages.get': async ({ viewer }, DIALOG_ID) => (await viewer.raw('im.dialog.messages.get', { DIALOG_ID })).body.error === undefined,
  'im.dialog.unread': ({ viewer, theirs }, DIALOG_ID) => viewer.call('im.dialog.unread', { DIALOG_ID, MESSAGE_ID: theirs }),
  'im.recent.unread': ({ viewer }, DIALOG_ID) => viewer.call('im.recent.unread', { DIALOG_ID, ACTION: 'Y' }),
  'im.recent.pin': async ({ viewer }, DIALOG_ID) => (await viewer.raw('im.recent.pin', { DIALOG_ID })).body.result === true,
  'im.dialog.read': async ({ viewer }, DIALOG_ID) => (await viewer.call('im.dialog.read', { DIALOG_ID })) !== false,
  'im.message.add': async ({ viewer }, DIALOG_ID) => (await viewer.raw('im.message.add', { DIALOG_ID, MESSAGE: 'x' })).body.error === undefined,
};
const BY_PERSON: Record<string, (pair: Pair) => Promise<boolean>> = {
  'im.user.get': async ({ viewer, other }) => (await viewer.raw('im.user.get', { ID: other.userId })).body.error === undefined,
  'im.user.list.get': async ({ viewer, other }) => (await viewer.call<unknown[]>('im.user.list.get', { ID: [other.userId], RESULT_TYPE: 'array' })).length === 1,
  'user.get': async ({ viewer, other }) => (await viewer.call<unknown[]>('user.get', { FILTER: { ID: other.userId } })).length === 1,
  'access.name': async ({ viewer, other }) => Object.keys(await viewer.call<object>('access.name', { ACCESS: [`U${other.userId}`] })).length === 1,
  'im.recent.get and im.recent.list': async ({ viewer, other }) => (await rowOf(viewer, other.userId)) !== undefined,
  'im.counters.get': async ({ viewer, other }) => String(other.userId) in (await viewer.call<{ DIALOG: object }>('im.counters.get')).DIALOG,
  'UNREAD_ONLY': async ({ viewer, other }) =>
    (await viewer.call<{ items: Row[] }>('im.recent.list', { UNREAD_ONLY: 'Y' })).items.some((row) => row.id === other.userId),
  'im.chat.user.list': async ({ viewer, dialog }) => (await viewer.raw('im.chat.user.list', { CHAT_ID: dialog })).body.error === undefined,
  'tidemark.reminder.add': async ({ viewer, theirs }) => (await viewer.raw('tidemark.reminder.add', { MESSAGE_ID: theirs, DATE: '2030-01-01' })).body.error === undefined,
  'im.message.update': async ({ viewer, own }) => (await viewer.raw('im.message.update', { MESSAGE_ID: own, MESSAGE: 'y' })).body.error === undefined,
};

describe.each(SITUATIONS)('%s', (_name, makePair, happens, open) => {
  let pair: Pair;
  let before: string;
  beforeAll(async () => {
    pair = await makePair();
    // What is kept of the list must notice what happens.
    await rowOf(pair.viewer, pair.other.userId);
    for (const happen of happens) await happen(pair);
    before = await stored(pair);
  });

  test.each(Object.entries(BY_PERSON))('%s', async (_method, verdict) => {
    expect(await verdict(pair)).toBe(open);
  });

  test.each(Object.entries(BY_DIALOG))('%s, by the user and by the chat', async (_method, verdict) => {
    const { other, dialog } = pair;
    expect([await verdict(pair, String(other.userId)), await verdict(pair, `chat${dialog}`)]).toEqual([open, open]);
  });

  test('im.recent.hide is no error by either name, and what is closed has not been changed by any of this', async () => {
    for (const DIALOG_ID of [String(pair.other.userId), `chat${pair.dialog}`]) expect(await pair.viewer.call('im.recent.hide', { DIALOG_ID })).toBe(true);
    if (!open) expect(await stored(pair)).toBe(before);
    expect(await rowOf(pair.viewer, pair.other.userId)).toBeUndefined();
  });
});

/** Everything that is stored of a private dialog. */
async function stored({ dialog }: Pair): Promise<string> {
  const { db } = portal.server.context;
  return JSON.stringify(await db.read(async (s) => [
    await s.query((q) => q.selectFrom('chat').selectAll().where('id', '=', dialog)),
    await s.query((q) => q.selectFrom('member').selectAll().where('chat_id', '=', dialog).orderBy('user_id')),
    await s.query((q) => q.selectFrom('message').selectAll().where('chat_id', '=', dialog).orderBy('id')),
  ]));
}

test.each([[false, true], [true, false]])('a row that closed comes back as it was, and a sync is told of it (guest: %s, %s)', async (viewerGuest, otherGuest) => {
  const pair = await addPair(viewerGuest, otherGuest);
  const { viewer, other, host, group } = pair;
  await viewer.call('im.recent.pin', { DIALOG_ID: other.userId });
  const { date_update: _moved, ...row } = (await rowOf(viewer, other.userId))!;
  await part(pair);
  expect(await rowOf(viewer, other.userId)).toBeUndefined();
  portal.clock.advance(60_000);
  const LAST_SYNC_DATE = new Date(portal.clock.now()).toISOString();
  await host.call('im.chat.user.add', { CHAT_ID: group, USERS: [viewer.userId] });
  expect(await rowOf(viewer, other.userId)).toMatchObject(JSON.parse(JSON.stringify(row)) as object);
  for (const [who, partner] of [[viewer, other], [other, viewer]] as const) {
    const told = await who.call<Row[]>('im.recent.get', { LAST_SYNC_DATE });
    expect(told.map(({ id }) => id)).toContain(partner.userId);
  }
});

describe('a guest', () => {
  test('brings into a chat only whom they share one with, and so meets nobody else', async () => {
    const { viewer: guest, other: met, group } = await addPair(true, false);
    const stranger = await portal.addUser('Stranger', { email: `stranger${scenes}@example.org` });
    const otherGuest = await portal.addUser('Other guest', { extranet: 1 });
    const dismissed = await portal.addUser('Dismissed', { active: 0 });
    const own = await guest.call<number>('im.chat.add', { TITLE: 'Mine', USERS: [met.userId] });
    for (const { userId } of [stranger, otherGuest, dismissed, portal.admin]) {
      expect(await guest.fails('im.chat.add', { USERS: [met.userId, userId] })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'USERS' });
      for (const CHAT_ID of [own, group]) {
        expect(await guest.fails('im.chat.user.add', { CHAT_ID, USERS: [userId, met.userId] })).toMatchObject({ error: 'ACCESS_DENIED_EXTEND', status: 403 });
        expect(await guest.call('im.chat.user.list', { CHAT_ID })).not.toContain(userId);
      }
      expect(await guest.fails('im.user.get', { ID: userId })).toMatchObject({ error: 'ACCESS_DENIED' });
      expect(await guest.fails('im.message.add', { DIALOG_ID: userId, MESSAGE: 'x' })).toMatchObject({ error: 'ACCESS_ERROR' });
    }
  });

  test('is brought by anybody of the portal', async () => {
    const [owner, guest] = [await portal.addUser('Owner'), await portal.addUser('Guest', { extranet: 1 })];
    const chat = await owner.call<number>('im.chat.add', { USERS: [guest.userId] });
    expect(await guest.call('im.chat.user.list', { CHAT_ID: chat })).toEqual([owner.userId, guest.userId]);
  });

  test('learns no address of who has left, by what they said or by a mention', async () => {
    const { viewer: guest, other, group } = await addPair(true, false);
    await say(other, `chat${group}`, { MESSAGE: 'Before I go' });
    await other.call('im.chat.leave', { CHAT_ID: group });
    const { users } = await guest.call<{ users: Array<{ id: number; name: string; email: string }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${group}` });
    expect(users.find(({ id }) => id === other.userId)).toMatchObject({ name: expect.stringContaining('Other') as string, email: '' });
    await say(guest, guest.userId, { MESSAGE: `By name: [USER=${other.userId}][/USER]` });
    expect((await rowOf(guest, guest.userId))!.message.text).toBe('By name:');
  });

  test('who becomes one loses the rows of strangers on both sides at once', async () => {
    const [one, two] = [await portal.addUser('One'), await portal.addUser('Two')];
    await say(one, two.userId);
    for (const [who, partner] of [[one, two], [two, one]] as const) expect(await rowOf(who, partner.userId)).toBeDefined();
    for (const [EXTRANET, shown] of [['Y', false], ['N', true]] as const) {
      await portal.admin.call('user.update', { ID: two.userId, EXTRANET });
      for (const [who, partner] of [[one, two], [two, one]] as const) expect((await rowOf(who, partner.userId)) !== undefined).toBe(shown);
    }
  });
});

test('an administrator sees every profile, and like everybody no dialog with a stranger', async () => {
  const guest = await portal.addUser('Guest', { extranet: 1 });
  expect(await portal.admin.call('im.user.get', { ID: guest.userId })).toMatchObject({ id: guest.userId });
  expect(await portal.admin.call('user.get', { FILTER: { ID: guest.userId } })).toHaveLength(1);
  expect(await portal.admin.fails('im.dialog.get', { DIALOG_ID: guest.userId })).toMatchObject({ error: 'ACCESS_ERROR' });
});

/** Messages that a page shows as unread, and the counter, for whoever is in a chat with all kinds of lines. */
test('what pages show as unread is what the counter counts', async () => {
  const [owner, member, other] = [await portal.addUser('Owner'), await portal.addUser('Member'), await portal.addUser('Other')];
  const chat = await owner.call<number>('im.chat.add', { USERS: [member.userId, other.userId] });
  const DIALOG_ID = `chat${chat}`;
  const ids = [await say(owner, DIALOG_ID), await say(owner, DIALOG_ID), await say(other, DIALOG_ID), await say(owner, DIALOG_ID, { SYSTEM: 'Y' })];
  await other.call('im.dialog.read', { DIALOG_ID, MESSAGE_ID: ids[1] });
  await owner.call('im.message.delete', { MESSAGE_ID: ids[1] });
  await owner.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'Renamed' });
  await other.call('im.chat.leave', { CHAT_ID: chat });
  const flagged = async (who: Client) => {
    const { messages } = await who.call<{ messages: Message[] }>('im.dialog.messages.get', { DIALOG_ID, LIMIT: 50 });
    const { counter } = await who.call<{ counter: number }>('im.dialog.get', { DIALOG_ID });
    expect(messages.filter(({ unread }) => unread)).toHaveLength(counter);
    return counter;
  };
  expect(await flagged(member)).toBe(5);
  await member.call('im.dialog.unread', { DIALOG_ID, MESSAGE_ID: 1 });
  expect(await flagged(member)).toBe(5);
  await owner.call('im.dialog.unread', { DIALOG_ID, MESSAGE_ID: 1 });
  expect(await flagged(owner)).toBe(4);
});
