/** Shapes of answers: what they keep of values, how they merge, and what is found different between two. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareShapes } from '../../src/compare/differences.ts';
import { Known } from '../../src/compare/known.ts';
import { mergeAll, merge, NOTHING, type Shape, shapeOf } from '../../src/compare/shape.ts';
import type { JsonSchema } from '../../src/reference/json-schema.ts';
import { runs } from '../support/runs.ts';

/** A schema, and values as it declares them. */
interface Kind {
  schema: JsonSchema;
  value: fc.Arbitrary<unknown>;
}

/** Texts and keys that are like no word of a declaration: whatever is said of values, none of them may be in it. */
const secret = fc.stringMatching(/^[a-z]{1,5}[0-9]{5}[a-z]{0,5}$/);
const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((day) => `${day.toISOString().slice(0, 19)}+02:00`);
const leaves: readonly Kind[] = [
  { schema: { type: 'integer' }, value: fc.integer() },
  { schema: { type: 'number' }, value: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { schema: { type: 'boolean' }, value: fc.boolean() },
  { schema: { type: 'string' }, value: fc.oneof(secret, fc.constant(''), fc.integer().map(String)) },
  { schema: { type: 'string', format: 'date-time' }, value: date },
  { schema: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'boolean', const: false }] }, value: fc.oneof(date, fc.constant(false)) },
  { schema: { type: ['integer', 'null'] }, value: fc.option(fc.integer()) },
  { schema: { type: 'string', enum: ['user', 'chat'] }, value: fc.constantFrom('user', 'chat') },
];

const NAMES = ['id', 'chat_id', 'owner', 'title', 'TYPE', 'dateCreate', 'counter', 'ENTITY_DATA_1'];
const record = (fields: Record<string, Kind>, optional: readonly string[]): Kind => {
  const required = Object.keys(fields).filter((name) => !optional.includes(name));
  const schema = { type: 'object', properties: Object.fromEntries(Object.entries(fields).map(([name, { schema: one }]) => [name, one])), required };
  return { schema, value: fc.record(Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])), { requiredKeys: required }) };
};
const map = ({ schema, value }: Kind): Kind => ({
  schema: { anyOf: [{ type: 'array', maxItems: 0 }, { type: 'object', additionalProperties: schema }] },
  value: fc.dictionary(secret, value, { maxKeys: 3 }).map((found) => (Object.keys(found).length === 0 ? [] : found)),
});
const list = ({ schema, value }: Kind): Kind => ({ schema: { type: 'array', items: schema }, value: fc.array(value, { maxLength: 3 }) });

const { kind, aRecord } = fc.letrec<{ kind: Kind; aRecord: Kind; leaf: Kind }>((tie) => ({
  leaf: fc.constantFrom(...leaves),
  aRecord: fc.tuple(fc.dictionary(fc.constantFrom(...NAMES), tie('kind'), { minKeys: 1, maxKeys: 4 }), fc.subarray(NAMES, { maxLength: 2 })).map(([fields, optional]) => record(fields, optional)),
  kind: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('aRecord'), tie('kind').map(map), tie('kind').map(list)),
}));

const knownOf = (schema: JsonSchema) => Known.of(schema, { named: {}, fields: new Set() });
const shapeOfAll = (values: readonly unknown[], known: Known) => mergeAll(values.map((value) => shapeOf(value, known)));
const some = ({ value }: Kind) => fc.array(value, { minLength: 1, maxLength: 4 });
/** Values of the declared kind, and others. */
const drawn = kind.chain((one) => fc.record({ known: fc.constant(knownOf(one.schema)), values: fc.array(fc.oneof(one.value, fc.jsonValue()), { minLength: 3, maxLength: 6 }) }));

