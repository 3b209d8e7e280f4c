/** `.ci/run` counts a skipped test as a failure, so that no lane is left out for want of a tool. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('what is not for an engine is not declared on it', () => {
  const root = join(import.meta.dirname, '..');
  const skipping = globSync('**/*.test.ts', { cwd: root }).filter((file) => /\.(skipIf|runIf)\(ENGINE\b/.test(readFileSync(join(root, file), 'utf8')));
  expect(skipping).toEqual([]);
});
