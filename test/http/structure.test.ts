/** The company's structure as im.* shows it and department.* changes it, and what users say of themselves. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { rowOf, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let admin: Client;
/** Sales and, below it, Europe with Berlin in it; Research beside them. */
let sales: number;
let europe: number;
let berlin: number;
let research: number;
/** Leads Sales. */
let sasha: Client;
/** Works in Europe, as does Emil. */
let eva: Client;
let emil: Client;
/** In Berlin. */
let bert: Client;
/** Leads Research, and is in no department. */
let rita: Client;
let guest: Client;

const place = (...ids: number[]) => ({ departments: JSON.stringify(ids) });

beforeAll(async () => {
  portal = await startTestServer();
  ({ admin } = portal);
});
afterAll(() => portal[Symbol.asyncDispose]());

beforeEach(async () => {
  [sasha, rita] = [await portal.addUser('Sasha'), await portal.addUser('Rita')];
  guest = await portal.addUser('Guest', { extranet: 1 });
  const add = (NAME: string, PARENT: number, more: object = {}) => admin.call<number>('department.add', { NAME, PARENT, ...more });
  sales = await add('Sales', 1, { UF_HEAD: sasha.userId });
  europe = await add('Europe', sales);
  berlin = await add('Berlin', europe);
  research = await add('Research', 1, { UF_HEAD: rita.userId, SORT: 100 });
  eva = await portal.addUser('Eva', place(europe));
  emil = await portal.addUser('Emil', place(europe));
  bert = await portal.addUser('Bert', place(berlin));
});

const get = (who: Client, ID: unknown, more: object = {}) => who.call<Array<Record<string, unknown>>>('im.department.get', { ID, ...more });

describe('im.department', () => {
  test('gives departments with their path and head, those there are', async () => {
    const expected = [
      { id: sales, name: 'Sales', full_name: 'Sales / Tidemark', manager_user_id: sasha.userId },
      { id: berlin, name: 'Berlin', full_name: 'Berlin / Europe / Sales / Tidemark', manager_user_id: 0 },
    ];
    for (const ids of [[berlin, sales, 999_999], `[${berlin},${sales}]`]) expect(await get(eva, ids)).toEqual(expected);
    expect(await get(eva, [sales, berlin], { USER_DATA: 'Y' })).toMatchObject([{ manager_user_data: { id: sasha.userId, name: 'Sasha' } }, { id: berlin }]);
    expect((await get(eva, [berlin], { USER_DATA: 'Y' }))[0]).not.toHaveProperty('manager_user_data');
  });

  test('gives who leads and who works where', async () => {
    const [gone] = [await portal.addUser('Gone', { ...place(europe), active: 0 })];
    const bot = await portal.addUser('Bot', { ...place(europe), external_auth_id: 'bot' });
    expect(gone.userId < bot.userId).toBe(true);
    const ID = [sales, europe, 999_999];
    expect(await eva.call('im.department.managers.get', { ID })).toEqual({ [sales]: [sasha.userId], [europe]: [] });
    expect(await eva.call('im.department.employees.get', { ID })).toEqual({ [sales]: [], [europe]: [eva.userId, emil.userId] });
    expect(await eva.call('im.department.managers.get', { ID, USER_DATA: 'Y' })).toMatchObject({ [sales]: [{ id: sasha.userId, first_name: 'Sasha' }], [europe]: [] });
    expect(await eva.call('im.department.employees.get', { ID, USER_DATA: 'Y' })).toMatchObject({ [europe]: [{ id: eva.userId }, { id: emil.userId }] });
  });

  test('gives colleagues; to who leads also those below and all others who lead', async () => {
    const list = async (who: Client, params: object = {}) => (await who.raw('im.department.colleagues.list', params)).body;
    expect(await list(eva)).toMatchObject({ result: [emil.userId], total: 1 });
    expect(await list(bert)).toMatchObject({ result: [], total: 0 });
    const heads = (await admin.call<Array<{ UF_HEAD?: string }>>('department.get')).flatMap(({ UF_HEAD }) => (UF_HEAD ? [Number(UF_HEAD)] : []));
    const expected = [...new Set([eva, emil, bert].map(({ userId }) => userId).concat(heads))].filter((id) => id !== sasha.userId).sort((a, b) => a - b);
    expect((await list(sasha, { LIMIT: 50 }))['result']).toEqual(expected);
    expect(await list(sasha, { LIMIT: 2, OFFSET: 1 })).toMatchObject({ result: expected.slice(1, 3), total: expected.length, next: 3 });
    expect((await list(eva, { USER_DATA: 'Y' }))['result']).toMatchObject([{ id: emil.userId, name: 'Emil' }]);
  });

  test('is not for guests', async () => {
    for (const method of ['im.department.get', 'im.department.managers.get', 'im.department.employees.get', 'im.department.colleagues.list']) {
      expect(await guest.fails(method, { ID: [sales] })).toMatchObject({ status: 403, error: 'ACCESS_ERROR' });
    }
  });
});

