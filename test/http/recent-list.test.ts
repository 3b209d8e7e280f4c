/** im.recent.list: pages without repeats or losses, by offset and by date; filters and texts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowFaults } from '../compat/row-fields.ts';
import type { Client } from '../support/client.ts';
import { stable } from '../support/people.ts';
import { ownFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  title: string;
  pinned: boolean;
  date_last_activity: string;
  message: { date: string; text: string };
}
interface Page {
  items: Row[];
  hasMore: boolean;
  hasMorePages: boolean;
}

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const page = async (who: Client, params: Record<string, unknown> = {}) => stable(await who.call<Page>('im.recent.list', params));
const titlesOf = (rows: readonly Row[]) => rows.map((row) => row.title);
const titles = async (who: Client, params: Record<string, unknown> = {}) => titlesOf((await page(who, params)).items);

/** Walks the whole list page by page. */
async function walk(who: Client, first: Record<string, unknown>, next: (rows: readonly Row[], page: number) => Record<string, unknown>): Promise<Row[]> {
  const rows: Row[] = [];
  let given = first;
  for (let number = 1; number < 100; number++) {
    const { items, hasMore, hasMorePages } = await page(who, given);
    expect(hasMorePages).toBe(hasMore);
    rows.push(...items);
    if (!hasMore) return rows;
    expect(items.length).toBeGreaterThan(0);
    given = { ...first, ...next(rows, number) };
  }
  throw new Error('the list does not end');
}

const byDate = (rows: readonly Row[]) => ({ LAST_MESSAGE_DATE: rows.at(-1)!.message.date });

describe('pages', () => {
  const ROWS = 37;
  let anna: Client;
  let whole: Row[];

  /** Rows in clusters of one second each, a wide chat and private dialogs among them, four of them pinned. */
  beforeAll(async () => {
    anna = await portal.addUser('Anna');
    const crowd: number[] = [];
    for (let i = 0; i < 101; i++) crowd.push((await portal.addUser(`P${i}`)).userId);
    portal.clock.advance(1000 - (portal.clock.now() % 1000));
    for (let i = 0; i < ROWS; i++) {
      if (i % 7 === 0) portal.clock.advance(2000 - (portal.clock.now() % 1000));
      if (i % 5 === 4) await anna.call('im.message.add', { DIALOG_ID: crowd[i], MESSAGE: 'Hello' });
      else await anna.call('im.chat.add', { TITLE: `Chat ${i}`, USERS: i % 9 === 3 ? crowd : [] });
    }
    whole = (await page(anna, { LIMIT: 200 })).items;
    for (const at of [3, 10, 20, 36]) await anna.call('im.recent.pin', { DIALOG_ID: whole[at]!.id });
    whole = (await page(anna, { LIMIT: 200 })).items;
  });

  test('the whole list has every row once, complete, in the order of im.recent.get', async () => {
    expect(new Set(whole.map((row) => row.id)).size).toBe(ROWS);
    for (const row of whole) expect(rowFaults(row)).toEqual([]);
    expect(stable(await anna.call('im.recent.get'))).toEqual(whole);
    expect(whole.slice(0, 4).every((row) => row.pinned)).toBe(true);
  });

  test.each([1, 2, 3, 5, 7, 36, 37, 38])('by OFFSET and by start, %i at a time', async (LIMIT) => {
    for (const name of ['OFFSET', 'start']) {
      const walked = await walk(anna, { LIMIT }, (_rows, number) => ({ [name]: number * LIMIT }));
      expect(walked).toEqual(whole);
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 11, 36, 37, 38])('by LAST_MESSAGE_DATE, %i at a time', async (LIMIT) => {
    expect(titlesOf(await walk(anna, { LIMIT }, byDate))).toEqual(titlesOf(whole));
    expect(titlesOf(await walk(anna, { LIMIT }, (rows) => ({ LAST_MESSAGE_DATE: rows.at(-1)!.date_last_activity })))).toEqual(titlesOf(whole));
  });

  test.each([1, 3, 4, 10])('by LAST_MESSAGE_DATE with a filter, %i at a time', async (LIMIT) => {
    const dialogs = whole.filter((row) => typeof row.id === 'number');
    expect(titlesOf(await walk(anna, { LIMIT, SKIP_CHAT: 'Y' }, byDate))).toEqual(titlesOf(dialogs));
    const chats = whole.filter((row) => typeof row.id === 'string');
    expect(titlesOf(await walk(anna, { LIMIT, SKIP_DIALOG: 'Y' }, byDate))).toEqual(titlesOf(chats));
  });

  test('the envelope: total is -1, next is there while there is more', async () => {
    const first = await anna.raw('im.recent.list', { LIMIT: 10 });
    expect(first.body).toMatchObject({ total: -1, next: 10, result: { hasMore: true, copilot: null, messagesAutoDeleteConfigs: [] } });
    expect(Object.keys(first.body)).toEqual(['result', 'next', 'total', 'time']);
    const last = await anna.raw('im.recent.list', { LIMIT: 10, OFFSET: 30 });
    expect(last.body).toMatchObject({ total: -1, result: { hasMore: false } });
    expect(last.body).not.toHaveProperty('next');
    const following = await anna.raw('im.recent.list', { LIMIT: 10, start: 30, OFFSET: 0 });
    expect(stable(following.body['result'])).toEqual(stable(last.body['result']));
  });

  test('LIMIT is 50 unless given and 200 at most; odd numbers are taken to the nearest that makes sense', async () => {
    for (const LIMIT of [0, '', -5]) expect((await page(anna, { LIMIT })).items).toHaveLength(ROWS);
    expect((await page(anna, { LIMIT: 10_000 })).items).toHaveLength(ROWS);
    expect((await page(anna, { OFFSET: -5, LIMIT: 2 })).items).toEqual(whole.slice(0, 2));
    expect((await page(anna, { OFFSET: 10_000 })).items).toEqual([]);
  });

  test('a date of no row starts among the rows that are not pinned', async () => {
    const plain = whole.filter((row) => !row.pinned);
    expect(titlesOf((await page(anna, { LAST_MESSAGE_DATE: '2999-01-01T00:00:00Z' })).items)).toEqual(titlesOf(plain));
    expect((await page(anna, { LAST_MESSAGE_DATE: '1999-01-01' })).items).toEqual([]);
    expect(await anna.fails('im.recent.list', { LAST_MESSAGE_DATE: 'x' })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: 'LAST_MESSAGE_DATE' });
  });
});

