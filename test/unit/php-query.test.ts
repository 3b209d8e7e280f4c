import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PhpVariables, parsePhpQuery } from '../../src/rest/php-query.ts';
import { RequestError } from '../../src/rest/request-error.ts';
import type { Value, ValueMap } from '../../src/rest/values.ts';

const MIB = 1024 * 1024;

function parse(query: string): ValueMap {
  return parsePhpQuery(Buffer.from(query, 'latin1'));
}

/** JSON text, so that a list and a map, and an own `__proto__`, cannot be taken for one another. */
function json(query: string): string {
  return JSON.stringify(parse(query));
}

function errorOf(run: () => unknown): RequestError {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Printed by PHP 8.2 for the same input, apart from the order of integer keys. */
const PHP: Record<string, [query: string, result: string][]> = {
  'lists and maps': [
    ['a[b][c]=1', '{"a":{"b":{"c":"1"}}}'],
    ['a[]=x&a[]=y', '{"a":["x","y"]}'],
    ['a[0]=x&a[1]=y', '{"a":["x","y"]}'],
    ['a[0]=x&a[5]=y', '{"a":{"0":"x","5":"y"}}'],
    ['a[1]=x&a[0]=y', '{"a":{"0":"y","1":"x"}}'],
    ['a[0]=x&a[1]=y&a[0]=z', '{"a":["z","y"]}'],
    ['a[b][]=1&a[b][]=2', '{"a":{"b":["1","2"]}}'],
    ['a[][b]=1&a[][b]=2', '{"a":[{"b":"1"},{"b":"2"}]}'],
    ['a[][]=1&a[][]=2', '{"a":[["1"],["2"]]}'],
    ['a%5Bb%5d=1', '{"a":{"b":"1"}}'],
    ['0=a&1=b', '{"0":"a","1":"b"}'],
  ],
  'the last of equal names': [
    ['k=1&k=2', '{"k":"2"}'],
    ['a=1&a[b]=2', '{"a":{"b":"2"}}'],
    ['a[b]=2&a=1', '{"a":"1"}'],
    ['a[b]=2&a[b][c]=3', '{"a":{"b":{"c":"3"}}}'],
    ['a[b][c]=2&a[b]=3&a[c]=1', '{"a":{"b":"3","c":"1"}}'],
    ['a[=1&a_=2', '{"a_":"2"}'],
  ],
  'integer keys': [
    ['a[5]=1&a[]=2', '{"a":{"5":"1","6":"2"}}'],
    ['a[05]=1&a[]=2', '{"a":{"0":"2","05":"1"}}'],
    ['a[-0]=1&a[]=2', '{"a":{"0":"2","-0":"1"}}'],
    ['a[1e1]=1&a[]=3', '{"a":{"0":"3","1e1":"1"}}'],
    ['a[-5]=1&a[]=2&a[]=3', '{"a":{"-5":"1","-4":"2","-3":"3"}}'],
    ['a[3]=1&a[-5]=2&a[]=3', '{"a":{"3":"1","4":"3","-5":"2"}}'],
    ['a[9223372036854775807]=1&a[]=2&a[][b]=3', '{"a":{"9223372036854775807":"1"}}'],
    ['a[9223372036854775806]=1&a[]=2&a[]=3', '{"a":{"9223372036854775806":"1","9223372036854775807":"2"}}'],
    ['a[9223372036854775808]=1&a[]=2', '{"a":{"0":"2","9223372036854775808":"1"}}'],
  ],
  'values and escapes': [
    ['', '{}'],
    ['e&f=', '{"e":"","f":""}'],
    ['&&a=1&&', '{"a":"1"}'],
    ['a=b=c', '{"a":"b=c"}'],
    ['a=1;b=2', '{"a":"1;b=2"}'],
    ['a=x+y%20z%2B', '{"a":"x y z+"}'],
    ['a=%zz%4%', '{"a":"%zz%4%"}'],
    ['a%3Db%26=1', '{"a=b&":"1"}'],
    ['a=%D0%96%f0%9f%8c%8a', '{"a":"Ж🌊"}'],
    ['a=%00b', '{"a":"\\u0000b"}'],
  ],
  'names': [
    ['a.b=1&c d=2&e+f=3', '{"a_b":"1","c_d":"2","e_f":"3"}'],
    ['a.b[c.d e]=1', '{"a_b":{"c.d e":"1"}}'],
    ['x[=9', '{"x_":"9"}'],
    ['a.b[c.d[e=1', '{"a_b_c_d_e":"1"}'],
    ['a[b][c=1', '{"a":{"b":"1"}}'],
    ['a[][c=1', '{"a":["1"]}'],
    ['a[b]c[d]=1', '{"a":{"b":"1"}}'],
    ['a[[b]]=1', '{"a":{"[b":"1"}}'],
    ['a[ ]=1&a[%0a]=2', '{"a":["1","2"]}'],
    ['a[ b]=1&a[  ]=2', '{"a":{" b":"1","  ":"2"}}'],
    ['+ a=1', '{"a":"1"}'],
    ['a]=1&]=2', '{"a]":"1","]":"2"}'],
    ['[a]=1&=2&%00=3&[=4', '{}'],
    ['a%00b=1&c[d%00]=2', '{"a":"1","c_d":"2"}'],
  ],
  'names that objects have': [
    ['__proto__=1&__proto__[x]=2', '{"__proto__":{"x":"2"}}'],
    ['a[__proto__][x]=2', '{"a":{"__proto__":{"x":"2"}}}'],
    ['constructor[prototype][x]=1', '{"constructor":{"prototype":{"x":"1"}}}'],
  ],
};

for (const [title, rows] of Object.entries(PHP)) {
  describe(`parsePhpQuery: ${title}`, () => {
    it.each(rows)('%s', (query, result) => expect(json(query)).toBe(result));
  });
}

describe('parsePhpQuery: limits', () => {
  it('takes 1000 variables and not one more', () => {
    expect(parse('a[]=1&'.repeat(1000))['a']).toHaveLength(1000);
    const error = errorOf(() => parse('a=1&'.repeat(1001)));
    expect(error).toMatchObject({ status: 400, code: 'TOO_MANY_PARAMETERS' });
    expect(error.message).toBe('Request has more than 1000 parameters');
  });

  it('takes 64 bracket pairs and not one more', () => {
    expect(json(`a${'[b]'.repeat(64)}=1`)).toContain('"b":"1"');
    expect(errorOf(() => parse(`a${'[b]'.repeat(65)}=1`))).toMatchObject({ status: 400, code: 'PARAMETERS_TOO_DEEP' });
  });

  it('bounds the keys of all names together', () => {
    const query = Array.from({ length: 1000 }, (_, i) => `a${i}${'[]'.repeat(64)}=1`).join('&');
    expect(errorOf(() => parse(query)).code).toBe('TOO_MANY_PARAMETERS');
  });

  it('takes other limits', () => {
    const limits = { maxVariables: 2, maxDepth: 1 };
    expect(errorOf(() => parsePhpQuery(Buffer.from('a&b&c'), limits)).code).toBe('TOO_MANY_PARAMETERS');
    expect(errorOf(() => parsePhpQuery(Buffer.from('a[b][c]'), limits)).code).toBe('PARAMETERS_TOO_DEEP');
  });

  it.each([
    ['a=%ff', 'a'],
    ['a.b[c][d]=x%C3', 'a_b'],
    ['a[%ff]=1', 'a'],
    ['a%ff[b]=1', 'a\ufffd'],
    ['=%ff', undefined],
    ['a=\xff', 'a'],
    ['a=%ED%A0%80', 'a'],
  ])('refuses bytes that are not UTF-8: %s', (query, argument) => {
    const error = errorOf(() => parse(query));
    expect(error).toMatchObject({ status: 400, code: 'WRONG_ENCODING' });
    expect(error.argument).toBe(argument);
    const subject = argument === undefined ? 'the request' : `parameter '${argument}'`;
    expect(error.message).toBe(`Wrong request encoding: ${subject} is not valid UTF-8`);
  });

  it('repeats no more than 100 characters of a name', () => {
    expect(errorOf(() => parse(`${'x'.repeat(MIB)}=%ff`)).argument).toBe('x'.repeat(100));
  });
});

describe('parsePhpQuery: hostile input', () => {
  const shapes = ['&', '=', '%', '%41', '.', '+', '[', ']', 'a[', '[ ', '[]', '%ff', '%00', 'a&', '&='];

  // Quadratic work would take minutes, which the runner does not wait for.
  it.each(shapes)('comes to an end of 2 MiB of %s', (shape) => {
    for (const prefix of ['', 'a', 'a=', 'a[']) {
      const body = Buffer.from(prefix + shape.repeat(Math.ceil((2 * MIB) / shape.length)));
      expect(() => outcome(() => parsePhpQuery(body))).not.toThrow();
    }
  });

  const token = fc.constantFrom(
    'a', 'b', '0', '1', '-', '[', ']', '[]', '&', '=', '%', '+', '.', ' ', '\0', '%5B', '%ff', '__proto__', 'constructor',
  );
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(token, { maxLength: 60 }).map((tokens) => new Uint8Array(Buffer.from(tokens.join('')))),
  );

  it('throws nothing but a RequestError and builds only strings, lists and maps without a prototype', () => {
    fc.assert(fc.property(hostile, (bytes) => {
      const result = outcome(() => parsePhpQuery(bytes));
      if (result !== undefined) checkPlain(result);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }), { numRuns: 2000 });
  });
});

