/** `npm run release -- --dry-run`, in a copy of the repository in which something has been forgotten. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, finished } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COPIED = ['.gitignore', '.env.example', '.npmrc', 'bin', 'CHANGELOG.md', 'docs', 'LICENSE', 'package.json', 'package-lock.json', 'README.md', 'scripts', 'src', 'test', 'tsconfig.json', 'web'];

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'tidemark-release-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const release = (...args: string[]) => ended(process.execPath, [join(copy, 'scripts', 'release.ts'), ...args], { cwd: copy });

test('as it is, everything is up to date, and nothing changes', async () => {
  const before = await readFile(join(ROOT, 'package.json'), 'utf8');
  expect(await release('--dry-run')).toEqual({ code: 0, stdout: 'Everything is up to date; nothing was changed.\n', stderr: '' });
  expect(await readFile(join(copy, 'package.json'), 'utf8')).toBe(before);
});

const FORGOTTEN: Array<[file: string, from: RegExp | string, to: string, problem: RegExp]> = [
  ['.env.example', 'TIDEMARK_PORT', 'TIDEMARK_HAVEN', /\.env\.example is not up to date/],
  ['docs/compatibility.md', 'im.recent.get', 'im.recent.got', /compatibility\.md is not up to date/],
  ['CHANGELOG.md', '## Unreleased\n', '## Unreleased\n\n## 9.9.9\n', /says nothing under "Unreleased"/],
  ['package.json', /"version": "[^"]+"/, '"version": "9.9.9"', /of version .* package\.json of 9\.9\.9/],
  ['package.json', '"sharp": "^', '"sharp": "~', /names other dependencies/],
  ['package.json', '"build":', '"postinstall": "true",\n    "build":', /install scripts: postinstall/],
  ['package.json', '"dist"', '"nothing"', /lacks dist\/cli\.js/],
];

test('all that was forgotten is named at once', async () => {
  const before = new Map<string, string>();
  for (const [name, from, to] of FORGOTTEN) {
    const text = await readFile(join(copy, name), 'utf8');
    if (!before.has(name)) before.set(name, text);
    expect(text.replace(from, to), name).not.toBe(text);
    await writeFile(join(copy, name), text.replace(from, to));
  }
  const { code, stderr } = await release('--dry-run');
  for (const [name, text] of before) await writeFile(join(copy, name), text);
  expect(code).toBe(1);
  for (const [, , , problem] of FORGOTTEN) expect(stderr).toMatch(problem);
  expect(stderr.trim().split('\n')).toHaveLength(FORGOTTEN.length);
});

test('sources that cannot be built are no release', async () => {
  await writeFile(join(copy, 'src', 'cli.ts'), '((');
  expect(await release('--dry-run')).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be built') });
  await cp(join(ROOT, 'src', 'cli.ts'), join(copy, 'src', 'cli.ts'));
});

test('a release makes the heading and the versions, in a commit of its own', async () => {
  expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('name the version') });
  expect(await release('9.8.7')).toMatchObject({ code: 1, stderr: expect.stringContaining('not committed') });
  for (const args of [['init', '-q'], ['add', '.'], ['-c', 'user.name=a', '-c', 'user.email=a@example', 'commit', '-qm', 'all']]) await finished('git', args, { cwd: copy });
  expect(await release('9.8.7')).toMatchObject({ code: 0, stderr: '' });
  expect(await readFile(join(copy, 'CHANGELOG.md'), 'utf8')).toMatch(/## Unreleased\n\n## 9\.8\.7, \d{4}-\d\d-\d\d\n\n\S/);
  expect((await finished('git', ['diff', '--stat'], { cwd: copy }))).toMatch(/CHANGELOG\.md[^]*package-lock\.json[^]*package\.json[^]* 3 files changed/);
  expect((await finished('npm', ['version', '--json'], { cwd: copy }))).toContain('"tidemark": "9.8.7"');
});
