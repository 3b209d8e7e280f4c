/** department.get: the demo company's structure, and that of an empty portal. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertDepartment } from '../../src/db/stores/department-store.ts';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Department {
  ID: string;
  NAME: string;
  SORT: number;
  PARENT?: string;
  UF_HEAD?: string;
}

let demo: TestServer;
let empty: TestServer;

beforeAll(async () => {
  [demo, empty] = await Promise.all([startTestServer({ empty: false }), startTestServer()]);
});
afterAll(async () => {
  await Promise.all([demo[Symbol.asyncDispose](), empty[Symbol.asyncDispose]()]);
});

const get = (params: Record<string, unknown> = {}) => demo.admin.call<Department[]>('department.get', params);
const names = async (params: Record<string, unknown>) => (await get(params)).map(({ NAME }) => NAME);

test('an empty portal has its root', async () => {
  expect((await empty.admin.raw('department.get')).body).toMatchObject({ result: [{ ID: '1', NAME: 'Tidemark', SORT: 500 }], total: 1 });
  expect(await empty.admin.call('department.get', { PARENT: 1 })).toEqual([]);
});

test('the demo company is a tree in which everybody has a place', async () => {
  const all = await get();
  const known = new Set(all.map(({ ID }) => ID));
  expect(all.filter(({ PARENT }) => PARENT === undefined)).toEqual([{ ID: '1', NAME: 'Saltmarsh Instruments', SORT: 500, UF_HEAD: '1' }]);
  for (const { PARENT = '1', UF_HEAD } of all) {
    expect(known).toContain(PARENT);
    expect(await demo.admin.call('user.get', { ID: UF_HEAD })).toHaveLength(1);
  }
  for (const user of await demo.admin.call<Array<{ UF_DEPARTMENT: number[] }>>('user.get', { USER_TYPE: 'employee' })) {
    expect(user.UF_DEPARTMENT.map(String).filter((id) => !known.has(id))).toEqual([]);
  }
  const engineers = await demo.admin.call<Array<{ WORK_DEPARTMENT: string }>>('user.search', { UF_DEPARTMENT_NAME: 'engin' });
  expect(engineers.map((user) => user.WORK_DEPARTMENT)).toEqual(['Engineering', 'Engineering', 'Engineering']);
});

describe('filters and order', () => {
  const CASES: Array<[Record<string, unknown>, string[]]> = [
    [{ ID: 3 }, ['Product']], [{ id: ['3', '5'] }, ['Product', 'Support']], [{ NAME: 'PRODUCT' }, ['Product']], [{ NAME: 'Prod' }, []], [{ NAME: 'Prod%' }, ['Product']],
    [{ PARENT: 3 }, ['Engineering', 'Support']], [{ PARENT: 3, sort: 'NAME', order: 'DESC' }, ['Support', 'Engineering']], [{ UF_HEAD: 1, ORDER: { ID: 'DESC' } }, ['Management', 'Saltmarsh Instruments']],
    [{ SORT: 200 }, ['Product']], [{ sort: 'NAME', SORT: '200' }, ['Product']], [{ PARENT: 0 }, ['Saltmarsh Instruments']], [{ '!PARENT': 2, SORT: 'ID', ORDER: 'asc' }, ['Saltmarsh Instruments', 'Management', 'Engineering', 'Support']],
    [{ filter: { '>ID': 5 }, order: { ID: 'ASC' }, start: -1 }, ['Sales and marketing', 'Finance and logistics']], [{ FILTER: { '%NAME': 'MARK' }, lang: 'en' }, ['Sales and marketing']],
  ];

  test.each(CASES)('%j', async (params, expected) => expect(await names(params)).toEqual(expected));

  test.each([[{ ID: 'x' }, 'ID'], [{ FILTER: { FOO: 1 } }, 'FILTER[FOO]'], [{ SORT: 'FOO' }, 'SORT'], [{ SORT: 'ID', ORDER: 'UP' }, 'ORDER'], [{ FILTER: 'x' }, 'FILTER'],
    [{ ID: Array.from({ length: 501 }, () => 1) }, 'ID'], [{ NAME: 'x'.repeat(256) }, 'NAME']])('%j is an error that names %s', async (params, argument) => {
    expect(await demo.admin.fails('department.get', params)).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument });
  });
});

test('pages of 50 with the total', async () => {
  await empty.server.context.db.write(async (s) => {
    for (let i = 0; i < 119; i++) await insertDepartment(s, { name: `Отдел ${i}`, sort: 500, parent_id: 1, head_id: 0, created_at: 0 });
  });
  const seen: string[] = [];
  for (const [start, next] of [[0, 50], [50, 100], [100, undefined]] as const) {
    const { body } = await empty.admin.raw('department.get', { start });
    expect({ total: body['total'], next: body['next'] }).toEqual({ total: 120, next });
    seen.push(...(body.result as Department[]).map(({ ID }) => ID));
  }
  expect(new Set(seen).size).toBe(120);
  expect(await empty.admin.call<Department[]>('department.get', { NAME: 'отдел 7' })).toMatchObject([{ NAME: 'Отдел 7', PARENT: '1' }]);
});

test('needs its scope; guests see none', async () => {
  const webhook = await addWebhook(empty.server.context.db, empty.clock, { userId: 1, scopes: ['user', 'im'], title: 'test' });
  expect(await clientFor(`${empty.http}/rest/1/${webhook!.code}/`, 1).fails('department.get')).toMatchObject({ status: 401, error: 'insufficient_scope' });
  const guest = await empty.addUser('Guest', { extranet: 1 });
  expect((await guest.raw('department.get')).body).toMatchObject({ result: [], total: 0 });
});
