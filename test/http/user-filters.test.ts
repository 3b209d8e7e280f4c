/** Every documented key and spelling of a filter, in every way in which clients send it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Answer {
  result: Array<Record<string, unknown> & { ID: string }>;
  total?: number;
  next?: number;
  error?: string;
  error_description?: string;
  argument?: string;
}
type Params = Record<string, unknown>;

let portal: TestServer;
let admin: Client;
const ids: Record<string, number> = {};

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  const add = async (name: string, params: Params = {}) => {
    ids[name] = await admin.call<number>('user.add', { EMAIL: `${name}@example.org`, NAME: name, LAST_NAME: 'Probe', ...params });
  };
  await add('Anna', { WORK_POSITION: 'Ship captain', UF_DEPARTMENT: [2], PERSONAL_CITY: 'Kiel', PERSONAL_BIRTHDAY: '1990-05-15', UF_PHONE_INNER: '17' });
  await add('Жанна', { WORK_POSITION: 'Инженер', UF_DEPARTMENT: [3], PERSONAL_CITY: 'Рига', ACTIVE: 'N' });
  await add('Otto', { EXTRANET: 'Y' });
  await add('Mail', { EXTERNAL_AUTH_ID: 'email' });
});
afterAll(() => portal[Symbol.asyncDispose]());

/** `a[b][]=c`, as PHP writes it and reads it. */
function form(params: Params): string {
  const parts = (prefix: string, value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, each]) => parts(`${prefix}[${Array.isArray(value) ? '' : encodeURIComponent(key)}]`, each))
      : [`${prefix}=${encodeURIComponent(String(value))}`];
  return Object.entries(params).flatMap(([name, value]) => parts(encodeURIComponent(name), value)).join('&');
}

async function send(init: RequestInit, path: string): Promise<Answer> {
  return (await (await fetch(admin.url + path, init)).json()) as Answer;
}

const WAYS: Record<string, (method: string, params: Params) => Promise<Answer>> = {
  json: async (method, params) => (await admin.raw(method, params)).body as unknown as Answer,
  form: (method, params) => send({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(params) }, method),
  query: (method, params) => send({}, `${method}?${form(params)}`),
  async batch(method, params) {
    const { body } = await admin.raw('batch', { cmd: { it: `${method}?${form(params)}` } });
    const { result, result_error, result_total, result_next } = body.result as Record<string, Record<string, never>>;
    return { ...(result_error!['it'] as object | undefined), result: result!['it'], total: result_total!['it'], next: result_next!['it'] } as unknown as Answer;
  },
};

async function foundBy(params: Params, method = 'user.get'): Promise<string[]> {
  const answers = await Promise.all(Object.values(WAYS).map((way) => way(method, params)));
  const names = answers.map(({ result, error_description }) => (result as Answer['result'] | undefined)?.map((row) => row['NAME']) ?? [error_description]);
  for (const other of names) expect(other).toEqual(names[0]);
  return (names[0] as string[]).filter((name) => name !== 'Administrator');
}

const ON = ['Y', 'y', '1', 1, 'true', 'True', 'TRUE', true];
const OFF = ['N', 'n', '0', 0, 'false', 'False', 'FALSE', false];
const FLAGS: Array<[field: string, on: string[], off: string[]]> = [
  ['ACTIVE', ['Anna', 'Otto'], ['Жанна']], ['EXTRANET', ['Otto'], ['Anna', 'Жанна']], ['HAS_DEPARTAMENT', ['Anna', 'Жанна'], ['Otto']],
  ['IS_ONLINE', [], ['Anna', 'Жанна', 'Otto']],
];

