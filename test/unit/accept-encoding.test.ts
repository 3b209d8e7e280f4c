/** Which coding an answer gets for what its caller says it takes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codingFor } from '../../src/rest/net/accept-encoding.ts';

const LARGE = 10_000;

describe('the best liked coding is chosen', () => {
  test.each<[header: string | undefined, coding: string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['deflate', undefined],
    ['compress, deflate', undefined],
    ['deflate, gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip;q=1.0, br;q=0.9, zstd;q=0.8', 'gzip'],
    ['gzip ; q=0.5 , br;Q=0.8', 'br'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.000', undefined],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=0, br', 'br'],
    ['*', 'gzip'],
    ['*;q=0', undefined],
    ['*;q=0, br', 'br'],
    ['gzip;q=0, *', 'br'],
    ['gzip;q=0, br;q=0, *;q=0.5', 'zstd'],
    ['br;q=0.5, *', 'br'],
    ['identity, gzip', 'gzip'],
    ['identity;q=0.5, gzip;q=0.4', undefined],
    ['identity;q=0.4, gzip;q=0.5', 'gzip'],
    ['identity;q=0', undefined],
    ['identity;q=0, *', 'gzip'],
    ['identity;q=0, br', 'br'],
    ['gzip;q=2, br;q=0.1', 'br'],
    ['gzip;q=-1, br;q=0.1', 'br'],
    ['gzip;q=high', undefined],
    ['gzip;level=9', undefined],
    [',,gzip,,', 'gzip'],
    ['gzip br', undefined],
    ['__proto__, constructor', undefined],
  ])('%j', (header, coding) => {
    expect(codingFor(header, LARGE)).toBe(coding);
  });
});

describe('what is too short to be worth it stays plain', () => {
  test.each<[header: string, size: number, coding: string | undefined]>([
    ['gzip', 1023, undefined],
    ['gzip', 1024, 'gzip'],
    ['gzip', 0, undefined],
    ['gzip, identity;q=0', 1, 'gzip'],
    ['gzip, *;q=0', 1, 'gzip'],
    ['gzip, identity;q=0.001', 1, undefined],
    ['gzip, identity;q=0', 0, undefined],
  ])('%j, %i bytes', (header, size, coding) => {
    expect(codingFor(header, size)).toBe(coding);
  });
});

test('nobody gets what they have refused or not named, whatever they write', () => {
  const entry = fc.tuple(fc.constantFrom('gzip', 'br', 'zstd', 'identity', '*', 'deflate', 'x', ''), fc.constantFrom('', ';q=0', ';q=0.5', ';q=1', '; q=0.25', ';q=9'));
  const header = fc.oneof(fc.array(entry).map((entries) => entries.map((parts) => parts.join('')).join(', ')), fc.string());
  fc.assert(
    fc.property(header, fc.nat(5000), (text, size) => {
      const coding = codingFor(text, size);
      if (coding === undefined) return;
      const entries = text.toLowerCase().replaceAll(' ', '').split(',');
      expect(entries.some((one) => one.startsWith(coding) || one.startsWith('*'))).toBe(true);
      const own = entries.filter((one) => one.split(';')[0] === coding);
      if (own.length > 0) expect(own.every((one) => one.endsWith(';q=0'))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
