/** What a condition of a filter compares a column with. Several tests are alternatives. */
import type { Test } from '../../db/stores/user-search.ts';
import { type FilterCost, FilterError, type FilterKey, type Mode, piecesOf } from './filter-keys.ts';

/** @throws FilterError */
export function numberTests(cost: FilterCost, { key, mode }: FilterKey, values: readonly string[]): Array<Test<number>> {
  if (isText(mode)) {
    cost.scan(key, values.length);
    return values.map((value) => ({ op: 'like', pieces: mode === 'part' ? partOf(value) : piecesOf(key, value) }));
  }
  const numbers = values.map((value) => integer(key, value));
  if (mode === 'plain' || mode === 'exact') return [{ op: 'in', values: numbers }];
  return numbers.map((value) => ({ op: mode, value }));
}

/** @throws FilterError */
export function textTests(cost: FilterCost, { key, mode }: FilterKey, values: readonly string[]): Array<Test<string>> {
  const tests = comparisons(key, mode, values);
  for (const test of tests) if (test.op !== 'in' || test.values.includes('')) cost.scan(key);
  return tests;
}

function comparisons(key: string, mode: Mode, values: readonly string[]): Array<Test<string>> {
  if (mode === 'exact') return [{ op: 'in', values }];
  if (mode === 'part') return values.map((value) => ({ op: 'like', pieces: partOf(value) }));
  if (mode !== 'plain' && mode !== 'pattern') return values.map((value) => ({ op: mode, value }));
  const plain = values.filter((value) => !value.includes('%'));
  const patterns = values.filter((value) => value.includes('%')).map((value): Test<string> => ({ op: 'like', pieces: piecesOf(key, value) }));
  return plain.length > 0 || patterns.length === 0 ? [{ op: 'in', values: plain }, ...patterns] : patterns;
}

/** Pieces that find a text anywhere in another. */
function partOf(text: string): string[] {
  return ['', text.replaceAll('%', ''), ''];
}

export function isText(mode: Mode): mode is 'part' | 'pattern' {
  return mode === 'part' || mode === 'pattern';
}

/** Nothing is less than every number. */
function integer(key: string, value: string): number {
  const text = value.trim();
  if (text === '') return -1;
  if (!/^-?\d{1,15}$/.test(text)) throw new FilterError(key, 'must be an integer');
  return Number(text);
}