describe.each(FLAGS)('%s is a flag like any other', (field, on, off) => {
  const LAST_NAME = 'probe';

  test('in every spelling, negated, in lists, inside FILTER and beside nothing', async () => {
    for (const [words, found, rest] of [[ON, on, off], [OFF, off, on]] as const) {
      for (const word of words) {
        expect(await foundBy({ FILTER: { LAST_NAME, [field]: word } })).toEqual(found);
        expect(await foundBy({ filter: { LAST_NAME, [`=${field.toLowerCase()}`]: [word] } })).toEqual(found);
        expect(await foundBy({ LAST_NAME, [field]: word })).toEqual(found);
        expect(await foundBy({ FILTER: { LAST_NAME, [`!${field}`]: word } })).toEqual(rest);
        expect(await foundBy({ FILTER: { LAST_NAME, [`!@${field}`]: [word, word] } })).toEqual(rest);
      }
    }
    expect((await foundBy({ FILTER: { LAST_NAME, [field]: ['Y', '0'] } })).length).toBe(3);
    expect((await foundBy({ FILTER: { LAST_NAME, [field]: '' } })).length).toBe(3);
  });

  test.each(['yes', 'on', '2', '-1', 'null', 'Да'])('%s is an error that names it', async (word) => {
    for (const way of Object.values(WAYS)) {
      const answer = await way('user.get', { FILTER: { [field]: ['Y', word] } });
      expect(answer).toMatchObject({ error: 'ERROR_ARGUMENT', argument: `FILTER[${field}]`, error_description: `The value of an argument 'FILTER[${field}]' must be Y or N` });
      expect(await way('user.get', { [field]: word })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: field });
    }
  });
});

const P = { LAST_NAME: 'Probe' };
const CASES: Array<[Params, string[]]> = [
  [{ ...P, USER_TYPE: 'employee' }, ['Anna', 'Жанна']], [{ ...P, USER_TYPE: 'EXTRANET' }, ['Otto']], [{ ...P, USER_TYPE: 'email' }, ['Mail']],
  [{ ...P, USER_TYPE: ['extranet', 'email'] }, ['Otto', 'Mail']], [{ ...P, '!USER_TYPE': 'employee' }, ['Otto']],
  [{ ...P, NAME_SEARCH: 'анн' }, ['Жанна']], [{ ...P, NAME_SEARCH: 'PROBE otto' }, ['Otto']], [{ ...P, NAME_SEARCH: 'tain' }, ['Anna']],
  [{ ...P, NAME_SEARCH: 'anna@example.org' }, ['Anna']], [{ ...P, NAME_SEARCH: ['otto', 'жан'] }, ['Жанна', 'Otto']], [{ ...P, NAME_SEARCH: '' }, ['Anna', 'Жанна', 'Otto']],
  [{ ...P, NAME: 'жАННА' }, ['Жанна']], [{ ...P, '=NAME': 'ЖАННА' }, ['Жанна']], [{ ...P, NAME: 'ж%' }, ['Жанна']], [{ ...P, '=NAME': 'ж%' }, []],
  [{ ...P, '%NAME': 'НН' }, ['Жанна']], [{ ...P, '=%NAME': '%ННА' }, ['Жанна']], [{ ...P, '%=NAME': 'O%O' }, ['Otto']], [{ ...P, '=%NAME': 'nna' }, []],
  [{ ...P, '!%NAME': 'n' }, ['Жанна', 'Otto']], [{ ...P, '!=%NAME': '%a' }, ['Жанна', 'Otto']], [{ ...P, '!%=NAME': 'A%' }, ['Жанна', 'Otto']],
  [{ ...P, '@NAME': ['otto', 'anna'] }, ['Anna', 'Otto']], [{ ...P, '!@NAME': ['otto', 'anna'] }, ['Жанна']],
  [{ ...P, '>NAME': 'anna' }, ['Жанна', 'Otto']], [{ ...P, '>=NAME': 'anna', '<NAME': 'п' }, ['Anna', 'Жанна', 'Otto']], [{ ...P, '<=NAME': 'anna' }, ['Anna']],
  [{ ...P, UF_DEPARTMENT: 2 }, ['Anna']], [{ ...P, UF_DEPARTMENT: ['2', '3'] }, ['Anna', 'Жанна']], [{ ...P, '!UF_DEPARTMENT': 2 }, ['Жанна', 'Otto']],
  [{ ...P, UF_DEPARTMENT: false }, ['Otto']], [{ ...P, '!UF_DEPARTMENT': false }, ['Anna', 'Жанна']], [{ ...P, '>UF_DEPARTMENT': 2 }, ['Жанна']],
  [{ ...P, UF_PHONE_INNER: '17' }, ['Anna']], [{ ...P, PERSONAL_CITY: 'рига' }, ['Жанна']], [{ ...P, PERSONAL_CITY: '' }, ['Otto']],
  [{ ...P, PERSONAL_BIRTHDAY: '2001-05-15' }, ['Anna']], [{ ...P, '!PERSONAL_BIRTHDAY': '' }, ['Anna']], [{ ...P, '>PERSONAL_BIRTHDAY': '2001-05-15' }, []], [{ ...P, '<PERSONAL_BIRTHDAY': '2001-12-31' }, ['Anna']],
  [{ ...P, LAST_LOGIN: '' }, ['Anna', 'Жанна', 'Otto']], [{ ...P, '>LAST_ACTIVITY_DATE': '2000-01-01' }, []], [{ ...P, '<LAST_ACTIVITY_DATE': '2100-01-01' }, []],
  [{ ...P, '>=DATE_REGISTER': '2000-01-01T00:00:00+03:00', '<TIMESTAMP_X': '2100-01-01' }, ['Anna', 'Жанна', 'Otto']],
  [{ ...P, ID: '' }, []], [{ ...P, '>ID': '' }, ['Anna', 'Жанна', 'Otto']], [{ ...P, '>ID': 0 }, ['Anna', 'Жанна', 'Otto']],
  [{ ...P, name: 'Anna', NAME: 'Otto' }, ['Otto']],
];