describe('merging', () => {
  test('is in no order, groups as it likes, and once is enough', () => {
    fc.assert(fc.property(drawn, ({ known, values }) => {
      const [a, b, c] = values.map((value) => shapeOf(value, known)) as [Shape, Shape, Shape];
      expect(merge(a, b)).toEqual(merge(b, a));
      expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      const all = merge(a, merge(b, c));
      expect(merge(all, all)).toEqual(all);
      expect(merge(all, NOTHING)).toEqual(all);
    }), { numRuns: runs(300) });
  });

  test('adds nothing for a value that it was made of, and for one that looks otherwise it does', () => {
    fc.assert(fc.property(drawn, fc.nat(), ({ known, values }, at) => {
      const all = shapeOfAll(values, known);
      expect(merge(all, shapeOf(values[at % values.length], known))).toEqual(all);
    }), { numRuns: runs(300) });
    const known = knownOf({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] });
    for (const other of [{}, { id: '5' }, { id: 5, x: 1 }, null, []]) expect(merge(shapeOf({ id: 5 }, known), shapeOf(other, known))).not.toEqual(shapeOf({ id: 6 }, known));
  });
});

describe('two portals', () => {
  test('that answer as declared are the same, whatever they have', () => {
    fc.assert(fc.property(kind.chain((one) => fc.record({ one: fc.constant(one), here: some(one), there: some(one) })), ({ one, here, there }) => {
      const known = knownOf(one.schema);
      expect(compareShapes(shapeOfAll(here, known), shapeOfAll(there, known), known).differences).toEqual([]);
    }), { numRuns: runs(500) });
  });

  /** The ways through required fields, of which the last is changed. */
  const ways = (schema: JsonSchema): string[][] => (schema.required ?? []).flatMap((name) => [[name], ...ways(schema.properties![name]!).map((way) => [name, ...way])]);
  /** A value at the end of the way is replaced; `undefined` takes the field away. */
  const planted = (value: unknown, [name, ...way]: readonly string[], change: (old: unknown) => Record<string, unknown>): unknown => {
    const { [name!]: old, ...rest } = value as Record<string, unknown>;
    return { ...rest, ...(way.length === 0 ? change(old) : { [name!]: planted(old, way, change) }) };
  };
  const ALIEN = [{ x: 1 }, ['x'], true, 5, 'text', null, 'a\nb'];
  const schemaAt = (schema: JsonSchema, way: readonly string[]) => way.reduce((found, name) => found.properties![name]!, schema);

  const CHANGES: Record<string, (last: string, alien: unknown) => (old: unknown) => Record<string, unknown>> = {
    'a field that is gone': () => () => ({}),
    'a field of another name': () => (old) => ({ renamed: old }),
    'a field more': (last) => (old) => ({ [last]: old, added: 1 }),
    'a value of another kind': (last, alien) => () => ({ [last]: alien }),
  };

  test.each(Object.keys(CHANGES))('%s is found, at its place', (what) => {
    const scene = aRecord.filter(({ schema }) => ways(schema).length > 0).chain((one) => fc.record({ one: fc.constant(one), here: some(one), there: some(one), which: fc.nat() }));
    fc.assert(fc.property(scene, fc.constantFrom(...ALIEN), ({ one, here, there, which }, alien) => {
      const known = knownOf(one.schema);
      const way = ways(one.schema)[which % ways(one.schema).length]!;
      const declared = knownOf(schemaAt(one.schema, way));
      fc.pre(what !== 'a value of another kind' || [...shapeOf(alien, declared).kinds].some((found) => !declared.admits(found)));
      const changed = there.map((value) => planted(value, way, CHANGES[what]!(way.at(-1)!, alien)));
      const { differences } = compareShapes(shapeOfAll(here, known), shapeOfAll(changed, known), known);
      const path = { 'a field of another name': 'renamed', 'a field more': 'added' }[what];
      const expected = [...way.slice(0, -1), path ?? way.at(-1)!].join('.');
      expect(differences.map((one) => one.path)).toContain(expected);
    }), { numRuns: runs(200) });
  });

  test('nothing that they have is in what is said of them', () => {
    const scene = fc.record({ declared: kind, here: kind.chain(some), there: kind.chain(some), keys: fc.dictionary(secret, secret) });
    fc.assert(fc.property(scene, ({ declared, here, there, keys }) => {
      const known = knownOf({ type: 'object', properties: { one: declared.schema }, required: ['one'] });
      const [mine, others] = [here, there].map((values) => shapeOfAll(values.map((one) => ({ one, ...keys })), known)) as [Shape, Shape];
      expect(JSON.stringify([compareShapes(mine, others, known), compareShapes(mine, NOTHING, known), compareShapes(shapeOf({}, known), others, known)])).not.toMatch(/\d{3}/);
    }), { numRuns: runs(200) });
  });
});

