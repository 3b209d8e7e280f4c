/** A parameter has no value while a statement is compiled, so nothing may be computed of it then. */
import { SqliteQueryCompiler } from 'kysely';
import { expect, test } from 'vitest';
import { type Builder, makeBuilder, statement } from '../../src/db/statement.ts';

interface Params {
  n: number;
  text: string;
  list: number[];
}

const COMPUTING: ReadonlyArray<readonly [string, (p: Params) => unknown]> = [
  ['a sum', (p) => p.n + 1],
  ['a difference', (p) => p.n - 1],
  ['a product', (p) => 2 * p.n],
  ['a comparison', (p) => p.n > 1],
  ['a sign', (p) => -p.n],
  ['a template', (p) => `${p.text}%`],
  ['a concatenation', (p) => `%${p.text}`],
  ['String()', (p) => String(p.text)],
  ['Number()', (p) => Number(p.n)],
  ['Math.max', (p) => Math.max(p.n, 1)],
  ['JSON', (p) => JSON.stringify({ n: p.n })],
  ['a date', (p) => new Date(p.n)],
  ['loose equality', (p) => (p.n as unknown) == '1'],
  ['joining', (p) => [p.n, p.text].join(',')],
  ['spreading a list', (p) => [...p.list]],
  ['a property', (p) => p.text.length],
  ['a method', (p) => p.text.toLowerCase()],
];

const compile = (build: (q: Builder, p: Params) => unknown) =>
  statement((q: Builder, p: Params) => q.selectFrom('user').select('id').where('id', '=', build(q, p) as number)).prepare(makeBuilder(new SqliteQueryCompiler()));

test.each(COMPUTING)('%s of a parameter does not compile', (_name, compute) => {
  expect(() => compile((_q, p) => compute(p))).toThrow();
});

test('the parameter itself does', () => {
  expect(compile((_q, p) => p.n).sql).toBe('select "id" from "user" where "id" = ?');
});
