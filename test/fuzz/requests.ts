/** Requests as nobody would send them: random bytes, and what a hostile reader of the documentation would try. */
import fc from 'fast-check';

export interface FuzzedRequest {
  path: string;
  query: string;
  contentType: string | undefined;
  authorization: string | undefined;
  body: Uint8Array;
}

export interface Targets {
  /** `/rest/{user}/{code}/` of whoever attacks. */
  hook: string;
  /** The same one's access token of an application, where there is one: some methods are for applications only. */
  token?: string;
  methods: readonly string[];
  /** Names of parameters. */
  names: readonly string[];
}

const bytes = (max: number) => fc.uint8Array({ maxLength: max });

/** What breaks careless code: prototypes, encodings, ends of strings, markup, references, numbers at the edge. */
const nasty = fc.constantFrom(
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'length', '__proto__[polluted]', '\0', '%00', '%', '%zz', '%FF', '%C0%AF', '\ud800', '\udfff',
  '\ufeff', '\u2028', "'", '"', '<script>alert(1)</script>', ']]>', '&amp;', '--', '; drop table message', "' or 1=1 --", '../../etc/passwd', '${7*7}', '{{7*7}}',
  '$result[0]', '$result[a][0][ID]', '$result', '$result[', '$result[]', '$error[0]', '$time[0][start]', '$total[__proto__]', '$result[0][constructor][name]', '-1', '0', '1e309',
  '9007199254740993', '-9223372036854775808', 'NaN', 'null', 'undefined', 'true', 'Y', 'N', '', ' ', '+', '[]', '{}', '[[[', 'chat1', 'chat2', 'chat3', 'chat0', 'sg1', '1', '2', '3', '4',
  '2026-02-25T18:30:00+01:00', '9999-99-99', 'im.recent.get', 'batch', 'batch?cmd[]=batch', 'x'.repeat(5000), '[b]'.repeat(500), '\n'.repeat(100), '💥'.repeat(50),
);
const word = fc.oneof({ weight: 4, arbitrary: nasty }, { weight: 2, arbitrary: fc.string({ maxLength: 30 }) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) });

function value(depth: number): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  if (depth === 0) return leaf;
  return fc.oneof({ weight: 5, arbitrary: leaf }, fc.array(value(depth - 1), { maxLength: 6 }), fc.dictionary(word, value(depth - 1), { maxKeys: 6 }));
}

function params(names: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(names, value(3), { maxKeys: 8 });
}

/** Escapes as browsers do, leaves as it is, or escapes twice. */
const escaped = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.nat(3)).map(([raw, times]) => {
    const once = encodeURIComponent(raw.toWellFormed());
    return times === 0 ? raw : times === 3 ? encodeURIComponent(once) : once;
  });

const pair = (names: fc.Arbitrary<string>) =>
  fc.tuple(escaped(names), fc.array(escaped(word), { maxLength: 3 }), escaped(word)).map(([name, keys, text]) => `${name}${keys.map((key) => `[${key}]`).join('')}=${text}`);

const form = (names: fc.Arbitrary<string>) => fc.array(pair(names), { maxLength: 8 }).map((pairs) => pairs.join('&'));

const command = (targets: Targets, names: fc.Arbitrary<string>) =>
  fc.tuple(fc.oneof(fc.constantFrom(...targets.methods), word), form(names)).map(([method, query]) => `${method}?${query}`);

const batch = (targets: Targets, names: fc.Arbitrary<string>) =>
  fc.record({
    cmd: fc.oneof(fc.array(command(targets, names), { maxLength: 8 }), fc.dictionary(word, command(targets, names), { maxKeys: 8 }), value(2)),
    halt: value(1),
  });

/** Bytes whose failing cases are readable. */
const utf8 = (text: string) => Object.assign(Buffer.from(text, 'utf8'), { [fc.toStringMethod]: () => JSON.stringify(text.slice(0, 200)) });

const TYPES = ['application/json', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'multipart/form-data; boundary=b', undefined, 'nonsense', 'text/xml'];

const multipart = (names: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(names, word, fc.boolean()), { maxLength: 5 }).map((parts) => {
    const lines = parts.map(([name, text, file]) => `--b\r\nContent-Disposition: form-data; name="${name}"${file ? '; filename="f"' : ''}\r\n\r\n${text}\r\n`);
    return utf8(`${lines.join('')}--b--\r\n`);
  });

/** A type and a body that suits it, or does not. */
function body(targets: Targets, names: fc.Arbitrary<string>): fc.Arbitrary<[string | undefined, Uint8Array]> {
  const of = (type: string, made: fc.Arbitrary<Uint8Array>) => fc.tuple(fc.oneof({ weight: 6, arbitrary: fc.constant(type) }, fc.constantFrom(...TYPES)), made);
  return fc.oneof(
    { weight: 5, arbitrary: of('application/json', params(names).map((map) => utf8(JSON.stringify(map)))) },
    { weight: 4, arbitrary: of('application/json', batch(targets, names).map((map) => utf8(JSON.stringify(map)))) },
    { weight: 4, arbitrary: of('application/x-www-form-urlencoded', form(names).map(utf8)) },
    { weight: 1, arbitrary: of('multipart/form-data; boundary=b', multipart(names)) },
    { weight: 1, arbitrary: of('application/json', bytes(300)) },
    { weight: 2, arbitrary: fc.constant<[undefined, Uint8Array]>([undefined, new Uint8Array(0)]) },
  );
}

