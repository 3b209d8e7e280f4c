/** The sources with their libraries as JavaScript: it starts faster than the sources and takes 30 MB less memory. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, rolldown, type RolldownOutput } from 'rolldown';
import { type MinifyOptions, minifySync } from 'rolldown/utils';

export const root = join(import.meta.dirname, '..');

/** V8 keeps a text with a single character beyond these in two bytes for each. */
const latin: Plugin = {
  name: 'latin',
  renderChunk: (code) => code.replaceAll(/(?<!\\)[^\0-\xff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
};

/** Names stay as they are: they stand in the traces of a log. */
const NARROW: MinifyOptions = { compress: false, mangle: false, codegen: { removeWhitespace: true, legalComments: 'inline' } };

/** What a user's test calls keeps its lines: Node shows the one in which an error arose. */
const narrow: Plugin = {
  name: 'narrow',
  renderChunk: (code, { name, fileName }) => (name === 'testing' ? null : minifySync(fileName, code, NARROW).code),
};

/**
 * @param entries source files by the names of the programs
 * @param placeOf the code that says where a source file has the files beside it: its folder, and its own address
 */
export async function bundle(target: string, entries: Record<string, string>, placeOf: (file: string) => { dirname: string; url: string }): Promise<RolldownOutput> {
  const places: Plugin = {
    name: 'places',
    transform: {
      filter: { id: /\.ts$/, code: 'import.meta.' },
      handler: (code, id) => code.replaceAll('import.meta.dirname', placeOf(id).dirname).replaceAll('import.meta.url', placeOf(id).url),
    },
  };
  const made = await rolldown({
    input: entries,
    cwd: root,
    platform: 'node',
    // The one is looked for by the PostgreSQL driver, which does without; the other brings machine code of its own.
    external: ['pg-native', 'sharp'],
    plugins: [places, narrow, latin],
  });
  // All lie in one folder, beside which `placeOf` finds the rest.
  return made.write({ dir: target, format: 'esm', chunkFileNames: '[name]-[hash].js', minify: false });
}

/** Makes a folder anew: `work` fills another one, which takes its place when it is whole. */
export async function replaced(target: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = `${target}.${process.pid}`;
  const before = `${scratch}.before`;
  await work(scratch);
  if (existsSync(target)) renameSync(target, before);
  renameSync(scratch, target);
  rmSync(before, { recursive: true, force: true });
}
