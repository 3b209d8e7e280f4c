/** What moves the date of a row, and so is seen by LAST_SYNC_DATE: each event, by whose lists it concerns. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

interface Stage {
  /** Owner of the chat, who has written `first` and `last`. */
  owner: Client;
  /** A member, who has read nothing. */
  member: Client;
  /** Nobody to the chat. */
  stranger: Client;
  chat: number;
  dialog: string;
  first: number;
  last: number;
}

/** @param others more members of the chat */
async function addStage(others: readonly number[] = []): Promise<Stage> {
  const [owner, member, stranger] = [await portal.addUser('Owner'), await portal.addUser('Member'), await portal.addUser('Stranger')];
  const chat = await owner.call<number>('im.chat.add', { TITLE: 'Chat', USERS: [member.userId, ...others] });
  const dialog = `chat${chat}`;
  const say = (MESSAGE: string) => owner.call<number>('im.message.add', { DIALOG_ID: dialog, MESSAGE });
  return { owner, member, stranger, chat, dialog, first: await say('first'), last: await say('last') };
}

interface Event {
  what: string;
  before?: (stage: Stage) => Promise<unknown>;
  happens: (stage: Stage) => Promise<unknown>;
  /** In whose answer to LAST_SYNC_DATE the chat's row is afterwards. */
  seenBy: Array<'owner' | 'member' | 'stranger'>;
}

const both: Event['seenBy'] = ['owner', 'member'];

const EVENTS: Event[] = [
  { what: 'a message', happens: ({ member, dialog }) => member.call('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'x' }), seenBy: both },
  {
    what: 'a system message',
    happens: ({ owner, dialog }) => owner.call('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'x', SYSTEM: 'Y' }), seenBy: both,
  },
  {
    what: 'a message in a muted chat', before: ({ member, chat }) => member.call('im.chat.mute', { CHAT_ID: chat }),
    happens: ({ owner, dialog }) => owner.call('im.message.add', { DIALOG_ID: dialog, MESSAGE: 'x' }), seenBy: both,
  },
  {
    what: 'an edit of the last message', happens: ({ owner, last }) => owner.call('im.message.update', { MESSAGE_ID: last, MESSAGE: 'x' }),
    seenBy: both,
  },
  {
    what: 'an edit of an earlier message',
    happens: ({ owner, first }) => owner.call('im.message.update', { MESSAGE_ID: first, MESSAGE: 'x' }), seenBy: [],
  },
  { what: 'the last message deleted for good', happens: ({ owner, last }) => owner.call('im.message.delete', { MESSAGE_ID: last }), seenBy: both },
  {
    what: 'the last message deleted after somebody saw it',
    before: ({ member, dialog, last }) => member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: last }),
    happens: ({ owner, last }) => owner.call('im.message.delete', { MESSAGE_ID: last }),
    seenBy: both,
  },
  {
    what: 'an earlier message deleted, which changes counters',
    happens: ({ owner, first }) => owner.call('im.message.delete', { MESSAGE_ID: first }), seenBy: both,
  },
  {
    what: 'reading up to a message',
    happens: ({ member, dialog, first }) => member.call('im.dialog.read', { DIALOG_ID: dialog, MESSAGE_ID: first }), seenBy: ['member'],
  },
  { what: 'reading the whole chat', happens: ({ member, dialog }) => member.call('im.dialog.read', { DIALOG_ID: dialog }), seenBy: ['member'] },
  { what: 'reading everything', happens: ({ member }) => member.call('im.dialog.read.all'), seenBy: ['member'] },
  {
    what: 'making unread from a message',
    happens: ({ owner, dialog, first }) => owner.call('im.dialog.unread', { DIALOG_ID: dialog, MESSAGE_ID: first }), seenBy: ['owner'],
  },
  { what: 'the mark', happens: ({ member, dialog }) => member.call('im.recent.unread', { DIALOG_ID: dialog }), seenBy: ['member'] },
  {
    what: 'the mark taken away', before: ({ member, dialog }) => member.call('im.recent.unread', { DIALOG_ID: dialog }),
    happens: ({ member, dialog }) => member.call('im.recent.unread', { DIALOG_ID: dialog, ACTION: 'N' }), seenBy: ['member'],
  },
  {
    what: 'the mark set again', before: ({ member, dialog }) => member.call('im.recent.unread', { DIALOG_ID: dialog }),
    happens: ({ member, dialog }) => member.call('im.recent.unread', { DIALOG_ID: dialog }), seenBy: [],
  },
  { what: 'a pin', happens: ({ member, dialog }) => member.call('im.recent.pin', { DIALOG_ID: dialog }), seenBy: ['member'] },
  {
    what: 'a pin taken away', before: ({ member, dialog }) => member.call('im.recent.pin', { DIALOG_ID: dialog }),
    happens: ({ member, dialog }) => member.call('im.recent.pin', { DIALOG_ID: dialog, PIN: 'N' }), seenBy: ['member'],
  },
  {
    what: 'a pin set again', before: ({ member, dialog }) => member.call('im.recent.pin', { DIALOG_ID: dialog }),
    happens: ({ member, dialog }) => member.call('im.recent.pin', { DIALOG_ID: dialog }), seenBy: [],
  },
  { what: 'a mute', happens: ({ member, chat }) => member.call('im.chat.mute', { CHAT_ID: chat }), seenBy: ['member'] },
  {
    what: 'a mute set again', before: ({ member, chat }) => member.call('im.chat.mute', { CHAT_ID: chat }),
    happens: ({ member, chat }) => member.call('im.chat.mute', { CHAT_ID: chat }), seenBy: [],
  },
  { what: 'a new title', happens: ({ member, chat }) => member.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'New' }), seenBy: both },
  { what: 'the same title', happens: ({ member, chat }) => member.call('im.chat.updateTitle', { CHAT_ID: chat, TITLE: 'Chat' }), seenBy: [] },
  {
    what: 'somebody added',
    happens: ({ member, chat, stranger }) => member.call('im.chat.user.add', { CHAT_ID: chat, USERS: [stranger.userId] }),
    seenBy: ['owner', 'member', 'stranger'],
  },
  {
    what: 'somebody added who is in it already',
    happens: ({ owner, chat, member }) => owner.call('im.chat.user.add', { CHAT_ID: chat, USERS: [member.userId] }), seenBy: [],
  },
  { what: 'leaving', happens: ({ member, chat }) => member.call('im.chat.leave', { CHAT_ID: chat }), seenBy: ['owner'] },
  { what: 'the owner leaving', happens: ({ owner, chat }) => owner.call('im.chat.leave', { CHAT_ID: chat }), seenBy: ['member'] },
  {
    what: 'a removal', happens: ({ owner, chat, member }) => owner.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: member.userId }),
    seenBy: ['owner'],
  },
  { what: 'hiding', happens: ({ member, dialog }) => member.call('im.recent.hide', { DIALOG_ID: dialog }), seenBy: [] },
  { what: 'a reminder', happens: ({ member, last }) => member.call('tidemark.reminder.add', { MESSAGE_ID: last, DATE: '2020-01-01' }), seenBy: ['member'] },
  { what: 'nothing', happens: async () => {}, seenBy: [] },
];

