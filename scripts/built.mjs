// Finds the built server, and has it built when the sources have changed. Plain JavaScript, like what it is used by.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const KEPT = 5;

/** The program to run: the built one, or the sources where it cannot be built. */
export function builtServer(root, node, source) {
  const builds = join(root, 'node_modules', '.cache', 'tidemark', 'builds');
  const target = join(builds, keyOf(root));
  const program = join(target, 'cli.js');
  if (existsSync(program)) return program;
  process.stderr.write('Building the server...\n');
  mkdirSync(builds, { recursive: true });
  const { status } = spawnSync(node, [join(root, 'scripts', 'build.ts'), target], { cwd: root, stdio: ['ignore', 2, 2] });
  dropOld(builds);
  if (status === 0) return program;
  process.stderr.write('It could not be built: it runs from its sources, which takes more memory.\n');
  return source;
}

/** Another one for each state of the sources: a server that runs goes on with the build it was started with. */
function keyOf(root) {
  const files = readdirSync(join(root, 'src'), { recursive: true }).filter((file) => file.endsWith('.ts')).map((file) => join('src', file));
  const hash = createHash('sha256').update(root);
  for (const file of [...files.sort(), join('scripts', 'build.ts'), join('scripts', 'bundle.ts'), 'package-lock.json']) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`\n${file} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 16);
}

function dropOld(builds) {
  const byAge = readdirSync(builds).map((name) => join(builds, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of byAge.slice(KEPT)) rmSync(folder, { recursive: true, force: true });
}
