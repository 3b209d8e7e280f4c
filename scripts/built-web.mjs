// Has the pages for people built when their sources have changed. Plain JavaScript, like what it is used by.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is built: a page each, and the service worker. */
export const ENTRIES = ['web/inbox/main.tsx', 'web/admin/main.tsx', 'web/sw/sw.ts'];

/** Nothing where there are no sources, as in a package that brings what was built of them. Failures are told, and leave what was there. */
export function buildWeb(root, node) {
  if (!existsSync(join(root, ENTRIES[0])) || stampOf(root) === builtStamp(root)) return;
  process.stderr.write('Building the pages...\n');
  // A process of its own: the server would keep the memory.
  const { status } = spawnSync(node, [join(root, 'scripts', 'build-web.ts')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.stderr.write('They could not be built: the inbox is as it was before, or not there.\n');
}

/** Another one for each state of the sources. */
export function stampOf(root) {
  const sources = readdirSync(join(root, 'web'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !/^web\/built(?:\.\d+)?\//.test(file));
  const hash = createHash('sha256');
  for (const file of [...sources.sort(), 'scripts/build-web.ts', 'scripts/built-web.mjs', 'package-lock.json']) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`\n${file} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 16);
}

function builtStamp(root) {
  const file = join(root, 'web', 'built', 'stamp');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
