/** A portal goes from one engine to the other and back, and nothing is lost on the way. */
import { expect, test } from 'vitest';
import { linesIn, Workshop } from '../support/exchanged.ts';
import { startTestServer } from '../support/server.ts';

test('from PostgreSQL to SQLite and back every row stays as it was', { timeout: 120_000 }, async () => {
  await using shop = await Workshop.open();
  const place = await shop.place();
  await (await startTestServer({ ...place, empty: false }))[Symbol.asyncDispose]();
  const first = await shop.exported(place);
  const second = await shop.exported(await shop.imported(first, await shop.place('sqlite')));
  const third = await shop.exported(await shop.imported(second, await shop.place()));
  const lines = await linesIn(first);
  expect(lines.length).toBeGreaterThan(500);
  expect(await linesIn(second)).toEqual(lines);
  expect(await linesIn(third)).toEqual(lines);
});
