/** Long work shares the event loop: nobody is forgotten, nobody waits for all the others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeGently } from '../../src/rest/encode.ts';
import { Backlog, Gate, Slice, yieldToOthers } from '../../src/base/turns.ts';

/** Computes for so long, milliseconds. */
function compute(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a hundred long pieces of work at once leave the loop to others after a few of them', async () => {
  let [turns, done] = [0, false];
  const count = () => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const work = async () => {
    for (let step = 0; step < 4; step += 1) {
      await yieldToOthers();
      compute(4);
    }
  };
  await Promise.all(Array.from({ length: 100 }, work));
  done = true;
  // 400 steps of 4 ms, of which two or three make a turn.
  expect(turns).toBeGreaterThan(130);
});

test('who waits goes on in the order in which they came', async () => {
  const order: number[] = [];
  await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    await yieldToOthers();
    order.push(i);
  }));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test('a slice is over after a while and begins anew', async () => {
  const slice = new Slice();
  expect(slice.isOver()).toBe(false);
  compute(10);
  expect(slice.isOver()).toBe(true);
  await slice.next();
  expect(slice.isOver()).toBe(false);
});

test('a gate lets so many through, in order, also after failures', async () => {
  const steps = fc.array(fc.record({ fails: fc.boolean(), turns: fc.integer({ min: 1, max: 3 }) }), { maxLength: 20 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (places, works) => {
    const gate = new Gate(places);
    const began: number[] = [];
    let [inside, most] = [0, 0];
    const outcomes = await Promise.allSettled(works.map(({ fails, turns }, i) => gate.run(async () => {
      began.push(i);
      most = Math.max(most, ++inside);
      // Longer than the others of as many as may be inside take to begin.
      for (let turn = 0; turn < turns + 2 * places; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (fails) throw new Error('on purpose');
      return i;
    })));
    expect(began).toEqual(works.map((_, i) => i));
    expect(most).toBe(Math.min(places, works.length));
    expect(outcomes.map(({ status }) => status)).toEqual(works.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
  }));
});

test('of those who come to a gate at once each begins in a turn of the event loop of its own, the first without waiting', async () => {
  const gate = new Gate(4);
  let turn = 0;
  const count = () => {
    turn += 1;
    if (turn < 100) setImmediate(count);
  };
  setImmediate(count);
  const began: number[] = [];
  const works = Array.from({ length: 12 }, () => gate.run(async () => void began.push(turn)));
  expect(began).toEqual([0]);
  await Promise.all(works);
  expect(new Set(began).size).toBe(12);
});

test('what is written gently is what JSON.stringify writes', async () => {
  const longList = fc.array(fc.jsonValue(), { minLength: 0, maxLength: 30 });
  const value = fc.oneof(fc.jsonValue(), longList, fc.dictionary(fc.string(), fc.oneof(longList, fc.jsonValue(), fc.constant(undefined)), { maxKeys: 150 }), fc.array(fc.string({ minLength: 5000, maxLength: 9000 }), { minLength: 11, maxLength: 40 }));
  await fc.assert(fc.asyncProperty(value, async (given) => {
    const pieces = await encodeGently(given);
    expect(pieces.join('')).toBe(JSON.stringify(given));
    for (const piece of pieces.slice(1, -1)) expect(piece.length).toBeGreaterThan(64 * 1024);
  }));
});

test('a gate makes nothing while too much of what it made waits, whatever becomes of the work on it', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 60 }), fails: fc.boolean() }), { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (pieces, places) => {
    const backlog = new Backlog(100);
    const gate = new Gate(places, backlog);
    let [waiting, most] = [0, 0];
    const made = await Promise.all(pieces.map(async ({ bytes, fails }) => {
      const work = gate.run(async () => {
        most = Math.max(most, (waiting += bytes));
        // Counted as soon as it is made.
        return { handling: backlog.during(bytes, async () => {
          await yieldToOthers();
          waiting -= bytes;
          if (fails) throw new Error('broken off');
        }) };
      });
      return (await work).handling.then(() => true, () => true);
    }));
    expect(made.every(Boolean)).toBe(true);
    expect(most).toBeLessThan(100 + places * 60);
  }));
});
