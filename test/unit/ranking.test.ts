import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparing, type Ranked, Ranking } from '../../src/db/ranking.ts';

test('window after window gives all rows in order, however few of them may be held, and holds no more text than it may', () => {
  const rows = fc.uniqueArray(fc.tuple(fc.nat(1000), fc.string({ maxLength: 12 }), fc.nat(3)), { selector: ([id]) => id, maxLength: 40 });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 7 }), (all, size, most, piece) => {
    const compare = comparing([false, true]);
    const given: Ranked[] = [];
    for (let last: Ranked | undefined; ; last = given.at(-1)) {
      const ranking = new Ranking(compare, size, last, most);
      for (let i = 0; i < all.length; i += piece) ranking.put(all.slice(i, i + piece));
      const units = ranking.rows.reduce((sum, [, text]) => sum + String(text).length, 0);
      expect(units <= most || ranking.rows.length === 1).toBe(true);
      given.push(...ranking.rows);
      if (!ranking.isFull) break;
    }
    expect(given).toEqual([...all].sort(compare));
  }));
});
