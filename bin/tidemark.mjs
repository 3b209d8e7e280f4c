#!/usr/bin/env node
// The command of the package. Plain JavaScript, because an older Node may be what starts it, and is to be told.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(`tidemark: needs Node ${OLDEST_NODE} or newer, this is ${process.version}\n`);
  process.exit(1);
}

const env = {
  // What was compiled once is read from here: a quicker start. Whoever may write here may change the program as well.
  NODE_COMPILE_CACHE: join(root, '.cache'),
  // Each thread would otherwise keep memory of its own to give out, some megabytes of it.
  MALLOC_ARENA_MAX: '2',
  ...process.env,
};
// A smaller nursery: V8 would keep up to 48 MB of it for a server that lives well with half.
become(process.execPath, [...process.execArgv, '--max-semi-space-size=8', join(root, 'dist', 'cli.js'), ...process.argv.slice(2)]);

/** In place of this program, so that it takes no memory beside the other; where that cannot be, this one stays and passes on what happens. */
function become(file, argv) {
  if (process.execve && process.platform !== 'win32') process.execve(file, [file, ...argv], env);
  const child = spawn(file, argv, { env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