describe('a list that changes between two pages', () => {
  /** Ten chats, `gap` milliseconds apart. */
  async function tenChats(gap: number): Promise<Client> {
    const who = await portal.addUser('Busy');
    portal.clock.advance(1000 - (portal.clock.now() % 1000));
    for (const TITLE of 'abcdefghij') {
      portal.clock.advance(gap);
      await who.call('im.chat.add', { TITLE });
    }
    portal.clock.advance(5000);
    return who;
  }

  type Change = (who: Client, seen: Row, unseen: Row) => Promise<unknown>;
  const CHANGES: Record<string, Change> = {
    nothing: async () => {},
    'a seen row gets a message': (who, { id }) => who.call('im.message.add', { DIALOG_ID: id, MESSAGE: 'x' }),
    'a seen row is pinned': (who, { id }) => who.call('im.recent.pin', { DIALOG_ID: id }),
    'an unseen row gets a message': (who, _seen, { id }) => who.call('im.message.add', { DIALOG_ID: id, MESSAGE: 'x' }),
    'a new chat comes': (who) => who.call('im.chat.add', { TITLE: 'new' }),
  };
  // Where a page ends within a second, a date alone cannot say where once a row above it is gone.
  const hidden: [string, number, Change] = ['a seen row is hidden', 1000, (who, { id }) => who.call('im.recent.hide', { DIALOG_ID: id })];
  const cases: Array<[string, number, Change]> = [
    ...Object.entries(CHANGES).flatMap(([what, change]) => [0, 1000].map((gap): [string, number, Change] => [what, gap, change])), hidden,
  ];

  test.each(cases)('loses no row that stays where it is: %s, with %i ms between rows', async (what, gap, change) => {
    const who = await tenChats(gap);
    const all = (await page(who)).items;
    const first = (await page(who, { LIMIT: 4 })).items;
    await change(who, all[1]!, all[7]!);
    const rest = await walk(who, { LIMIT: 4, ...byDate(first) }, byDate);
    const seen = new Set(titlesOf([...first, ...rest]));
    const moved = what === 'an unseen row gets a message' ? [all[7]!.title] : [];
    expect(titlesOf(all).filter((title) => !seen.has(title) && !moved.includes(title))).toEqual([]);
  });
});

