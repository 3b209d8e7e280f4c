/**
 * `npm run release -- VERSION [--dry-run]`: makes the working tree a release: its version, its heading in CHANGELOG.md. First it checks
 * that all that is made of something else is up to date, and that the package is what it should be; with `--dry-run` nothing else.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { envExample } from '../src/config.ts';
import { COMPATIBILITY_PAGE, compatibilityPage } from '../test/compat/print.ts';
import { root } from './bundle.ts';

/** Bytes of the packed file. */
const LARGEST_PACKAGE = 5_000_000;
const UNRELEASED = '## Unreleased\n';
/** What npm runs on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];
const NEEDED = ['bin/tidemark.mjs', 'dist/cli.js', 'dist/LICENCES.txt', 'docs/quick-start.md', 'web/built/parts.json', 'LICENSE', 'README.md'];

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
}

const path = (name: string) => join(root, name);
const read = (name: string) => readFileSync(path(name), 'utf8');
const manifest = () => JSON.parse(read('package.json')) as Manifest;
const lock = () => JSON.parse(read('package-lock.json')) as { version: string; packages: Record<'', Manifest> };

function* problems(): Generator<string> {
  if (read('.env.example') !== envExample()) yield '.env.example is not up to date: npm run -s tidemark -- env-example > .env.example';
  if (readFileSync(COMPATIBILITY_PAGE, 'utf8') !== compatibilityPage()) yield 'docs/compatibility.md is not up to date: node test/compat/print.ts';
  if (news() === '') yield 'CHANGELOG.md says nothing under "Unreleased"';
  yield* lockProblems();
  yield* packageProblems();
}

/** What the changelog says of the release to come. */
function news(): string {
  const [, after = ''] = read('CHANGELOG.md').split(UNRELEASED);
  return after.split(/^## /m)[0]!.trim();
}

function* lockProblems(): Generator<string> {
  const [{ version, dependencies, devDependencies }, { version: locked, packages }] = [manifest(), lock()];
  const own = packages[''];
  if (locked !== version || own.version !== version) yield `package-lock.json is of version ${locked}, package.json of ${version}`;
  if (!isDeepStrictEqual([own.dependencies, own.devDependencies], [dependencies, devDependencies])) yield 'package-lock.json names other dependencies than package.json: npm install';
}

function* packageProblems(): Generator<string> {
  const scripts = INSTALL_SCRIPTS.filter((name) => name in manifest().scripts);
  if (scripts.length > 0) yield `package.json has install scripts: ${scripts.join(', ')}`;
  const build = spawnSync(process.execPath, [path('scripts/package.ts')], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) return yield `the package cannot be built: ${build.stderr}`;
  const packed = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root, encoding: 'utf8' });
  const { size, files } = packedFile(packed.stdout);
  if (size > LARGEST_PACKAGE) yield `the package has ${size} bytes, more than ${LARGEST_PACKAGE}`;
  const missing = NEEDED.filter((name) => !files.some((file) => file.path === name));
  if (missing.length > 0) yield `the package lacks ${missing.join(', ')}`;
  return undefined;
}

/** npm 11 and older give a list, npm 12 an object by name. */
function packedFile(json: string): { size: number; files: Array<{ path: string }> } {
  return Object.values(JSON.parse(json) as Record<string, { size: number; files: Array<{ path: string }> }>)[0]!;
}

/** Nothing but the release is to be in its commit. */
function isClean(): boolean {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout.trim() === '';
}

function release(version: string): void {
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(path('CHANGELOG.md'), read('CHANGELOG.md').replace(UNRELEASED, `${UNRELEASED}\n## ${version}, ${day}\n`));
  const locked = lock();
  locked.version = locked.packages[''].version = version;
  for (const [name, content] of [['package.json', { ...manifest(), version }], ['package-lock.json', locked]] as const) {
    writeFileSync(path(name), `${JSON.stringify(content, undefined, 2)}\n`);
  }
}

function isVersion(text: string | undefined): text is string {
  return text !== undefined && /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(text);
}

const { values, positionals } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } }, allowPositionals: true });
const [version] = positionals;
const dry = values['dry-run'];
const unready = dry ? undefined : !isVersion(version) ? 'name the version, such as 1.2.0' : !isClean() ? 'something is not committed' : undefined;
const found = unready === undefined ? [...problems()] : [unready];
for (const problem of found) process.stderr.write(`release: ${problem}\n`);
if (found.length > 0) process.exit(1);
if (dry) process.stdout.write('Everything is up to date; nothing was changed.\n');
else {
  release(version!);
  process.stdout.write(`This is ${version} now. Left to do:\n  git commit -am 'Release ${version}' && git tag v${version}\n  npm pack\n`);
}
