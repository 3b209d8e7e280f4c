/** Packs the package once for the lane, and installs it far from the sources. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { finished } from './support.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed file. */
    tarball: string;
    /** A project in which it is installed. */
    project: string;
  }
}

const ROOT = join(import.meta.dirname, '..', '..');

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-package-'));
  const project = join(folder, 'project');
  const packed = await finished('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  const tarball = join(folder, packed.trim().split('\n').at(-1)!);
  await finished('mkdir', [project]);
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n');
  await finished('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  provide('tarball', tarball);
  provide('project', project);
  return () => rm(folder, { recursive: true, force: true });
}