test.each(CASES)('%j', async (FILTER, expected) => {
  expect(await foundBy({ FILTER })).toEqual(expected);
  expect(await foundBy(FILTER)).toEqual(expected);
  expect(await foundBy({ filter: Object.fromEntries(Object.entries(FILTER).map(([key, value]) => [key.toLowerCase(), value])) })).toEqual(expected);
});

test('no one of an empty list, everybody but them', async () => {
  const names = async (FILTER: Params) => (await admin.call<Answer['result']>('user.get', { FILTER })).map((row) => row['NAME']);
  expect(await names({ ...P, ID: [] })).toEqual([]);
  expect(await names({ ...P, '!@NAME': [] })).toEqual(['Anna', 'Жанна', 'Otto']);
  expect(await names({ ...P, ACTIVE: [] })).toEqual([]);
});

const OPERATORS = ['', '=', '!', '!=', '@', '!@', '>', '>=', '<', '<='];
const PARTS = ['%', '=%', '%=', '!%', '!=%', '!%='];
const FIELDS: Array<[string, unknown, string[]]> = [
  ...['ID', 'UF_DEPARTMENT'].map((field): [string, unknown, string[]] => [field, 1, [...OPERATORS, ...PARTS]]),
  ...['ACTIVE', 'IS_ONLINE', 'HAS_DEPARTAMENT', 'EXTRANET'].map((field): [string, unknown, string[]] => [field, 'Y', [...OPERATORS, ...PARTS]]),
  ...['DATE_REGISTER', 'LAST_LOGIN', 'LAST_ACTIVITY_DATE', 'TIMESTAMP_X', 'PERSONAL_BIRTHDAY'].map((field): [string, unknown, string[]] => [field, '2024-01-31', OPERATORS]),
];

const SPECIAL = new Map(FIELDS.map(([field, value, operators]) => [field, { value, operators }]));

/** What a field can be asked by. */
function asked(field: string): { value: unknown; operators: string[] } {
  return SPECIAL.get(field) ?? { value: field === 'USER_TYPE' ? 'employee' : 'x', operators: [...OPERATORS, ...PARTS] };
}

async function namedFields(): Promise<string[]> {
  const fields = Object.keys(await admin.call<object>('user.fields'));
  expect(fields.length).toBeGreaterThan(60);
  return fields;
}

test.each([...OPERATORS, ...PARTS])('every field that user.fields names can be asked for by %j', async (operator) => {
  for (const field of [...(await namedFields()), 'NAME_SEARCH', 'HAS_DEPARTAMENT', 'EXTRANET', 'UF_DEPARTMENT_NAME']) {
    const { value, operators } = asked(field);
    if (!operators.includes(operator)) continue;
    for (const wanted of [value, [value, value]]) {
      const { status, body } = await admin.raw('user.get', { FILTER: { [operator + field]: wanted } });
      expect({ key: operator + field, status, text: body.error_description }).toEqual({ key: operator + field, status: 200, text: undefined });
    }
  }
});

test('every field that user.fields names can be sorted by', async () => {
  for (const field of await namedFields()) {
    for (const ORDER of ['ASC', 'desc', { [field.toLowerCase()]: 'ASC' }]) await admin.call('user.get', { SORT: field, ORDER });
  }
});

