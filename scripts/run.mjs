// Runs a TypeScript entry point on the pinned Node, the server as it is built from it. On a fresh clone it installs what
// is missing first. Plain JavaScript, because an older Node of the machine may be what starts it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtServer } from './built.mjs';
import { buildWeb } from './built-web.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', '.bin', 'node');
const installed = join(root, 'node_modules', '.package-lock.json');
const wanted = join(root, 'package-lock.json');

if (!existsSync(node) || !existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) install();

function install() {
  process.stderr.write('Installing dependencies...\n');
  // What npm says goes to standard error: standard output belongs to the command.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

const [entry, ...args] = process.argv.slice(2);
const source = join(root, entry);
const SERVING = ['src/cli.ts', 'scripts/build.ts', 'scripts/compat.ts', 'bench/run.ts', 'scripts/pictures.ts'];
if (SERVING.includes(entry)) buildWeb(root, node);
const program = entry === 'src/cli.ts' ? builtServer(root, node, source) : source;

const env = {
  // What was compiled once is read from here: a quicker start.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
  // Each thread would otherwise keep memory of its own to give out, some megabytes of it.
  MALLOC_ARENA_MAX: '2',
  ...process.env,
};
// A smaller nursery: V8 would keep up to 48 MB of it for a server that lives well with half.
become(node, ['--max-semi-space-size=8', program, ...args]);

/** In place of this program, so that it takes no memory beside the other. Older versions of Node stay and pass on what happens. */
function become(file, argv) {
  if (process.execve && process.platform !== 'win32') process.execve(file, [file, ...argv], env);
  const child = spawn(file, argv, { env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
