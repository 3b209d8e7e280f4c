/** The licences of the libraries of which something is in the package: most ask that their text goes along. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

/** @param modules files of libraries, or their folders */
export function licencesOf(modules: Iterable<string>): string {
  const folders = new Set([...modules].flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map(licenceOf);
  return `What this package contains of others, and on what terms.\n\n${texts.join('\n')}`;
}

/** The folders of the libraries that sources name, and of those that these need. */
export function importedBy(sources: string): string[] {
  const texts = globSync('**/*.{ts,tsx}', { cwd: sources }).map((file) => readFileSync(join(sources, file), 'utf8'));
  const named = texts.flatMap((text) => [...text.matchAll(/from '((?:@[^/']+\/)?[^./'][^/']*)/g)].map(([, name]) => name!));
  const found = new Set(named.filter((name) => !name.startsWith('node:')));
  // What is added while the set is walked is walked too.
  for (const name of found) for (const needed of Object.keys(manifestOf(join(root, 'node_modules', name)).dependencies ?? {})) found.add(needed);
  return [...found].map((name) => join(root, 'node_modules', name));
}

interface Manifest {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** @throws Error for a library that does not say under which licence it is */
function licenceOf(folder: string): string {
  const { name, version, license } = manifestOf(folder);
  if (!license) throw new Error(`${folder} names no licence`);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `---- ${name} ${version} (${license})\n\n${text}\n`;
}
