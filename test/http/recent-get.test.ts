/** im.recent.get: every kind of row with every field. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowFaults } from '../compat/row-fields.ts';
import type { Client } from '../support/client.ts';
import { say as sayAs } from '../support/people.ts';
import { ownFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Row = Record<string, unknown> & { id: number | string; chat_id: number };

let portal: TestServer;
let anna: Client;
let boris: Client;
let bot: Client;
let guest: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna', { last_name: 'Berg', gender: 'F', admin: 1, avatar: 'https://example.org/a.png' });
  boris = await portal.addUser('Boris', {
    work_position: 'Boatman', phones: '{"work_phone":"+49 1"}', departments: '[1,2]', birthday: '15-05',
    absent_until: portal.clock.now() + 86_400_000,
  });
  bot = await portal.addUser('Bot', { external_auth_id: 'bot' });
  guest = await portal.addUser('Guest', { extranet: 1, email: 'guest@example.org' });
});
afterAll(() => portal[Symbol.asyncDispose]());

/** The row of one chat as somebody sees it, its fields checked. */
async function rowOf(who: Client, chatId: number): Promise<Row | undefined> {
  const rows = await who.call<Row[]>('im.recent.get');
  for (const row of rows) expect(rowFaults(row)).toEqual([]);
  return rows.find((row) => row.chat_id === chatId);
}

const chat = (params: Record<string, unknown>, who = anna) => who.call<number>(
  'im.chat.add', { TITLE: 'Chat', USERS: [anna.userId, boris.userId], ...params }
);
const say = (id: number | string, params: Record<string, unknown> = {}, who = anna) => sayAs(who, id, params);

async function chatOf(DIALOG_ID: number | string, who = anna): Promise<number> {
  return (await who.call<{ chat_id: number }>('im.dialog.messages.get', { DIALOG_ID })).chat_id;
}

const ALL = { avatar: true, rename: true, extend: true, call: true, mute: true, leave: true, leave_owner: true, send: true, user_list: true };
const GROUP = {
  manage_users_add: 'member', manage_users_delete: 'manager', manage_ui: 'member', manage_settings: 'owner', manage_messages: 'member',
  can_post: 'member',
};
const CHANNEL = { ...GROUP, manage_ui: 'manager', manage_messages: 'manager', can_post: 'manager' };
const NO_LINK = { type: '', url: '', id: '' };

interface Kind {
  params: Record<string, unknown>;
  /** What `chat` shows to the owner. */
  owner: (annaId: number) => object;
}

const KINDS: Record<string, Kind> = {
  group: {
    params: {},
    owner: () => ({ type: 'chat', message_type: 'C', entity_type: '', entity_link: NO_LINK, restrictions: ALL, permissions: GROUP }),
  },
  open: { params: { TYPE: 'OPEN' }, owner: () => ({ type: 'open', message_type: 'O', entity_link: NO_LINK, restrictions: ALL, permissions: GROUP }) },
  channel: { params: { TYPE: 'CHANNEL' }, owner: () => ({ type: 'channel', message_type: 'N', permissions: CHANNEL }) },
  'open channel': { params: { TYPE: 'OPEN_CHANNEL' }, owner: () => ({ type: 'openChannel', message_type: 'J', permissions: CHANNEL }) },
  task: {
    params: { ENTITY_TYPE: 'TASKS_TASK', ENTITY_ID: '8293' },
    owner: (id) => ({
      type: 'tasksTask', message_type: 'X', entity_type: 'TASKS_TASK', entity_id: '8293', restrictions: ALL,
      entity_link: { type: 'TASKS', url: `/company/personal/user/${id}/tasks/task/view/8293/?ta_sec=chat_tasks&ta_el=view_button`, id: '8293' },
    }),
  },
  'CRM deal': {
    params: { ENTITY_TYPE: 'CRM', ENTITY_ID: 'DEAL|1663' },
    owner: () => ({
      type: 'crm', message_type: 'C', entity_link: { type: 'DEAL', url: '/crm/deal/details/1663/', id: 'DEAL|1663' },
      restrictions: { ...ALL, avatar: false, rename: false, leave_owner: false },
    }),
  },
  'item of a CRM type made on the portal': {
    params: { ENTITY_TYPE: 'CRM', ENTITY_ID: 'DYNAMIC_128|5' }, owner: () => ({ type: 'crm', entity_link: { type: 'DYNAMIC', id: 'DYNAMIC_128|5' } }),
  },
  calendar: {
    params: { ENTITY_TYPE: 'CALENDAR', ENTITY_ID: '12' },
    owner: () => ({ type: 'calendar', message_type: 'C', restrictions: ALL, entity_link: { type: 'CALENDAR', id: '12' } }),
  },
  workgroup: {
    params: { ENTITY_TYPE: 'SONET_GROUP', ENTITY_ID: '121' },
    owner: () => ({
      type: 'sonetGroup', message_type: 'C', entity_link: { type: 'SONET_GROUP', url: '/workgroups/group/121/', id: '121' },
      restrictions: { ...ALL, avatar: false, rename: false, extend: false, leave: false, leave_owner: false },
    }),
  },
  'open line': {
    params: {
      ENTITY_TYPE: 'LINES', ENTITY_ID: 'livechat|2|70|2016', ENTITY_DATA_1: 'N|NONE|0|N|N|7|1635351612|0|0|0', ENTITY_DATA_2: 'x',
      ENTITY_DATA_3: 'y',
    },
    owner: () => ({
      type: 'lines', message_type: 'L', entity_id: 'livechat|2|70|2016', entity_data_1: 'N|NONE|0|N|N|7|1635351612|0|0|0',
      entity_data_2: 'x', entity_data_3: 'y',
      entity_link: { type: 'LINES', url: '', id: 'livechat|2|70|2016' },
    }),
  },
  'of a type nobody knows': {
    params: { ENTITY_TYPE: 'my_thing_2', ENTITY_ID: 'q' },
    owner: () => ({ type: 'myThing2', entity_link: { type: 'MY_THING_2', url: '', id: 'q' } }),
  },
};

