/**
 * What values look like, without the values: their kinds, the items of lists, the fields of records. Shapes of several values merge into that of
 * all of them, in whatever order.
 */
import type { Kind, Known } from './known.ts';

export interface Shape {
  readonly kinds: ReadonlySet<Kind>;
  /** Of the lists' items; undefined where there were none. */
  readonly items: Shape | undefined;
  /** Of the records, by the form that they have. */
  readonly forms: ReadonlyMap<string, Fields>;
}

export type Fields = ReadonlyMap<string, Field>;

export interface Field {
  readonly shape: Shape;
  /** Whether every record has it. */
  readonly always: boolean;
}

/** Of no value at all: merged with another shape it gives that shape. */
export const NOTHING: Shape = { kinds: new Set(), items: undefined, forms: new Map() };

/** @param known what is declared of the value; within what is open nothing is looked at */
export function shapeOf(value: unknown, known: Known): Shape {
  const kind = kindOf(value, known);
  const shape = { ...NOTHING, kinds: new Set([kind]) };
  if (known.open || typeof value !== 'object' || value === null) return shape;
  if (!Array.isArray(value)) return { ...shape, forms: formsOf(value, known) };
  const within = known.items();
  return value.length === 0 ? shape : { ...shape, items: mergeAll(value.map((item) => shapeOf(item, within))) };
}

function kindOf(value: unknown, known: Known): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'list';
  if (typeof value === 'string') return known.kindOfText(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

function formsOf(record: object, known: Known): Shape['forms'] {
  const form = known.formOf(Object.keys(record));
  const named = Object.entries(record).map(([key, value]) => [form.nameOf(key), value] as const);
  const fields = Map.groupBy(named, ([name]) => name);
  const shapes = [...fields].map(([name, values]): [string, Field] => {
    const within = form.field(name);
    return [name, { shape: mergeAll(values.map(([, value]) => shapeOf(value, within))), always: name !== '*' }];
  });
  return new Map([[form.label, new Map(shapes)]]);
}

export function mergeAll(shapes: Iterable<Shape>): Shape {
  let all = NOTHING;
  for (const shape of shapes) all = merge(all, shape);
  return all;
}

export function merge(a: Shape, b: Shape): Shape {
  const items = a.items && b.items ? merge(a.items, b.items) : (a.items ?? b.items);
  return { kinds: new Set([...a.kinds, ...b.kinds]), items, forms: mergeMaps(a.forms, b.forms, mergeFields, (fields) => fields) };
}

function mergeFields(a: Fields, b: Fields): Fields {
  const both = (one: Field, other: Field): Field => ({ shape: merge(one.shape, other.shape), always: one.always && other.always });
  return mergeMaps(a, b, both, ({ shape }) => ({ shape, always: false }));
}

function mergeMaps<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, both: (a: T, b: T) => T, one: (value: T) => T): Map<string, T> {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return new Map(names.map((name) => {
    const [mine, other] = [a.get(name), b.get(name)];
    return [name, mine !== undefined && other !== undefined ? both(mine, other) : one((mine ?? other)!)];
  }));
}