describe('filters', () => {
  let clara: Client;
  let boris: Client;

  beforeAll(async () => {
    clara = await portal.addUser('Clara');
    boris = await portal.addUser('Boris');
    const add = (TITLE: string, params: object = {}, who = clara) => who.call<number>('im.chat.add', { TITLE, USERS: [clara.userId], ...params });
    await add('read');
    await add('marked').then((id) => clara.call('im.recent.unread', { DIALOG_ID: `chat${id}` }));
    await add('unread', { MESSAGE: 'Hello' }, boris);
    await add('muted', { MESSAGE: 'Hello' }, boris).then((id) => clara.call('im.chat.mute', { CHAT_ID: id }));
    await add('channel', { TYPE: 'CHANNEL', MESSAGE: 'Hello' }, boris);
    await add('own channel', { TYPE: 'OPEN_CHANNEL' });
    await add('line', { ENTITY_TYPE: 'LINES', MESSAGE: 'Hello' }, boris);
    await boris.call('im.message.add', { DIALOG_ID: clara.userId, MESSAGE: 'Hello' });
  });

  const CASES: Array<[Record<string, unknown>, string[]]> = [
    [{}, ['Boris', 'line', 'own channel', 'channel', 'muted', 'unread', 'marked', 'read']],
    [{ UNREAD_ONLY: 'Y' }, ['Boris', 'line', 'channel', 'muted', 'unread', 'marked']],
    [{ UNREAD_ONLY: 'Y', SKIP_OPENLINES: 'Y', SKIP_DIALOG: 'Y' }, ['channel', 'muted', 'unread', 'marked']],
    [{ ONLY_CHANNEL: 'Y' }, ['own channel', 'channel']],
    [{ ONLY_CHANNEL: 'Y', SKIP_CHAT: 'Y' }, ['own channel', 'channel']],
    [{ ONLY_COPILOT: 'Y' }, []],
    [{ CAN_MANAGE_MESSAGES: 'Y' }, ['Boris', 'line', 'own channel', 'muted', 'unread', 'marked', 'read']],
    [{ CAN_MANAGE_MESSAGES: 'Y', ONLY_CHANNEL: 'Y' }, ['own channel']],
    [{ SKIP_CHAT: 'Y' }, ['Boris', 'line']],
    [{ SKIP_OPENLINES: 'Y', SKIP_CHAT: 'Y' }, ['Boris']],
    [{ SKIP_UNDISTRIBUTED_OPENLINES: 'Y', SKIP_CHAT: 'Y' }, ['Boris', 'line']],
    [{ SKIP_OPENLINES: 'Y', SKIP_CHAT: 'Y', SKIP_DIALOG: 'Y' }, []],
  ];

  test.each(CASES)('%j', async (params, expected) => {
    expect(await titles(clara, params)).toEqual(expected);
    const pages = await walk(clara, { ...params, LIMIT: 1 }, (_rows, number) => ({ OFFSET: number }));
    expect(titlesOf(pages)).toEqual(expected);
  });

  test('reading and answering take rows out of UNREAD_ONLY', async () => {
    const dora = await portal.addUser('Dora');
    await boris.call('im.message.add', { DIALOG_ID: dora.userId, MESSAGE: 'one' });
    expect(await titles(dora, { UNREAD_ONLY: 'Y' })).toEqual(['Boris']);
    await dora.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'two' });
    expect(await titles(dora, { UNREAD_ONLY: 'Y' })).toEqual([]);
  });

  test('dismissed people and strangers of a guest are not there, and no page is short because of them', async () => {
    const emil = await portal.addUser('Emil');
    const people: Client[] = [];
    for (const name of 'abcdef') {
      const person = await portal.addUser(name);
      await emil.call('im.message.add', { DIALOG_ID: person.userId, MESSAGE: 'Hello' });
      people.push(person);
    }
    for (const { userId } of people.slice(3)) await portal.admin.call('user.update', { ID: userId, ACTIVE: 'N' });
    expect(await page(emil, { LIMIT: 3 })).toMatchObject({ items: [{ title: 'c' }, { title: 'b' }, { title: 'a' }], hasMore: false });
  });
});

describe('texts', () => {
  const TEXT = '[b]Bold[/b] and\n[USER=1 REPLACE]somebody[/USER] at https://example.org/';
  const LINKED = TEXT.replace('https://example.org/', '[URL]$&[/URL]');

  test.each([
    [{}, 'Bold and somebody at https://example.org/ [File]'], [{ PARSE_TEXT: 'Y' }, LINKED], [{ GET_ORIGINAL_TEXT: 'Y' }, TEXT], [{ PARSE_TEXT: 'Y', GET_ORIGINAL_TEXT: 'Y' }, LINKED],
    [{ PARSE_TEXT: 'N', GET_ORIGINAL_TEXT: 'N' }, 'Bold and somebody at https://example.org/ [File]'],
  ])('%j', async (params, text) => {
    const who = await portal.addUser('Writer');
    await who.call('im.message.add', { DIALOG_ID: who.userId, MESSAGE: TEXT, FILE_ID: await ownFiles(who, 1) });
    const [row] = (await page(who, params)).items;
    expect(row!.message.text).toBe(text);
    await who.call('im.message.add', { DIALOG_ID: who.userId, MESSAGE: `[USER=${who.userId}][/USER], [user=999999][/user]` });
    const [mentions] = (await page(who, params)).items;
    expect(mentions!.message.text).toBe(text.includes('[b]') ? `[USER=${who.userId} REPLACE]Writer[/USER], [user=999999][/user]` : 'Writer,');
    expect(rowFaults(row!, true)).toEqual([]);
  });
});
