/** Every command of docs/operations.md that needs neither root nor containers, as it stands there. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SETTINGS } from '../../src/config.ts';
import { CLI, serve, tidemark } from '../support/command.ts';
import { dropDatabase, ENGINE, freshDatabase } from '../support/server.ts';
import { pages, ROOT } from './blocks.ts';

const PAGE = 'docs/operations.md';
const page = await readFile(join(ROOT, PAGE), 'utf8');
/** On which engine commands run, whether a server runs on `data`, and the commands. */
const blocks = pages.find(({ path }) => path === PAGE)!.blocks.flatMap(({ needs, text }) => {
  const [, engine, running] = /^(sqlite|postgres|any)( running)?$/.exec(needs) ?? [];
  return engine === undefined ? [] : [{ engine, running: running !== undefined, commands: text, title: text.trim().split('\n').at(-1)! }];
});

let place: string;
let databaseUrl: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'tidemark-operations-'));
  databaseUrl = await freshDatabase();
  await writeFile(join(place, 'tidemark'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o700 });
});
afterEach(async () => {
  await rm(place, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

async function run(commands: string): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env, PATH: [place, dirname(process.execPath), process.env['PATH']].join(delimiter), RESTORED: `tidemark_${randomBytes(6).toString('hex')}`,
    ...(databaseUrl && { TIDEMARK_DATABASE_URL: databaseUrl }),
  };
  const child = spawn('sh', ['-e', '-c', commands], { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

test('the page has its blocks', () => expect(blocks.length).toBeGreaterThanOrEqual(7));

test.each(blocks.filter(({ engine }) => engine === 'any' || engine === ENGINE))('$title', async ({ running, commands }) => {
  const store = ['--data', join(place, 'data'), ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
  await using server = running ? await serve(...store, '--empty') : undefined;
  expect(await run(commands)).toEqual({ code: 0, output: expect.not.stringContaining('PROBLEM') });
  if (server) expect(server.child.exitCode).toBe(null);
});

test('the commands and flags that the page names exist', async () => {
  const named = new Set([...page.matchAll(/`tidemark ((?:[a-z]+ )*[a-z]+)/g)].map(([, words]) => words!));
  expect(named.size).toBeGreaterThan(6);
  const help: string[] = [];
  for (const words of named) help.push((await tidemark(...words.split(' '), '--help')).stdout);
  expect(help).toEqual([...named].map((words) => expect.stringContaining(`Usage: tidemark ${words}`)));
  const flags = new Set([...page.matchAll(/`(--[a-z-]+)(?= |`)/g)].map(([, flag]) => flag!));
  const known: string[] = [...SETTINGS.map(({ flag }) => flag), ...help.flatMap((text) => text.match(/--[a-z-]+/g) ?? [])];
  expect([...flags].filter((flag) => !known.includes(flag))).toEqual([]);
});