describe('names that there are not', () => {
  test.each([{ lang: 'en' }, { LANG: 'ru', foo: [1, 2], 'a.b': 'c' }, { bx24_sdk_ver: '1', logTag: 'x' }])('beside FILTER, and without one, are passed over: %j', async (extra) => {
    for (const params of [{ FILTER: P }, P]) expect(await foundBy({ ...params, ...extra })).toEqual(['Anna', 'Жанна', 'Otto']);
  });

  test.each(['lang', 'FOO', '!FOO', '>=LAST_NAM', '', '%', '0', '__proto__', 'constructor', 'FIND'])('inside it are an error that names them: %j', async (key) => {
    for (const [name, way] of Object.entries(WAYS)) {
      if (name !== 'json' && key === '') continue;
      const FILTER = JSON.parse(`{"LAST_NAME":"Probe",${JSON.stringify(key)}:"x"}`) as Params;
      expect(await way('user.get', { FILTER })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: `FILTER[${key}]`, error_description: expect.stringContaining('is no field to filter by') });
    }
  });

  test('with an operator they are meant as conditions, wherever they stand', async () => {
    expect(await admin.fails('user.get', { '!FOO': 1 })).toMatchObject({ error: 'ERROR_ARGUMENT', argument: '!FOO' });
  });

  test.each([[{ FILTER: 'x' }, 'FILTER'], [{ FILTER: ['x'] }, 'FILTER'], [{ FILTER: { USER_TYPE: 'boss' } }, 'FILTER[USER_TYPE]'], [{ FILTER: { ID: 'x' } }, 'FILTER[ID]'],
    [{ FILTER: { '>DATE_REGISTER': 'soon' } }, 'FILTER[>DATE_REGISTER]'], [{ FILTER: { NAME: 'a\0' } }, 'FILTER[NAME]'], [{ SORT: 'FOO' }, 'SORT'], [{ ORDER: { FOO: 'ASC' } }, 'SORT'],
    [{ SORT: 'ID', ORDER: 'UP' }, 'ORDER'], [{ ORDER: { ID: 1 } }, 'ORDER[ID]'], [{ ORDER: ['ID'] }, 'ORDER'], [{ ADMIN_MODE: 'maybe' }, 'ADMIN_MODE'],
    [{ FILTER: { ADMIN_MODE: 'maybe' } }, 'FILTER[ADMIN_MODE]']])('%j: %s', async (params, argument) => {
    expect(await admin.fails('user.get', params)).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
  });
});

describe('order, fields and pages', () => {
  test('ORDER as a map, at the top and in a batch', async () => {
    expect(await foundBy({ FILTER: P, order: { ID: 'DESC' } })).toEqual(['Otto', 'Жанна', 'Anna']);
    expect(await foundBy({ filter: { ...P, '>ID': ids['Anna'] }, order: { ID: 'ASC' }, start: -1 })).toEqual(['Жанна', 'Otto']);
    expect(await foundBy({ FILTER: P, ORDER: { extranet: 'ASC', ACTIVE: 'desc' } }).catch(() => 'no such field')).toEqual(['The value of an argument \'SORT\' names EXTRANET, which is no field to sort by']);
    expect(await foundBy({ FILTER: P, ORDER: { ACTIVE: 'asc', name: 'DESC' } })).toEqual(['Жанна', 'Otto', 'Anna']);
    expect(await foundBy({ FILTER: P, SORT: 'NAME', ORDER: 'DESC' })).toEqual(['Жанна', 'Otto', 'Anna']);
    expect(await foundBy({ FILTER: P, ORDER: 'DESC' })).toEqual(['Anna', 'Жанна', 'Otto']);
  });

  test('SELECT shows what it names, and * and UF_* stand for several', async () => {
    const keys = async (SELECT: unknown) => Object.keys((await admin.call<object[]>('user.get', { ID: ids['Anna'], SELECT }))[0]!).toSorted();
    expect(await keys(['ID', 'name', 'NOTHING'])).toEqual(['ID', 'NAME']);
    expect(await keys(['ID', 'UF_*'])).toEqual(['ID', 'UF_DEPARTMENT', 'UF_PHONE_INNER']);
    for (const one of ['id, name', 'ID,NAME,', { 0: 'ID', 5: ' Name' }]) expect(await keys(one)).toEqual(['ID', 'NAME']);
    for (const all of [undefined, [], ['*'], ['*', 'UF_*']]) expect((await keys(all)).length).toBeGreaterThan(15);
  });

  test('a page is the one in which start lies; START is start', async () => {
    for (let i = 0; i < 60; i++) await portal.addUser(`Page ${i}`, { last_name: 'Paged' });
    const FILTER = { LAST_NAME: 'Paged' };
    for (const [params, first, next] of [[{ start: 10 }, 'Page 0', 50], [{ start: 50 }, 'Page 50', undefined], [{ start: '99' }, 'Page 50', undefined], [{ START: 50 }, 'Page 50', undefined]] as const) {
      const { body } = await admin.raw('user.get', { FILTER, ...params });
      expect({ name: (body.result as Answer['result'])[0]!['NAME'], next: body['next'], total: body['total'] }).toEqual({ name: first, next, total: 60 });
    }
    const { body } = await admin.raw('user.get', { FILTER, start: 1_000_000 });
    expect(body).toMatchObject({ result: [], total: 60 });
  });

  test('a scope can neither ask for nor sort by what it does not show', async () => {
    const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: 1, scopes: ['user_brief'], title: 'test' });
    const brief = clientFor(`${portal.http}/rest/1/${webhook!.code}/`, 1);
    for (const key of ['EMAIL', '%EMAIL', 'PERSONAL_MOBILE', '!LAST_LOGIN']) {
      expect(await brief.fails('user.get', { FILTER: { [key]: 'a' } })).toMatchObject({ argument: `FILTER[${key}]`, text: expect.stringContaining('does not show') });
    }
    expect(await brief.fails('user.get', { SORT: 'EMAIL' })).toMatchObject({ argument: 'SORT' });
    expect(await brief.call('user.get', { FILTER: { ...P, NAME_SEARCH: 'example.org' } })).toEqual([]);
    expect(Object.keys(await brief.call<object>('user.fields'))).not.toContain('EMAIL');
    expect(Object.keys(await admin.call<object>('user.fields'))).toContain('EMAIL');
  });
});

