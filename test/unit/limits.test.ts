/** Rates and operating time, against models that keep every call. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OperatingTime } from '../../src/rest/operating-time.ts';
import { LeakyBuckets } from '../../src/base/rate-limit.ts';

/** Tenths of a second, so that the model can count in whole numbers. */
const step = fc.record({ after: fc.oneof(fc.nat(30), fc.constant(0)), source: fc.constantFrom('a', 'b') });

test('a bucket takes a call unless it is full, and drains evenly', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }), (steps, perSecond, threshold) => {
      const buckets = new LeakyBuckets();
      const levels: Record<string, number> = { a: 0, b: 0 };
      let now = 0;
      for (const { after, source } of steps) {
        now += after;
        // In tenths of a call: perSecond of them drain in a tenth of a second.
        for (const each of Object.keys(levels)) levels[each] = Math.max(0, levels[each]! - after * perSecond);
        const fits = levels[source]! + 10 <= threshold * 10;
        if (fits) levels[source]! += 10;
        expect(buckets.take([{ key: source, rate: { drainPerSecond: perSecond, threshold } }], now * 100)).toBe(fits);
      }
    }),
  );
});

test('a clock that is set back refills nothing', () => {
  const buckets = new LeakyBuckets();
  const rate = { drainPerSecond: 2, threshold: 1 };
  expect([buckets.take([{ key: 'a', rate }], 10_000), buckets.take([{ key: 'a', rate }], 0)]).toEqual([true, false]);
});

interface Ran {
  key: string;
  at: number;
  ms: number;
}

test('operating time is what ran within ten minutes, by the minute', () => {
  const call = fc.record({ after: fc.constantFrom(0, 500, 30_000, 61_000, 200_000, 700_000), key: fc.constantFrom('a', 'b'), ms: fc.constantFrom(0, 50, 100, 101, 1000, 30_000) });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), fc.nat(1_000_000_000), (calls, start) => {
      const operating = new OperatingTime();
      const all: Ran[] = [];
      let now = start;
      for (const { after, key, ms } of calls) {
        now += after;
        const live = all.filter((ran) => ran.key === key && ran.ms > 100 && Math.floor(now / 60_000) - Math.floor(ran.at / 60_000) < 10);
        const { seconds, resetAt } = operating.report(key, now);
        expect(seconds).toBeCloseTo(live.reduce((sum, ran) => sum + ran.ms, 0) / 1000, 6);
        expect(resetAt).toBe(Math.floor(Math.min(now, ...live.map((ran) => ran.at)) / 1000) + 600);
        operating.record(key, now, ms);
        all.push({ key, at: now, ms });
      }
    }),
  );
});
