/** docs/testing.md: what it tells a newcomer to do is done in an empty folder, and what it quotes of an example stands there. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { needCurl } from '../clients/tools.ts';
import { commandsOf, emptyFolder, type Outcome, ROOT, shell } from './places.ts';

const page = await readFile(join(ROOT, 'docs', 'testing.md'), 'utf8');
const [newcomer = '', byCommand = '', ...others] = commandsOf(page);

/** Without what is fed to them. */
const countOf = (commands: string) => commands.replaceAll(/<<'END'\n[^]*?^END$/gm, '').trim().split('\n').length;

describe('from an empty folder', () => {
  let folder: string;
  let first: Outcome;
  beforeAll(async () => {
    folder = await emptyFolder();
    first = await shell(folder, newcomer);
  });

  test('five commands lead to a green test', () => {
    expect(others).toEqual([]);
    expect(countOf(newcomer)).toBe(5);
    expect(first).toEqual({ code: 0, output: expect.stringMatching(/pass 1\n[^]*fail 0\n/) });
  });

  test('which fails when the integration is broken', async () => {
    const file = join(folder, 'digest', 'digest.mjs');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace('counter > 0', 'counter > 2'));
    expect(await shell(join(folder, 'digest'), 'node --test')).toEqual({ code: 1, output: expect.stringMatching(/fail 1\n/) });
  });

  test('the commands for other languages do what they say', async () => {
    await needCurl();
    const { code, output } = await shell(join(folder, 'digest'), byCommand);
    expect([code, output]).toEqual([0, expect.stringContaining('"counter":1')]);
  });
});

test('what the page quotes stands in the example', async () => {
  const example = await readFile(join(ROOT, 'examples', 'node-test', 'test', 'digest.test.js'), 'utf8');
  const quoted = [...page.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code!);
  expect(quoted.length).toBeGreaterThanOrEqual(7);
  for (const code of quoted) expect(example).toContain(code);
});
