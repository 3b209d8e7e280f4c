import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAttach } from '../../src/messenger/posting/attach.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Row {
  id: number | string;
  chat_id: number;
  type: string;
  title: string;
  message: { id: number; text: string; date: string; author_id: number; attach: boolean; file: boolean; sticker: number | null; uuid: string | null; status: string };
  counter: number;
  last_id: number;
  pinned: boolean;
  unread: boolean;
  has_reminder: boolean;
  date_update: string;
  chat: { type?: string; message_type?: string; entity_id?: string; date_create?: string; mute_list: object; user_counter?: number };
  user: { id: number; name?: string; bot?: boolean; extranet?: boolean; active?: boolean; absent?: string | false; connector?: boolean };
  lines?: { id: number; date_create: string };
}

interface Message {
  id: number;
  author_id: number;
  text: string;
  date: string;
  uuid: string | null;
  params: Record<string, unknown>;
}

interface SentFile {
  id: number;
  name: string;
  urlDownload: string;
}

/** People, bot and visitor. */
const EVERY_USER = Array.from({ length: 15 }, (_, i) => i + 1);

let portal: TestServer;
let rows: Row[];
let messages: Message[];
let files: SentFile[];

/** All there is to read for the administrator, hidden and left-out dialogs included. */
async function readAll(): Promise<void> {
  const dialogs = [...new Set([...rows.map((row) => row.id), ...EVERY_USER])];
  const pages = await Promise.all(dialogs.map((DIALOG_ID) => portal.admin.call<{ messages: Message[]; files: SentFile[] }>('im.dialog.messages.get', { DIALOG_ID, LIMIT: 50 })));
  messages = pages.flatMap((page) => page.messages);
  files = pages.flatMap((page) => page.files);
}

function rowTitled(title: string): Row {
  const row = rows.find((candidate) => candidate.title === title);
  if (!row) throw new Error(`no row "${title}"`);
  return row;
}

beforeAll(async () => {
  portal = await startTestServer({ empty: false });
  rows = await portal.admin.call<Row[]>('im.recent.get');
  await readAll();
});

afterAll(() => portal[Symbol.asyncDispose]());

describe('people', () => {
  test('there are a dozen people, described, and user 1 is one of them and still the administrator', async () => {
    const people = await portal.admin.call<Array<Record<string, unknown>>>('user.get');
    expect(people.length).toBeGreaterThanOrEqual(11);
    expect(people.length).toBeLessThanOrEqual(14);
    expect(people.map((row) => row['ID'])).toEqual(people.map((_, i) => String(i + 1)));
    expect(people[0]).toMatchObject({ NAME: expect.stringMatching(/\w/), LAST_NAME: expect.stringMatching(/\w/), ACTIVE: true });
    for (const row of people.filter((person) => person['USER_TYPE'] === 'employee')) {
      expect(row).toMatchObject({
        WORK_POSITION: expect.stringMatching(/\w/),
        PERSONAL_BIRTHDAY: expect.stringMatching(/^2000-/),
        TIME_ZONE: expect.stringMatching(/\w\/\w/),
        WORK_PHONE: expect.stringMatching(/^\+/),
        UF_DEPARTMENT: [expect.any(Number)],
        PERSONAL_GENDER: expect.stringMatching(/^[MF]$/),
        LAST_ACTIVITY_DATE: expect.stringMatching(/^\d{4}-/),
      });
    }
    // Others are told that they may not.
    expect(await portal.admin.fails('user.add', {})).toMatchObject({ text: 'wrong_email' });
  });

  test('there are a bot, a guest, a visitor, somebody absent, and dismissed people with and without unread messages', async () => {
    const users = await portal.admin.call<Array<Row['user']>>('im.user.list.get', { ID: EVERY_USER, RESULT_TYPE: 'array' });
    expect(users.filter((user) => user.bot)).toHaveLength(1);
    expect(users.filter((user) => user.extranet && !user.connector)).toHaveLength(1);
    expect(users.filter((user) => user.connector)).toHaveLength(1);
    expect(users.filter((user) => user.absent)).toHaveLength(1);
    const dismissed = users.filter((user) => !user.active).map((user) => user.id);
    expect(dismissed).toHaveLength(2);
    const shown = rows.filter((row) => row.type === 'user' && dismissed.includes(row.user.id));
    expect(shown).toMatchObject([{ counter: 1 }]);
  });
});

