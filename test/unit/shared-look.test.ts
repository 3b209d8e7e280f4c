import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedLook } from '../../src/base/shared-look.ts';

/** Until all that can go on has gone on. */
async function turns(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

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
          await turns();
        }
      }
      const asked = answers.length;
      for (await turns(); !look.idle; await turns()) open.shift()?.();
      await Promise.all(answers);
      expect(looks).toBeLessThanOrEqual(asked);
      expect(look.idle).toBe(true);
    }),
  );
});

test('who asks in the same turn of the event loop shares a look', async () => {
  const look = new SharedLook<number>();
  let looks = 0;
  const asked = Array.from({ length: 16 }, () => look.ask(async () => (looks += 1)));
  await Promise.all(asked);
  expect(looks).toBe(1);
});

test('who asks while several look shares the next one', async () => {
  const look = new SharedLook<number>();
  let looks = 0;
  const ends: Array<() => void> = [];
  const see = () => new Promise<number>((resolve) => ends.push(() => resolve((looks += 1))));
  const asked: Array<Promise<number>> = [];
  for (let i = 0; i < 16; i++) {
    asked.push(look.ask(see));
    await turns();
  }
  while (ends.length > 0) {
    ends.shift()!();
    await turns();
  }
  await Promise.all(asked);
  expect(looks).toBe(4);
});
