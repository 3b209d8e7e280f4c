/** The declaration files of the package: of `tidemark/testing`, and of every method as it is declared. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { methods } from '../src/methods/index.ts';
import { methodTypes } from '../src/reference/method-types.ts';
import { Reference } from '../src/reference/reference.ts';
import { root } from './bundle.ts';

const PUBLIC = ['index', 'api', 'calling'];
/** What they export says its types itself: nothing else need be read, and the whole is checked elsewhere. */
const OPTIONS = [
  '--ignoreConfig', '--noCheck', '--noResolve', '--declaration', '--emitDeclarationOnly', '--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions', '--types', '',
];

/** @throws Error with what the compiler says */
export async function writeTypes(target: string): Promise<void> {
  const emitted = mkdtempSync(join(tmpdir(), 'tidemark-types-'));
  const files = PUBLIC.map((name) => join(root, 'src', 'testing', `${name}.ts`));
  const args = [...OPTIONS, '--outDir', emitted, ...files];
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  mkdirSync(join(target, 'testing'), { recursive: true });
  for (const name of PUBLIC) writeFileSync(join(target, 'testing', `${name}.d.ts`), readFileSync(join(emitted, `${name}.d.ts`), 'utf8').replaceAll(/(from '\.\/\w+)\.ts'/g, "$1.js'"));
  rmSync(emitted, { recursive: true });
  writeFileSync(join(target, 'testing', 'methods.d.ts'), methodTypes(await Reference.of(methods)));
}
