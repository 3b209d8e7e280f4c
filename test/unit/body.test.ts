import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeParams, parseBody } from '../../src/rest/body.ts';
import { RequestError, bodyTooLarge } from '../../src/rest/request-error.ts';
import type { Value, ValueMap } from '../../src/rest/values.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=B';

async function parse(type: string | undefined, body: string | Uint8Array): Promise<ValueMap> {
  return parseBody(type, typeof body === 'string' ? Buffer.from(body) : body);
}

async function json(type: string | undefined, body: string | Uint8Array): Promise<string> {
  return JSON.stringify(await parse(type, body));
}

async function errorOf(result: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await result.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof RequestError) return error;
  throw new Error('not a RequestError', { cause: error });
}

/** A multipart body of parts given as [content-disposition parameters, content]. */
function multipart(...parts: [label: string, content: string | Uint8Array][]): Uint8Array {
  const chunks = parts.flatMap(([label, content]) => [
    Buffer.from(`--B\r\nContent-Disposition: form-data; ${label}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from('--B--\r\n')]);
}

describe('parseBody: choice of format', () => {
  it.each([
    [JSON_TYPE, '{"a":1}', '{"a":1}'],
    ['Application/JSON ; charset=windows-1251', '{"a":"Ж"}', '{"a":"Ж"}'],
    ['application/vnd.x+json', 'a=1', '{"a":"1"}'],
    [FORM, 'a[b]=1', '{"a":{"b":"1"}}'],
    ['text/plain;charset=UTF-8', 'a=1', '{"a":"1"}'],
    [undefined, 'a=1', '{"a":"1"}'],
    ['', 'a=1', '{"a":"1"}'],
    ['Multipart/Form-Data; boundary="B"', multipart(['name="a"', '1']), '{"a":"1"}'],
  ])('%s', async (type, body, result) => expect(await json(type, body)).toBe(result));

  it.each([JSON_TYPE, FORM, 'multipart/form-data', undefined])('takes an empty body: %s', async (type) => {
    expect(await json(type, '')).toBe('{}');
  });
});

describe('parseBody: JSON', () => {
  it.each([
    ['{"a":[1,2.5,true,null,"x",{}],"b":{"c":[]}}', '{"a":[1,2.5,true,null,"x",{}],"b":{"c":[]}}'],
    ['{"a.b c[d":1,"a":1,"a":2}', '{"a.b c[d":1,"a":2}'],
    ['["x",{"a":1}]', '{"0":"x","1":{"a":1}}'],
    ['[]', '{}'],
    ['{}', '{}'],
    [' \n{ } ', '{}'],
    ['null', '{}'],
    ['"text"', '{}'],
    ['12', '{}'],
    ['{"a":"\\ud83c\\udf0a"}', '{"a":"🌊"}'],
    ['{"a":"[{,\\"[\\\\"}', '{"a":"[{,\\"[\\\\"}'],
    ['{"__proto__":{"x":1},"a":{"__proto__":{"x":1},"constructor":1}}',
      '{"__proto__":{"x":1},"a":{"__proto__":{"x":1},"constructor":1}}'],
  ])('%s', async (body, result) => {
    const parsed = await parse(JSON_TYPE, body);
    expect(JSON.stringify(parsed)).toBe(result);
    checkPlain(parsed);
  });

  it.each([
    ['{', 'it ends too early'],
    ['{"secret":', 'it ends too early'],
    ['{"a":"secret', 'it ends too early'],
    [' ', 'it ends too early'],
    ['{"secret"}', 'unexpected character at position 9'],
    ['{"a":1}secret', 'unexpected character at position 7'],
    ['{"a":"\t"}', 'unexpected character at position 6'],
    ['secret', 'unexpected character'],
    ['[1,]', 'unexpected character'],
  ])('refuses %j without repeating it', async (body, detail) => {
    const error = await errorOf(parse(JSON_TYPE, body));
    expect(error).toMatchObject({ status: 400, code: 'INVALID_JSON' });
    expect(error.message).toBe(`Request body is not valid JSON: ${detail}`);
  });

  it.each([
    ['{"a":"\\ud800"}', 'a'],
    ['{"a":[{"b":"x\\udc00y"}]}', 'a'],
    ['{"a":{"b\\ud800":1}}', 'a'],
    ['{"a\\ud800":1}', 'a\ufffd'],
    ['["ok","\\ud800"]', '1'],
  ])('refuses lone surrogates: %s', async (body, argument) => {
    const error = await errorOf(parse(JSON_TYPE, body));
    expect(error).toMatchObject({ status: 400, code: 'WRONG_ENCODING', argument });
    expect(error.message).toBe(`Wrong request encoding: parameter '${argument}' is not valid UTF-8`);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const error = await errorOf(parse(JSON_TYPE, Buffer.from('{"a":"\xff"}', 'latin1')));
    expect(error).toMatchObject({ status: 400, code: 'WRONG_ENCODING' });
    expect(error.argument).toBe(undefined);
  });

  it('takes 64 levels and not one more', async () => {
    expect(await json(JSON_TYPE, `${'['.repeat(64)}${']'.repeat(64)}`)).toContain('"0":');
    for (const open of ['[', '{"a":', '[ ']) {
      const error = await errorOf(parse(JSON_TYPE, open.repeat(65)));
      expect(error).toMatchObject({ status: 400, code: 'PARAMETERS_TOO_DEEP' });
    }
  });

  it.each(['1', '[]', '[ ]', '{"a":1,"b":2}', '"a,b"'])('takes 10 000 values and not one more: %s', async (item) => {
    const perItem = item.startsWith('{"') ? 3 : 1;
    const items = (count: number): string => `[${Array(count).fill(item).join(', ')}]`;
    const most = Math.floor(10_000 / perItem);
    expect(Object.keys(await parse(JSON_TYPE, items(most)))).toHaveLength(most);
    const error = await errorOf(parse(JSON_TYPE, items(most + 1)));
    expect(error).toMatchObject({ status: 400, code: 'TOO_MANY_PARAMETERS' });
  });

  it('is JSON.parse for every other object', async () => {
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
      const text = JSON.stringify(value);
      expect(await json(JSON_TYPE, text)).toBe(JSON.stringify(JSON.parse(text)));
    }));
  });
});

describe('parseBody: what stands in texts of JSON', () => {
  it('is neither a value nor a level, whatever quotes and backslashes are before it', async () => {
    const letters = fc.array(fc.constantFrom('"', '\\', ',', '[', '{', 'x'), { maxLength: 12 }).map((all) => all.join(''));
    await fc.assert(fc.asyncProperty(letters, letters, async (a, b) => {
      const value = { a: a.repeat(2000), [b]: [b.repeat(2000)] };
      expect(await json(JSON_TYPE, JSON.stringify(value))).toBe(JSON.stringify(value));
    }));
  });
});

describe('parseBody: multipart', () => {
  it.each([
    [multipart(), '{}'],
    [multipart(['name="a"', '1'], ['name="b"', '']), '{"a":"1","b":""}'],
    [multipart(['name="a[]"', '1'], ['name="a[]"', '2']), '{"a":["1","2"]}'],
    [multipart(['name="a.b[c d]"', 'x+%41=&y']), '{"a_b":{"c d":"x+%41=&y"}}'],
    [multipart(['name="Ж"', '🌊\r\n--X']), '{"Ж":"🌊\\r\\n--X"}'],
    [multipart(['name="\ufffd"', '\ufffd']), '{"\ufffd":"\ufffd"}'],
    [multipart(['name="__proto__[x]"', '1']), '{"__proto__":{"x":"1"}}'],
    [multipart(['filename="x"', '1'], ['x=y', '1']), '{}'],
    [multipart(['name="f"; filename="a.bin"', Buffer.from([0, 0xff, 0x80])]), '{"f":["a.bin","AP+A"]}'],
    [multipart(['name="f[]"; filename="c:\\\\Ж.txt"', 'x']), '{"f":[["Ж.txt","eA=="]]}'],
    [multipart(['name="f"; filename=""', '']), '{}'],
  ])('case %#', async (body, result) => {
    const parsed = await parse(MULTIPART, body);
    expect(JSON.stringify(parsed)).toBe(result);
    checkPlain(parsed);
  });

  it('ignores the type and charset of a part, as PHP does', async () => {
    const type = 'Content-Type: application/octet-stream; charset=utf-16le';
    const body = multipart([`name="a"\r\n${type}`, 'Ж']);
    expect(await json(MULTIPART, body)).toBe('{"a":"Ж"}');
  });

  it('reads what fetch sends', async () => {
    const form = new FormData();
    form.append('ID[0]', '5');
    form.append('FILE', new Blob([Buffer.alloc(300_000, 7)]), 'a "b".bin');
    const response = new Response(form);
    const body = new Uint8Array(await response.arrayBuffer());
    const parsed = await parse(response.headers.get('content-type') ?? '', body);
    expect(parsed).toEqual({ ID: ['5'], FILE: [expect.any(String), Buffer.alloc(300_000, 7).toString('base64')] });
  });

  it.each([
    ['multipart/form-data', multipart(['name="a"', '1'])],
    [MULTIPART, 'a=1'],
    [MULTIPART, '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
    [MULTIPART, '--B\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n1'],
    [MULTIPART, '--B\r\nContent-Disp'],
  ])('refuses a broken body: %s %#', async (type, body) => {
    expect(await errorOf(parse(type, body))).toMatchObject({ status: 400, code: 'INVALID_MULTIPART' });
  });

  it.each([
    ['name="a[b]"', 'a'],
    ['name="a\xff"', 'a\ufffd'],
    ['name="f"; filename="\xff"', 'f'],
  ])('refuses bytes that are not UTF-8: %s', async (label, argument) => {
    const body = Buffer.from(`--B\r\nContent-Disposition: form-data; ${label}\r\n\r\n\xff\r\n--B--`, 'latin1');
    expect(await errorOf(parse(MULTIPART, body))).toMatchObject({ code: 'WRONG_ENCODING', argument });
  });

  it('has the limits of a form', async () => {
    const parts = (count: number): Uint8Array => multipart(...Array<[string, string]>(count).fill(['name="a[]"', 'x']));
    expect((await parse(MULTIPART, parts(1000)))['a']).toHaveLength(1000);
    expect(await errorOf(parse(MULTIPART, parts(1001)))).toMatchObject({ status: 400, code: 'TOO_MANY_PARAMETERS' });
    expect(await errorOf(parse(MULTIPART, parts(100_000)))).toMatchObject({ status: 400, code: 'TOO_MANY_PARAMETERS' });
    const deep = multipart([`name="a${'[]'.repeat(65)}"`, 'x']);
    expect(await errorOf(parse(MULTIPART, deep))).toMatchObject({ status: 400, code: 'PARAMETERS_TOO_DEEP' });
  });
});

describe('parseBody: hostile input', () => {
  const token = fc.constantFrom(
    '--B', '\r\n', '\r\n\r\n', '--', '\r', '\n', 'A: b', '\0', '"', '\\', ';', 'y'.repeat(20_000),
    'Content-Disposition: form-data; name="a[b]"', 'Content-Disposition: form-data; name="a"; filename="f"',
    'Content-Disposition: form-data; name*=utf-8\'\'%ff',
    '{', '}', '[', ']', ',', ':', '"a"', '1', '\\u', 'd800', '{"__proto__":', '&', '=', 'a[', '%ff',
  );
  const garbled = fc.array(token, { maxLength: 30 }).map((tokens) => Buffer.from(tokens.join('')));
  const damaged = fc.tuple(fc.nat(), fc.nat(20), token).map(([at, cut, text]) => {
    const parts = multipart(['name="a"', 'x'], ['name="f"; filename="f"', 'y'], ['name="a[]"', 'z']);
    const whole = Buffer.from(parts).toString();
    const start = at % whole.length;
    return Buffer.from(whole.slice(0, start) + text + whole.slice(start + cut));
  });

  // A body that the parser never finishes with would run into the test's time limit.
  it.each([MULTIPART, JSON_TYPE, FORM])('ends with a map or a RequestError: %s', async (type) => {
    await fc.assert(fc.asyncProperty(fc.oneof(garbled, damaged, fc.uint8Array()), async (body) => {
      const result: unknown = await parse(type, body).catch((error: unknown) => error);
      if (!(result instanceof RequestError)) checkPlain(result as ValueMap);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }), { numRuns: 1000 });
  });
});

function checkPlain(value: Value): void {
  if (typeof value === 'string') return expect(value.isWellFormed()).toBe(true);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach(checkPlain);
  expect(Object.getPrototypeOf(value)).toBe(null);
  Object.values(value).forEach(checkPlain);
}

describe('mergeParams', () => {
  it('replaces whole top-level parameters', async () => {
    const query = await parse(FORM, 'a[x]=1&b=2&__proto__=3');
    const body = await parse(JSON_TYPE, '{"a":{"y":1},"c":null,"__proto__":4}');
    const merged = mergeParams(query, body);
    expect(JSON.stringify(merged)).toBe('{"a":{"y":1},"b":"2","__proto__":4,"c":null}');
    expect(JSON.stringify(query)).toBe('{"a":{"x":"1"},"b":"2","__proto__":"3"}');
    checkPlain(merged);
  });
});

describe('bodyTooLarge', () => {
  it('names the limit', () => {
    const error = bodyTooLarge(2_097_152);
    expect(error).toMatchObject({ status: 413, code: 'REQUEST_TOO_LARGE' });
    expect(error.message).toBe('Request body is larger than 2097152 bytes');
  });
});
