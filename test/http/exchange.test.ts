/** A portal that was exported and imported answers everybody everything as the first one does. */
import { expect, test } from 'vitest';
import { EXPORTED } from '../../src/exchange/plan.ts';
import { linesIn, wholePortal, Workshop } from '../support/exchanged.ts';

/** Of what comes and goes too quickly to be in every export. */
const PASSING = ['journal'];

test('every answer to everybody is the same, and so are the files and another export', { timeout: 120_000 }, async () => {
  await using shop = await Workshop.open();
  const whole = await wholePortal(shop);
  const place = await shop.imported(whole.folder, await shop.place());
  const lines = await linesIn(whole.folder);
  const tables = new Set(lines.map((line) => (JSON.parse(line || '{}') as { table?: string }).table));
  expect(EXPORTED.map(({ table }) => table).filter((table) => !tables.has(table) && !PASSING.includes(table)), 'tables of which nothing was exported').toEqual([]);
  expect(await linesIn(await shop.exported(place))).toEqual(lines);
  const { answers, files } = await whole.ask(place);
  expect(answers.length).toBeGreaterThan(1000);
  expect(answers.filter((answer, at) => answer !== whole.answers[at]).length).toBe(0);
  expect(answers).toEqual(whole.answers);
  expect(Object.keys(files).length).toBeGreaterThan(3);
  expect(files).toEqual(whole.files);
  expect(Object.values(files).filter((file) => !file.startsWith('200'))).toEqual([]);
});