describe('the list of the administrator', () => {
  test('holds some thirty rows of every type, all of them within the window', async () => {
    expect(rows.length).toBeGreaterThanOrEqual(27);
    expect(rows.length).toBeLessThanOrEqual(35);
    const types = new Set(rows.map((row) => `${row.chat.type ?? 'private'} ${row.chat.message_type ?? 'P'}`));
    expect([...types].sort()).toEqual([
      'calendar C', 'channel N', 'chat C', 'crm C', 'general O', 'lines L', 'open O', 'openChannel J', 'private P', 'sonetGroup C', 'tasksTask X',
    ]);
    expect(rows.some((row) => row.id === 1)).toBe(true);
    const list = await portal.admin.call<{ items: Row[]; hasMore: boolean }>('im.recent.list', { LIMIT: 200 });
    expect(list.items.map((row) => row.id)).toEqual(rows.map((row) => row.id));
  });

  test('has unread counters, pins, a mute, a mark, a due reminder and a hidden dialog', async () => {
    expect(rows.filter((row) => row.counter > 0).length).toBeGreaterThanOrEqual(6);
    expect(rows.filter((row) => row.pinned)).toEqual(rows.slice(0, 2));
    expect(rows.filter((row) => Object.keys(row.chat.mute_list).length > 0)).toMatchObject([{ title: 'Coffee corner', chat: { mute_list: { 1: true } } }]);
    expect(rows.filter((row) => row.unread)).toMatchObject([{ title: 'Clara Weiss', counter: 0 }]);
    expect(rows.filter((row) => row.has_reminder)).toMatchObject([{ chat: { type: 'crm' } }]);
    expect(await portal.admin.call('im.dialog.get', { DIALOG_ID: 4 })).toMatchObject({ name: 'Diego Ferreira', message_count: 5 });
    expect(rows.some((row) => row.id === 4)).toBe(false);
  });

  test('the two task chats look like the example of the page im.recent.get', () => {
    const me = rows.find((row) => row.id === 1)!.user.name!;
    const tasks = rows.filter((row) => row.chat.type === 'tasksTask');
    expect(tasks.map((row) => [row.chat.entity_id, row.chat.date_create])).toEqual([
      ['8293', tasks[0]!.message.date],
      ['8291', tasks[1]!.message.date],
    ]);
    expect(Date.parse(tasks[0]!.message.date) - Date.parse(tasks[1]!.message.date)).toBe(1000);
    expect(tasks).toEqual([taskRow(tasks[0]!, me, '8293', '#df532d'), taskRow(tasks[1]!, me, '8291', '#ab7761')]);
  });

  test('the open line names its session', () => {
    const line = rows.find((row) => row.chat.type === 'lines')!;
    expect(line).toMatchObject({
      counter: 2,
      chat: { entity_type: 'LINES', entity_id: 'livechat|2|70|2016', entity_data_1: expect.stringMatching(/^N\|NONE\|0\|N\|N\|7\|\d{10}\|0\|0\|0$/) },
      user: { connector: true },
      lines: { id: 7 },
    });
    expect(Date.parse(line.lines!.date_create)).toBe(Number(/\d{10}/.exec(JSON.stringify(line.chat))![0]) * 1000);
  });

  test('the counters of im.counters.get are those of the rows', async () => {
    const counters = await portal.admin.call<Record<string, unknown>>('im.counters.get');
    const numbers = (wanted: (row: Row) => boolean, key: (row: Row) => number) =>
      Object.fromEntries(rows.filter((row) => row.counter > 0 && wanted(row)).map((row) => [key(row), row.counter]));
    const muted = (row: Row) => Object.keys(row.chat.mute_list).length > 0;
    const kind = (row: Row) => (row.type === 'user' ? 'P' : row.chat.message_type === 'L' ? 'L' : 'C');
    const loud = rows.filter((row) => !muted(row));
    expect(counters).toMatchObject({
      TYPE: { ALL: loud.reduce((sum, row) => sum + (row.counter || (row.unread ? 1 : 0)), 0) },
      CHAT: numbers((row) => kind(row) === 'C' && !muted(row), (row) => row.chat_id),
      CHAT_MUTED: numbers(muted, (row) => row.chat_id),
      LINES: numbers((row) => kind(row) === 'L', (row) => row.chat_id),
      DIALOG: numbers((row) => kind(row) === 'P', (row) => row.user.id),
      DIALOG_UNREAD: rows.filter((row) => row.unread).map((row) => row.user.id),
    });
  });
});

/** The example with this portal's ids, dates and name. */
function taskRow(row: Row, name: string, taskId: string, color: string): object {
  const date = row.message.date;
  return {
    id: `chat${row.chat_id}`,
    chat_id: row.chat_id,
    type: 'chat',
    avatar: { url: '', color },
    title: 'Maximally Complete Task Template',
    message: {
      id: row.message.id,
      text: `${name} created a task [Attachment]`,
      file: false,
      author_id: 0,
      attach: true,
      sticker: null,
      date,
      status: 'received',
      uuid: null,
    },
    counter: 0,
    last_id: row.message.id,
    pinned: false,
    unread: false,
    has_reminder: false,
    date_update: date,
    date_last_activity: date,
    chat: {
      id: row.chat_id,
      parent_chat_id: 0,
      parent_message_id: 0,
      name: 'Maximally Complete Task Template',
      title: 'Maximally Complete Task Template',
      owner: 1,
      extranet: false,
      contains_collaber: false,
      avatar: '',
      color,
      type: 'tasksTask',
      entity_type: 'TASKS_TASK',
      entity_id: taskId,
      entity_data_1: '',
      entity_data_2: '',
      entity_data_3: '',
      mute_list: [],
      manager_list: [1],
      date_create: date,
      message_type: 'X',
      user_counter: 4,
      restrictions: { avatar: true, rename: true, extend: true, call: true, mute: true, leave: true, leave_owner: true, send: true, user_list: true },
      role: 'OWNER',
      text_field_enabled: true,
      background_id: null,
      entity_link: { type: 'TASKS', url: `/company/personal/user/1/tasks/task/view/${taskId}/?ta_sec=chat_tasks&ta_el=view_button`, id: taskId },
      permissions: {
        manage_users_add: 'member',
        manage_users_delete: 'manager',
        manage_ui: 'member',
        manage_settings: 'owner',
        manage_messages: 'member',
        can_post: 'member',
      },
      public: '',
    },
    user: { id: 0 },
    options: [],
  };
}

