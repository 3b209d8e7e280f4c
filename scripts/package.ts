/**
 * `npm run build`: makes `dist/`, which with `bin/` is the package. It runs anywhere: libraries are in it, and what the sources find
 * beside them lies in the same place of `dist/` as in `src/`.
 */
import { cpSync, globSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundle, replaced, root } from './bundle.ts';
import { licencesOf } from './licences.ts';

const sources = join(root, 'src');
const ENTRIES = { cli: join(sources, 'cli.ts') };

/** All code lies in the folder that stands for `src/`. */
function within(file: string): { dirname: string; url: string } {
  const place = relative(sources, file).replaceAll('\\', '/');
  const folder = dirname(place);
  return {
    dirname: folder === '.' ? 'import.meta.dirname' : `(import.meta.dirname + ${JSON.stringify(`/${folder}`)})`,
    url: `new URL(${JSON.stringify(`./${place}`)}, import.meta.url).href`,
  };
}

await replaced(join(root, 'dist'), async (target) => {
  const { output } = await bundle(target, ENTRIES, within);
  for (const file of globSync('**/*.{js,css}', { cwd: sources })) cpSync(join(sources, file), join(target, file));
  writeFileSync(join(target, 'LICENCES.txt'), licencesOf(output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))));
});
