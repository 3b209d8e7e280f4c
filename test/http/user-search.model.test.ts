/** user.get against a naive filter over random people: what the store finds is what a plain reading of the conditions finds. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertUser, type NewUser } from '../../src/db/stores/user-store.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inSmallPieces } from '../support/small-pieces.ts';

const PEOPLE = 130;
const ONLINE_MS = 15 * 60_000;
const START = Date.UTC(2024, 0, 1);

interface Person {
  id: number;
  row: Omit<NewUser, 'id'>;
}

let portal: TestServer;
let people: Person[];
/** Members of each chat. */
const groups: number[][] = [];
/** Those who ask, and whom they may see. */
let viewers: Array<{ client: Client; sees(person: Person): boolean }>;

const letter = fc.constantFrom('a', 'A', 'b', 'Б', 'б', 'Ё', 'ё', 'ß', 'Ö', 'ö', 'Σ', 'ς', ' ', '_', '%', '\\', '1', '-', '’', '東', '｡', '😀');
const word = fc.array(letter, { maxLength: 4 }).map((letters) => letters.join('').trim());
const someone = fc.record({
  first_name: word, last_name: word, work_position: word, second: word, city: word, inner: fc.constantFrom('', '1', '12', '21'),
  active: fc.constantFrom<0 | 1>(0, 1), extranet: fc.constantFrom<0 | 1>(0, 0, 1), auth: fc.constantFrom('', '', '', 'email', 'bot', 'imconnector', 'socservices'),
  departments: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), created: fc.integer({ min: 0, max: 4000 }), active_ago: fc.constantFrom(-1, 60_000, 2 * ONLINE_MS),
  birthday: fc.constantFrom('', '15-05', '29-02', '01-12'),
});

beforeAll(async () => {
  // A page further down takes several looks at everybody.
  portal = await startTestServer({}, { store: inSmallPieces });
  const sample = fc.sample(someone, { numRuns: PEOPLE, seed: 42 });
  people = [];
  const now = portal.clock.now();
  await portal.server.context.db.write(async (s) => {
    for (const [i, one] of sample.entries()) {
      const row = {
        ...blankUser(START + one.created), first_name: one.first_name, last_name: one.last_name, work_position: one.work_position,
        email: i % 3 === 0 ? '' : `P${i}@Example.org`, active: one.active, extranet: one.extranet, external_auth_id: one.auth,
        phones: JSON.stringify(one.inner ? { inner_phone: one.inner } : {}), departments: JSON.stringify(one.departments),
        profile: JSON.stringify({ SECOND_NAME: one.second, PERSONAL_CITY: one.city }), birthday: one.birthday,
        last_activity_at: one.active_ago < 0 ? 0 : now - one.active_ago,
      };
      people.push({ id: await insertUser(s, row), row });
    }
    await s.query((q) => q.updateTable('user').set({ external_auth_id: 'bot' }).where('id', '=', 1));
  });
  viewers = [{ client: portal.admin, sees: () => true }, await addViewer({ extranet: 1 }, 3), await addViewer({ extranet: 0 }, 5)];
});

/** Somebody in a group chat with every nth. */
async function addViewer({ extranet }: { extranet: 0 | 1 }, nth: number): Promise<(typeof viewers)[number]> {
  const fields = { first_name: 'Vi', extranet, last_activity_at: portal.clock.now() };
  const client = await portal.addUser('Vi', fields);
  people.push({ id: client.userId, row: { ...blankUser(portal.clock.now()), ...fields } });
  const group = [client.userId, ...people.filter(({ row }, i) => row.active === 1 && i % nth === 0).map(({ id }) => id)];
  await portal.admin.call('im.chat.add', { USERS: group });
  groups.push(group);
  const met = (id: number) => groups.some((members) => members.includes(client.userId) && members.includes(id));
  return { client, sees: ({ id, row }) => id === client.userId || met(id) || (extranet === 0 && row.extranet === 0) };
}

afterAll(() => portal[Symbol.asyncDispose]());

const TEXTS: Record<string, (row: Person['row']) => string> = {
  NAME: (row) => row.first_name, LAST_NAME: (row) => row.last_name, WORK_POSITION: (row) => row.work_position, EMAIL: (row) => row.email,
  SECOND_NAME: (row) => (JSON.parse(row.profile) as { SECOND_NAME?: string }).SECOND_NAME ?? '',
  PERSONAL_CITY: (row) => (JSON.parse(row.profile) as { PERSONAL_CITY?: string }).PERSONAL_CITY ?? '',
  UF_PHONE_INNER: (row) => (JSON.parse(row.phones) as { inner_phone?: string }).inner_phone ?? '',
};
const lower = (text: string) => [...text.normalize('NFC').toLowerCase()].map((c) => (c === 'ς' ? 'σ' : c)).join('');

/** Texts by their code points. */
const inOrder = (a: string | number, b: string | number) => (typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a - Number(b));

