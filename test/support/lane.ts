/** What the lanes' configurations have in common. */
import { execFileSync } from 'node:child_process';
import { hash, randomInt } from 'node:crypto';
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
      env: { NODE_ENV: 'test', TIDEMARK_TEST_SEED: seed() },
      setupFiles: [join(import.meta.dirname, 'seeded.ts')],
    },
  });
}

/**
 * Property tests draw by what is committed in `src` and `test`: each such commit tries other examples, and what has passed
 * passes again. TIDEMARK_TEST_SEED sets the number; `random` draws anew at each run.
 */
function seed(): string {
  const given = process.env['TIDEMARK_TEST_SEED'] ?? treeNumber() ?? 'random';
  return given === 'random' ? String(randomInt(2 ** 31)) : given;
}

/** Undefined outside a checkout. */
function treeNumber(): string | undefined {
  try {
    const trees = execFileSync('git', ['rev-parse', 'HEAD:src', 'HEAD:test'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return String(Number.parseInt(hash('sha1', trees).slice(0, 7), 16));
  } catch {
    return undefined;
  }
}