function outcome(run: () => ValueMap): ValueMap | undefined {
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return undefined;
  }
}

function checkPlain(value: Value): void {
  if (typeof value === 'string') return expect(value.isWellFormed()).toBe(true);
  expect(typeof value).toBe('object');
  if (Array.isArray(value)) return value.forEach(checkPlain);
  expect(Object.getPrototypeOf(value)).toBe(null);
  Object.values(value ?? {}).forEach(checkPlain);
}

describe('parsePhpQuery: round trip', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  // Starts with a letter, so that keys neither append nor make a list; has nothing that PHP changes in a name.
  const name = fc.string({ unit: fc.constantFrom(...'aZ09-_~!*é🌊"\'<\\'), maxLength: 6 }).map((rest) => `k${rest}`);
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
      fc.dictionary(name, tie('tree'), { minKeys: 1, maxKeys: 4 }),
    ),
  }));

  it('reads back what an encoder wrote', () => {
    fc.assert(fc.property(fc.dictionary(name, tree, { maxKeys: 4 }), (params) => {
      const query = Object.entries(params).flatMap(([key, value]) => encode(encodeURIComponent(key), value)).join('&');
      // Not by way of JSON.parse: V8 14.6 may read the key `k"` as `k\` where an object before had that one.
      expect(parse(query)).toEqual(params);
    }));
  });
});

type Tree = string | Tree[] | { [key: string]: Tree };

function encode(name: string, value: Tree): string[] {
  if (typeof value === 'string') return [`${name}=${encodeURIComponent(value)}`];
  return Object.entries(value).flatMap(([key, item]) => encode(`${name}[${encodeURIComponent(key)}]`, item));
}

describe('PhpVariables', () => {
  it('takes names that were never percent-encoded, and values other than strings', () => {
    const variables = new PhpVariables();
    variables.add('a%5B[x.y][]', ['file.txt', 'AA==']);
    expect(JSON.stringify(variables.toMap())).toBe('{"a%5B":{"x.y":[["file.txt","AA=="]]}}');
  });
});
