/** `npm test`: types, lint and the tests that need nothing but Node. Names what it leaves out. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const reports = process.env['TIDEMARK_TEST_REPORTS'] ?? join(root, 'node_modules', '.cache', 'tidemark', 'reports');
mkdirSync(reports, { recursive: true });

const LEFT_OUT = [
  'PostgreSQL: the same suite on the other engine',
  'PHP: parameter parsing compared with real PHP',
  'fuzzing: a hundred thousand hostile requests',
  'real clients: the official SDKs and others, PHP, curl, Go and Java, unmodified, against a server process (npm run compat)',
  'syncing clients of every kind against writers that are stopped in the middle, and clocks that are set',
  'the package: packed, installed in an empty folder and run, also on the oldest Node, and laid out as its image',
  'examples: integrations tested from the packed file with node:test, Vitest, Jest, pytest, PHPUnit and Go',
  'browser: pages and cross-origin calls in Chromium',
  'life cycle and outages: first starts and stops under load, a full disk, PostgreSQL restarted, killed and frozen',
  'operations: the commands of docs/operations.md',
  'three nodes behind nginx, with PostgreSQL and Redis, while all of them are killed and restarted',
  'crashes: kill -9 under load, and no answer before its fdatasync',
];

function run(what: string, command: string, args: readonly string[]): boolean {
  process.stdout.write(`\n== ${what}\n`);
  const { status } = spawnSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'inherit' });
  return status === 0;
}

const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, 'default.json')}`];
const failed = [
  ['tsconfig.json', 'web/tsconfig.json', 'web/sw/tsconfig.json'].every((project) => run(`Types: ${project}`, 'tsc', ['-p', project])) || 'types',
  run('Lint', 'oxlint', ['--deny-warnings', 'src', 'web', 'test', 'bench', 'scripts']) || 'lint',
  run('Tests on SQLite', 'vitest', ['run', ...report]) || 'tests',
].filter((result) => result !== true);

process.stdout.write(`\nLEFT OUT here, run by .ci/run:\n${LEFT_OUT.map((lane) => `  - ${lane}\n`).join('')}`);
if (failed.length > 0) process.stdout.write(`\nFAILED: ${failed.join(', ')}\n`);
process.exit(failed.length > 0 ? 1 : 0);