/** ATOM of the second that begins now: what came before is before it. */
function nextSecond(): string {
  portal.clock.advance(1000 - (portal.clock.now() % 1000));
  return new Date(Math.floor(portal.clock.now() / 1000) * 1000).toISOString();
}

/** In a chat of three the row is moved with every message; above a hundred members it is not, which must not show. */
describe.each([['a small chat', 0], ['a chat of more than a hundred', 100]])('in %s', (_size, extras) => {
  const pool: number[] = [];

  beforeAll(async () => {
    for (let i = 0; i < extras; i++) pool.push((await portal.addUser('Extra')).userId);
  });

  test.each(EVENTS)('$what', async ({ before, happens, seenBy }) => {
    const on = await addStage(pool);
    await before?.(on);
    const people = ['owner', 'member', 'stranger'] as const;
    for (const who of people) await on[who].call('im.recent.get');
    const LAST_SYNC_DATE = nextSecond();
    await happens(on);
    for (const who of people) {
      const rows = await on[who].call<Array<{ chat_id: number }>>('im.recent.get', { LAST_SYNC_DATE });
      expect({ who, seen: rows.some((row) => row.chat_id === on.chat) }).toEqual({ who, seen: seenBy.includes(who) });
    }
  });
});

test('dates never go back, whatever happens', async () => {
  const { owner, member, chat, dialog, last } = await addStage();
  let latest = '';
  const steps: Array<() => Promise<unknown>> = [
    () => owner.call('im.message.update', { MESSAGE_ID: last, MESSAGE: 'x' }), () => owner.call('im.message.delete', { MESSAGE_ID: last }),
    () => member.call('im.recent.pin', { DIALOG_ID: dialog }), () => member.call('im.chat.mute', { CHAT_ID: chat }),
    () => member.call('im.dialog.read', { DIALOG_ID: dialog }),
  ];
  for (const step of steps) {
    portal.clock.advance(2000);
    await step();
    const [row] = await member.call<Array<{ date_update: string }>>('im.recent.get');
    expect(row!.date_update > latest).toBe(true);
    latest = row!.date_update;
  }
});
