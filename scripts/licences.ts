/** The licences of the libraries of which something is in a bundle: most ask that their text goes along. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param modules files that are in the bundle */
export function licencesOf(modules: Iterable<string>): string {
  const folders = new Set([...modules].flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map(licenceOf);
  return `What this package contains of others, and on what terms.\n\n${texts.join('\n')}`;
}

/** @throws Error for a library that does not say under which licence it is */
function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string | undefined>;
  if (!license) throw new Error(`${folder} names no licence`);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `---- ${name} ${version} (${license})\n\n${text}\n`;
}
