import { expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Stillness } from '../../src/db/stillness.ts';

function storeOf(states: string[]) {
  const db = { connects: 1, looks: 0, all: async () => [{ state: states[db.looks++]! }] };
  return db;
}

test('it is still while looks see the same, and looks only where the last two did', async () => {
  const db = storeOf(['a', 'a', 'b']);
  const stillness = new Stillness(db as unknown as Database);
  const seen = stillness.saw('a');
  expect(await stillness.since(seen)).toBe(false);
  stillness.saw('a');
  expect([await stillness.since(seen), await stillness.since(seen), await stillness.since(seen), await stillness.since(seen)]).toEqual([true, true, false, false]);
  expect(db.looks).toBe(3);
});

test('what was seen before a new connection was made counts no more: the server may have begun anew', async () => {
  const db = storeOf(['a', 'a']);
  const stillness = new Stillness(db as unknown as Database);
  const seen = stillness.saw('a');
  stillness.saw('a');
  db.connects += 1;
  expect(await stillness.since(seen)).toBe(false);
});

test('who asks at the same time shares one look', async () => {
  const db = storeOf(['a']);
  const stillness = new Stillness(db as unknown as Database);
  const seen = stillness.saw('a');
  stillness.saw('a');
  expect(await Promise.all([stillness.since(seen), stillness.since(seen), stillness.since(seen)])).toEqual([true, true, true]);
  expect(db.looks).toBe(1);
});
