/** Packs the package once for the lane, and installs it far from the sources: where, is in the environment of its tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-package-'));
  const project = join(folder, 'project');
  const packed = await finished('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  const tarball = join(folder, packed.trim().split('\n').at(-1)!);
  await finished('mkdir', [project]);
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n');
  await finished('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  Object.assign(process.env, { PACKED_FILE: tarball, PACKED_PROJECT: project });
  return () => rm(folder, { recursive: true, force: true });
}
