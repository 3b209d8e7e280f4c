/**
 * `npm run build`: makes `dist/` and `web/built/`, which with `bin/` are the package. It runs anywhere: libraries are in it, and what the
 * sources find beside them lies in the same place of `dist/` as in `src/`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundle, replaced, root } from './bundle.ts';
import { importedBy, licencesOf } from './licences.ts';
import { writeTypes } from './types.ts';

const sources = join(root, 'src');
const ENTRIES = { cli: join(sources, 'cli.ts'), testing: join(sources, 'testing', 'index.ts') };

/** All code lies in the folder that stands for `src/`. */
function within(file: string): { dirname: string; url: string } {
  const place = relative(sources, file).replaceAll('\\', '/');
  const folder = dirname(place);
  return {
    dirname: folder === '.' ? 'import.meta.dirname' : `(import.meta.dirname + ${JSON.stringify(`/${folder}`)})`,
    url: `new URL(${JSON.stringify(`./${place}`)}, import.meta.url).href`,
  };
}

const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build-web.ts')], { stdio: ['ignore', 2, 2] });
if (status !== 0) process.exit(1);

await replaced(join(root, 'dist'), async (target) => {
  const { output } = await bundle(target, ENTRIES, within);
  for (const file of globSync('**/*.{js,css}', { cwd: sources })) cpSync(join(sources, file), join(target, file));
  await writeTypes(target);
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(join(target, 'LICENCES.txt'), licencesOf([...modules, ...importedBy(join(root, 'web'))]));
});