describe('kinds of chats', () => {
  test.each(Object.entries(KINDS))('%s', async (name, { params, owner }) => {
    const id = await chat({ TITLE: `A ${name}`, COLOR: 'AQUA', MESSAGE: 'First', ...params });
    const common = {
      id: `chat${id}`, chat_id: id, type: 'chat', title: `A ${name}`, avatar: { url: '', color: '#1eb4aa' },
      user: { id: anna.userId, first_name: 'Anna' },
    };
    const shared = {
      id, owner: anna.userId, manager_list: [anna.userId], user_counter: 2, name: `A ${name}`, title: `A ${name}`, color: '#1eb4aa',
      avatar: '', extranet: false,
    };
    const message = { text: 'First', author_id: anna.userId, uuid: null, file: false, attach: false, sticker: null, status: 'received' };
    const seen = owner(anna.userId) as { permissions?: typeof GROUP };
    expect(await rowOf(anna, id)).toMatchObject({
      ...common, message, counter: 0, chat: { ...shared, ...seen, role: 'OWNER', mute_list: [], text_field_enabled: true },
    });
    const mayPost = seen.permissions?.can_post !== 'manager';
    const forMember = owner(boris.userId);
    expect(await rowOf(boris, id)).toMatchObject({
      ...common, message, counter: 2, last_id: 0, chat: { ...shared, ...forMember, role: 'MEMBER', text_field_enabled: mayPost },
    });
    expect(await rowOf(guest, id)).toBeUndefined();
  });

  test('an open line names its session: id and start are fields of the entity data', async () => {
    const id = await chat(KINDS['open line']!.params);
    expect((await rowOf(anna, id))!['lines']).toMatchObject({ id: 7, date_create: '2021-10-27T16:20:12+00:00' });
    const bare = await chat({ ENTITY_TYPE: 'LINES' });
    expect((await rowOf(anna, bare))!['lines']).toMatchObject({ id: 0, date_create: expect.stringMatching(/^20/) });
  });

  test('a chat with a guest says so', async () => {
    const id = await chat({ USERS: [guest.userId] });
    expect(await rowOf(anna, id)).toMatchObject({ chat: { extranet: true, contains_collaber: false } });
    expect(await rowOf(guest, id)).toMatchObject({ chat: { role: 'MEMBER' }, user: { id: 0 } });
  });

  test('a chat that nobody has written in shows the system\'s lines, whose author is nobody', async () => {
    const id = await chat({});
    expect(await rowOf(boris, id)).toMatchObject({
      message: { author_id: 0, text: 'Anna Berg invited Boris to the chat', uuid: null }, user: { id: 0 }, counter: 1,
    });
  });
});

