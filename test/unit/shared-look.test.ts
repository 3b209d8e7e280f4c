import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedLook } from '../../src/base/shared-look.ts';

test('nobody is told what was seen before they asked, and all are told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.constant('ask' as const), fc.constant('change' as const), fc.nat(3)), { maxLength: 60 }), async (steps) => {
      const look = new SharedLook<number>();
      let now = 0;
      let looks = 0;
      const open: Array<() => void> = [];
      const see = async () => {
        looks += 1;
        const seen = now;
        await new Promise<void>((resolve) => open.push(resolve));
        if (seen % 5 === 4) throw new Error(String(seen));
        return seen;
      };
      const answers: Array<Promise<void>> = [];
      for (const step of steps) {
        if (step === 'change') now += 1;
        else if (step === 'ask') {
          const asked = now;
          answers.push(look.ask(see).then((seen) => void expect(seen).toBeGreaterThanOrEqual(asked), (fault: Error) => void expect(Number(fault.message)).toBeGreaterThanOrEqual(asked)));
        } else {
          open.splice(step, 1)[0]?.();
          for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        }
      }
      const asked = answers.length;
      while (open.length > 0) {
        open.shift()!();
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
      await Promise.all(answers);
      expect(looks).toBeLessThanOrEqual(asked);
      expect(look.idle).toBe(true);
    }),
  );
});

test('who asks while several look shares the next one', async () => {
  const look = new SharedLook<number>();
  let looks = 0;
  const ends: Array<() => void> = [];
  const see = () => new Promise<number>((resolve) => ends.push(() => resolve((looks += 1))));
  const asked = Array.from({ length: 16 }, () => look.ask(see));
  while (ends.length > 0) {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(asked);
  expect(looks).toBe(4);
});