function like(text: string, pattern: string): boolean {
  const source = pattern.split('%').map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*');
  return new RegExp(`^${source}$`, 'u').test(text);
}

/** One operator without its negation. */
function holds(operator: string, actual: string, wanted: string): boolean {
  const [a, w] = [lower(actual), lower(wanted)];
  const order = inOrder(a, w);
  switch (operator) {
    case '%': return a.includes(w.replaceAll('%', ''));
    case '=%': case '%=': return like(a, w);
    case '': return w.includes('%') ? like(a, w) : a === w;
    case '>': return order > 0;
    case '>=': return order >= 0;
    case '<': return order < 0;
    case '<=': return order <= 0;
    default: return a === w;
  }
}

const BARE: Record<string, string> = { '!': '', '!=': '=', '!@': '@', '!%': '%', '!=%': '=%', '!%=': '%=' };

interface Asked {
  key: string;
  value: unknown;
  is(person: Person): boolean;
}

const negatable = (operator: string, is: (bare: string, person: Person) => boolean) => (person: Person) =>
  operator in BARE ? !is(BARE[operator]!, person) : is(operator, person);

const operators = fc.constantFrom('', '=', '@', '%', '=%', '%=', '>', '>=', '<', '<=', '!', '!=', '!@', '!%', '!=%', '!%=');
const wantedText = fc.oneof(word, fc.integer({ min: 0, max: PEOPLE - 1 }).chain((i) => fc.constantFrom(...Object.keys(TEXTS)).map((field) => TEXTS[field]!(people[i]!.row))));
const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { maxLength: 2 }));
const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : [value]);

const textCondition = (): fc.Arbitrary<Asked> => fc.tuple(fc.constantFrom(...Object.keys(TEXTS)), operators, oneOrMore(wantedText)).map(([field, operator, value]) => ({
  key: operator + field, value, is: negatable(operator, (bare, { row }) => list(value).some((wanted) => holds(bare, TEXTS[field]!(row), String(wanted)))),
}));

const compareNumbers = (bare: string, a: number, w: number) => (bare === '>' ? a > w : bare === '>=' ? a >= w : bare === '<' ? a < w : bare === '<=' ? a <= w : a === w);
const numeric = fc.constantFrom('', '=', '@', '>', '>=', '<', '<=', '!', '!=', '!@');

const idCondition = (): fc.Arbitrary<Asked> => fc.tuple(numeric, oneOrMore(fc.integer({ min: 0, max: PEOPLE + 5 }))).map(([operator, value]) => ({
  key: `${operator}ID`, value, is: negatable(operator, (bare, { id }) => list(value).some((wanted) => compareNumbers(bare, id, Number(wanted)))),
}));

const departmentCondition = (): fc.Arbitrary<Asked> => fc.tuple(numeric, oneOrMore(fc.integer({ min: 1, max: 5 }))).map(([operator, value]) => ({
  key: `${operator}UF_DEPARTMENT`, value,
  is: negatable(operator, (bare, { row }) => list(value).some((wanted) => (JSON.parse(row.departments) as number[]).some((d) => compareNumbers(bare, d, Number(wanted))))),
}));

const dateCondition = (): fc.Arbitrary<Asked> => fc.tuple(numeric, fc.integer({ min: 0, max: 4000 })).map(([operator, offset]) => ({
  key: `${operator}DATE_REGISTER`, value: new Date(START + offset).toISOString(),
  is: negatable(operator, (bare, { row }) => compareNumbers(bare, Math.floor(row.created_at / 1000), Math.floor((START + offset) / 1000))),
}));

const FLAGS: Record<string, (row: Person['row']) => boolean> = {
  ACTIVE: (row) => row.active === 1, EXTRANET: (row) => row.extranet === 1, HAS_DEPARTAMENT: (row) => row.departments !== '[]',
  IS_ONLINE: (row) => row.last_activity_at > START,
};
const flagWord = fc.constantFrom<[unknown, boolean]>(['Y', true], ['y', true], ['1', true], [1, true], [true, true], ['True', true], ['TRUE', true], ['N', false], ['n', false], ['0', false], [0, false], [false, false], ['False', false]);
const flagCondition = (): fc.Arbitrary<Asked> => fc.tuple(fc.constantFrom(...Object.keys(FLAGS)), fc.constantFrom('', '=', '@', '!', '!=', '!@'), fc.array(flagWord, { minLength: 1, maxLength: 2 })).map(([field, operator, words]) => ({
  key: operator + field, value: words.map(([word]) => word),
  is: negatable(operator, (_bare, { row }) => {
    const actual = field === 'IS_ONLINE' ? row.last_activity_at > portal.clock.now() - ONLINE_MS : FLAGS[field]!(row);
    return words.some(([, wanted]) => wanted === actual);
  }),
}));