describe('private dialogs', () => {
  test('carry the partner and a stub for the chat', async () => {
    const message = await say(boris.userId);
    const id = await chatOf(boris.userId);
    const stub = { text_field_enabled: true, background_id: null, mute_list: [] };
    const row = await rowOf(anna, id);
    expect(row).toMatchObject({
      id: boris.userId, type: 'user', title: 'Boris', chat: stub, counter: 0, last_id: message, message: { id: message, author_id: anna.userId },
      user: {
        id: boris.userId, name: 'Boris', work_position: 'Boatman', phones: { work_phone: '+49 1' }, departments: [1, 2], birthday: '15-05',
        absent: expect.any(String), type: 'user',
      },
    });
    expect(row!['avatar']).toEqual({ url: '', color: (row!['user'] as { color: string }).color });
    expect(await rowOf(boris, id)).toMatchObject({
      id: anna.userId, title: 'Anna Berg', avatar: { url: 'https://example.org/a.png' }, chat: stub, counter: 1, last_id: 0,
      user: {
        id: anna.userId, gender: 'F', avatar: 'https://example.org/a.png', avatar_hr: 'https://example.org/a.png', phones: false,
        absent: false, birthday: '',
      },
    });
  });

  test('with oneself, a bot and a guest', async () => {
    await say(anna.userId);
    expect(await rowOf(anna, await chatOf(anna.userId))).toMatchObject({ id: anna.userId, user: { id: anna.userId }, counter: 0 });
    await say(bot.userId);
    expect(await rowOf(anna, await chatOf(bot.userId))).toMatchObject({ user: { bot: true, type: 'bot', external_auth_id: 'bot', bot_data: null } });
    await say(guest.userId);
    expect(await rowOf(anna, await chatOf(guest.userId))).toMatchObject({ user: { extranet: true, type: 'extranet', email: 'guest@example.org' } });
  });

  test('with somebody dismissed stay until read, in a group chat for ever', async () => {
    const leaver = await portal.addUser('Leaver');
    const group = await chat({ USERS: [leaver.userId] });
    await say(`chat${group}`, {}, leaver);
    await say(anna.userId, {}, leaver);
    const id = await chatOf(leaver.userId);
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'N' });
    expect(await rowOf(anna, id)).toMatchObject({ counter: 1, user: { active: false } });
    await anna.call('im.dialog.read', { DIALOG_ID: leaver.userId });
    expect(await rowOf(anna, id)).toBeUndefined();
    expect(await rowOf(anna, group)).toMatchObject({ user: { id: leaver.userId, active: false } });
    await portal.admin.call('user.update', { ID: leaver.userId, ACTIVE: 'Y' });
    expect(await rowOf(anna, id)).toMatchObject({ counter: 0, user: { active: true } });
  });

  test('of a guest go when the last chat shared with the partner goes, and return with it', async () => {
    const group = await chat({ USERS: [guest.userId, boris.userId] });
    await say(guest.userId, {}, boris);
    const id = await chatOf(guest.userId, boris);
    expect(await rowOf(guest, id)).toMatchObject({ id: boris.userId, counter: 1 });
    await anna.call('im.chat.user.delete', { CHAT_ID: group, USER_ID: boris.userId });
    expect(await rowOf(guest, id)).toBeUndefined();
    await anna.call('im.chat.user.add', { CHAT_ID: group, USERS: [boris.userId] });
    expect(await rowOf(guest, id)).toMatchObject({ id: boris.userId });
  });

  test('with a dismissed bot stay', async () => {
    const old = await portal.addUser('Old bot', { external_auth_id: 'bot', active: 0 });
    await say(old.userId);
    expect(await rowOf(anna, await chatOf(old.userId))).toMatchObject({ user: { active: false, bot: true } });
  });

  test('that nobody has written in are not there', async () => {
    const rows = await anna.call<Row[]>('im.recent.get');
    expect(rows.some((row) => row.id === portal.admin.userId)).toBe(false);
  });
});