describe('messages', () => {
  test('there are a few hundred, and their ids grow with their dates', () => {
    expect(messages.length).toBeGreaterThanOrEqual(200);
    const byId = [...messages].sort((a, b) => a.id - b.id);
    const dates = byId.map((message) => Date.parse(message.date));
    expect(dates).toEqual([...dates].sort((a, b) => a - b));
  });

  test('nothing is dated in the future or beyond the window, and most of it is recent', async () => {
    const answers: unknown[] = [rows, messages, await portal.admin.call('user.get')];
    for (const row of rows) answers.push(await portal.admin.call('im.dialog.get', { DIALOG_ID: row.id }));
    const now = portal.clock.now();
    // An absence ends in the future; everything else has happened.
    const text = JSON.stringify(answers, (key, value: unknown) => (key === 'absent' ? false : value));
    const dates = [...text.matchAll(/"(\d{4}-\d\d-\d\dT[\d:]+\+00:00)"/g)].map((match) => Date.parse(match[1]!));
    expect(Math.max(...dates)).toBeLessThanOrEqual(now);
    const ages = messages.map((message) => (now - Date.parse(message.date)) / 86_400_000);
    expect(Math.max(...ages)).toBeLessThan(29);
    expect(ages.filter((age) => age < 3).length).toBeGreaterThan(messages.length / 3);
    expect(Math.max(...rows.map((row) => now - Date.parse(row.message.date)))).toBeLessThan(26 * 86_400_000);
  });

  test('texts come back as they were written, whatever the script', () => {
    expect(rowTitled('Coffee corner').message.text).toBe('صباح الخير للجميع ☕ القهوة جاهزة');
    expect(rowTitled('Irina Sokolova').message.text).toBe('Спасибо большое! До завтра 🙌');
    expect(messages.some((message) => message.text.includes('👩‍🔬'))).toBe(true);
    expect(rowTitled('Website relaunch').message.text).toBe('It looks great now, see for yourselves ✨');
  });

  test('every kind of content is there', () => {
    const having = (name: string) => messages.filter((message) => message.params[name] !== undefined);
    for (const kind of ['FILE_ID', 'STICKER_ID', 'ATTACH', 'KEYBOARD', 'IS_EDITED', 'IS_DELETED', 'REPLY_ID', 'CODE']) {
      expect(having(kind), kind).not.toHaveLength(0);
    }
    for (const { params } of having('ATTACH')) {
      const [attach] = params['ATTACH'] as unknown[];
      expect(parseAttach(attach)).toEqual(attach);
    }
    expect(having('FILE_ID').flatMap(({ params }) => params['FILE_ID'] as number[]).sort()).toEqual(files.map(({ id }) => id).sort());
    for (const { params } of having('REPLY_ID')) expect(messages.map(({ id }) => id)).toContain(params['REPLY_ID']);
    expect(messages.some((message) => /\[USER=\d+ REPLACE\][\w ]+\[\/USER\]/.test(message.text) && message.author_id > 0)).toBe(true);
    expect(messages.filter((message) => message.uuid !== null)).toHaveLength(1);
    expect(messages.every((message) => !/\{\w+\}/.test(message.text))).toBe(true);
    expect(rowTitled('Friday lunch').message.text).toBe('This message has been deleted.');
    expect(rowTitled("Liam O'Connor").message).toMatchObject({ sticker: 12, text: '[Sticker]' });
  });
});

test('the guest sees the group chats shared with them and no others', async () => {
  const id = rowTitled('Sofia Marino').user.id;
  const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: id, scopes: SCOPES, title: 'test' });
  const guest = clientFor(`${portal.http}/rest/${id}/${webhook!.code}/`, id);
  const seen = await guest.call<Row[]>('im.recent.get');
  expect(seen.map((row) => row.title).sort()).toEqual(['Buoy field trial', 'Nora Lindqvist', 'Website relaunch']);
});

test('files can be fetched', async () => {
  for (const { name, urlDownload } of files) expect(await (await fetch(urlDownload)).text(), name).toMatch(/^(<svg|# Roadmap|unit,)/);
});