export function fuzzedRequest(targets: Targets): fc.Arbitrary<FuzzedRequest> {
  const names = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...targets.names) }, word);
  const method = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...targets.methods) }, { weight: 3, arbitrary: fc.constant('batch') }, escaped(word));
  const own = targets.token === undefined ? [] : [{ weight: 4, arbitrary: fc.constant(`Bearer ${targets.token}`) }];
  const start = fc.oneof({ weight: 8, arbitrary: fc.constant(targets.hook) }, { weight: own.length * 4, arbitrary: fc.constant('/rest/') }, fc.constantFrom('/rest/', '/rest//', '/rest/1/wrong/', '/', ''), word);
  const path = fc.tuple(start, method, fc.constantFrom('', '', '', '/', '.json', '.xml', '.yaml', '//', '/x')).map((parts) => parts.join(''));
  const authorization = fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, ...own, word, word.map((token) => `Bearer ${token}`));
  return fc.record({ path, query: fc.oneof(fc.constant(''), form(names)), authorization, typed: body(targets, names) }).map(
    ({ typed: [contentType, content], ...rest }) => ({ ...rest, contentType, body: content }),
  );
}

/** Bodies near the limits: deep, wide, long, or full of references. */
export function heavyRequest(targets: Targets): fc.Arbitrary<FuzzedRequest> {
  const size = fc.noBias(fc.integer({ min: 1, max: 2_000_000 }));
  const json = (text: string): [string, Uint8Array] => ['application/json', utf8(text)];
  const plain = (text: string): [undefined, Uint8Array] => [undefined, utf8(text)];
  const bombs = fc.oneof(
    size.map((n) => json(`{"A":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`)),
    size.map((n) => json(`{"A":"${'\\u0041'.repeat(n / 6)}"}`)),
    size.map((n) => json(`{"CMD":[${Array.from({ length: Math.min(n / 20, 9999) }, () => '"x?a=$result[0]"').join(',')}]}`)),
    size.map((n) => json(`{"DIALOG_ID":1,"MESSAGE":"${'[b][i]'.repeat(n / 6)}"}`)),
    size.map((n) => json(`{"DIALOG_ID":1,"MESSAGE":"${'[url='.repeat(n / 5)}"}`)),
    size.map((n) => json(`{"CMD":{"a":"methods?FULL=Y","b":"im.message.add?DIALOG_ID=1&MESSAGE=${'$result[a][0] '.repeat(n / 14)}"}}`)),
    size.map((n) => json(`{"CMD":["im.message.add?DIALOG_ID=1&MESSAGE=${'$result'.repeat(n / 7)}"]}`)),
    size.map((n) => json(`{"CMD":{"a":"im.recent.list?LIMIT=200","b":"im.recent.get",${Array.from({ length: 48 }, (_, i) => `"c${i}":"profile?${`x[]=$result[${['none', 'a', 'b', 'a][items', 'b][0', 'a][items][0][title'][n % 6]}]&`.repeat(Math.min(n / 2000, 990))}"`).join(',')}}}`)),
    size.map((n) => json(`{"CMD":["profile","profile?x=${'$result['.repeat(n / 8)}"]}`)),
    size.map((n) => json(`{"CMD":[${Array.from({ length: 50 }, () => ['"im.recent.get"', '"im.recent.list?LIMIT=200"', '"im.counters.get"'][n % 3]).join(',')}]}`)),
    size.map((n) => json(JSON.stringify({ ID: '['.repeat(n), ATTACH: `[${'{},'.repeat(n / 9)}{}]`, KEYBOARD: `{${'"a":{'.repeat(n / 20)}`, DIALOG_ID: 1, MESSAGE: 'x' }))),
    size.map((n) => json(`{"USERS":[${'1,'.repeat(Math.min(n / 2, 9000))}1],"ID":[${'2,'.repeat(500)}3]}`)),
    size.map((n) => plain(`A${'[x]'.repeat(n / 3)}=1`)),
    size.map((n) => plain('&'.repeat(n))),
    size.map((n) => plain('%41'.repeat(n / 3))),
    size.map((n) => plain(Array.from({ length: Math.min(n / 8, 1000) }, (_, i) => `A[${i}][x][y][z]=1`).join('&'))),
    size.map((n): [string, Uint8Array] => ['multipart/form-data; boundary=b', utf8(`--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n`.repeat(n / 50))]),
    size.map((n): [string, Uint8Array] => ['multipart/form-data; boundary=b', utf8(`--b\r\nContent-Disposition: form-data; name="${'x'.repeat(n)}"`)]),
  );
  const method = fc.constantFrom('batch', 'im.message.add', 'im.chat.add', 'im.user.list.get', 'profile', ...targets.methods);
  return fc.tuple(method, bombs, fc.constantFrom('', '.xml')).map(([name, [contentType, content], suffix]) => ({
    path: `${targets.hook}${name}${suffix}`, query: '', contentType, authorization: undefined, body: content,
  }));
}
