import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationText, MovableClock, parseDuration } from '../../src/base/movable-clock.ts';
import { runs } from '../support/runs.ts';

test('a duration is read as it is written', () => {
  expect(['90s', '2h', '31d', '1d12h', '1w', '5ms', '2m'].map(parseDuration)).toEqual([90_000, 7_200_000, 2_678_400_000, 129_600_000, 604_800_000, 5, 120_000]);
  expect(['', '2', 'h', '-2h', '2 h', '2h ', '1.5h', '2y', '9999999999h'].map(parseDuration)).toEqual(Array(9).fill(undefined));
  expect([93_600_000, -93_661_000, 0, 1, 60_000].map(durationText)).toEqual(['1d2h', '-1d2h', '0s', '1ms', '1m']);
});

test('however it is moved, what durations go by never goes back, and the time of day is where it was told to be', () => {
  const moves = fc.array(fc.record({ offset: fc.integer({ min: -1e12, max: 1e12 }), passed: fc.nat(1e12) }));
  fc.assert(fc.property(moves, (all) => {
    const clock = new MovableClock({ now: () => 5e12, precise: () => 7 });
    let last = clock.precise();
    for (const moved of all) {
      let told = 0;
      clock.onMove(() => (told += 1));
      const before = [clock.now(), clock.precise()];
      clock.follow(moved);
      expect(clock.now()).toBe(5e12 + moved.offset);
      expect(clock.precise()).toBeGreaterThanOrEqual(last);
      expect(told).toBe(Number(String(before) !== String([clock.now(), clock.precise()])));
      last = clock.precise();
    }
  }), { numRuns: runs(200) });
});
