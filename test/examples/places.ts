/** Folders beside the packed file, where nothing of the sources is, and the commands of pages, run in them as they stand there. */
import { cp, mkdtemp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ended } from '../package/support.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
const PACKED = process.env['PACKED_FILE']!;

export function emptyFolder(): Promise<string> {
  return mkdtemp(join(dirname(PACKED), 'place-'));
}

/** Without what an earlier run has left in it. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await emptyFolder();
  await cp(folder, copy, { recursive: true, filter: (path) => !['node_modules', 'package-lock.json'].includes(basename(path)) });
  return copy;
}

/** The blocks of commands of a page. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, commands]) => commands!);
}

/** What npm has fetched once it takes from its cache. */
const QUICK_NPM = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' };

export interface Outcome {
  code: number;
  output: string;
}

/** Runs commands until one fails. @param path folders of programs that they need */
export async function shell(cwd: string, commands: string, path: readonly string[] = []): Promise<Outcome> {
  const env = { ...QUICK_NPM, TIDEMARK: PACKED, NO_COLOR: '1', PATH: [dirname(process.execPath), ...path, process.env['PATH']].join(':') };
  const { code, stdout, stderr } = await ended('sh', ['-e', '-c', commands], { cwd, env });
  return { code, output: stdout + stderr };
}