describe('places', () => {
  const user = { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id', 'name'] };
  const email = { type: 'object', properties: { ...user.properties, email: { type: 'string' } }, required: ['id', 'name', 'email'] };
  const none = { type: 'object', properties: { id: { const: 0 } }, required: ['id'] };
  const ofUsers = { type: 'object', additionalProperties: user };
  const bag = { type: 'object', additionalProperties: {} };
  const mute = { anyOf: [{ type: 'array', maxItems: 0 }, { type: 'object', additionalProperties: { const: true } }] };

  test.each<[string, JsonSchema, unknown[], unknown[], string[], string[]]>([
    ['ids are no names', ofUsers, [{ 7: { id: 7, name: 'Anna' } }], [{ 8: { id: '8', name: 'Boris' } }], ['*.id: integer | number in quotes'], []],
    ['rows of two forms', { type: 'array', items: { anyOf: [user, none] } }, [[{ id: 1, name: 'A' }, { id: 0 }]], [[{ id: 1 }, { id: 2, name: 'B' }]], [], []],
    ['a form without its field', { anyOf: [none, email] }, [{ id: 1, name: 'A', email: '' }], [{ id: 1, email: '' }], ['name: text | missing'], []],
    ['an empty list and an empty map', mute, [[]], [{}], [': [] | object'], []],
    ['an empty list and a map', mute, [[]], [{ 5: true }], [], [': [] | object']],
    ['an empty list where there is a record', user, [{ id: 1, name: '' }], [[]], [': object | []'], []],
    ['an empty list and a full one', { type: 'array', items: user }, [[]], [[{ id: '1' }]], [], [': [] | list']],
    ['a date of another form', { type: 'string' }, ['2026-01-31T10:00:00+03:00'], ['31.01.2026 10:00:00'], [': date | text'], []],
    ['an unset date', { type: 'string' }, ['2026-01-31T10:00:00+03:00'], [''], [], []],
    ['a word that is not declared', { type: 'string', enum: ['user', 'chat'] }, ['user'], ['bot'], [': text | text like none declared'], []],
    ['a number that is an id in quotes', { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^chat\\d+$' }] }, [5, 'chat5'], ['5', 'chat5'], [': integer or text | text or text like none declared'], []],
    ['parts of which anything is known', bag, [{ ATTACH: [1], FILE_ID: [1] }], [{ ATTACH: { a: 1 }, LIKE: [] }], ['ATTACH: list | object'], ['FILE_ID: list | missing', 'LIKE: missing | []']],
    ['a field that the owners of a portal made', user, [{ id: 1, name: '' }], [{ id: 1, name: '', UF_SALARY: '1' }], ['UF_*: missing | number in quotes'], []],
    ['a key that is no name', user, [{ id: 1, name: '' }], [{ id: 1, name: '', 'anna@example.org': 1, k3y0f1: 2 }], ['*: missing | integer'], []],
  ])('%s', (_what, schema, here, there, differences, incomparable) => {
    const known = knownOf(schema);
    const found = compareShapes(shapeOfAll(here, known), shapeOfAll(there, known), known);
    const lines = (places: typeof found.differences) => places.map((one) => `${one.path}: ${one.here} | ${one.there}`);
    expect({ differences: lines(found.differences), incomparable: lines(found.incomparable) }).toEqual({ differences, incomparable });
  });
});
