/** Nobody waits while something is free, and nothing has two users. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FreeList } from '../../src/db/free-list.ts';

interface Use {
  item: number;
  finish(): void;
}

/** Lets every promise that can go on do so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('whatever the order in which users come and finish', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 40 }), async (limit, steps) => {
      let made = 0;
      const list = new FreeList(limit, () => (made += 1));
      const inUse: Use[] = [];
      let asked = 0;
      let finished = 0;
      for (const step of steps) {
        if (step >= 0 || inUse.length === 0) {
          asked += 1;
          void list.use((item) => new Promise<void>((resolve) => inUse.push({ item, finish: resolve })));
        } else {
          inUse.splice(-step % inUse.length, 1)[0]!.finish();
          finished += 1;
        }
        await settled();
        expect(inUse).toHaveLength(Math.min(limit, asked - finished));
        expect(new Set(inUse.map(({ item }) => item)).size).toBe(inUse.length);
        expect(made).toBeLessThanOrEqual(Math.min(limit, asked));
      }
    }),
  );
});

test('what throws gives its item back, and draining waits for whoever uses one', async () => {
  const list = new FreeList(1, () => ({}));
  await expect(list.use(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  const { promise, resolve } = Promise.withResolvers<void>();
  const used = list.use(() => promise);
  let drained = false;
  const draining = list.drain().then((all) => {
    drained = true;
    return all;
  });
  await settled();
  expect(drained).toBe(false);
  resolve();
  expect(await draining).toHaveLength(1);
  await used;
});