const searchCondition = (): fc.Arbitrary<Asked> => fc.tuple(fc.constantFrom('', '!'), word).map(([operator, value]) => {
  const words = (text: string) => lower(text).split(/[\s\p{P}]+/u).filter((part) => part !== '');
  const wanted = words(value);
  return {
    key: `${operator}NAME_SEARCH`, value,
    is: wanted.length === 0 ? () => true : negatable(operator, (_bare, { row }) => {
      const named = ['NAME', 'LAST_NAME', 'SECOND_NAME', 'WORK_POSITION'].flatMap((field) => words(TEXTS[field]!(row)));
      return wanted.every((part) => named.some((name) => name.includes(part)) || lower(row.email).includes(part));
    }),
  };
});

const SORTS: Record<string, (person: Person) => string | number> = {
  ...Object.fromEntries(Object.entries(TEXTS).map(([field, of]) => [field, ({ row }: Person) => lower(of(row))])),
  ID: ({ id }) => id, ACTIVE: ({ row }) => row.active, DATE_REGISTER: ({ row }) => row.created_at,
  PERSONAL_BIRTHDAY: ({ row }) => row.birthday.split('-').toReversed().join('-'),
  UF_DEPARTMENT: ({ row }) => (row.departments === '[]' ? 0 : Math.min(...(JSON.parse(row.departments) as number[]))),
};
const order = fc.uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(SORTS)), fc.boolean()), { selector: ([field]) => field, maxLength: 3 });

function expected(conditions: readonly Asked[], keys: ReadonlyArray<readonly [string, boolean]>): number[] {
  const found = people.filter((person) => !['bot', 'imconnector', 'network', 'email'].includes(person.row.external_auth_id) && conditions.every(({ is }) => is(person)));
  return found.toSorted((a, b) => {
    for (const [field, descending] of keys) {
      const order = inOrder(SORTS[field]!(a), SORTS[field]!(b));
      if (order !== 0) return descending ? -order : order;
    }
    return a.id - b.id;
  }).map(({ id }) => id);
}

test('finds, counts and sorts as a plain reading does', async () => {
  const condition = fc.oneof(textCondition(), textCondition(), idCondition(), departmentCondition(), dateCondition(), flagCondition(), searchCondition());
  const conditions = fc.uniqueArray(condition, { selector: ({ key }) => key, maxLength: 3 });
  await fc.assert(fc.asyncProperty(conditions, order, fc.constantFrom(0, 50, 100, -1), fc.nat({ max: 2 }), async (asked, keys, start, who) => {
    const { client, sees } = viewers[who]!;
    const FILTER = Object.fromEntries(asked.map(({ key, value }) => [key, value]));
    const ORDER = Object.fromEntries(keys.map(([field, descending]) => [field, descending ? 'DESC' : 'ASC']));
    const { status, body } = await client.raw('user.get', { FILTER, ORDER, start });
    if (status === 400 && /more than (8 parts|5 signs)/.test(body.error_description ?? '')) return;
    expect({ status, error: body.error_description }).toEqual({ status: 200, error: undefined });
    const all = expected([...asked, { key: 'seen', value: '', is: sees }], keys);
    const from = Math.max(start, 0);
    expect((body.result as Array<{ ID: string }>).map(({ ID }) => Number(ID))).toEqual(all.slice(from, from + 50));
    expect(body['total']).toBe(start < 0 ? 0 : all.length);
    expect(body['next']).toBe(start >= 0 && from + 50 < all.length ? from + 50 : undefined);
  }), { numRuns: 400 });
}, 180_000);

test('pages by id give everybody once, as the lists of the official clients ask for them', async () => {
  for (const page of [(after: number) => ({ filter: { '>ID': after }, order: { ID: 'ASC' }, start: -1 }), (after: number) => ({ FILTER: { '>ID': String(after) }, 'order[ID]': 'x', ORDER: { ID: 'asc' }, start: '-1' })]) {
    const seen: number[] = [];
    for (let rows: Array<{ ID: string }> = [{ ID: '0' }]; rows.length > 0; seen.push(...rows.map(({ ID }) => Number(ID)))) {
      rows = await portal.admin.call('user.get', page(seen.at(-1) ?? 0));
    }
    expect(seen).toEqual(expected([], []));
  }
});

test.each([['>', 1], ['>=', 0], ['<', -1], ['<=', 0]])('ids that are %s one', async (operator, step) => {
  const all = expected([], []);
  for (const id of all.slice(0, 40)) {
    const found = await portal.admin.call<Array<{ ID: string }>>('user.get', { FILTER: { [`${operator}ID`]: id - step, '@ACTIVE': ['Y', 'N'] }, ORDER: { ID: step < 0 || operator === '<=' ? 'DESC' : 'ASC' }, start: -1 });
    expect(Number(found[0]!.ID)).toBe(id);
  }
});

test('of users who are named, those are shown whom the viewer may see', async () => {
  for (const { client, sees } of viewers) {
    const shown = Object.values(await client.call<Record<string, { id: number } | null>>('im.user.list.get', { ID: people.map(({ id }) => id) }));
    expect(shown.flatMap((user) => user?.id ?? [])).toEqual(people.filter(sees).map(({ id }) => id));
  }
});
