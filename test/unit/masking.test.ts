/** What is written down of calls: no secret, wherever it stands, and no more than may be. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedJson } from '../../src/rest/masking.ts';
import { runs } from '../support/runs.ts';

const SECRET = 'Zq7xW9kLmN3pRt';
const NAMES = ['auth', 'access_token', 'REFRESH_TOKEN', 'password', 'client_secret', 'ap', 'code', 'sessid', 'Authorization', 'PASSWORD', 'apiKey', 'application_token', 'signature', 'auth_code'];
const TEXTS = [
  `https://portal.example/rest/12/${SECRET}/im.message.add`, `see https://user:${SECRET}@host.example/x`, `im.message.add?MESSAGE=x&auth=${SECRET}`, `https://x.example/?access_token=${SECRET}&a=1`,
  `Bearer ${SECRET}`, `https://portal.example/sign-in/?link=${SECRET}`, `/cb?code=${SECRET}`, `data:image/png;base64,${SECRET}`, SECRET.repeat(8),
];

const within = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({ node: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 8 }), tie('node'), { maxKeys: 3 })) })).node;

test('no secret by its name or by how it is written, at any depth', () => {
  const named = fc.tuple(fc.constantFrom(...NAMES), fc.oneof(fc.constant(SECRET), fc.constant([SECRET]), fc.constant({ x: SECRET }))).map(([name, value]) => ({ [name]: value }));
  fc.assert(fc.property(within(fc.oneof(named, fc.constantFrom(...TEXTS))), (value) => !maskedJson({ value }).includes(SECRET)), { numRuns: runs(2000) });
});

test('what is no secret is shown as it is', () => {
  const params = { DIALOG_ID: 'chat7', MESSAGE: 'Hello, world: 1 = 1? yes & no', LIMIT: 20, USERS: [1, 2], NOTHING: null, FLAG: true };
  expect(maskedJson(params)).toBe(JSON.stringify(params));
});

test('however much is given, little is kept', () => {
  fc.assert(fc.property(fc.object({ maxDepth: 8, maxKeys: 40 }), (params) => maskedJson(params).length <= 2001), { numRuns: runs(300) });
  const large = { TEXT: 'x y '.repeat(500_000), MANY: Array.from({ length: 100_000 }, (_, i) => `item ${i}`), KEYS: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])) };
  const text = maskedJson(large);
  expect(text.length).toBeLessThanOrEqual(2001);
  expect(text).toContain('(2000000 characters)');
});