describe('im.search.department.list', () => {
  const search = async (who: Client, FIND: string, more: object = {}) => (await who.raw('im.search.department.list', { FIND, ...more })).body;

  test('finds by the beginnings of the words of full names', async () => {
    const found = async (FIND: string) => ((await search(eva, FIND, { LIMIT: 50 }))['result'] as Array<{ id: number }>).map(({ id }) => id);
    expect(await found('eur sal')).toEqual(expect.arrayContaining([europe, berlin]));
    expect(await found('EUR')).not.toContain(sales);
    expect(await found('berl')).toContain(berlin);
    expect(await found('rlin')).not.toContain(berlin);
    expect(await found('zzz')).toEqual([]);
  });

  test('gives all of them for less than two characters, in pages, and none to guests', async () => {
    const total = (await admin.raw('department.get')).body['total'];
    expect(await search(eva, '', { LIMIT: 1 })).toMatchObject({ result: [{ id: 1 }], total, next: 1 });
    expect(await search(eva, 's')).toMatchObject({ total });
    expect(await search(guest, 'sales')).toMatchObject({ result: [], total: 0 });
  });
});

describe('department', () => {
  const names = async () => (await admin.call<Array<{ ID: string; NAME: string; PARENT?: string }>>('department.get', { ID: [sales, europe, berlin, research] }));
  const update = (params: object) => admin.raw('department.update', params as Record<string, unknown>);

  test('fields have names', async () => {
    expect(Object.keys(await eva.call<object>('department.fields'))).toEqual(['ID', 'NAME', 'SORT', 'PARENT', 'UF_HEAD']);
  });

  test('is added and changed as given; what is not given stays', async () => {
    expect(await admin.call('department.get', { ID: research })).toEqual([{ ID: String(research), NAME: 'Research', SORT: 100, PARENT: '1', UF_HEAD: String(rita.userId) }]);
    await update({ ID: research, NAME: ' Forschung ' });
    await update({ ID: research, UF_HEAD: 0, PARENT: sales });
    expect(await admin.call('department.get', { NAME: 'forschung' })).toEqual([{ ID: String(research), NAME: 'Forschung', SORT: 100, PARENT: String(sales) }]);
    await admin.call('department.delete', { ID: research });
  });

  test('stays a tree with one top', async () => {
    const before = await names();
    const attempts: Array<[object, string]> = [
      [{ ID: sales, PARENT: berlin }, 'PARENT'], [{ ID: sales, PARENT: sales }, 'PARENT'], [{ ID: sales, PARENT: 999_999 }, 'PARENT'],
      [{ ID: sales, UF_HEAD: 999_999 }, 'UF_HEAD'], [{ ID: 1, PARENT: sales }, 'PARENT'], [{ ID: sales, NAME: ' ' }, 'NAME'],
    ];
    for (const [params, argument] of attempts) expect((await update(params)).body).toMatchObject({ error: 'ERROR_ARGUMENT', argument });
    expect(await admin.fails('department.delete', { ID: 1 })).toMatchObject({ argument: 'ID' });
    expect(await admin.fails('department.add', { NAME: 'x', PARENT: 999_999 })).toMatchObject({ argument: 'PARENT' });
    expect(await names()).toEqual(before);
  });

  test('stays a tree when two are put below each other at once', async () => {
    const answers = await Promise.all([update({ ID: sales, PARENT: research }), update({ ID: research, PARENT: sales })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    for (const { full_name: path } of await get(eva, [sales, research])) expect(path).toMatch(/ \/ Tidemark$/);
  });

  test('deleted leaves its people and departments to the one above', async () => {
    await admin.call('department.delete', { ID: europe });
    expect(await eva.call('im.department.employees.get', { ID: [sales] })).toEqual({ [sales]: [eva.userId, emil.userId] });
    expect(await get(eva, [berlin, europe])).toMatchObject([{ id: berlin, full_name: 'Berlin / Sales / Tidemark' }]);
    expect(await eva.call('im.user.get')).toMatchObject({ departments: [sales] });
  });
});

describe('status', () => {
  test('is the user\'s own, false until set', async () => {
    expect(await eva.call('im.user.status.get')).toBe(false);
    for (const STATUS of ['dnd', 'away', 'break', 'online']) {
      expect(await eva.call('im.user.status.set', { STATUS })).toBe(true);
      expect(await eva.call('im.user.status.get')).toBe(STATUS);
    }
    await eva.call('im.user.status.set', { STATUS: 'dnd' });
    expect(await emil.call('im.user.status.get')).toBe(false);
    expect(await emil.call('im.user.get', { ID: eva.userId })).toMatchObject({ status: 'online' });
  });

  test('idle shows since when, in profiles and in rows, until it ends', async () => {
    await say(eva, emil.userId);
    const idle = async () => (await rowOf(emil, eva.userId) as unknown as { user: { idle: string | false } }).user.idle;
    expect(await idle()).toBe(false);
    const before = portal.clock.now();
    await eva.call('im.user.status.idle.start', { AGO: 25 });
    const since = Date.parse((await idle()) as string);
    expect(Math.abs(since - (before - 25 * 60_000))).toBeLessThan(60_000);
    expect(await emil.call('im.user.get', { ID: eva.userId })).toMatchObject({ idle: await idle() });
    await eva.call('im.user.status.idle.end');
    expect(await idle()).toBe(false);
    await eva.call('im.user.status.idle.start');
    expect(before - Date.parse((await idle()) as string)).toBeLessThan(11 * 60_000);
  });
});

test('im.revision.get', async () => {
  expect(await eva.call('im.revision.get')).toEqual({ rest: 32, web: 130, mobile: 22, desktop: 6, im_revision_mobile: 22 });
});
