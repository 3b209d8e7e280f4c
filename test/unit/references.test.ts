/** References of a batch against a naive reading of their rules. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Earlier, ReferenceBudget, resolveReferences as resolve, type Root } from '../../src/rest/batch/references.ts';
import type { Value, ValueMap } from '../../src/rest/values.ts';

const resolveReferences = (params: ValueMap, before: Earlier) => resolve(params, before, new ReferenceBudget());

type Left = Record<Root, Record<string, Value>>;

function earlier(left: Left): Earlier {
  return { of: (root, key) => (Object.hasOwn(left[root], key) ? left[root][key] : undefined), all: (root) => left[root] };
}

/** What a token stands for; undefined when it is none. */
function meaning(token: string, left: Left): Value | undefined {
  const found = /^\$(\w+)\[[^\]]*\]/.exec(token);
  if (!found || !['result', 'error', 'total', 'next', 'time'].includes(found[1]!.toLowerCase())) return undefined;
  if (!(found[1]! in left)) return null;
  let reached: Value = left[found[1] as Root];
  for (const part of token.split('[').slice(1)) {
    const close = part.indexOf(']');
    if (close < 0) continue;
    const key = part.slice(0, close);
    if (typeof reached !== 'object' || reached === null || !Object.hasOwn(reached, key)) break;
    reached = (reached as ValueMap)[key]!;
  }
  return reached;
}

function naive(text: string, left: Left): Value {
  if (!/\s/.test(text) && text.startsWith('$')) {
    const whole = meaning(text, left);
    if (whole !== undefined) return whole;
  }
  return text.replace(/\$(result|error|total|next|time)\[[^\]\s]*\]\S*/gi, (token) => {
    const found = meaning(token, left);
    return typeof found === 'string' || typeof found === 'number' ? String(found) : token;
  });
}

const key = fc.constantFrom('a', 'b', '0', '1', '__proto__', 'x y', '');
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}));
const root = fc.constantFrom('result', 'error', 'total', 'next', 'time', 'Result', 'nothing');
const token = fc.tuple(root, fc.array(fc.constantFrom('[a]', '[b]', '[0]', '[1]', '[]', '[', ']', 'x', '[constructor]', '[__proto__]'), { maxLength: 4 })).map(([name, path]) => `$${name}${path.join('')}`);
const text = fc.array(fc.oneof({ weight: 3, arbitrary: token }, fc.constantFrom(' ', 'word', '\n', '$', ',')), { maxLength: 5 }).map((parts) => parts.join(''));
const left = fc.record({ result: fc.dictionary(key, value), error: fc.dictionary(key, value), total: fc.dictionary(key, fc.nat()), next: fc.constant({}), time: fc.constant({}) });

test('any text, anywhere in the parameters', () => {
  fc.assert(
    fc.property(text, left, (given, before) => {
      const resolved = resolveReferences({ plain: given, deep: { list: [given, 5, null] } }, earlier(before as Left));
      const expected = naive(given, before as Left);
      expect(JSON.stringify(resolved)).toBe(JSON.stringify({ plain: expected, deep: { list: [expected, 5, null] } }));
    }),
    { numRuns: 2000 },
  );
});

test('too many references, and too long a text, are refused', () => {
  const before: Left = { result: { a: 'x'.repeat(10_000) }, error: {}, total: {}, next: {}, time: {} };
  const many = (count: number) => () => resolveReferences({ text: '$result[a] '.repeat(count) }, earlier(before));
  expect(many(200)).not.toThrow();
  expect(many(300)).toThrow('more than a batch may');
  expect(() => resolveReferences({ text: '$result[b] '.repeat(1001) }, earlier(before))).toThrow('more than 1000 references');
});
