/** The order of changes against a clock that does what it likes, and a process that ends when it likes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Clock, steadyClock } from '../../src/base/clock.ts';
import { Timeline } from '../../src/base/timeline.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

class HandClock implements Clock {
  at = Date.UTC(2026, 0, 1);
  passed = 0.5;
  now = () => Math.floor(this.at + this.passed);
  precise = () => this.passed;
}

const ms = fc.oneof(fc.constantFrom(0, 1, 999, SECOND, 5 * SECOND, 11 * SECOND, HOUR, DAY, YEAR), fc.nat(20_000));
const step = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.constantFrom(0, 1, 300, SECOND, 6 * SECOND, 70 * SECOND), fc.nat(2000)) }),
  fc.record({ do: fc.constant('set' as const), ms: ms.chain((size) => fc.constantFrom(size, -size)) }),
  fc.record({ do: fc.constantFrom('stamp' as const, 'told' as const, 'begin' as const, 'end' as const, 'stop' as const, 'crash' as const) }),
);

test('a stamp is later than all before it and than every date told before, over stops and crashes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const clock = new HandClock();
      let stored = 0;
      const keeper = { save: async (mark: number) => void (stored = Math.max(stored, mark)) };
      const begin = () => new Timeline(steadyClock(clock), stored, keeper);
      let timeline = begin();
      let [latest, told] = [0, 0];
      /** A change under way, and what it is waiting for. */
      let ends: Array<{ done: () => void; over: Promise<void> }> = [];
      for (const each of steps) {
        if (each.do === 'pass') clock.passed += each.ms;
        else if (each.do === 'set') clock.at += each.ms;
        else if (each.do === 'told') told = Math.max(told, Math.floor(timeline.told() / SECOND) * SECOND);
        else if (each.do === 'stamp') {
          await timeline.change(async () => {
            const stamp = timeline.stamp();
            expect(stamp).toBeGreaterThan(latest);
            expect(stamp).toBeGreaterThanOrEqual(told);
            latest = stamp;
          });
        } else if (each.do === 'begin') {
          const { promise, resolve } = Promise.withResolvers<void>();
          const started = Promise.withResolvers<void>();
          const over = timeline.change(async () => {
            const own = timeline.stamp();
            expect(own).toBeGreaterThan(latest);
            latest = own;
            started.resolve();
            await promise;
            // Nobody was told a date meanwhile that would have made them miss this change.
            expect(own).toBeGreaterThanOrEqual(told);
          });
          await started.promise;
          ends.push({ done: resolve, over });
        } else if (each.do === 'end') {
          const [first] = ends.splice(0, 1);
          first?.done();
          await first?.over;
        } else {
          for (const { done } of ends) done();
          await Promise.all(ends.map(({ over }) => over));
          ends = [];
          const { latest: reached } = await timeline.reached();
          if (each.do === 'stop') stored = reached;
          timeline = begin();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const { done } of ends) done();
      await Promise.all(ends.map(({ over }) => over));
    }),
    { numRuns: 300 },
  );
});

test('crashes one after another do not drive the order far ahead of the clock', async () => {
  const clock = new HandClock();
  let stored = 0;
  const keeper = { save: async (mark: number) => void (stored = Math.max(stored, mark)) };
  for (let crash = 0; crash < 100; crash += 1) {
    const timeline = new Timeline(clock, stored, keeper);
    timeline.told();
    await timeline.change(async () => timeline.stamp());
    clock.passed += 100;
  }
  expect(stored - clock.now()).toBeLessThan(100 * SECOND);
});

test('the mark is saved a few times a minute while there is something to do, and not at all otherwise', async () => {
  const clock = new HandClock();
  let saved = 0;
  const timeline = new Timeline(clock, 0, { save: async () => void (saved += 1) });
  for (let second = 0; second < 60; second += 1) {
    for (let call = 0; call < 10; call += 1) {
      timeline.told();
      await timeline.change(async () => timeline.stamp());
    }
    clock.passed += SECOND;
  }
  expect(saved).toBeGreaterThan(5);
  expect(saved).toBeLessThan(20);
});

test('a mark that is behind by the time it is saved is followed by another, before anything passes it', async () => {
  const clock = new HandClock();
  const saves: Array<{ mark: number; done: () => void }> = [];
  const timeline = new Timeline(clock, 0, {
    save: (mark) => new Promise((resolve) => saves.push({ mark, done: () => resolve() })),
  });
  for (const wait of [() => timeline.change(async () => timeline.stamp()), () => (timeline.told(), timeline.reserved()!)]) {
    clock.at += HOUR;
    timeline.told();
    clock.at += HOUR;
    let over = false;
    const waiting = wait().then(() => (over = true));
    saves.pop()!.done();
    await new Promise(setImmediate);
    expect(over).toBe(false);
    expect(saves[0]!.mark).toBeGreaterThan(clock.now());
    saves.pop()!.done();
    await waiting;
  }
});

test('a store that cannot save refuses changes and lets reads go on', async () => {
  const timeline = new Timeline(new HandClock(), 0, { save: () => Promise.reject(new Error('no room')) });
  timeline.told();
  await expect(timeline.change(async () => timeline.stamp())).rejects.toThrow('no room');
  expect(timeline.told()).toBeGreaterThan(0);
});

test('a leap of years is believed once it has lasted for a minute; smaller ones at once', () => {
  for (const leap of [YEAR, -YEAR, 10 * YEAR]) {
    const clock = new HandClock();
    const steady = steadyClock(clock);
    const before = steady.now();
    clock.at += leap;
    expect(steady.now()).toBe(before);
    clock.passed += 30 * SECOND;
    expect(steady.now()).toBe(before + 30 * SECOND);
    clock.at -= leap;
    expect(steady.now()).toBe(before + 30 * SECOND);
    clock.at += leap;
    steady.now();
    clock.passed += 59 * SECOND;
    expect(steady.now()).toBe(before + 89 * SECOND);
    clock.passed += SECOND;
    expect(steady.now()).toBe(before + 90 * SECOND + leap);
  }
  for (const leap of [HOUR, -HOUR, 31 * DAY, -31 * DAY]) {
    const clock = new HandClock();
    const steady = steadyClock(clock);
    const before = steady.now();
    clock.at += leap;
    expect(steady.now()).toBe(before + leap);
  }
});

test.each([[false, true], [true, false]])('what is dated while another change goes on, which dates something itself: %s, is in order: %s', async (dates, ordered) => {
  const timeline = new Timeline(new HandClock());
  const held = Promise.withResolvers<void>();
  const beside = timeline.change(async () => {
    if (dates) timeline.stamp();
    await held.promise;
  }, () => dates);
  const stamp = await timeline.change(async () => timeline.stamp());
  held.resolve();
  await beside;
  expect(timeline.inOrder(stamp)).toBe(ordered);
});
