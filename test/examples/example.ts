/** One of `examples/`: green as its README says, and not once its integration is broken. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandsOf, copyOf, type Outcome, ROOT, shell } from './places.ts';

export interface Example {
  name: string;
  /** What it needs besides Node. @returns folders of programs */
  need?: () => Promise<readonly string[]>;
  /** A line of the integration without which it no longer tries again. */
  breaking: { file: string; from: string; to: string };
  /** The name of the test that is to notice. */
  notices: RegExp;
}

export function example({ name, need = async () => [], breaking: { file, from, to }, notices }: Example): void {
  describe(name, () => {
    let folder: string;
    let path: readonly string[];
    let commands: string;
    let first: Outcome;

    beforeAll(async () => {
      path = await need();
      folder = await copyOf(join(ROOT, 'examples', name));
      [commands = ''] = commandsOf(await readFile(join(folder, 'README.md'), 'utf8'));
      first = await shell(folder, commands, path);
    });

    test('is green as its README says', () => expect(first).toEqual({ code: 0, output: expect.not.stringMatching(notices) }));

    test('notices that calls are not tried again', async () => {
      const source = await readFile(join(folder, file), 'utf8');
      expect(source.split(from)).toHaveLength(2);
      await writeFile(join(folder, file), source.replace(from, to));
      const { code, output } = await shell(folder, commands.trim().split('\n').at(-1)!, path);
      expect([code > 0, output]).toEqual([true, expect.stringMatching(notices)]);
    });
  });
}
