/** What the lanes' configurations have in common. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** @param include globs of the lane's files, from the root of the repository */
export function lane(include: readonly string[], test: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    test: {
      testTimeout: 60_000,
      hookTimeout: 60_000,
      ...test,
      include: [...include],
      env: { NODE_ENV: 'test', TIDEMARK_TEST_SEED: seed(), NODE_COMPILE_CACHE },
      globalSetup: [join(import.meta.dirname, 'built.ts'), test.globalSetup ?? []].flat(),
      setupFiles: [join(import.meta.dirname, 'seeded.ts')],
    },
  });
}

/** As for `npm start`: what the processes of tests have compiled once is read from here. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'node');

/** What property tests draw by, so that what has passed passes again; another number with each release tries other examples. */
const DRAW = '55874663';

/** TIDEMARK_TEST_SEED sets the number; `random` draws anew at each run. */
function seed(): string {
  const given = process.env['TIDEMARK_TEST_SEED'] ?? DRAW;
  return given === 'random' ? String(randomInt(2 ** 31)) : given;
}
