/** `npm run compat`: real clients against a real server. Installs the tool chains that they need. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const reports = process.env['TIDEMARK_TEST_REPORTS'];

const report = reports === undefined ? [] : ['--reporter=json', `--outputFile.json=${join(reports, 'clients.json')}`];
const args = ['run', '--config', 'test/clients/vitest.config.ts', '--reporter=default', ...report, ...process.argv.slice(2)];
const { status } = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), args, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