describe('user.search', () => {
  const search = (params: Params) => foundBy(params, 'user.search');

  test('finds how words begin, in one field or with FIND in all', async () => {
    expect(await search({ FILTER: { FIND: 'an' } })).toEqual(['Anna']);
    expect(await search({ FIND: 'жан' })).toEqual(['Жанна']);
    expect(await search({ FILTER: { FIND: 'prob capt' } })).toEqual(['Anna']);
    expect(await search({ FILTER: { FIND: 'нна' } })).toEqual([]);
    expect(await search({ FILTER: { NAME: 'an' } })).toEqual(['Anna']);
    expect(await search({ FILTER: { WORK_POSITION: 'CAP' } })).toEqual(['Anna']);
    expect(await search({ FILTER: { LAST_NAME: 'pro', NAME: 'o' } })).toEqual(['Otto']);
    expect(await search({ FILTER: { '%NAME': 'нна' } })).toEqual(['Жанна']);
    expect(await search({ FILTER: { LAST_NAME: 'probe' }, ORDER: { ID: 'DESC' } })).toEqual(['Otto', 'Жанна', 'Anna']);
  });

  test('FIND does without the fields it looks in; other conditions hold', async () => {
    expect(await search({ FILTER: { FIND: 'prob', NAME: 'nobody' } })).toEqual(['Anna', 'Жанна', 'Otto']);
    expect(await search({ FILTER: { FIND: 'prob', ACTIVE: 'Y', USER_TYPE: 'employee' } })).toEqual(['Anna']);
  });

  test('finds by the department\'s name', async () => {
    const root = (await admin.call<Array<{ NAME: string }>>('department.get', { ID: 1 }))[0]!.NAME;
    const id = await admin.call<number>('user.add', { EMAIL: 'root@example.org', NAME: 'Root', UF_DEPARTMENT: [1] });
    for (const FILTER of [{ UF_DEPARTMENT_NAME: root.slice(0, 4) }, { FIND: `root ${root.slice(0, 4).toUpperCase()}` }]) {
      expect((await admin.call<Answer['result']>('user.search', { FILTER })).map((row) => Number(row.ID))).toEqual([id]);
    }
  });
});

test('an administrator who is a guest sees everybody, with ADMIN_MODE and without; another guest does not', async () => {
  const [guest, other] = [await portal.addUser('Guest admin', { extranet: 1, admin: 1 }), await portal.addUser('Guest', { extranet: 1 })];
  const names = (who: Client, params: Params) => who.call<Answer['result']>('user.get', { FILTER: { NAME: 'Anna' }, ...params });
  for (const params of [{}, { ADMIN_MODE: 'N' }, { ADMIN_MODE: true }]) expect(await names(guest, params)).toHaveLength(1);
  expect(await names(other, { ADMIN_MODE: 'Y' })).toEqual([]);
});
