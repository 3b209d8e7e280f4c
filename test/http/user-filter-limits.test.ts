/** What each condition counts for, to the last one that is allowed; and what only shows at the edge of a limit or an index. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Params = Record<string, unknown>;

let portal: TestServer;
let admin: Client;
let brief: Client;

beforeAll(async () => {
  portal = await startTestServer();
  admin = portal.admin;
  const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: 1, scopes: ['user_brief'], title: 'test' });
  brief = clientFor(`${portal.http}/rest/1/${webhook!.code}/`, 1);
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Parts, patterns and ranges of text that a call may have. */
const MOST = 8;
const FIELDS = ['TITLE', 'XML_ID', 'UF_SKILLS', 'UF_INTERESTS', 'PERSONAL_COUNTRY', 'PERSONAL_CITY', 'PERSONAL_STATE', 'WORK_CITY', 'WORK_STATE'];
const fillers = (count: number): Params => Object.fromEntries(FIELDS.slice(0, count).map((field) => [`>${field}`, 'x']));

const COSTS: Array<[Params, number, Params?]> = [
  [{ '%NAME': 'a' }, 1], [{ '!%NAME': ['a', 'b'] }, 2], [{ NAME: 'a%' }, 1], [{ '=%NAME': ['a', 'b%'] }, 1], [{ '<=NAME': 'a' }, 1], [{ NAME: 'a' }, 0],
  [{ NAME: ['', 'a'] }, 1], [{ NAME: '' }, 1], [{ '%ID': [1, 2] }, 2], [{ '%=ID': '1%' }, 1], [{ '>ID': 1, ID: [1, 2] }, 0], [{ '%UF_DEPARTMENT': 1 }, 1],
  [{ DATE_REGISTER: '2024-01-31' }, 1], [{ '>LAST_ACTIVITY_DATE': ['2024-01-31', '2025-01-31'] }, 2], [{ PERSONAL_BIRTHDAY: ['2001-05-15', ''] }, 2],
  [{ NAME_SEARCH: 'a' }, 1], [{ NAME_SEARCH: ['a', 'b c'] }, 3], [{ '%UF_DEPARTMENT_NAME': 'a' }, 1], [{ ACTIVE: 'Y', IS_ONLINE: 'N', USER_TYPE: 'employee', UF_DEPARTMENT: 1 }, 0],
  [{}, 3, { ORDER: { NAME: 'ASC' } }], [{}, 6, { ORDER: { UF_DEPARTMENT: 'ASC', PERSONAL_BIRTHDAY: 'DESC', ID: 'ASC' } }], [{}, 0, { ORDER: { ID: 'ASC', DATE_REGISTER: 'ASC', ACTIVE: 'ASC' } }],
];
const SEARCHES: Array<[Params, number]> = [[{ FIND: 'a' }, 1], [{ FIND: ['a', 'b c'] }, 3], [{ NAME: 'a' }, 2], [{ LAST_NAME: ['a', 'b'] }, 4], [{ '=NAME': 'a' }, 0], [{ PERSONAL_CITY: 'x' }, 0]];

describe('what a condition counts for', () => {
  async function expectCost(who: Client, method: string, filter: Params, cost: number, params: Params = {}): Promise<void> {
    const call = (more: number) => who.raw(method, { FILTER: { ...filter, ...fillers(MOST - cost + more) }, ...params });
    expect((await call(0)).body).toMatchObject({ result: expect.any(Array) });
    expect((await call(1)).body).toMatchObject({ error: 'ERROR_ARGUMENT', error_description: expect.stringContaining(`more than ${MOST} parts, patterns and ranges`) });
  }

  // The scope of the caller shows no address, in which NAME_SEARCH would look too.
  test.each(COSTS)('user.get %j: %i', (filter, cost, params) => expectCost(brief, 'user.get', filter, cost, params));
  test('an address is looked through as well where it is shown', () => expectCost(admin, 'user.get', { NAME_SEARCH: 'a b' }, 4));
  test.each(SEARCHES)('user.search %j: %i', (filter, cost) => expectCost(brief, 'user.search', filter, cost));
});

const OPERATORS = ['', '=', '@', '!', '!=', '!@', '>', '>=', '<', '<='];
const thirty = Object.fromEntries(['ID', 'UF_DEPARTMENT', 'ACTIVE'].flatMap((field) => OPERATORS.map((operator) => [operator + field, '1'])));
const EDGES: Array<[what: string, allowed: Params, tooMuch: Params]> = [
  ['conditions', thirty, { ...thirty, EXTRANET: 'Y' }],
  ['values', { ID: Array(499).fill(1) as number[], ACTIVE: 'Y' }, { ID: Array(500).fill(1) as number[], ACTIVE: 'Y' }],
  ['characters', { NAME: 'x'.repeat(255) }, { NAME: 'x'.repeat(256) }],
  ['signs', { '=%NAME': 'a%b%c%d%e%' }, { '=%NAME': 'a%b%c%d%e%f%' }],
  ['digits', { ID: ['9'.repeat(15), '-1'] }, { ID: '9'.repeat(16) }],
];

test.each(EDGES)('the last that is allowed, and one more: %s', async (_what, allowed, tooMuch) => {
  expect((await admin.raw('user.get', { FILTER: allowed })).body).toMatchObject({ result: expect.any(Array) });
  expect(await admin.fails('user.get', { FILTER: tooMuch })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT' });
});

test('texts that begin alike for longer than the index reaches are told apart, and found', async () => {
  const begin = `${'🌊'.repeat(60)}${'ё'.repeat(60)}`;
  const add = (name: string, PERSONAL_CITY: string) => admin.call<number>('user.add', { EMAIL: `${name}@example.org`, NAME: name, PERSONAL_CITY });
  const [one, two] = [await add('one', `${begin} 1`), await add('two', `${begin} 2`)];
  const found = async (FILTER: Params) => (await admin.call<Array<{ ID: string }>>('user.get', { FILTER })).map(({ ID }) => Number(ID));
  expect(await found({ PERSONAL_CITY: `${begin} 1` })).toEqual([one]);
  expect(await found({ PERSONAL_CITY: [`${begin.toUpperCase()} 2`, 'nowhere'] })).toEqual([two]);
  expect(await found({ PERSONAL_CITY: begin })).toEqual([]);
  expect(await found({ '>ID': 1, '!PERSONAL_CITY': `${begin} 1` })).toEqual([two]);
});
