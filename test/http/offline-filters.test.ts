/** event.offline.list finds what a naive look through the queue finds, in the same order, whatever is asked for. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SECOND = 1000;
const START = Date.parse('2026-02-25T18:30:00Z');
const EVENTS = ['ONIMV2MESSAGEADD', 'ONIMV2MESSAGEUPDATE', 'ONUSERADD'];
const MESSAGE_IDS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
const PROCESSES = ['', 'p'.repeat(32), 'q'.repeat(32)];

let portal: TestServer;
let app: TestApp;
let robot: Client;
let rows: Array<Record<Field, number | string>>;

type Field = 'ID' | 'TIMESTAMP_X' | 'EVENT_NAME' | 'MESSAGE_ID' | 'PROCESS_ID' | 'ERROR';

beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal);
  robot = await app.as(portal.admin);
  const { db } = portal.server.context;
  const of = <T>(list: readonly T[], index: number) => list[index % list.length]!;
  const values = Array.from({ length: 40 }, (_, i) => ({
    app_id: app.id, connector: '', event: of(EVENTS, i * 7), message_id: of(MESSAGE_IDS, i * 3), data: '{}', user_id: 0, process_id: of(PROCESSES, i * 5 + (i >> 2)),
    error: (i % 4 === 1 ? 1 : 0) as 0 | 1, updated_at: START + (i * 37 % 11) * SECOND + i,
  }));
  await db.write((s) => s.query((q) => q.insertInto('offline_event').values(values)));
  const stored = await db.read((s) => s.query((q) => q.selectFrom('offline_event').selectAll().orderBy('id')));
  rows = stored.map((row) => ({
    ID: row.id, TIMESTAMP_X: Math.floor(row.updated_at / SECOND), EVENT_NAME: row.event, MESSAGE_ID: row.message_id, PROCESS_ID: row.process_id, ERROR: row.error,
  }));
});
afterAll(() => portal[Symbol.asyncDispose]());

const OPERATORS: Record<string, (a: number | string, b: number | string) => boolean> = {
  '': (a, b) => a === b, '=': (a, b) => a === b, '@': (a, b) => a === b, '!': (a, b) => a !== b, '!=': (a, b) => a !== b, '!@': (a, b) => a !== b,
  '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b,
};
const VALUES: Record<Field, fc.Arbitrary<number | string>> = {
  ID: fc.integer({ min: 0, max: 45 }),
  TIMESTAMP_X: fc.integer({ min: START / SECOND - 1, max: START / SECOND + 12 }),
  EVENT_NAME: fc.constantFrom(...EVENTS), MESSAGE_ID: fc.constantFrom(...MESSAGE_IDS), PROCESS_ID: fc.constantFrom(...PROCESSES), ERROR: fc.constantFrom(0, 1),
};
const field = fc.constantFrom(...(Object.keys(VALUES) as Field[]));
const condition = fc.tuple(field, fc.constantFrom(...Object.keys(OPERATORS))).chain(([name, operator]) =>
  fc.array(VALUES[name], { minLength: 1, maxLength: 3 }).map((values) => ({ name, operator, values })),
);
const order = fc.dictionary(field, fc.constantFrom('ASC', 'desc'), { maxKeys: 2 });

/** Of several values one is enough; of those that are excluded none may be there. */
function holds(row: Record<Field, number | string>, { name, operator, values }: { name: Field; operator: string; values: Array<number | string> }): boolean {
  const truths = values.map((value) => OPERATORS[operator]!(row[name], value));
  return operator.startsWith('!') ? truths.every(Boolean) : truths.some(Boolean);
}

function sorted(found: typeof rows, by: Record<string, string>): typeof rows {
  const keys = Object.entries(by).map(([name, direction]) => [name as Field, direction.toUpperCase() === 'ASC' ? 1 : -1] as const);
  const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);
  const precise = (row: (typeof rows)[number], name: Field) => (name === 'TIMESTAMP_X' ? momentOf.get(row)! : row[name]);
  const momentOf = new Map(rows.map((row, i) => [row, Number(row.TIMESTAMP_X) * SECOND + i]));
  return found.toSorted((a, b) => {
    for (const [name, sign] of keys) if (compare(precise(a, name), precise(b, name)) !== 0) return sign * compare(precise(a, name), precise(b, name));
    return Number(a.ID) - Number(b.ID);
  });
}

test('any conditions and orders', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(condition, { maxLength: 3 }), order, async (conditions, ORDER) => {
      const given = new Map(conditions.map((one) => [`${one.operator}${one.name}`, one]));
      const shown = (name: Field, value: number | string) => (name === 'TIMESTAMP_X' ? new Date(Number(value) * SECOND).toISOString() : value);
      const FILTER = Object.fromEntries([...given].map(([key, { name, values }]) => [key, values.map((value) => shown(name, value))]));
      const found = await robot.call<Array<{ ID: string }>>('event.offline.list', { FILTER, ORDER });
      const expected = sorted(rows.filter((row) => [...given.values()].every((one) => holds(row, one))), ORDER);
      expect(found.map(({ ID }) => Number(ID))).toEqual(expected.map(({ ID }) => ID));
    }),
    { numRuns: runs(300) },
  );
});
