/** What is no whole export leaves no portal, and a portal is not imported into. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LONGEST_LINE } from '../../src/exchange/format.ts';
import { storeOf, Workshop } from '../support/exchanged.ts';
import { tidemark } from '../support/command.ts';
import { startTestServer } from '../support/server.ts';

const shop = await Workshop.open();
afterAll(() => shop[Symbol.asyncDispose]());

const source = await shop.place();
await (await startTestServer({ ...source, empty: true }))[Symbol.asyncDispose]();
const whole = await shop.exported(source);
const lines = (await readFile(join(whole, 'portal.jsonl'), 'utf8')).split('\n').slice(0, -1);
const at = lines.findIndex((line) => line.startsWith('{"table":"user"'));
const user = lines[at]!;
const replaced = (line: string) => lines.with(at, line);

/** What becomes of the lines, and what is said about them. */
const damages: Record<string, [changed: string, said: string]> = {
  'cut off in a line': [`${lines.slice(0, at).join('\n')}\n${user.slice(0, 20)}`, `line ${at + 1}: the file is cut off here`],
  'cut off after a line': [`${lines.slice(0, at).join('\n')}\n`, 'it has no end'],
  'no JSON': [`${replaced('{"table"').join('\n')}\n`, `line ${at + 1}: this is no JSON`],
  'an unknown table': [`${replaced(user.replace('"user"', '"pirates"')).join('\n')}\n`, `line ${at + 1}: there is no table "pirates"`],
  'a wrong type': [`${replaced(user.replace(/"id":\d+/, '"id":"one"')).join('\n')}\n`, `line ${at + 1}: the id of the row of user must be a whole number`],
  'a line that is too long': [`${replaced('x'.repeat(LONGEST_LINE + 1)).join('\n')}\n`, `line ${at + 1}: it is longer than`],
  'a missing row': [`${lines.toSpliced(-2, 1).join('\n')}\n`, ', its end says '],
  'something after the end': [`${[...lines, user].join('\n')}\n`, `line ${lines.length + 1}: something follows the end`],
};

const into = await shop.place();

test.each(Object.entries(damages))('%s: it is said where, and there is no portal', { timeout: 30_000 }, async (_, [changed, said]) => {
  const folder = shop.path();
  await mkdir(folder);
  await writeFile(join(folder, 'portal.jsonl'), changed);
  const { code, stderr } = await tidemark('import', ...storeOf(into), '--from', folder);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) });
});

test('the whole one is imported after all of these, once', { timeout: 30_000 }, async () => {
  const copy = shop.path();
  await cp(whole, copy, { recursive: true });
  await shop.imported(copy, into);
  const again = await tidemark('import', ...storeOf(into), '--from', copy);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
});
