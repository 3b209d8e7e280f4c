/** Holds the table of methods to the registry, to the tests and to the page made of it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { systemErrors } from '../../src/rest/system-errors.ts';
import { areas } from './departures.ts';
import { matrix } from './matrix.ts';
import { COMPATIBILITY_PAGE, compatibilityPage } from './print.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const registered = methods.map((method) => method.name);
const working = matrix.filter((row) => row.status !== 'planned');

test('the table has every registered method, each once', () => {
  const names = matrix.map((row) => row.method);
  expect(registered.filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('what is done or partial is registered, what is planned is not', () => {
  expect(working.map((row) => row.method).filter((name) => !registered.includes(name))).toEqual([]);
  const early = matrix.filter((row) => row.status === 'planned' && registered.includes(row.method));
  expect(early.map((row) => row.method)).toEqual([]);
});

test('what is partial or planned says what is missing', () => {
  const silent = matrix.filter((row) => row.status !== 'done' && !row.note?.trim());
  expect(silent.map((row) => row.method)).toEqual([]);
});

/** A test file and what it calls through: the helpers it imports. */
function sourceOf(path: string): string {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const helpers = [...text.matchAll(/from '(\.\.\/(?:support|compat)\/[\w-]+\.ts)'/g)].map((match) => join(ROOT, dirname(path), match[1]!));
  return [text, ...helpers.map((helper) => readFileSync(helper, 'utf8'))].join('\n');
}

describe('the tests', () => {
  test.each(working)('of $method are there and call it', ({ method, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const path of tests) {
      expect({ path, exists: existsSync(join(ROOT, path)) }).toEqual({ path, exists: true });
      expect({ path, calls: sourceOf(path).includes(method) }).toEqual({ path, calls: true });
    }
  });
});

test('methods are named by the page that documents them', () => {
  for (const { method, source } of matrix) expect(source === 'ours').toBe(method.startsWith('tidemark.'));
});

test('every departure says what, what instead and why, once', () => {
  const all = areas.flatMap((area) => area.departures);
  for (const text of all.flatMap(({ they, we, why }) => [they, we, why])) expect(text).toMatch(/^[^\n]{5,}[.:]$/);
  expect(new Set(all.map(({ we, they }) => `${they} ${we}`)).size).toBe(all.length);
});

test('docs/compatibility.md is up to date: node test/compat/print.ts', () => {
  expect(readFileSync(COMPATIBILITY_PAGE, 'utf8')).toBe(compatibilityPage());
});

test('docs/errors.md has every error of the system with its status', () => {
  const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8');
  for (const { code, status } of Object.values(systemErrors)) {
    if (status === 503 && code === 'INTERNAL_SERVER_ERROR') continue;
    expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\|[^|]*\\b${status}\\b`, 'm'));
  }
});
