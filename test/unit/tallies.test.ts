/** What is counted in plain numbers is told as prom-client would have counted it. */
import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Sums, Times } from '../../src/base/tallies.ts';

const BOUNDS = [0.001, 0.01, 0.25, 1];
/** Some of them lie on a bound, some beyond all. */
const seconds = fc.oneof(fc.constantFrom(...BOUNDS, 0, 5), fc.double({ min: 0, max: 3, noNaN: true }));
const label = fc.constantFrom('im.recent.get', '', 'a "quoted" name');

test('times', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(label, seconds)), async (observations) => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const described = (registers: Registry[]) => ({ name: 'call_seconds', help: 'How long', labelNames: ['method'] as ['method'], registers });
    const times = new Times(described([ours]), BOUNDS);
    const histogram = new Histogram({ ...described([theirs]), buckets: BOUNDS });
    for (const [method, duration] of observations) {
      times.add(duration, method);
      histogram.observe({ method }, duration);
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
  }));
});

test('sums', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), label, fc.constantFrom(200, 404))), async (additions) => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const described = (registers: Registry[]) => ({ name: 'calls_total', help: 'How many', labelNames: ['method', 'status'] as ['method', 'status'], registers });
    const sums = new Sums(described([ours]));
    const counter = new Counter(described([theirs]));
    for (const [amount, method, status] of additions) {
      sums.add(amount, method, status);
      counter.inc({ method, status }, amount);
    }
    const lines = async (registry: Registry) => (await registry.metrics()).split('\n').sort();
    expect(await lines(ours)).toEqual(await lines(theirs));
  }));
});
