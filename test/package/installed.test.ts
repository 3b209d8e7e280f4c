/** The packed file, installed where nothing of the sources is. */
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needOldestNode } from '../clients/tools.ts';
import { clientFor } from '../support/client.ts';
import { picture } from '../support/pictures.ts';
import { ended, finished, serving } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const project = process.env['PACKED_PROJECT']!;
const own = join(project, 'node_modules', 'tidemark');
const manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as Record<'scripts' | 'dependencies', Record<string, string>> & { version: string };
const FREE = ['--port', '0', '--tls-port', '0', '--json'];

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(project, 'data-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const npx = (...args: string[]) => finished('npx', ['tidemark', ...args], { cwd: project });

test('it is small, brings machine code for pictures and nothing else, and runs nothing when it is installed', () => {
  expect(statSync(process.env['PACKED_FILE']!).size).toBeLessThan(5_000_000);
  expect(Object.keys(manifest.dependencies)).toEqual(['sharp']);
  expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')).sort()).toEqual(['@img', 'detect-libc', 'semver', 'sharp', 'tidemark']);
});

test('nothing in it knows where it was made', () => {
  const files = globSync('**/*', { cwd: own }).map((name) => join(own, name)).filter((file) => statSync(file).isFile());
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => readFileSync(file, 'latin1').includes(ROOT))).toEqual([]);
});

test('the line that Node shows where a call of a test fails can be read', async () => {
  const program = `import { startPortal } from 'tidemark/testing'; await using portal = await startPortal(); await portal.call('im.recent.hide', { DIALOG_ID: 'x' });`;
  const { code, stderr } = await ended('node', ['--input-type=module', '-e', program], { cwd: project });
  expect([code, stderr]).toEqual([1, expect.stringContaining("code: 'DIALOG_ID_EMPTY'")]);
  expect(Math.max(...stderr.split('\n').map(({ length }) => length))).toBeLessThan(300);
});

test('npx tidemark says what it can do and which version it is', async () => {
  expect(await npx('--help')).toMatch(/^Usage: tidemark[^]*\bserve\b[^]*\bdoctor\b/);
  expect(await npx('--version')).toBe(`${manifest.version}\n`);
});

test('the server runs: calls, pages, pictures, commands beside it', async () => {
  await using server = await serving('npx', ['tidemark', 'serve', '--data', data, ...FREE], { cwd: project });
  const { http, admin } = server.ready;
  const client = clientFor(admin.webhook, admin.user_id);
  expect((await client.call<unknown[]>('im.recent.get')).length).toBeGreaterThan(10);
  for (const [path, type] of [['docs/', 'text/html'], ['docs/docs.js', 'text/javascript'], ['docs/guide/', 'text/html'], ['docs/guide/pictures/inbox-light.png', 'image/png'], ['icon.svg', 'image/svg+xml'], ['sw.js', 'text/javascript'], ['openapi.json', 'application/json']]) {
    const answer = await fetch(`${http}/${path}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining(type!)]);
  }
  const content = (await picture('png', 40, 30)).toString('base64');
  const { file } = await client.call<{ file: { image: unknown } }>('im.v2.File.upload', { dialogId: 'chat1', fields: { name: 'one.png', content } });
  expect(file.image).toMatchObject({ width: 40, height: 30 });
  expect(JSON.parse(await npx('doctor', '--data', data, '--json'))).toMatchObject({ healthy: true });
  for (const path of ['im.recent.get', 'guide/quick-start']) expect(await (await fetch(`${http}/docs/${path}`)).text(), path).toContain('npx tidemark call im.');
});

test('the oldest Node that it is for runs it too, an older one is told', async () => {
  const oldest = await needOldestNode();
  const program = join(own, 'bin', 'tidemark.mjs');
  await using server = await serving(oldest, [program, 'serve', '--data', data, ...FREE], { cwd: project });
  expect(await clientFor(server.ready.admin.webhook, 1).call('profile')).toMatchObject({ ID: '1' });
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '22.1.0' })`;
  const { code, stderr } = await ended(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, program, '--help'], { cwd: project });
  expect([code, stderr]).toEqual([1, expect.stringContaining('needs Node 24 or newer')]);
});
