/** Seconds as an answer's `time` says them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seconds } from '../../src/rest/envelope.ts';
import { runs } from '../support/runs.ts';

test('have six digits, as of the nearest microsecond', () => {
  const micros = fc.oneof(fc.nat(10_000_000), fc.integer({ min: 0, max: 4_000_000_000_000_000 }));
  fc.assert(fc.property(micros, (given) => {
    expect(seconds(given / 1000)).toBe(`${Math.floor(given / 1e6)}.${String(given % 1e6).padStart(6, '0')}`);
  }), { numRuns: runs(1000) });
  fc.assert(fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), (ms) => {
    expect(Math.abs(Number(seconds(ms)) - ms / 1000)).toBeLessThan(6e-7);
  }), { numRuns: runs(1000) });
});
