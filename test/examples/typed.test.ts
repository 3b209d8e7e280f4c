/** Types of the package and of clients made of the OpenAPI document: compiled strictly as the two kinds of projects do, and run. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, shell } from './places.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');
const TOOLS = 'typescript-5@npm:typescript@^5.9 typescript-7@npm:typescript@^7 typescript@^5.9 openapi-typescript@^7.13 openapi-fetch@^0.17 @types/node@^26';
const OPENAPI = `import { startPortal } from 'tidemark/testing';
await using portal = await startPortal();
process.stdout.write(await (await fetch(portal.http + '/openapi.json')).text());`;

let folder: string;
const run = async (commands: string) => {
  const { code, output } = await shell(folder, commands);
  if (code !== 0) throw new Error(output);
  return output;
};

beforeAll(async () => {
  folder = await emptyFolder();
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await writeFile(join(folder, 'openapi.mjs'), OPENAPI);
  await mkdir(join(folder, 'src'));
  await cp(PROGRAMS, join(folder, 'src'), { recursive: true });
  await run(`npm install --no-save "$TIDEMARK" ${TOOLS}\nnode openapi.mjs > openapi.json\nnpx openapi-typescript openapi.json --output src/schema.d.ts`);
});

describe.each([5, 7])('TypeScript %i', (version) => {
  test.each([['nodenext', 'nodenext', ['typed', 'generated']], ['bundler', 'esnext', ['typed']]] as const)('moduleResolution: %s', async (moduleResolution, module, programs) => {
    const compilerOptions = {
      moduleResolution, module, target: 'es2024', lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'], types: ['node'], noEmit: true, strict: true, skipLibCheck: false,
      exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, allowImportingTsExtensions: true,
    };
    await writeFile(join(folder, `${version}.json`), JSON.stringify({ compilerOptions, files: programs.map((name) => `src/${name}.ts`) }));
    expect(await shell(folder, `node node_modules/typescript-${version}/bin/tsc -p ${version}.json`)).toEqual({ code: 0, output: '' });
  });
});

test.each(['this', 'child'])('typed calls on a portal in %s process', async (where) => {
  expect(JSON.parse(await run(`node src/typed.ts ${where}`))).toEqual({ title: 'Kitchen', counter: 1, code: 'DIALOG_ID_EMPTY', later: 0, back: 'Kitchen' });
});

test('the generated client calls the server', async () => {
  expect(JSON.parse(await run('node src/generated.ts'))).toEqual({ same: true, title: 'Kitchen', type: 'chat', seconds: 'number', again: 304, code: 'DIALOG_ID_EMPTY' });
});
