/** user.*, im.user.*, and what the portal says of itself: methods, scope, profile, server.time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type UserRow = Record<string, unknown> & { ID: string };

let portal: TestServer;
let admin: Client;
let counter = 0;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
});
afterAll(() => portal[Symbol.asyncDispose]());

const address = () => `u${++counter}@example.org`;
const add = (params: Record<string, unknown> = {}) => admin.call<number>('user.add', { EMAIL: address(), ...params });
const userOf = async (ID: number) => (await admin.call<UserRow[]>('user.get', { ID }))[0]!;

async function scoped(who: Client, scopes: string[]): Promise<Client> {
  const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: who.userId, scopes, title: 'test' });
  return clientFor(`${portal.http}/rest/${who.userId}/${webhook!.code}/`, who.userId);
}

describe('user.add and user.update', () => {
  const PROFILE = {
    NAME: 'Nora', LAST_NAME: 'Lind', SECOND_NAME: 'M.', WORK_POSITION: 'Captain', PERSONAL_GENDER: 'F',
    PERSONAL_WWW: 'https://example.org/', TIME_ZONE: 'Europe/Berlin',
    PERSONAL_MOBILE: '+49 1', PERSONAL_PHONE: '+49 2', WORK_PHONE: '+49 3', UF_PHONE_INNER: '4', PERSONAL_CITY: 'Kiel', UF_SKILLS: 'knots',
    XML_ID: 'x1',
    PERSONAL_PHOTO: 'https://example.org/p.png',
  };

  test('keep what they are given', async () => {
    const EMAIL = address();
    const id = await admin.call<number>(
      'user.add', { ...PROFILE, EMAIL: ` ${EMAIL.toUpperCase()} `, UF_DEPARTMENT: [3, 5], PERSONAL_BIRTHDAY: '1990-05-15' }
    );
    const kept = {
      ...PROFILE, EMAIL, UF_DEPARTMENT: [3, 5], PERSONAL_BIRTHDAY: expect.stringMatching(/-05-15T/), ACTIVE: true, USER_TYPE: 'employee',
      IS_ONLINE: 'N',
    };
    expect(await userOf(id)).toMatchObject({ ID: String(id), ...kept });
    expect(await admin.call('im.user.get', { ID: id })).toMatchObject({
      id, name: 'Nora Lind', first_name: 'Nora', last_name: 'Lind', work_position: 'Captain', gender: 'F', birthday: '15-05', email: EMAIL,
      departments: [3, 5],
      website: 'https://example.org/', avatar: 'https://example.org/p.png',
      phones: { personal_mobile: '+49 1', personal_phone: '+49 2', work_phone: '+49 3', inner_phone: '4' },
    });
  });

  test('change what is given and nothing else', async () => {
    const id = await add(PROFILE);
    const before = await userOf(id);
    expect(await admin.call('user.update', { ID: id, NAME: 'Ida', WORK_PHONE: '', UF_SKILLS: '' })).toBe(true);
    const { WORK_PHONE: _gone, ...rest } = before;
    expect(await userOf(id)).toEqual({ ...rest, NAME: 'Ida', UF_SKILLS: '', TIMESTAMP_X: expect.any(String) });
  });

  test('a birthday in a zone ahead of Greenwich is still that day', async () => {
    for (const given of ['1990-05-15T00:00:00+14:00', '1990-05-15T00:00:00-11:00', '1990-05-15']) {
      const id = await add({ PERSONAL_BIRTHDAY: given });
      expect(await admin.call('im.user.get', { ID: id })).toMatchObject({ birthday: '15-05' });
    }
  });

  test('a list of departments may be emptied', async () => {
    const id = await add({ UF_DEPARTMENT: [3] });
    await admin.call('user.update', { ID: id, UF_DEPARTMENT: [] });
    expect(await userOf(id)).toMatchObject({ UF_DEPARTMENT: [] });
  });

  test('EXTRANET makes a guest, EXTERNAL_AUTH_ID a bot that is no employee', async () => {
    const [guest, bot] = [await add({ EXTRANET: 'Y' }), await add({ EXTERNAL_AUTH_ID: 'bot' })];
    expect(await userOf(guest)).toMatchObject({ USER_TYPE: 'extranet' });
    expect(await userOf(bot)).toBeUndefined();
    expect(await admin.call('im.user.get', { ID: bot })).toMatchObject({ bot: true, type: 'bot' });
  });

  test('an address belongs to one person, also when two come at once', async () => {
    const EMAIL = address();
    const answers = await Promise.all(Array.from({ length: 6 }, () => admin.raw('user.add', { EMAIL })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect({ status, text: body.error_description }).toEqual({ status: 400, text: 'A user with this email already exists' });
    }
  });

  test.each([['PERSONAL_GENDER', 'X'], ['TIME_ZONE', 'Moon/Base'], ['PERSONAL_PHOTO', 'javascript:alert(1)'], ['PERSONAL_PHOTO', '/x.png'], ['EXTERNAL_AUTH_ID', 'x']])(
    '%s %s is refused, and nothing is added', async (name, value) => {
      const before = (await admin.raw('user.get')).body['total'];
      expect(await admin.fails('user.add', { EMAIL: address(), [name]: value })).toMatchObject({
        status: 400, error: 'ERROR_ARGUMENT', argument: name,
      });
      expect((await admin.raw('user.get')).body['total']).toBe(before);
    },
  );
});

describe('user.get', () => {
  const ids: Record<string, number> = {};

  beforeAll(async () => {
    ids['anna'] = await add({ NAME: 'Anna', LAST_NAME: 'Filter', WORK_POSITION: 'Cook', UF_DEPARTMENT: [7, 8], PERSONAL_CITY: 'Kiel' });
    ids['hanna'] = await add({ NAME: 'Hanna', LAST_NAME: 'Filter', WORK_POSITION: 'Captain', UF_DEPARTMENT: [8], ACTIVE: 'N' });
    ids['otto'] = await add({ NAME: 'Otto', LAST_NAME: 'Filter', PERSONAL_GENDER: 'M', EXTRANET: 'Y' });
  });

  const IN = { LAST_NAME: 'Filter' };
  const CASES: Array<[Record<string, unknown>, string[]]> = [
    [IN, ['anna', 'hanna', 'otto']], [{ LAST_NAME: 'filter' }, ['anna', 'hanna', 'otto']], [{ ...IN, NAME: 'Anna' }, ['anna']],
    [{ ...IN, '=NAME': 'Anna' }, ['anna']], [{ ...IN, '%NAME': 'nna' }, ['anna', 'hanna']], [{ ...IN, '=%NAME': '%nna%' }, ['anna', 'hanna']],
    [{ ...IN, '!NAME': 'Anna' }, ['hanna', 'otto']], [{ ...IN, '!=NAME': 'Anna' }, ['hanna', 'otto']], [{ ...IN, '!%NAME': 'nna' }, ['otto']],
    [{ ...IN, NAME: ['Anna', 'Otto'] }, ['anna', 'otto']], [{ ...IN, '@NAME': ['Anna', 'Otto'] }, ['anna', 'otto']],
    [{ ...IN, '!@NAME': ['Anna', 'Otto'] }, ['hanna']],
    [{ ...IN, ACTIVE: true }, ['anna', 'otto']], [{ ...IN, ACTIVE: 'Y' }, ['anna', 'otto']], [{ ...IN, ACTIVE: 'N' }, ['hanna']],
    [{ ...IN, ACTIVE: false }, ['hanna']],
    [{ ...IN, USER_TYPE: 'extranet' }, ['otto']], [{ ...IN, USER_TYPE: 'employee' }, ['anna', 'hanna']],
    [{ ...IN, UF_DEPARTMENT: 8 }, ['anna', 'hanna']], [{ ...IN, UF_DEPARTMENT: [7] }, ['anna']], [{ ...IN, NAME_SEARCH: 'capt' }, ['hanna']],
    [{ ...IN, PERSONAL_CITY: 'Kiel' }, ['anna']], [{ ...IN, NAME: '' }, []], [{ ...IN, NAME: 'Nobody' }, []],
  ];

  test.each(CASES)('%j', async (filter, expected) => {
    const found = async (params: Record<string, unknown>) => (await admin.call<UserRow[]>('user.get', params)).map((row) => Number(row.ID));
    const wanted = expected.map((name) => ids[name]);
    expect(await found({ FILTER: filter })).toEqual(wanted);
    expect(await found({ filter: Object.fromEntries(Object.entries(filter).map(([key, value]) => [key.toLowerCase(), value])) })).toEqual(wanted);
    expect(await found(filter)).toEqual(wanted);
  });

  test('compares ids as numbers', async () => {
    const [a, b] = [ids['anna']!, ids['otto']!];
    const found = await admin.call<UserRow[]>('user.get', { FILTER: { '>=ID': a, '<ID': b } });
    expect(found.map((row) => Number(row.ID))).toEqual([a, a + 1].filter((id) => id < b));
  });

  test('sorts by a field, ascending unless said otherwise', async () => {
    const names = async (params: object) => (await admin.call<UserRow[]>('user.get', { FILTER: IN, ...params })).map((row) => row['NAME']);
    expect(await names({ SORT: 'NAME', ORDER: 'desc' })).toEqual(['Otto', 'Hanna', 'Anna']);
    expect(await names({ sort: 'name', order: 'ASC' })).toEqual(['Anna', 'Hanna', 'Otto']);
    expect(await names({ SORT: 'ID', ORDER: 'DESC' })).toEqual(['Otto', 'Hanna', 'Anna']);
  });

  test('gives pages of 50 with the total and the next', async () => {
    for (let i = 0; i < 120; i++) await portal.addUser(`Page ${i}`, { last_name: 'Paged' });
    const FILTER = { LAST_NAME: 'Paged' };
    const seen: string[] = [];
    for (const [start, next] of [[0, 50], [50, 100], [100, undefined]] as const) {
      const { body } = await admin.raw('user.get', { FILTER, start });
      expect({ total: body['total'], next: body['next'] }).toEqual({ total: 120, next });
      seen.push(...(body['result'] as UserRow[]).map((row) => row.ID));
    }
    expect(new Set(seen).size).toBe(120);
    expect((await admin.raw('user.get', { FILTER, start: -1 })).body).not.toHaveProperty('next');
  });

  test('shows a guest only people of shared chats', async () => {
    const guest = await portal.addUser('Guest', { extranet: 1 });
    const host = await portal.addUser('Host');
    await host.call('im.chat.add', { USERS: [guest.userId] });
    expect((await guest.call<UserRow[]>('user.get')).map((row) => Number(row.ID))).toEqual([guest.userId, host.userId]);
  });
});

describe('the scope decides which fields come back', () => {
  const CONTACTS = ['EMAIL', 'PERSONAL_MOBILE', 'PERSONAL_PHONE', 'WORK_PHONE', 'PERSONAL_STREET'];
  let who: Client;

  beforeAll(async () => {
    const id = await add({
      NAME: 'Contact', ...Object.fromEntries(CONTACTS.slice(1).map((name) => [name, 'x'])), UF_PHONE_INNER: '5',
      PERSONAL_WWW: 'https://example.org/',
    });
    who = { ...admin, userId: id };
  });

  async function fieldsOf(scope: string): Promise<string[]> {
    const client = await scoped(who, [scope]);
    const [row] = await client.call<UserRow[]>('user.get', { ID: who.userId });
    expect(Object.keys(await client.call<UserRow>('user.current')).sort()).toEqual(Object.keys(row!).sort());
    return Object.keys(row!);
  }

  test('user: all', async () => {
    expect(await fieldsOf('user')).toEqual(expect.arrayContaining([...CONTACTS, 'UF_PHONE_INNER', 'LAST_LOGIN', 'PERSONAL_WWW', 'NAME']));
  });

  test('user_basic: all but the last login and the like', async () => {
    const fields = await fieldsOf('user_basic');
    expect(fields).toEqual(expect.arrayContaining([...CONTACTS, 'NAME']));
    expect(fields.filter((name) => ['LAST_LOGIN', 'PERSONAL_WWW', 'PERSONAL_ICQ'].includes(name))).toEqual([]);
  });

  test('user_brief: no contacts', async () => {
    const fields = await fieldsOf('user_brief');
    expect(fields).toEqual(expect.arrayContaining(['ID', 'NAME', 'LAST_NAME', 'ACTIVE', 'UF_PHONE_INNER']));
    expect(fields.filter((name) => CONTACTS.includes(name))).toEqual([]);
  });
});

describe('im.user.get and im.user.list.get', () => {
  test('oneself unless somebody is named', async () => {
    const who = await portal.addUser('Me');
    for (const params of [{}, { ID: '' }, { ID: who.userId }, { ID: String(who.userId), AVATAR_HR: 'Y' }]) {
      expect(await who.call('im.user.get', params)).toMatchObject({ id: who.userId, name: 'Me' });
    }
  });

  test('a map by id, or a list; those who are not there are left out', async () => {
    const who = await portal.addUser('Me');
    const ID = [who.userId, 1, 999_999];
    expect(Object.keys(await who.call<object>('im.user.list.get', { ID }))).toEqual(['1', String(who.userId)]);
    expect(await who.call('im.user.list.get', { ID, RESULT_TYPE: 'array' })).toMatchObject([{ id: 1 }, { id: who.userId }]);
    expect(await who.call('im.user.list.get', { ID: [999_999] })).toEqual([]);
  });

  test('a guest does not see strangers', async () => {
    const guest = await portal.addUser('Guest', { extranet: 1 });
    expect(await guest.call('im.user.list.get', { ID: [1, guest.userId], RESULT_TYPE: 'array' })).toMatchObject([{ id: guest.userId }]);
  });
});

describe('of the portal', () => {
  const NAMES = methods.map((method) => method.name.toLowerCase()).sort();
  const basic = methods.filter((method) => method.scope === null).map((method) => method.name.toLowerCase()).sort();

  test('methods: those of the webhook\'s scopes, of one scope, or all', async () => {
    const narrow = await scoped(admin, ['mobile']);
    expect(await admin.call('methods')).toEqual(NAMES);
    expect(await narrow.call('methods')).toEqual(basic);
    expect(await narrow.call('methods', { scope: '' })).toEqual(basic);
    expect(await narrow.call('methods', { full: true })).toEqual(NAMES);
    expect(await narrow.call('methods', { SCOPE: 'user' })).toEqual(['user.add', 'user.counters', 'user.current', 'user.fields', 'user.get', 'user.online', 'user.search', 'user.update']);
  });

  test('scope: the webhook\'s own, or all', async () => {
    const narrow = await scoped(admin, ['im', 'user_brief']);
    expect(await narrow.call('scope')).toEqual(['im', 'user_brief']);
    expect(await narrow.call('scope', { full: 'Y' })).toEqual([...SCOPES]);
  });

  test('profile', async () => {
    expect(await admin.call('profile')).toEqual({ ID: '1', ADMIN: true, NAME: 'Administrator', LAST_NAME: '', PERSONAL_GENDER: '', TIME_ZONE: '' });
    const who = await portal.addUser('Me', { avatar: 'https://example.org/a.png', gender: 'F', time_zone: 'Asia/Tokyo' });
    expect(await who.call('profile')).toEqual({
      ID: String(who.userId), ADMIN: false, NAME: 'Me', LAST_NAME: '', PERSONAL_GENDER: 'F', TIME_ZONE: 'Asia/Tokyo',
      PERSONAL_PHOTO: 'https://example.org/a.png',
    });
  });

  test('server.time goes with the clock', async () => {
    const before = Date.parse(await admin.call<string>('server.time'));
    portal.clock.advance(3_600_000);
    expect(Date.parse(await admin.call<string>('server.time')) - before).toBeGreaterThanOrEqual(3_600_000);
  });

  test('user.current is the caller', async () => {
    const who = await portal.addUser('Me');
    expect(await who.call('user.current')).toMatchObject({
      ID: String(who.userId), NAME: 'Me', ACTIVE: true, DATE_REGISTER: expect.stringMatching(/^\d{4}-/),
    });
  });
});
