/** Every step of the Dockerfile, carried out by hand: there is no engine where tests run. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { ended, finished, serving } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The folders of images that the file names, each one below the folder of its stage. */
const ROOTED = /(?<![\w.])\/(?=(?:app|build|data)\b)/g;

interface Stage {
  folder: string;
  workdir: string;
  env: Record<string, string>;
  user: string | undefined;
  set: Record<string, unknown>;
}

let place: string;
let image: Stage;

/** As the container's: its folders instead of those at the root of the file system. */
const within = (stage: Stage, text: string) => text.replaceAll(ROOTED, `${stage.folder}/`);

async function build(): Promise<Stage> {
  const text = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).replaceAll(/^#.*\n/gm, '');
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [, word = '', rest = ''] of text.matchAll(/^([A-Z]+) (.+)$/gm)) {
    if (word === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'image';
      stage = { folder: join(place, name), workdir: '', env: {}, user: undefined, set: {} };
      stages.set(name, stage);
      await mkdir(stage.folder);
    } else await carryOut(stage!, stages, word, rest);
  }
  return stages.get('image')!;
}

async function carryOut(stage: Stage, stages: ReadonlyMap<string, Stage>, word: string, rest: string): Promise<void> {
  if (word === 'WORKDIR') await mkdir((stage.workdir = within(stage, rest)), { recursive: true });
  else if (word === 'COPY') await copy(stage, stages, rest);
  else if (word === 'RUN') await finished('sh', ['-e', '-c', asSomebody(within(stage, rest))], { cwd: stage.workdir, env: stage.env });
  else if (word === 'ENV') for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name!] = within(stage, value!);
  else if (word === 'USER') stage.user = rest;
  else stage.set[word] = rest;
}

/** The content of a folder, or a file into a folder: those end in a slash. */
async function copy(stage: Stage, stages: ReadonlyMap<string, Stage>, rest: string): Promise<void> {
  const [, from, paths = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(rest)!;
  const names = paths.split(' ');
  const target = names.pop()!;
  for (const name of names) {
    const source = from ? within(stages.get(from)!, name) : join(ROOT, name);
    const isFile = (await stat(source)).isFile();
    await cp(source, resolve(stage.workdir, target, isFile ? basename(name) : ''), { recursive: true });
  }
}

/** The image's user need not be known to this machine. */
const asSomebody = (command: string) => command.replaceAll('chown -R node', process.getuid!() === 0 ? `chown -R ${NOBODY}` : 'true');
const NOBODY = 65_534;
const credentials = () => (process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {});
const argv = (text: unknown) => JSON.parse(String(text)) as string[];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'tidemark-image-'));
  await chmod(place, 0o755);
  image = await build();
});
afterAll(() => rm(place, { recursive: true, force: true }));

test('the image has the package, what it depends on, and no sources', async () => {
  expect((await finished('ls', [image.workdir])).trim().split('\n')).toEqual(
    ['LICENSE', 'README.md', 'bin', 'dist', 'docs', 'node_modules', 'package-lock.json', 'package.json', 'web'],
  );
  const libraries = (await finished('ls', [join(image.workdir, 'node_modules')])).trim().split('\n');
  expect(libraries).toContain('sharp');
  expect(libraries.filter((name) => ['fastify', 'kysely', 'node', 'pg', 'typescript', 'vitest', 'zod'].includes(name))).toEqual([]);
});

test('started as the image says, as a user who may write to its data alone, it is healthy, and is not when it has stopped', async () => {
  expect(image.user).toBe('node');
  expect(image.set).toMatchObject({ VOLUME: '/data', EXPOSE: '8080 8443' });
  const port = String(await freePort());
  const command = [...argv(image.set['ENTRYPOINT']), ...argv(image.set['CMD']), '--json', '--port', port, '--tls-port', '0', '--host', '127.0.0.1'];
  const [program, ...check] = argv(/CMD (.*)$/.exec(String(image.set['HEALTHCHECK']))![1]).map((word) => word.replace('8080', port));
  const options = { cwd: image.workdir, env: image.env, ...credentials() };
  const health = async () => (await ended(program!, check, options)).code;
  {
    await using server = await serving(command[0]!, command.slice(1), options);
    expect(server.ready.ca).toBe(join(image.folder, 'data', 'tls', 'ca.pem'));
    expect(await health()).toBe(0);
    expect(JSON.parse(await finished('node', ['dist/cli.js', 'doctor', '--json'], options))).toMatchObject({ healthy: true });
  }
  expect(await health()).toBe(1);
});