describe('the last message', () => {
  const UUID = '0b2c9a4e-7d1f-4c3a-9e8b-2f6d5a4c3b1e';
  const CASES: Record<string, { params: Record<string, unknown>; files?: number; message: object }> = {
    'with a file': { params: { MESSAGE: 'See' }, files: 2, message: { text: 'See [File]', file: true, attach: false } },
    'a file alone': { params: { MESSAGE: '' }, files: 1, message: { text: '[File]', file: true } },
    'with an attachment': { params: { ATTACH: [{ MESSAGE: 'x' }] }, message: { text: 'Hello [Attachment]', attach: true, file: false } },
    'an attachment alone': { params: { MESSAGE: '', ATTACH: { BLOCKS: [{ MESSAGE: 'x' }] } }, message: { text: '[Attachment]', attach: true } },
    'a sticker': { params: { MESSAGE: '', STICKER_ID: 12 }, message: { text: '[Sticker]', sticker: 12, file: false, attach: false } },
    'with an id of the client\'s': { params: { TEMPLATE_ID: UUID }, message: { uuid: UUID } },
    'with a client\'s id that is none': { params: { TEMPLATE_ID: UUID.toUpperCase() }, message: { uuid: null } },
    'with line breaks and codes': {
      params: { MESSAGE: '[b]a[/b]\n[i][u]b[/u][/i]\r\n[url=https://example.org]c[/url]' }, message: { text: 'a b c' },
    },
    'with HTML': { params: { MESSAGE: '<b>a</b> & "c"' }, message: { text: '<b>a</b> & "c"' } },
    'of the system': { params: { SYSTEM: 'Y' }, message: { text: 'Hello', author_id: 0 } },
  };

  test.each(Object.entries(CASES))('%s', async (_what, { params, files, message }) => {
    const id = await chat({ MESSAGE: 'First' });
    const messageId = await say(`chat${id}`, files ? { ...params, FILE_ID: await ownFiles(anna, files) } : params);
    const author = (message as { author_id?: number }).author_id ?? anna.userId;
    expect(await rowOf(boris, id)).toMatchObject({ message: { id: messageId, author_id: author, ...message }, user: { id: author } });
  });

  test('names people as they are called now', async () => {
    const person = await portal.addUser('Old');
    const id = await chat({ MESSAGE: `[USER=${person.userId}][/USER] and [USER=${person.userId} REPLACE]kept[/USER]` });
    expect(await rowOf(anna, id)).toMatchObject({ message: { text: 'Old and kept' } });
    await portal.admin.call('user.update', { ID: person.userId, NAME: 'New', LAST_NAME: 'Name' });
    expect(await rowOf(anna, id)).toMatchObject({ message: { text: 'New Name and kept' } });
  });

  test('is delivered once somebody else has read up to it, and stays so', async () => {
    const id = await chat({});
    const messageId = await say(`chat${id}`);
    await boris.call('im.dialog.read', { DIALOG_ID: `chat${id}`, MESSAGE_ID: messageId });
    for (const who of [anna, boris]) expect(await rowOf(who, id)).toMatchObject({ message: { status: 'delivered' } });
    await boris.call('im.dialog.unread', { DIALOG_ID: `chat${id}`, MESSAGE_ID: messageId });
    expect(await rowOf(anna, id)).toMatchObject({ message: { status: 'delivered' } });
  });
});

describe('the caller\'s own side', () => {
  test('mute, pin, mark and a due reminder show to the caller alone', async () => {
    const id = await chat({ MESSAGE: 'First' });
    await anna.call('im.chat.mute', { CHAT_ID: id });
    await anna.call('im.recent.pin', { DIALOG_ID: `chat${id}` });
    await anna.call('im.recent.unread', { DIALOG_ID: `chat${id}` });
    expect(await rowOf(anna, id)).toMatchObject({ pinned: true, unread: true, counter: 0, chat: { mute_list: { [anna.userId]: true } } });
    expect(await rowOf(boris, id)).toMatchObject({ pinned: false, unread: false, chat: { mute_list: [] } });
  });

  test('a reminder shows once it is due, until it is done', async () => {
    const id = await chat({});
    const MESSAGE_ID = await say(`chat${id}`);
    const reminder = await anna.call<number>('tidemark.reminder.add', { MESSAGE_ID, DATE: new Date(portal.clock.now() + 60_000).toISOString() });
    expect(await rowOf(anna, id)).toMatchObject({ has_reminder: false });
    portal.clock.advance(60_000);
    expect(await rowOf(anna, id)).toMatchObject({ has_reminder: true });
    expect(await rowOf(boris, id)).toMatchObject({ has_reminder: false });
    await anna.call('tidemark.reminder.done', { ID: reminder });
    expect(await rowOf(anna, id)).toMatchObject({ has_reminder: false });
  });

  test('an absence ends by itself', async () => {
    const away = await portal.addUser('Away');
    await say(away.userId);
    const id = await chatOf(away.userId);
    await portal.admin.call('user.update', { ID: away.userId, ABSENT_UNTIL: new Date(portal.clock.now() + 60_000).toISOString() });
    expect(await rowOf(anna, id)).toMatchObject({ user: { absent: expect.stringMatching(/^\d{4}-/) } });
    portal.clock.advance(61_000);
    expect(await rowOf(anna, id)).toMatchObject({ user: { absent: false } });
  });
});
