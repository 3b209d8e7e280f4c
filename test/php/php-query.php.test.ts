import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parsePhpQuery } from '../../src/rest/php-query.ts';
import { RequestError } from '../../src/rest/request-error.ts';
import type { Value } from '../../src/rest/values.ts';

/** One base64 query per line in, one JSON text per line out; `false` when a string is not UTF-8. */
const SCRIPT = `
while (($line = fgets(STDIN)) !== false) {
  $result = [];
  parse_str(base64_decode($line), $result);
  echo json_encode((object) $result, JSON_UNESCAPED_UNICODE) ?: 'false', "\\n";
}`;

/** What PHP makes of each query. `-n` keeps the machine's php.ini out of it. */
function php(queries: string[]): Value[] {
  const input = queries.map((query) => `${Buffer.from(query).toString('base64')}\n`).join('');
  const run = spawnSync('php', ['-n', '-r', SCRIPT], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.error) {
    throw new Error('This lane compares with real PHP: install it (apt-get install php-cli)', { cause: run.error });
  }
  expect(run.stderr).toBe('');
  const lines = run.stdout.split('\n').slice(0, -1);
  expect(lines).toHaveLength(queries.length);
  return lines.map((line) => JSON.parse(line));
}

/** Text with sorted keys: integer keys come in another order in JavaScript, and `__proto__` has to show. */
function canonical(value: Value): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

function ours(query: string): string {
  try {
    return canonical(parsePhpQuery(Buffer.from(query)));
  } catch (error) {
    if (error instanceof RequestError) return error.code;
    throw error;
  }
}

const key = fc.constantFrom(
  'a', 'b', '0', '1', '2', '7', '01', '-1', '-0', '1e3', '+1', '%2B1', '', ' ', ' x', 'x ', '.', 'x.y', '%20', '%0A', '%00',
  '[', '%5D', '__proto__', 'é', '🌊',
  '9223372036854775806', '9223372036854775807', '9223372036854775808', '-9223372036854775808',
);
const top = fc.constantFrom('a', 'b', 'a.b', 'a b', ' a', '0', '1', '__proto__');
const name = fc.tuple(top, fc.array(key, { maxLength: 4 }))
  .map(([first, keys]) => first + keys.map((part) => `[${part}]`).join(''));
const value = fc.constantFrom('', '1', 'x+y', '%D0%96', '%', '%4', '%zz', '%41', '=', '[a]', '%00', ';', 'é', '%26');
const pair = fc.tuple(name, value).map((sides) => sides.join('='));
const ordinary = fc.array(pair, { maxLength: 8 }).map((pairs) => pairs.join('&'));

const token = fc.constantFrom(
  'a', 'b', '0', '1', '9', '-', '[', ']', '[]', '[a]', '[0]', '[', ']', '&', '&', '=', '=', '%', '+', '.', ' ', '\t', '\v',
  ';', '_', '#', '?', '%20', '%00', '%5B', '%5D', '%5b', '%2e', '%3D', '%26', '%C3%A9', '%', '4', '__proto__', 'é',
);
const garbled = fc.array(token, { maxLength: 24 }).map((tokens) => tokens.join(''));

const seed = Number(process.env['FC_SEED'] ?? Date.now());

it.each([['ordinary', ordinary], ['garbled', garbled]])('agrees with PHP on %s queries', (_title, arbitrary) => {
  const queries = fc.sample(arbitrary, { numRuns: 2000, seed });
  const expected = php(queries);
  const compared = queries.map((query, at) => ({ query, php: canonical(expected[at] ?? null), ours: ours(query) }));
  const readable = compared.filter((row) => row.ours !== 'WRONG_ENCODING');
  expect(readable.length).toBeGreaterThan(1000);
  expect(readable.filter((row) => row.ours !== row.php), `FC_SEED=${seed}`).toEqual([]);
});
