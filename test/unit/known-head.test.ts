import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyAfter, headOf } from '../../src/rest/net/known-head.ts';

interface Asked {
  url: string;
  fields: Array<[string, string]>;
  body: string | undefined;
}

const fieldOf = (value: string): [string, string] => ['X-Field', value];
const body = fc.oneof(fc.constantFrom('', '{}', '0', 'GET / HTTP/1.1\r\n\r\n', 'x'.repeat(10), 'x'.repeat(99)), fc.string({ unit: 'binary-ascii', maxLength: 30 }));
const asked: fc.Arbitrary<Asked> = fc.record({
  url: fc.constantFrom('/a', '/a?b=1', '/rest/1/code/profile'),
  fields: fc.array(fc.constantFrom<[string, string]>(['Host', 'localhost'], fieldOf('1'), fieldOf('Content-Length: 3')), { maxLength: 3 }),
  body: fc.option(body, { nil: undefined }),
});

/** As the request goes over the wire, and what stands before and after the length of its body. */
function written({ url, fields, body: sent }: Asked, length = String(sent?.length)): { before: string; after: string; text: string } {
  const before = `${sent === undefined ? 'GET' : 'POST'} ${url} HTTP/1.1\r\n${sent === undefined ? '' : 'Content-Length: '}`;
  const after = `${sent === undefined ? '' : '\r\n'}${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return { before, after, text: `${before}${sent === undefined ? '' : length}${after}${sent ?? ''}` };
}

function read({ url, fields, body: sent }: Asked): IncomingMessage {
  const own: Array<[string, string]> = sent === undefined ? fields : [['Content-Length', String(sent.length)], ...fields];
  const headers = Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value]));
  return { method: sent === undefined ? 'GET' : 'POST', url, httpVersion: '1.1', rawHeaders: own.flat(), headers } as unknown as IncomingMessage;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** What else may come: another body, with its length or a wrong one, something cut off, added or changed at any place. */
const other = fc.oneof(
  fc.record({ kind: fc.constant('body' as const), body }),
  fc.record({ kind: fc.constant('length' as const), body, length: fc.constantFrom('0', '00', '02', '2', '', '+2', '3', '10') }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(200) }),
  fc.record({ kind: fc.constant('added' as const), text: fc.constantFrom('x', '\r\n', 'GET /a HTTP/1.1\r\n\r\n') }),
  fc.record({ kind: fc.constant('changed' as const), at: fc.nat(200), to: fc.constantFrom('x', '0', '\n') }),
);

test('a packet is taken for a request with the head exactly where it is one, from its first byte to its last', () => {
  fc.assert(fc.property(asked, other, (request, change) => {
    const { before, after, text } = written(request);
    const head = headOf(bytes(text), read(request))!;
    const packet = (() => {
      switch (change.kind) {
        case 'body': return request.body === undefined ? text : written({ ...request, body: change.body }).text;
        case 'length': return request.body === undefined ? text : written({ ...request, body: change.body }, change.length).text;
        case 'cut': return text.slice(0, change.at % text.length);
        case 'added': return text + change.text;
        case 'changed': return text.slice(0, change.at % text.length) + change.to + text.slice((change.at % text.length) + 1);
      }
    })();
    const rest = packet.slice(before.length);
    const digits = /^[1-9]\d*/.exec(rest)?.[0] ?? '';
    const isOne = request.body === undefined ? packet === text : packet.startsWith(before) && digits !== '' && rest.slice(digits.length).startsWith(after);
    const left = request.body === undefined ? '' : rest.slice(digits.length + after.length);
    const expected = isOne && (request.body === undefined || Number(digits) === left.length) ? left : undefined;
    expect(bodyAfter(head, bytes(packet))?.toString('latin1')).toBe(expected);
  }), { numRuns: 3000 });
});

test('what is not all of the packet, comes in pieces or waits for leave has no head that is known', () => {
  const request = { url: '/a', fields: [['Host', 'localhost']] as Array<[string, string]>, body: '{}' };
  const { text } = written(request);
  expect(headOf(bytes(text), read(request))).toBeDefined();
  for (const packet of [text.slice(1), text.slice(0, -1), `${text}x`, text.replace('Host', 'host'), text.replace(': localhost', ':  localhost')]) expect(headOf(bytes(packet), read(request))).toBeUndefined();
  for (const [name, value] of [['Transfer-Encoding', 'chunked'], ['Expect', '100-continue'], ['Upgrade', 'other']] as const) {
    const odd = { ...request, fields: [[name, value]] as Array<[string, string]> };
    expect(headOf(bytes(written(odd).text), read(odd))).toBeUndefined();
  }
  const long = { ...request, fields: [['X-Field', 'x'.repeat(5000)]] as Array<[string, string]> };
  expect(headOf(bytes(written(long).text), read(long))).toBeUndefined();
});
