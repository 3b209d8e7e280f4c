/** Pieces of something that is held: it is let go once, in every case, and never kept by who does not take them. */
import { expect, test } from 'vitest';
import { holdOpen, TakenTooSlowly, whileTaken } from '../../src/base/streamed.ts';

const PATIENCE = { once: 600_000, all: 600_000 };

/** Something that is lent, and how the work on it ended. */
async function lend() {
  const ends: string[] = [];
  const open = await holdOpen<{ parts: number[] }>(async (work) => {
    await work({ parts: [1, 2, 3] }).then(() => ends.push('well'), (error: Error) => ends.push(error.message));
  });
  return { open, ends };
}

async function* partsOf({ parts }: { parts: number[] }, failAt = Infinity): AsyncGenerator<number> {
  for (const part of parts) {
    if (part === failAt) throw new Error('on purpose');
    yield part;
  }
}

async function gather(parts: AsyncIterable<number>): Promise<number[]> {
  const gathered: number[] = [];
  for await (const part of parts) gathered.push(part);
  return gathered;
}

async function settled(ends: string[]): Promise<string[]> {
  while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return ends;
}

test('all of them', async () => {
  const { open, ends } = await lend();
  expect(await gather(whileTaken(open, partsOf(open.held), PATIENCE))).toEqual([1, 2, 3]);
  expect(await settled(ends)).toEqual(['well']);
});

test('no more are wanted', async () => {
  const { open, ends } = await lend();
  for await (const part of whileTaken(open, partsOf(open.held), PATIENCE)) if (part === 2) break;
  expect(await settled(ends)).toEqual(['well']);
});

test('making one fails', async () => {
  const { open, ends } = await lend();
  await expect(gather(whileTaken(open, partsOf(open.held, 2), PATIENCE))).rejects.toThrow('on purpose');
  expect(await settled(ends)).toEqual(['on purpose']);
});

test('nobody asks for the next one', async () => {
  const { open, ends } = await lend();
  const taking = whileTaken(open, partsOf(open.held), { ...PATIENCE, once: 5 });
  expect(await taking.next()).toEqual({ done: false, value: 1 });
  expect(await settled(ends)).toEqual([new TakenTooSlowly().message]);
  await expect(taking.next()).rejects.toThrow(TakenTooSlowly);
});

test('they are asked for too slowly altogether', async () => {
  const { open, ends } = await lend();
  const taking = whileTaken(open, partsOf({ parts: Array.from({ length: 10_000 }, (_, i) => i) }), { ...PATIENCE, all: 5 });
  const takeAll = async () => {
    for await (const _part of taking) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await expect(takeAll()).rejects.toThrow(TakenTooSlowly);
  expect(await settled(ends)).toEqual([new TakenTooSlowly().message]);
});

test('what cannot be held is an error at once', async () => {
  await expect(holdOpen(() => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
});
