/** im.recent.get: the order of the rows, and the flags alone and together. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  title: string;
  pinned: boolean;
  message: { date: string };
}

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

async function titles(who: Client, params: Record<string, unknown> = {}): Promise<string[]> {
  return (await who.call<Row[]>('im.recent.get', params)).map((row) => row.title);
}

describe('the flags', () => {
  const FLAGS = ['SKIP_OPENLINES', 'SKIP_CHAT', 'SKIP_DIALOG', 'ONLY_OPENLINES'] as const;
  /** What rows are to the flags. */
  const ROWS = {
    Boris: 'dialog', Anna: 'dialog', line: 'line', group: 'chat', open: 'chat', channel: 'chat', openChannel: 'chat', task: 'chat',
    crm: 'chat', calendar: 'chat', workgroup: 'chat',
  } as const;
  let anna: Client;

  beforeAll(async () => {
    anna = await portal.addUser('Anna', { admin: 1 });
    const boris = await portal.addUser('Boris');
    for (const DIALOG_ID of [boris.userId, anna.userId]) await anna.call('im.message.add', { DIALOG_ID, MESSAGE: 'Hello' });
    const params: Record<string, object> = {
      line: { ENTITY_TYPE: 'LINES' }, group: {}, open: { TYPE: 'OPEN' }, channel: { TYPE: 'CHANNEL' }, openChannel: { TYPE: 'OPEN_CHANNEL' },
      task: { ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '1' }, crm: { ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|1' },
      calendar: { ENTITY_TYPE: 'CALENDAR', ENTITY_ID: '1' },
      workgroup: { ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '1' },
    };
    for (const [TITLE, more] of Object.entries(params)) await anna.call('im.chat.add', { TITLE, ...more });
  });

  const combinations = Array.from({ length: 16 }, (_, bits) => FLAGS.filter((_flag, i) => bits & (1 << i)));

  function expected(flags: readonly string[]): string[] {
    const shown = (kind: string) => {
      if (flags.includes('ONLY_OPENLINES')) return kind === 'line';
      const skip = { line: 'SKIP_OPENLINES', chat: 'SKIP_CHAT', dialog: 'SKIP_DIALOG' }[kind]!;
      return !flags.includes(skip);
    };
    return Object.entries(ROWS).filter(([, kind]) => shown(kind)).map(([title]) => title).sort();
  }

  test.each(combinations.map((flags) => ({ flags })))('$flags', async ({ flags }) => {
    const on = Object.fromEntries(flags.map((flag) => [flag, 'Y']));
    const off = Object.fromEntries(FLAGS.filter((flag) => !flags.includes(flag)).map((flag) => [flag, 'N']));
    const dates = { LAST_UPDATE: '2020-01-01T00:00:00Z', LAST_SYNC_DATE: '2020-01-01T00:00:00Z' };
    for (const params of [on, { ...on, ...off }, { ...on, ...dates }]) expect((await titles(anna, params)).sort()).toEqual(expected(flags));
    if (!flags.includes('ONLY_OPENLINES')) {
      const { items } = await anna.call<{ items: Row[] }>('im.recent.list', on);
      expect(items.map((row) => row.title).sort()).toEqual(expected(flags));
    }
  });
});

describe('the order', () => {
  let who: Client;

  async function chats(...names: string[]): Promise<number[]> {
    const ids: number[] = [];
    for (const TITLE of names) {
      portal.clock.advance(1000);
      ids.push(await who.call<number>('im.chat.add', { TITLE }));
    }
    return ids;
  }

  test('newest activity first; pinned rows before the others, newest first among themselves', async () => {
    who = await portal.addUser('Clara');
    const [a, b, c, d] = await chats('a', 'b', 'c', 'd');
    expect(await titles(who)).toEqual(['d', 'c', 'b', 'a']);
    portal.clock.advance(1000);
    await who.call('im.message.add', { DIALOG_ID: `chat${b}`, MESSAGE: 'up' });
    expect(await titles(who)).toEqual(['b', 'd', 'c', 'a']);
    for (const id of [c, a]) await who.call('im.recent.pin', { DIALOG_ID: `chat${id}` });
    expect(await titles(who)).toEqual(['c', 'a', 'b', 'd']);
    portal.clock.advance(1000);
    await who.call('im.message.add', { DIALOG_ID: `chat${a}`, MESSAGE: 'up' });
    expect(await titles(who)).toEqual(['a', 'c', 'b', 'd']);
    await who.call('im.recent.pin', { DIALOG_ID: `chat${a}`, PIN: 'N' });
    expect(await titles(who)).toEqual(['c', 'a', 'b', 'd']);
    portal.clock.advance(1000);
    await who.call('im.chat.mute', { CHAT_ID: d });
    await who.call('im.recent.unread', { DIALOG_ID: `chat${d}` });
    await who.call('im.dialog.read', { DIALOG_ID: `chat${d}` });
    expect(await titles(who)).toEqual(['c', 'a', 'b', 'd']);
  });

  test('a deleted last message puts the row back where the one before it stands', async () => {
    who = await portal.addUser('Dora');
    const [a] = await chats('a', 'b');
    portal.clock.advance(1000);
    const id = await who.call<number>('im.message.add', { DIALOG_ID: `chat${a}`, MESSAGE: 'up' });
    expect(await titles(who)).toEqual(['a', 'b']);
    await who.call('im.message.delete', { MESSAGE_ID: id });
    expect(await titles(who)).toEqual(['b', 'a']);
  });

  test('dates never grow from row to row, and an answer to changes is in the same order', async () => {
    who = await portal.addUser('Emil');
    const ids = await chats(...'abcdefghij');
    for (const id of ids.filter((_id, i) => i % 3 === 0)) await who.call('im.recent.pin', { DIALOG_ID: `chat${id}` });
    for (const id of ids.toReversed()) await who.call('im.recent.unread', { DIALOG_ID: `chat${id}` });
    const rows = await who.call<Row[]>('im.recent.get');
    const expected = [...rows].sort((a, b) => Number(b.pinned) - Number(a.pinned) || Date.parse(b.message.date) - Date.parse(a.message.date));
    expect(rows.map((row) => row.id)).toEqual(expected.map((row) => row.id));
    const changed = await who.call<Row[]>('im.recent.get', { LAST_SYNC_DATE: '2020-01-01T00:00:00Z' });
    expect(changed.map((row) => row.id)).toEqual(rows.map((row) => row.id));
    const { items } = await who.call<{ items: Row[] }>('im.recent.list');
    expect(items.map((row) => row.id)).toEqual(rows.map((row) => row.id));
  });
});

test('somebody new has an empty list', async () => {
  const newcomer = await portal.addUser('Newcomer');
  expect(await newcomer.raw('im.recent.get', {})).toMatchObject({ status: 200, body: { result: [] } });
  expect(await newcomer.call('im.recent.list')).toEqual({
    items: [], hasMorePages: false, hasMore: false, copilot: null, messagesAutoDeleteConfigs: [],
  });
});
